"""Money that came too late for the rate that was locked: the rate of then. Pure."""

from datetime import datetime

from shared.kernel.money import FxRate, Money
from shared.payments.methods import Method
from shared.payments.model import Deposit
from shared.payments.quoting import FxQuote, quote_at
from shared.payments.states import DepositStatus

_GIVEN_UP = frozenset({DepositStatus.FAILED, DepositStatus.CANCELLED, DepositStatus.EXPIRED})


def late(deposit: Deposit, at: datetime) -> bool:
    """Whether the locked rate no longer holds for money that comes at ``at``.

    Who was asked in time gets the locked rate however late the gateway's word arrives: the
    deposit is still open then. Money for a deposit that had been given up, and a bank transfer
    that the payer sends whenever they like, gets the rate of its arrival.
    """
    if deposit.quote is None:
        return False
    if deposit.status in _GIVEN_UP:
        return True
    return deposit.method is Method.BANK_TRANSFER and at >= deposit.quote.expires_at


def requote(deposit: Deposit, mid: FxRate, at: datetime) -> tuple[FxQuote, Money]:
    """The quote of ``at``, and what is credited by it."""
    quote = quote_at(mid, at)
    return quote, quote.convert(deposit.amount)
