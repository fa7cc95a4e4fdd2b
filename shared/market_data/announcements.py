"""Announcements of corporate actions as their source states them. Pure.

What an announcement does to anybody's shares is not decided here.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum


class ActionKind(StrEnum):
    """What a company does, in the source's words."""

    CASH_DIVIDEND = "cash_dividend"
    STOCK_DIVIDEND = "stock_dividend"
    FORWARD_SPLIT = "forward_split"
    REVERSE_SPLIT = "reverse_split"
    UNIT_SPLIT = "unit_split"
    SPIN_OFF = "spin_off"
    CASH_MERGER = "cash_merger"
    STOCK_MERGER = "stock_merger"
    STOCK_AND_CASH_MERGER = "stock_and_cash_merger"
    REDEMPTION = "redemption"
    NAME_CHANGE = "name_change"
    WORTHLESS_REMOVAL = "worthless_removal"
    RIGHTS_DISTRIBUTION = "rights_distribution"


@dataclass(frozen=True, slots=True)
class Announcement:
    """One corporate action of one symbol; what its kind does not have is None."""

    id: str
    """The source's identifier: another announcement under the same one corrects it."""
    kind: ActionKind
    symbol: str
    """What is held before."""
    effective: date
    """The ex-date; where the kind has none, the day it takes effect or is processed."""
    record_date: date | None = None
    payable_date: date | None = None
    process_date: date | None = None
    cash: Decimal | None = None
    """US dollars per share."""
    old_rate: Decimal | None = None
    new_rate: Decimal | None = None
    """So many new shares for ``old_rate`` old ones."""
    new_symbol: str | None = None
    """What is held afterwards, or besides."""
    special: bool = False
    foreign: bool = False
    withdrawn: bool = False
    """The source does not state it any more, though its day is still ahead or near."""
