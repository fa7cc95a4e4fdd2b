"""The journal entries of deposits. Pure."""

from datetime import datetime

from shared.kernel.clock import to_text
from shared.kernel.money import Currency
from shared.ledger.accounts import (
    customer_cash,
    customers_cash_at_broker,
    fees,
    firm_cash_at_broker,
    fx_position,
    gateway_clearing,
)
from shared.ledger.model import Draft, EntryKind, Posting
from shared.payments.methods import Gateway
from shared.payments.model import Deposit


def settlement(deposit: Deposit, at: datetime, *, payment: str, fee_minor: int | None) -> Draft:
    """The gateway owes us what it captured, we owe the person what was credited.

    A conversion moves both currencies through the firm's FX position. The gateway's fee is
    noted here and booked by an entry of its own, ``fee``.
    """
    amount, credited, quote = deposit.amount, deposit.credited, deposit.quote
    clearing = Posting(
        gateway_clearing(deposit.gateway.value, amount.currency),
        amount.currency.asset,
        amount.minor,
    )
    owed = Posting(customer_cash(deposit.user_id), credited.currency.asset, -credited.minor)
    memo = {"payment": payment}
    if deposit.receipt is not None and deposit.receipt != payment:
        memo["receipt"] = deposit.receipt
    if fee_minor is not None:
        memo["gateway_fee_minor"] = str(fee_minor)
    if quote is None:
        return Draft(EntryKind.DEPOSIT_SETTLED, deposit.deposit_id, at, (clearing, owed), memo)
    memo |= {
        "paid": str(amount),
        "quote": deposit.quote_id or "",
        "rate": format(quote.rate, "f"),
        "mid": format(quote.mid.rate, "f"),
        "spread_basis_points": str(quote.spread),
        "rate_source": quote.mid.source,
        "rate_as_of": to_text(quote.mid.as_of),
    }
    if quote.replaced is not None:
        memo["replaced_rate"] = format(quote.replaced, "f")
    position = (
        Posting(fx_position(), amount.currency.asset, -amount.minor),
        Posting(fx_position(), credited.currency.asset, credited.minor),
    )
    return Draft(
        EntryKind.DEPOSIT_SETTLED, deposit.deposit_id, at, (clearing, *position, owed), memo
    )


def fee(
    reference: str,
    gateway: Gateway,
    currency: Currency,
    at: datetime,
    *,
    payment: str,
    fee_minor: int | None,
) -> tuple[Draft, ...]:
    """The entry of what a gateway charged for a payment, which it keeps of what it owes us:
    Dr fees, Cr gateway clearing, in the payment's currency. Nothing where there is no fee, or
    where it is not known yet: then the gateway's report brings it."""
    if not fee_minor:
        return ()
    legs = (
        Posting(fees(gateway.value), currency.asset, fee_minor),
        Posting(gateway_clearing(gateway.value, currency), currency.asset, -fee_minor),
    )
    memo = {"gateway": gateway.value, "payment": payment}
    return (Draft(EntryKind.GATEWAY_FEE, reference, at, legs, memo),)


def funding(deposit: Deposit, at: datetime) -> Draft:
    """The firm's cash at the broker became the person's."""
    asset, minor = deposit.credited.currency.asset, deposit.forwarded.minor
    return Draft(
        EntryKind.DEPOSIT_FUNDED,
        deposit.deposit_id,
        at,
        (
            Posting(customers_cash_at_broker(), asset, minor),
            Posting(firm_cash_at_broker(), asset, -minor),
        ),
        {"journal": deposit.journal_id or ""},
    )
