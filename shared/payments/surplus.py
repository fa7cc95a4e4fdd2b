"""Money that came and that no deposit asked for: the entries of it. Pure."""

from datetime import datetime

from shared.kernel.money import Money
from shared.ledger.accounts import gateway_clearing, suspense
from shared.ledger.model import Draft, EntryKind, Posting
from shared.payments.methods import Gateway
from shared.payments.model import Deposit


def second_payment(
    deposit: Deposit, gateway: Gateway, payment: str, amount: Money, at: datetime
) -> Draft:
    """The gateway owes us what it captured, and we owe it back to the payer:
    Dr gateway clearing, Cr suspense, in the currency of the payment."""
    return _received(EntryKind.SURPLUS_RECEIVED, deposit, gateway, payment, amount, at)


def other_amount(
    deposit: Deposit, gateway: Gateway, payment: str, amount: Money, at: datetime
) -> Draft:
    """Another amount was paid than the one asked for: it waits in suspense until a person has
    looked at it."""
    return _received(EntryKind.SUSPENSE_RECEIVED, deposit, gateway, payment, amount, at)


def _received(
    kind: EntryKind,
    deposit: Deposit,
    gateway: Gateway,
    payment: str,
    amount: Money,
    at: datetime,
) -> Draft:
    asset, minor = amount.currency.asset, amount.minor
    return Draft(
        kind,
        deposit.deposit_id,
        at,
        (
            Posting(gateway_clearing(gateway.value, amount.currency), asset, minor),
            Posting(suspense(), asset, -minor),
        ),
        {"gateway": gateway.value, "payment": payment},
    )
