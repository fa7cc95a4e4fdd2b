"""Assets, quotes, the market's clock, exchange rates and breakers. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from shared.kernel.money import Currency, Price

CLOCK_TRUSTED = timedelta(hours=1)
"""How long one answer of the broker's clock is carried forward before it counts as unknown."""


class AssetType(StrEnum):
    """What kind of thing a symbol is."""

    ETF = "ETF"
    BOND = "BOND"
    STOCK = "STOCK"


@dataclass(frozen=True, slots=True)
class Asset:
    """Something that can be bought at the broker."""

    symbol: str
    name: str
    type: AssetType
    broker_id: str
    tradable: bool
    fractionable: bool
    fetched_at: datetime

    @property
    def buyable(self) -> bool:
        """Whether an order over an amount of money is possible."""
        return self.tradable and self.fractionable


class Restriction(StrEnum):
    """What may not be done with an asset on the restricted list."""

    NO_BUYS = "NO_BUYS"
    """It is held or sold, and not bought."""
    NO_TRADES = "NO_TRADES"
    """It is neither bought nor sold."""


@dataclass(frozen=True, slots=True)
class Restricted:
    """An asset on the restricted list."""

    symbol: str
    restriction: Restriction
    since: datetime


@dataclass(frozen=True, slots=True)
class Quote:
    """The price of one share with its source; ``as_of`` is business time."""

    symbol: str
    price: Price
    as_of: datetime
    source: str
    """Where it comes from, such as ``alpaca:quote`` or ``alpaca:trade``."""
    fetched_at: datetime
    """When we read it, in the system's time."""

    def age(self, business_now: datetime) -> timedelta:
        """How old the price is on the market's clock; never negative."""
        return max(timedelta(0), business_now - self.as_of)

    def stale(self, max_age: timedelta, business_now: datetime) -> bool:
        """Whether it is older than ``max_age`` on the market's clock."""
        return self.age(business_now) > max_age


@dataclass(frozen=True, slots=True)
class MarketClock:
    """One answer of the broker's clock, carried forward by the system's clock."""

    timestamp: datetime
    """Business time when it was read."""
    is_open: bool
    next_open: datetime
    next_close: datetime
    fetched_at: datetime
    """The system's time when it was read."""

    def now(self, system_now: datetime) -> datetime:
        """Business time: the broker's timestamp plus what has passed since."""
        return self.timestamp + max(timedelta(0), system_now - self.fetched_at)

    def known(self, system_now: datetime) -> bool:
        """Whether the answer is young enough to be carried forward."""
        return system_now - self.fetched_at <= CLOCK_TRUSTED

    def open_at(self, system_now: datetime) -> bool:
        """Whether the market trades; False when the clock is not known well enough."""
        if not self.known(system_now):
            return False
        now = self.now(system_now)
        if self.is_open:
            return now < self.next_close
        return self.next_open <= now < self.next_close


@dataclass(frozen=True, slots=True)
class FxQuote:
    """Units of ``quote`` for one unit of ``base`` as a public source states it."""

    base: Currency
    quote: Currency
    rate: Decimal
    as_of: datetime
    source: str
    fetched_at: datetime

    def __post_init__(self) -> None:
        if not self.rate.is_finite() or self.rate <= 0:
            raise ValueError("a rate is positive and finite")


class BreakerState(StrEnum):
    """Whether something may be done automatically."""

    CLOSED = "CLOSED"
    """Everything flows."""
    OPEN = "OPEN"
    """Nothing new is started."""
    HALF_OPEN = "HALF_OPEN"
    """Single attempts are allowed, to find out."""


@dataclass(frozen=True, slots=True)
class Breaker:
    """A switch that stops automatic work, with the reason why it is as it is."""

    name: str
    state: BreakerState
    reason: str
    since: datetime

    @property
    def blocks(self) -> bool:
        """Whether new work must wait."""
        return self.state is BreakerState.OPEN
