"""The entries of the firm's own money. Pure. Each names its two sides in its docstring."""

from datetime import datetime
from decimal import Decimal

from shared.kernel.money import Money
from shared.ledger.accounts import (
    bank,
    capital,
    fees,
    firm_cash_at_broker,
    fx_position,
    gateway_clearing,
    money_in_transit,
)
from shared.ledger.model import Draft, EntryKind, Posting
from shared.payments.methods import Gateway


def payout_sent(
    gateway: Gateway,
    amount: Money,
    at: datetime,
    *,
    subject: str,
    reference: str,
    created_at: str | None = None,
) -> Draft:
    """A gateway pays out to our bank: Dr money in transit, Cr gateway clearing.

    ``subject`` is what caused the entry, ``reference`` the payout's name at the gateway, and
    ``created_at`` when the gateway made it, where that is told.
    """
    return _moved(
        EntryKind.GATEWAY_PAYOUT_SENT,
        subject,
        at,
        amount,
        money_in_transit(gateway.value, amount.currency),
        gateway_clearing(gateway.value, amount.currency),
        {"gateway": gateway.value, "reference": reference} | _made(created_at),
    )


def payout_failed(
    gateway: Gateway,
    amount: Money,
    at: datetime,
    *,
    subject: str,
    reference: str,
    created_at: str | None = None,
) -> Draft:
    """It did not reach our bank and is at the gateway again: Dr gateway clearing, Cr money in
    transit, the reverse of ``payout_sent``."""
    return _moved(
        EntryKind.REVERSAL,
        subject,
        at,
        amount,
        gateway_clearing(gateway.value, amount.currency),
        money_in_transit(gateway.value, amount.currency),
        {
            "gateway": gateway.value,
            "reference": reference,
            "reverses": EntryKind.GATEWAY_PAYOUT_SENT.value,
        }
        | _made(created_at),
    )


def payout_arrived(
    gateway: Gateway, amount: Money, at: datetime, *, subject: str, reference: str
) -> Draft:
    """A gateway's payout is on our bank's statement: Dr bank, Cr money in transit."""
    return _moved(
        EntryKind.GATEWAY_PAYOUT_ARRIVED,
        subject,
        at,
        amount,
        bank(amount.currency),
        money_in_transit(gateway.value, amount.currency),
        {"gateway": gateway.value, "reference": reference},
    )


def gateway_funded(
    gateway: Gateway, amount: Money, at: datetime, *, subject: str, reference: str
) -> Draft:
    """Cash from our bank to our account at a gateway, so that it can pay out: Dr gateway
    clearing, Cr bank."""
    return _moved(
        EntryKind.GATEWAY_FUNDED,
        subject,
        at,
        amount,
        gateway_clearing(gateway.value, amount.currency),
        bank(amount.currency),
        {"gateway": gateway.value, "reference": reference},
    )


def fx_converted(
    sold: Money, bought: Money, rate: Decimal, at: datetime, *, subject: str, reference: str
) -> Draft:
    """The firm sells a currency at its bank, so that its position shrinks. Two balanced halves:
    Dr fx position, Cr bank in what was sold; Dr bank, Cr fx position in what was bought.
    ``rate`` is units bought for one sold, as the bank states it."""
    memo = {
        "reference": reference,
        "rate": format(rate, "f"),
        "sold": str(sold),
        "bought": str(bought),
    }
    legs = (
        Posting(fx_position(), sold.currency.asset, sold.minor),
        Posting(bank(sold.currency), sold.currency.asset, -sold.minor),
        Posting(bank(bought.currency), bought.currency.asset, bought.minor),
        Posting(fx_position(), bought.currency.asset, -bought.minor),
    )
    return Draft(EntryKind.FX_CONVERTED, subject, at, legs, memo)


def prefunded(amount: Money, at: datetime, *, subject: str, reference: str) -> Draft:
    """Cash from the firm's bank to its account at the broker: Dr firm cash at the broker, Cr
    bank."""
    return _moved(
        EntryKind.PREFUNDED,
        subject,
        at,
        amount,
        firm_cash_at_broker(),
        bank(amount.currency),
        {"reference": reference},
    )


def capital_paid_in(amount: Money, at: datetime, *, subject: str, reference: str) -> Draft:
    """Money of the firm's owners reached its bank: Dr bank, Cr capital."""
    return _moved(
        EntryKind.CAPITAL_PAID_IN,
        subject,
        at,
        amount,
        bank(amount.currency),
        capital(),
        {"reference": reference},
    )


def fee_reported(
    gateway: Gateway, amount: Money, at: datetime, *, subject: str, reference: str
) -> Draft:
    """A fee that the gateway reported later than its payment: Dr fees, Cr gateway clearing.
    A negative amount is a fee given back."""
    return _moved(
        EntryKind.GATEWAY_FEE,
        subject,
        at,
        amount,
        fees(gateway.value),
        gateway_clearing(gateway.value, amount.currency),
        {"gateway": gateway.value, "reference": reference},
    )


def _made(created_at: str | None) -> dict[str, str]:
    return {} if created_at is None else {"created_at": created_at}


def _moved(
    kind: EntryKind,
    subject: str,
    at: datetime,
    amount: Money,
    debit: str,
    credit: str,
    memo: dict[str, str],
) -> Draft:
    asset = amount.currency.asset
    legs = (Posting(debit, asset, amount.minor), Posting(credit, asset, -amount.minor))
    return Draft(kind, subject, at, legs, memo)
