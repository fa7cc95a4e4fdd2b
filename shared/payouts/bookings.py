"""The journal entries of payouts. Pure."""

from datetime import datetime

from shared.kernel.clock import to_text
from shared.ledger.accounts import (
    bank,
    customer_cash,
    customers_cash_at_broker,
    fees,
    firm_cash_at_broker,
    fx_position,
    gateway_clearing,
    receivable,
    suspense,
)
from shared.ledger.model import Draft, EntryKind, Posting
from shared.payouts.model import Payout, Purpose, Rail

PAID = {
    Purpose.WITHDRAWAL: EntryKind.WITHDRAWAL_PAID,
    Purpose.REFUND: EntryKind.REFUND_PAID,
    Purpose.SURPLUS: EntryKind.SURPLUS_REFUNDED,
}
RETURNED = {
    Purpose.WITHDRAWAL: EntryKind.WITHDRAWAL_RETURNED,
    Purpose.REFUND: EntryKind.REFUND_RETURNED,
    Purpose.SURPLUS: EntryKind.SURPLUS_RECEIVED,
}


def recalled(payout: Payout, at: datetime) -> Draft:
    """The person's cash at the broker became the firm's: what we owe the person is unchanged.

    Dr firm cash at the broker, Cr customers' cash at the broker.
    """
    return _between(EntryKind.CASH_RECALLED, payout, at, payout.debited.minor)


def given_back(payout: Payout, at: datetime) -> Draft:
    """The other way round, after a payout that was not made or came back.

    Dr customers' cash at the broker, Cr firm cash at the broker.
    """
    return _between(EntryKind.CASH_GIVEN_BACK, payout, at, -payout.debited.minor)


def _between(kind: EntryKind, payout: Payout, at: datetime, minor: int) -> Draft:
    asset = payout.debited.currency.asset
    legs = (
        Posting(firm_cash_at_broker(), asset, minor),
        Posting(customers_cash_at_broker(), asset, -minor),
    )
    return Draft(kind, payout.payout_id, at, legs, {"journal": payout.journal_id or ""})


def paid(payout: Payout, at: datetime, *, owed: bool = False) -> Draft:
    """The gateway gave out of what it owes us, and we owe the payer that much less.

    In one currency: Dr customer cash, Cr gateway clearing. In two, each balanced by the firm's
    FX position: Dr customer cash, Cr FX position in dollars; Dr FX position, Cr gateway clearing
    in the payee's currency. A surplus: Dr suspense, Cr gateway clearing, or, by hand, Cr bank.
    ``owed``: the person had spent the money already, so the debit is the receivable.
    """
    return _out(PAID[payout.purpose], payout, at, _legs(payout, owed=owed))


def returned(payout: Payout, at: datetime) -> Draft:
    """What was paid came back: each leg of ``paid`` the other way round, for the person's cash
    whichever account had been debited."""
    legs = tuple(Posting(leg.account, leg.asset, -leg.amount) for leg in _legs(payout, owed=False))
    return _out(RETURNED[payout.purpose], payout, at, legs)


def fee(payout: Payout, fee_minor: int, at: datetime) -> Draft:
    """What the gateway charged, in the payee's currency: Dr fees, Cr gateway clearing."""
    currency = payout.amount.currency
    legs = (
        Posting(fees(payout.gateway), currency.asset, fee_minor),
        Posting(gateway_clearing(payout.gateway, currency), currency.asset, -fee_minor),
    )
    memo = {"gateway": payout.gateway, "payout": payout.reference or ""}
    return Draft(EntryKind.GATEWAY_FEE, payout.payout_id, at, legs, memo)


def _legs(payout: Payout, *, owed: bool) -> tuple[Posting, ...]:
    amount, debited = payout.amount, payout.debited
    by_hand = payout.rail is Rail.BY_HAND
    out_of = bank(amount.currency) if by_hand else gateway_clearing(payout.gateway, amount.currency)
    clearing = Posting(out_of, amount.currency.asset, -amount.minor)
    if payout.purpose is Purpose.SURPLUS:
        return (Posting(suspense(), amount.currency.asset, amount.minor), clearing)
    account = receivable if owed else customer_cash
    from_person = Posting(account(payout.user_id), debited.currency.asset, debited.minor)
    if amount.currency is debited.currency:
        return (from_person, clearing)
    position = (
        Posting(fx_position(), debited.currency.asset, -debited.minor),
        Posting(fx_position(), amount.currency.asset, amount.minor),
    )
    return (from_person, *position, clearing)


def _out(kind: EntryKind, payout: Payout, at: datetime, legs: tuple[Posting, ...]) -> Draft:
    memo = {"gateway": payout.gateway, "payout": payout.reference or ""}
    if payout.rail is Rail.BY_HAND:
        memo["reference"] = payout.reference or ""  # as on the bank's statement
    if payout.receipt is not None:
        memo["receipt"] = payout.receipt
    if payout.source is not None:
        memo["payment"] = payout.source
    quote = payout.quote
    if quote is not None and payout.purpose is not Purpose.SURPLUS:
        memo |= {
            "paid": str(payout.amount),
            "quote": payout.quote_id or "",
            "rate": format(quote.rate, "f"),
            "mid": format(quote.mid.rate, "f"),
            "spread_basis_points": str(quote.spread),
            "rate_source": quote.mid.source,
            "rate_as_of": to_text(quote.mid.as_of),
        }
        if quote.replaced is not None and payout.purpose is Purpose.WITHDRAWAL:
            memo["replaced_rate"] = format(quote.replaced, "f")
    return Draft(kind, payout.payout_id, at, legs, memo)
