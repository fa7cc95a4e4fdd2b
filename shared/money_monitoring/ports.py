"""What monitoring asks of its stores and of other contexts."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from shared.money_monitoring.model import Alert
from shared.money_monitoring.window import Movement, Window
from shared.platform.work import Write


@dataclass(frozen=True, slots=True)
class About:
    """What is known of a person, in memory only. None where it was not told."""

    income_minor: int | None = None
    phone: str | None = None
    """Masked as gateways' phones are."""
    countries: dict[str, str] = field(default_factory=dict)
    """ISO 3166-1 alpha-3 by RESIDENCE, NATIONALITY and TAX."""


@dataclass(frozen=True, slots=True)
class Known:
    """All that a look at one movement needs, out of one read."""

    window: Window
    about: About
    instrument: str = ""
    """The phone that paid a deposit, masked; the payout account that was added."""
    paid_by_phone: bool = False
    account_at: datetime | None = None
    account_country: str | None = None
    lacks_minor: int = 0
    """Of a withdrawal: what had still to be sold for it."""
    everything: bool = False
    """Of a withdrawal: all that the person has is taken out."""


class Movements(Protocol):
    """What other contexts know of people and their movements."""

    def known(self, user_id: str, movement: Movement) -> Known:
        """In one read."""

    def left(self, user_id: str) -> int:
        """Cents of cash that is available, and shares at their cost, now; one read."""

    def bought(self, user_id: str, since: datetime, until: datetime) -> int:
        """Cents of buy orders that were carried out, or still may be; one read."""

    def last_before(self, user_id: str, moment: datetime) -> datetime | None:
        """The newest movement before a moment, asked once a person; one read or two."""


class Windows(Protocol):
    """Where windows are kept."""

    def get(self, user_id: str) -> Window:
        """A person's; an empty one when nothing was heard of them."""

    def save(self, before: Window, after: Window) -> Write:
        """The write ``window``, under the condition that nobody changed it since."""


@dataclass(frozen=True, slots=True)
class AlertPage:
    """Alerts with their places, the oldest first; ``after`` continues when not None."""

    entries: tuple[tuple[str, Alert], ...]
    after: str | None


class Alerts(Protocol):
    """Where alerts are kept."""

    def get(self, name: str) -> Alert | None:
        """One alert."""

    def save(self, before: Alert | None, after: Alert) -> Write:
        """The write ``alert``, under the condition that nobody changed it since, or that there
        is none of this name."""

    def page(self, *, waiting: bool, limit: int, after: str | None = None) -> AlertPage:
        """Those that wait for members of staff, or those that were decided for good."""
