"""What a withdrawal would be, or why it is refused: previews and requests go through the same."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from shared.kernel.clock import Clock
from shared.kernel.errors import InvalidValue, NotFound
from shared.kernel.money import Currency, Money
from shared.ledger.goal_cash import settled_cash, settling_days
from shared.ledger.model import Wallet, settled_by
from shared.payments.errors import RateUnavailable
from shared.payments.ports import ExchangeRates, Purposes
from shared.payouts.everything import MAX_PARTS, Everything
from shared.payouts.holding import tag_for
from shared.payouts.model import Payout, PayoutStatus
from shared.payouts.states import NOT_PAID
from shared.strategies.errors import GoalArchived
from shared.strategies.goals import GoalStatus, general_goal_id
from shared.withdrawals.conversion import STEPS, Conversion, converted, quoted
from shared.withdrawals.errors import IdentityNeeded, NotEnoughMoney, PayoutsBlocked, TooOften
from shared.withdrawals.limits import DEBITED, PAID_OUT, VELOCITIES, check_velocity
from shared.withdrawals.model import Asked, PayoutAccount
from shared.withdrawals.offers import Decided, Offer, settled_if_sold
from shared.withdrawals.parts import sizes, times
from shared.withdrawals.ports import Counter, Holders, Outgoing, PayoutAccounts, Raisable, Sales


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a person asks for: ``amount`` in dollars, or everything where it is None; of the goal
    of ``goal_id``, or of all that they have."""

    account_id: str
    amount: Money | None
    goal_id: str = ""

    @classmethod
    def of(
        cls, account_id: str, amount: Money | None, *, everything: bool, goal_id: str | None = None
    ) -> "Wanted":
        """InvalidValue unless there is either an amount, or ``everything``."""
        if (amount is None) is not everything:
            raise InvalidValue(field="amount", reason="must be given, or all, and not both")
        return cls(account_id, amount, goal_id or "")

    @property
    def content(self) -> tuple[str | int, ...]:
        """By which an idempotency key knows the same wish again."""
        if self.amount is None:
            what: tuple[str | int, ...] = (self.account_id, "all")
        else:
            what = (self.account_id, self.amount.minor, self.amount.currency.value)
        return (*what, "goal", self.goal_id) if self.goal_id else what


