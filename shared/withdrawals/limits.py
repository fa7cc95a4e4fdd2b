"""How much and how often may be withdrawn. Data, and pure functions over it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.kernel.money import Currency, Money
from shared.withdrawals.errors import AmountNotPaidOut, TooOften
from shared.withdrawals.model import AccountKind, Asked


@dataclass(frozen=True, slots=True)
class Range:
    """Smallest and largest amount."""

    minimum: Money
    maximum: Money

    def check(self, amount: Money) -> None:
        """AmountNotPaidOut when it lies outside."""
        if not self.minimum <= amount <= self.maximum:
            raise AmountNotPaidOut(minimum=str(self.minimum), maximum=str(self.maximum))

    def check_least(self, amount: Money) -> None:
        """AmountNotPaidOut when it is less: more leaves in parts."""
        if amount < self.minimum:
            raise AmountNotPaidOut(minimum=str(self.minimum), maximum=str(self.maximum))


DEBITED: Mapping[AccountKind, Range] = {
    AccountKind.MPESA: Range(Money(100, Currency.USD), Money(2_500_000, Currency.USD)),
    AccountKind.BANK: Range(Money(1_000, Currency.USD), Money(2_500_000, Currency.USD)),
}
"""Of the person's dollars."""
PAID_OUT: Mapping[AccountKind, Range] = {
    # Safaricom: at least 10 shillings, at most 250 000 in one transaction.
    AccountKind.MPESA: Range(Money(1_000, Currency.KES), Money(25_000_000, Currency.KES)),
}
"""Of what arrives, where the receiving side has limits of its own."""


@dataclass(frozen=True, slots=True)
class Velocity:
    """At most ``count`` withdrawals of ``total`` together within any ``window``."""

    window: timedelta
    count: int
    total: Money


VELOCITIES = (
    Velocity(timedelta(days=1), 5, Money(2_500_000, Currency.USD)),
    Velocity(timedelta(days=7), 10, Money(7_500_000, Currency.USD)),
    Velocity(timedelta(days=30), 25, Money(20_000_000, Currency.USD)),
)


def check_velocity(
    asked: Iterable[Asked],
    amount: Money,
    now: datetime,
    velocities: Iterable[Velocity] = VELOCITIES,
) -> None:
    """TooOften when one more withdrawal of this amount is beyond a limit. ``asked`` are those
    before it that were paid or still may be."""
    counted = list(asked)
    for limit in velocities:
        within = [one.debited_minor for one in counted if one.at > now - limit.window]
        if len(within) >= limit.count or sum(within) + amount.minor > limit.total.minor:
            raise TooOften(days=limit.window.days, count=limit.count, sum=str(limit.total))
