"""What left a person's positions, and what else changed their gains: the lines of a report. Pure.

The sum of all gains here is the sum of what the positions have realised.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction

from shared.portfolio.lots import Lot, cost_of


class DisposalKind(StrEnum):
    """Why there is a line."""

    SALE = "SALE"
    """An order sold shares."""
    CASH_IN_LIEU = "CASH_IN_LIEU"
    """A fraction of a share was paid out after a corporate action: a sale."""
    CAPITAL_RETURNED = "CAPITAL_RETURNED"
    """More capital was given back than the shares had cost: a gain without a sale."""
    WORTHLESS = "WORTHLESS"
    """Nothing was left of the shares after a split: what they cost is lost."""
    CORRECTED = "CORRECTED"
    """A trade was taken back, or made up for, after its shares had been sold: other lots stand in
    for them, and the gain is another one by this much."""


@dataclass(frozen=True, slots=True)
class Disposal:
    """Shares of one symbol that went on a day. Cents and nano-shares."""

    user_id: str
    key: str
    """Names it among those of the day."""
    day: date
    kind: DisposalKind
    symbol: str
    nanos: int = 0
    proceeds_minor: int = 0
    closed: tuple[Lot, ...] = ()
    """Out of which lots; what they do not cover was sold before it was bought."""
    adjusted_minor: int = 0
    """The gain of a line without shares."""

    @property
    def gain_minor(self) -> int:
        """By the books: what came less what the closed lots cost."""
        return self.proceeds_minor - cost_of(self.closed) + self.adjusted_minor


@dataclass(frozen=True, slots=True)
class SharesChanged:
    """All shares bought before the day ``effective`` became ``ratio`` shares each, or the same
    number of shares of another symbol."""

    user_id: str
    key: str
    effective: date
    symbol: str
    new_symbol: str
    ratio: Fraction = Fraction(1)


type Entry = Disposal | SharesChanged