@dataclass(frozen=True, slots=True)
class Deciding:
    """Reads, and writes nothing."""

    accounts: PayoutAccounts
    outgoing: Outgoing
    holders: Holders
    goals: Purposes
    sales: Sales
    rates: ExchangeRates
    clock: Clock

    def decide(self, user_id: str, wish: Wanted) -> Decided:
        """The offer with all that it was decided on.

        Raises NotFound for an account that is not the person's or was removed, and for such a
        goal, GoalArchived, IdentityNeeded, PayoutsBlocked, InvalidValue for other currencies than
        dollars, AmountNotPaidOut, NotEnoughMoney when cash and what can be sold are less,
        RateUnavailable, TooOften.
        """
        if wish.amount is not None and wish.amount.currency is not Currency.USD:
            raise InvalidValue(field="amount", reason="must be in dollars")
        holder = self.holders.holder(user_id)
        if holder is None or not holder.approved:
            raise IdentityNeeded()
        counter = self.accounts.counter(user_id, wish.account_id)
        account, wallet = counter.account, counter.wallet
        if account is None or not account.active:
            raise NotFound(what="The payout account")
        self._check_goal(user_id, wish.goal_id)
        if wallet.blocks or wallet.owed:
            raise PayoutsBlocked()
        now = self.clock.now()
        known = self.outgoing.known(user_id, [one.payout_id for one in counter.desk.asked])
        if wish.amount is None:
            promised = _promised(known.values(), user_id, wish.goal_id)
            offer, found = self._of_everything(counter, account, wish, promised, now)
        else:
            offer, found = self._of_amount(counter, account, wish, wish.amount, now)
        return self._checked(known, counter, offer, found, now)

    def _checked(
        self,
        known: Mapping[str, Payout],
        counter: Counter,
        offer: Offer,
        found: Raisable,
        now: datetime,
    ) -> Decided:
        """The limits, with all that has been asked for before."""
        unpaid = frozenset(name for name, one in known.items() if _came_to_nothing(one))
        before = [one for one in counter.desk.asked if one.payout_id not in unpaid]
        if offer.everything is None:
            check_velocity(before, offer.conversion.debited, now)
        else:
            _check_parts(offer, before, now)
        open_ = {name for name, one in known.items() if one.status is not PayoutStatus.PAID}
        reach = max(counter.wallet.available, found.most_minor, found.reach_minor)
        return Decided(offer, counter, reach, before, unpaid, frozenset(open_ - unpaid))

    def _of_amount(
        self,
        counter: Counter,
        account: PayoutAccount,
        wish: Wanted,
        amount: Money,
        now: datetime,
    ) -> tuple[Offer, Raisable]:
        DEBITED[account.kind].check(amount)
        conversion = self._converted(account, amount, now, in_parts=False)
        lacks, found = self._lacking(counter.wallet, wish.goal_id, conversion.debited.minor, now)
        offer = Offer(
            account,
            conversion,
            _not_before(account, now),
            lacks_minor=lacks,
            sold_minor=found.sold_minor,
            expected_on=settled_if_sold(now) if lacks else None,
            goal_id=wish.goal_id,
        )
        return offer, found

    def _of_everything(
        self, counter: Counter, account: PayoutAccount, wish: Wanted, promised: int, now: datetime
    ) -> tuple[Offer, Raisable]:
        """What it is expected to come to: all amounts are exact only once it is sold. What is
        ``promised`` to others is no part of it, or what comes later would stand in for it."""
        wallet, today = counter.wallet, settled_by(now)
        tag = tag_for(wallet.user_id, wish.goal_id)
        whole = self.sales.everything(wallet.user_id, wish.goal_id)
        settled = settled_cash(wallet, tag, today)
        unsettled = max(whole.cash_minor - settled, 0)
        later = max(unsettled - promised, 0)
        sold = max(whole.sold_minor - max(promised - unsettled, 0), 0)
        expected = settled + later + sold - whole.fee_minor
        if expected <= 0 or not whole.priced:
            raise NotEnoughMoney(available=str(Money(max(settled, 0), Currency.USD)))
        DEBITED[account.kind].check_least(Money(expected, Currency.USD))
        asked = Money(max(expected, settled), Currency.USD)
        found = self._converted(account, asked, now, in_parts=True)
        days = [day for day in settling_days(wallet, tag) if day > today]
        everything = Everything(
            until=today,
            later_minor=later,
            later_on=max(days, default=None) if later else None,
            sells=whole.holds or wallet.open_orders > 0,
        )
        offer = Offer(
            account,
            # What makes no whole unit of what arrives is free again once the amounts are exact.
            Conversion(asked, found.amount, found.at_mid, found.quote),
            _not_before(account, now),
            lacks_minor=asked.minor - settled,
            sold_minor=sold,
            expected_on=settled_if_sold(now) if sold else everything.later_on,
            goal_id=wish.goal_id,
            everything=everything,
            fee_minor=whole.fee_minor,
            left=whole.left,
        )
        return offer, Raisable(covered=True, most_minor=asked.minor, reach_minor=whole.reach_minor)

    def _lacking(
        self, wallet: Wallet, goal_id: str, minor: int, now: datetime
    ) -> tuple[int, Raisable]:
        """What settled cash does not cover, and what selling brings for it."""
        settled = settled_cash(wallet, tag_for(wallet.user_id, goal_id), settled_by(now))
        if minor <= settled:
            return 0, Raisable(covered=True)
        found = self.sales.raisable(wallet.user_id, minor, goal_id)
        if not found.covered:
            most = max(settled, min(found.most_minor, minor - 1))
            raise NotEnoughMoney(available=str(Money(most, Currency.USD)))
        return minor - settled, found

    def _converted(
        self, account: PayoutAccount, amount: Money, now: datetime, *, in_parts: bool
    ) -> Conversion:
        quote = quoted(self.rates, account.currency, now)
        conversion = converted(amount, account.currency, STEPS[account.kind], quote)
        if account.kind in PAID_OUT:
            takes = PAID_OUT[account.kind]
            (takes.check_least if in_parts else takes.check)(conversion.amount)
        if conversion.amount.minor <= 0:
            # A rate that makes nothing of somebody's money is wrong, and could not be booked.
            raise RateUnavailable()
        return conversion

    def _check_goal(self, user_id: str, goal_id: str) -> None:
        if not goal_id:
            return
        goal = self.goals.get(user_id, goal_id)
        if goal is None:
            raise NotFound(what="The goal")
        if goal.status is GoalStatus.ARCHIVED:
            raise GoalArchived()


def _promised(known: Iterable[Payout], user_id: str, goal_id: str) -> int:
    """Cents of what is there that has still to be sold, or to settle, for withdrawals under way:
    of the goal, of all there is, and of amounts that are the general goal's first."""
    general = goal_id in ("", general_goal_id(user_id))
    return sum(
        one.lacks_minor
        for one in known
        if not _came_to_nothing(one)
        and (
            not goal_id
            or one.goal_id == goal_id
            or (not one.goal_id and (general or one.estimated))
        )
    )


def _not_before(account: PayoutAccount, now: datetime) -> datetime | None:
    return account.usable_at if now < account.usable_at else None


def _check_parts(offer: Offer, before: Sequence[Asked], now: datetime) -> None:
    """TooOften unless the first part may leave now, and all of them within the longest window."""
    conversion, longest = offer.conversion, VELOCITIES[-1]
    minors = sizes(conversion.debited.minor, offer.account.kind, conversion)
    check_velocity(before, Money(minors[0], Currency.USD), now)
    leaves = times(minors[:MAX_PARTS], before, now)
    if len(minors) > MAX_PARTS or leaves[-1] > now + longest.window:
        raise TooOften(days=longest.window.days, count=longest.count, sum=str(longest.total))


def _came_to_nothing(payout: Payout) -> bool:
    return payout.status in NOT_PAID or payout.ending is not None
