"""What may go back of a deposit, and what that takes from the wallet. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.kernel.money import Currency, Money
from shared.ledger.model import Wallet
from shared.payments.methods import Gateway, Method
from shared.payments.model import Deposit, DepositStatus
from shared.payouts.making import share_of
from shared.payouts.model import Payout
from shared.refunds.errors import (
    MoneyInvested,
    NotRefundable,
    PayoutsStopped,
    RefundOutOfRange,
    RefundTooLate,
    WholeOnly,
)

CUSTOMER_WINDOW = timedelta(days=14)
"""So long after settlement a person may change their mind."""
STAFF_WINDOW = timedelta(days=180)
"""So long a member of staff may give money back. Card networks take refunds longer, banks of
debits do not."""

WHOLE_ONLY = frozenset({Method.MPESA, Method.PAYBILL})
"""M-Pesa reverses a transaction, never a part of one."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked for: ``amount`` of a deposit, or all that is left of it."""

    deposit_id: str
    amount: Money | None
    window: timedelta = CUSTOMER_WINDOW


@dataclass(frozen=True, slots=True)
class Granted:
    """What goes back in the payer's currency, what the wallet loses, and how the gateway knows
    the payment."""

    minor: int
    debited: Money
    source: str


def grant(
    wish: Wish, deposit: Deposit, wallet: Wallet, others: Iterable[Payout], now: datetime
) -> Granted:
    """What a wish comes to, given the deposit's ``others`` refunds; or the first typed error."""
    minor = _minor(wish, deposit, now)
    source = source_of(deposit)
    if source is None:
        raise NotRefundable()
    debited = share_of(deposit, minor, others)
    if debited.minor <= 0:
        raise _range(deposit)
    if wallet.blocks or wallet.owed:
        raise PayoutsStopped()
    if deposit.status is DepositStatus.FUNDED and wallet.available < debited.minor:
        free = Money(max(wallet.available, 0), Currency.USD)
        raise MoneyInvested(needed=str(debited), available=str(free))
    return Granted(minor, debited, source)


def source_of(deposit: Deposit) -> str | None:
    """The name under which the gateway takes the payment back; None while it is not known.
    M-Pesa reverses by receipt, and our own bank, which knows no payer's account, not at all."""
    if deposit.gateway is Gateway.BANK:
        return None
    if deposit.gateway is Gateway.MPESA and deposit.method is not Method.PAYBILL:
        return deposit.receipt
    return deposit.payment


def _minor(wish: Wish, deposit: Deposit, now: datetime) -> int:
    left = deposit.refundable_minor
    if left <= 0 or deposit.settled_at is None:
        raise NotRefundable()
    if now > deposit.settled_at + wish.window:
        raise RefundTooLate(days=wish.window.days)
    if wish.amount is None:
        minor = left
    elif wish.amount.currency is not deposit.amount.currency:
        raise _range(deposit)
    else:
        minor = wish.amount.minor
    if not 0 < minor <= left:
        raise _range(deposit)
    # What has not been forwarded is forwarded as a whole, or not at all.
    whole = deposit.method in WHOLE_ONLY or deposit.status is DepositStatus.SETTLED
    if whole and minor != deposit.amount.minor:
        raise WholeOnly()
    return minor


def _range(deposit: Deposit) -> RefundOutOfRange:
    """From one US cent's worth on."""
    currency = deposit.amount.currency
    least = -(-deposit.amount.minor // (deposit.credited.minor or 1))
    left = Money(deposit.refundable_minor, currency)
    return RefundOutOfRange(minimum=str(Money(max(least, 1), currency)), maximum=str(left))
