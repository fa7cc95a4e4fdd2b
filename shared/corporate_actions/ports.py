"""What corporate actions need: who holds what, rows of actions and runs, and switches."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import Protocol

from shared.corporate_actions.model import PersonAction, Run
from shared.ledger.model import Wallet
from shared.market_data.announcements import Announcement
from shared.platform.work import Write
from shared.portfolio.model import Position


@dataclass(frozen=True, slots=True)
class HolderPage:
    """People who hold a symbol; ``after`` continues in the same segment when not None."""

    user_ids: tuple[str, ...]
    after: str | None = None


class Holders(Protocol):
    """All who hold something, in segments that are walked one by one."""

    @property
    def segments(self) -> int:
        """How many there are."""

    def of(self, symbol: str, segment: int, after: str | None) -> HolderPage:
        """Those of one segment who held the symbol a moment ago, from behind a person; one
        request. Read what they hold before anything is decided."""


@dataclass(frozen=True, slots=True)
class Situation:
    """What one read knows of a person and a symbol."""

    wallet: Wallet
    position: Position
    other: Position | None = None
    """The position under the symbol that it becomes."""
    actions: Mapping[str, PersonAction] = field(default_factory=dict)
    """Those of the asked-for ones that exist, by their identifiers."""
    booked: bool = False
    """The broker's line was booked before."""


class Actions(Protocol):
    """Rows of actions."""

    def load(
        self,
        user_id: str,
        symbol: str,
        action_ids: Sequence[str],
        *,
        activity_id: str = "",
        becomes: str = "",
    ) -> Situation:
        """One request."""

    def planned(self, user_id: str, action_id: str) -> tuple[PersonAction | None, bool]:
        """An action, and whether the plan that invests it exists; one request."""

    def save(self, action: PersonAction) -> Write:
        """Replace an action that is still the one that was read; the write is ``action``."""

    def booked(self, activity_id: str, action_id: str) -> Write:
        """The broker's line counts as booked from now on; the write ``activity`` fails when it
        was booked before, which is success."""


class Runs(Protocol):
    """Rows of runs."""

    def recent(self, since: date) -> Mapping[str, Run]:
        """Runs of what took effect since this day, by announcement; one request."""

    def get(self, effective: date, announcement_id: str) -> Run | None:
        """One run."""

    def save(self, run: Run) -> Write:
        """Replace a run that is still the one that was read; the write is ``run``."""


class Announced(Protocol):
    """What is announced."""

    def announcements(self, symbol: str) -> list[Announcement]:
        """All that is known of a symbol; one request."""


class Owners(Protocol):
    """Whose account at the broker it is."""

    def owner_of(self, account_id: str) -> str | None:
        """The person, or None; one request."""


class OpenOrders(Protocol):
    """Orders that have not ended."""

    def cancel(self, user_id: str, symbol: str) -> None:
        """Ask for those of the symbol to be canceled. To ask again does no harm."""


class Restrictions(Protocol):
    """Automatic orders of one symbol."""

    def stop(self, symbol: str, reason: str) -> None:
        """Until a person, or ``release`` with the same reason, lets them go on."""

    def release(self, symbol: str, reason: str) -> None:
        """Let them go on, if it was this reason that stopped them."""


class Repricing(Protocol):
    """The last price of a symbol."""

    def split(self, symbol: str, ratio: Fraction, announcement_id: str, trades: datetime) -> None:
        """From before ``trades`` it is divided by the ratio, once; later ones are right."""


class Market(Protocol):
    """The market's time."""

    def business_now(self) -> datetime | None:
        """None while it is not known."""

    def opens_in(self) -> timedelta:
        """Until orders can be placed; none while the market is open or is not known."""


class Reinvesting(Protocol):
    """Asks for a plan."""

    def ask(self, user_id: str, action_id: str, minor: int) -> None:
        """Invest so many cents that a dividend brought. To ask again does no harm."""
