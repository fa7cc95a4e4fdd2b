"""What happens to an order on the exchange: traded, taken back, ended. Pure."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from shared.investing.states import OrderStatus


@dataclass(frozen=True, slots=True)
class Execution:
    """One trade of an order on the exchange."""

    key: str
    """Short form of the broker's execution id: books an execution once."""
    nanos: int
    price: Decimal
    at: datetime


@dataclass(frozen=True, slots=True)
class Traded:
    """What an order keeps of an execution, so that it can be taken back."""

    nanos: int
    price: Decimal
    day: date
    """Of the trade. Trading hours in New York lie within one UTC day."""


@dataclass(frozen=True, slots=True)
class TakenBack:
    """An execution that the exchange takes back: busted, or replaced by a corrected one."""

    key: str
    """That of the execution."""
    nanos: int
    """Its shares, as the broker tells them."""


@dataclass(frozen=True, slots=True)
class Ending:
    """The broker's last word on an order: how it ended and how much it counts as filled."""

    status: OrderStatus
    filled_nanos: int
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Successors:
    """Orders that the broker put in an order's place, one after the other: each counts its own
    shares alone."""

    names: tuple[str, ...] = ()
    """Of the broker's, oldest first."""
    nanos: int = 0
    """What those that were replaced had filled, as the broker counts."""

    def then(self, name: str, filled_nanos: int) -> "Successors":
        """With one more; the same when it is known."""
        if name in self.names:
            return self
        return Successors((*self.names, name), self.nanos + filled_nanos)

    @property
    def text(self) -> str:
        """In one line; empty for none."""
        return " ".join((str(self.nanos), *self.names)) if self.names else ""

    @classmethod
    def read(cls, text: str) -> "Successors":
        """Out of that line."""
        if not text:
            return cls()
        nanos, *names = text.split()
        return cls(tuple(names), int(nanos))
