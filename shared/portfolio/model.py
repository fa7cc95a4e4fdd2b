"""Positions, and a person's state as the screen and the planner read it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from shared.kernel.money import Currency, Money, Quantity
from shared.ledger.model import Wallet
from shared.portfolio import lots as tax
from shared.portfolio.lots import Lot

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
    lots: tuple[Lot, ...] = ()
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

    def buy(self, order_id: str, acquired: date, nanos: int, cost_minor: int) -> "Position":
        """After an execution of a buy order."""
        lot = Lot(acquired, tax.reference_of(order_id), nanos, cost_minor)
        return replace(
            self,
            quantity_nanos=self.quantity_nanos + nanos,
            cost_minor=self.cost_minor + cost_minor,
            lots=tax.bought(self.lots, lot),
        )


@dataclass(frozen=True, slots=True)
class State[Raw]:
    """A person's bounded state. Rows of contexts beside or above this one stay raw."""

    user_id: str
    profile: Raw | None = None
    wallets: Mapping[Currency, Wallet] = field(default_factory=dict)
    positions: Mapping[str, Position] = field(default_factory=dict)
    proofs: tuple[Raw, ...] = ()

    def wallet(self, currency: Currency) -> Wallet:
        """The wallet of a currency; an empty one when there is none."""
        return self.wallets.get(currency, Wallet(self.user_id, currency))

    @property
    def net_deposits(self) -> Money:
        """What was paid in and not paid out.

        Cash and the cost of what is held, less what sales gained: buying only turns cash into
        cost, and a sale turns cost and gain into cash.
        """
        held = sum(each.cost_minor - each.realised_minor for each in self.positions.values())
        return Money(self.wallet(BASE).posted + held, BASE)


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
