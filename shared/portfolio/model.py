"""Positions, and a person's state as the screen and the planner read it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from shared.kernel.money import Currency, Money, Quantity
from shared.ledger.model import Wallet
from shared.portfolio import lots as tax
from shared.portfolio.lots import Closed, Lot, Sale

BASE = Currency.USD
"""The currency in which securities are held and valued."""


@dataclass(frozen=True, slots=True)
class Position:
    """Shares of one symbol with their cost; quantity and cost are the sums over the lots."""

    user_id: str
    symbol: str
    quantity_nanos: int = 0
    cost_minor: int = 0
    realised_minor: int = 0
    """Gain (or loss, negative) of all sales so far."""
    income_minor: int = 0
    """Dividends so far, less the tax that was withheld."""
    lots: tuple[Lot, ...] = ()
    owed_nanos: int = 0
    """Shares that were sold and then turned out never to have been bought. Only while nothing is
    held: the next shares that come make up for them."""
    version: int = 0
    """Counts changes, for optimistic writes; 0 while the position does not exist."""

    @property
    def quantity(self) -> Quantity:
        """Shares held."""
        return Quantity(self.quantity_nanos)

    @property
    def cost(self) -> Money:
        """What the shares held were bought for."""
        return Money(self.cost_minor, BASE)

    @property
    def average_price(self) -> Money | None:
        """Cost per whole share in minor units, rounded half up; None when nothing is held."""
        if self.quantity_nanos == 0:
            return None
        twice = 2 * self.cost_minor * 10**9 + self.quantity_nanos
        return Money(twice // (2 * self.quantity_nanos), BASE)

    def buy(
        self, order_id: str, acquired: date, nanos: int, cost_minor: int, tag: str = tax.GENERAL
    ) -> "Position":
        """After an execution of a buy order for the goal with this tag. What is owed is made up
        for first: its cost lowers the gain of the sale that had no cost."""
        covered = min(self.owed_nanos, nanos)
        spent = tax.half_even(cost_minor * covered, nanos) if covered else 0
        reference = tax.reference_of(order_id)
        lot = Lot(acquired, reference, nanos - covered, cost_minor - spent, tag)
        return self._with(
            tax.bought(self.lots, lot) if lot.nanos else self.lots,
            realised_minor=self.realised_minor - spent,
            owed_nanos=self.owed_nanos - covered,
        )

    def unbuy(
        self, order_id: str, acquired: date, nanos: int, cost_minor: int, tag: str = tax.GENERAL
    ) -> tuple["Position", int]:
        """After an execution of a buy was taken back, and its ``cost_minor`` with it; and how
        many of its shares were not there any more.

        The shares come out of the order's own lot, as far as they are still in it. The rest was
        sold: other lots, of its goal and the oldest first, stand in for it, as if they had been
        sold instead; so the gain of that sale changes by the difference of the costs. What nothing
        stands in for is owed.
        """
        key = acquired, tax.reference_of(order_id), tag
        own = [lot for lot in self.lots if lot.key == key]
        others = [lot for lot in self.lots if lot.key != key]
        first = min(nanos, tax.nanos_of(own))
        second = min(nanos - first, tax.nanos_of(others))
        kept = _out_of(own, first, cost_minor)
        left = tax.close(others, Sale(acquired, second, 0, tags=(tag,)))
        lots = (*kept, *left.open)
        removed = self.cost_minor - tax.cost_of(lots)
        after = self._with(
            lots,
            realised_minor=self.realised_minor + cost_minor - removed,
            owed_nanos=self.owed_nanos + nanos - first - second,
        )
        return after, nanos - first

    def sell(self, sale: Sale) -> tuple["Position", tuple[Lot, ...]]:
        """After a sale, and the lots that it closed. Shares that are not held are owed, and bring
        a gain without a cost until they are made up for."""
        held = min(sale.nanos, self.quantity_nanos)
        part = replace(
            sale,
            nanos=held,
            proceeds_minor=tax.half_even(sale.proceeds_minor * held, sale.nanos or 1),
        )
        done = tax.close(self.lots, part) if held else Closed((), self.lots)
        after = self._with(
            done.open,
            realised_minor=self.realised_minor + sale.proceeds_minor - done.cost_minor,
            owed_nanos=self.owed_nanos + sale.nanos - held,
        )
        return after, done.closed

    def unsell(self, closed: tuple[Lot, ...], nanos: int, proceeds_minor: int) -> "Position":
        """As before the sale of ``nanos`` shares that closed these lots. What it sold without
        having it is not owed any more; where others have made up for that, those shares are held
        now, at no cost, since theirs was taken off the gain."""
        short = nanos - tax.nanos_of(closed)
        forgiven = min(short, self.owed_nanos)
        lots = tax.bought(self.lots, *closed)
        found = short - forgiven
        if found:
            lots = tax.bought(lots, Lot(_REOPENED, "00000", found, 0))
        after = self._with(
            lots,
            realised_minor=self.realised_minor - proceeds_minor + tax.cost_of(closed),
            owed_nanos=self.owed_nanos - forgiven,
        )
        return after._made_up()

    def _made_up(self) -> "Position":
        """Shares that came back make up for what is owed: the oldest lots, whose cost is the cost
        of the sale that had none."""
        covered = min(self.owed_nanos, self.quantity_nanos)
        if not covered:
            return self
        done = tax.close(self.lots, Sale(_REOPENED, covered, 0))
        return self._with(
            done.open,
            realised_minor=self.realised_minor - done.cost_minor,
            owed_nanos=self.owed_nanos - covered,
        )

    def _with(
        self,
        lots: tuple[Lot, ...],
        *,
        realised_minor: int | None = None,
        owed_nanos: int | None = None,
    ) -> "Position":
        """Quantity and cost are the sums over the lots."""
        return replace(
            self,
            lots=tuple(sorted(lots, key=lambda lot: lot.key)),
            quantity_nanos=tax.nanos_of(lots),
            cost_minor=tax.cost_of(lots),
            realised_minor=self.realised_minor if realised_minor is None else realised_minor,
            owed_nanos=self.owed_nanos if owed_nanos is None else owed_nanos,
        )


_REOPENED = date(1970, 1, 1)
"""Day of shares of which nobody knows any more what they were bought for."""


def _out_of(own: list[Lot], nanos: int, cost_minor: int) -> tuple[Lot, ...]:
    """The order's own lot without ``nanos`` shares that cost ``cost_minor``: exactly what they
    cost goes, as long as the rest has a cost that is not below zero."""
    if not own or not nanos:
        return tuple(own)
    (lot,) = own
    if nanos == lot.nanos:
        return ()
    cost = min(cost_minor, lot.cost_minor)
    return (replace(lot, nanos=lot.nanos - nanos, cost_minor=lot.cost_minor - cost),)


@dataclass(frozen=True, slots=True)
class State[Raw]:
    """A person's bounded state. Rows of contexts beside or above this one stay raw."""

    user_id: str
    profile: Raw | None = None
    wallets: Mapping[Currency, Wallet] = field(default_factory=dict)
    positions: Mapping[str, Position] = field(default_factory=dict)
    proofs: tuple[Raw, ...] = ()
    saving: tuple[Raw, ...] = ()
    """Goals, and what the person excludes."""
    rebalanced: tuple[Raw, ...] = ()
    """The last run of rebalancing of each goal."""
    trading: tuple[Raw, ...] = ()
    """What rules know of the person's trading."""
    taxes: tuple[Raw, ...] = ()
    """How the person's sales are taxed."""

    def wallet(self, currency: Currency) -> Wallet:
        """The wallet of a currency; an empty one when there is none."""
        return self.wallets.get(currency, Wallet(self.user_id, currency))

    @property
    def net_deposits(self) -> Money:
        """What was paid in and not paid out.

        Cash and the cost of what is held, less what sales gained and dividends brought: buying
        only turns cash into cost, and a sale turns cost and gain into cash. A management fee is
        no money that was paid out: it lowers the return.
        """
        held = sum(
            each.cost_minor - each.realised_minor - each.income_minor
            for each in self.positions.values()
        )
        cash = self.wallet(BASE)
        return Money(cash.posted + cash.fees + held, BASE)


@dataclass(frozen=True, slots=True)
class FeedPage[Raw]:
    """Rows that grow with time, newest first; ``after`` continues when not None."""

    items: tuple[Raw, ...] = ()
    after: str | None = None


@dataclass(frozen=True, slots=True)
class Screen[Raw]:
    """Everything that the screen shows of a person."""

    state: State[Raw]
    feed: FeedPage[Raw]
