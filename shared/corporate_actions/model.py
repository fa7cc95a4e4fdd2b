"""What a corporate action is to one person, and its run over all who hold the shares. Pure."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum

from ulid import ULID

from shared.kernel.ids import Kind, cell_of
from shared.kernel.states import Transitions
from shared.market_data.announcements import ActionKind, Announcement

DIVIDENDS = frozenset({ActionKind.CASH_DIVIDEND})
"""Booked when the shares begin to trade without them, and again when they are paid."""
SPLITS = frozenset({ActionKind.FORWARD_SPLIT, ActionKind.REVERSE_SPLIT, ActionKind.STOCK_DIVIDEND})
"""So many new shares for so many old ones, of the same symbol."""
BY_PEOPLE = frozenset(ActionKind) - DIVIDENDS - SPLITS - {ActionKind.NAME_CHANGE}
"""What they mean for anybody's shares a person has to decide."""

CHANGING = "CORPORATE_ACTION"
"""Why orders of a symbol wait while everybody's shares of it are changed."""
WITHHOLDING_BP = 3000
"""Withheld from dividends to people abroad where no treaty says less (26 U.S.C. 1441)."""
TOLERATED_MINOR = 1
"""A broker may round the other way."""
TAX_AWAITED = timedelta(days=10)
"""What is set aside for the tax is free after that."""
LATE_AFTER = timedelta(days=14)
"""So long after the day of payment an unpaid dividend is somebody's to look at."""


class ActionStatus(StrEnum):
    """What has become of an action for one person."""

    DECLARED = "DECLARED"
    """A dividend is theirs, and not paid yet."""
    PAID = "PAID"
    """It was credited; its tax may follow, and it is to be invested."""
    DONE = "DONE"
    APPLIED = "APPLIED"
    """The shares were changed."""
    WITHDRAWN = "WITHDRAWN"
    """It was announced by mistake."""


TRANSITIONS: Transitions[ActionStatus] = {
    ActionStatus.DECLARED: frozenset({ActionStatus.PAID, ActionStatus.WITHDRAWN}),
    ActionStatus.PAID: frozenset({ActionStatus.DONE}),
    # What comes late, such as a tax, changes the amounts of what was done with.
    ActionStatus.DONE: frozenset({ActionStatus.PAID}),
    ActionStatus.APPLIED: frozenset(),
    # It is paid after all.
    ActionStatus.WITHDRAWN: frozenset({ActionStatus.PAID}),
}


@dataclass(frozen=True, slots=True)
class PersonAction:
    """An action for one person; amounts in cents, shares in nanos."""

    action_id: str
    user_id: str
    announcement_id: str
    """Of its source; ``broker:…`` where the broker told of something that nobody announced."""
    kind: ActionKind
    symbol: str
    effective: date
    status: ActionStatus
    entitled_nanos: int = 0
    """Shares held into the ex-date."""
    after_nanos: int = 0
    """Shares held after a split."""
    expected_minor: int = 0
    """What the dividend comes to, fractions of a cent left out."""
    rounded_minor: int = 0
    """What the nearest cent is above that: 0 or 1."""
    paid_minor: int = 0
    """What was credited, before taxes."""
    withheld_minor: int = 0
    held_minor: int = 0
    """Of the cash, set aside until the tax is known."""
    owed_minor: int = 0
    """Of the tax, what there was no cash for when it came."""
    payable: date | None = None
    settled: date | None = None
    """On which day the broker credited it."""
    planned: bool = False
    """Whether it was invested, or is not going to be."""
    at: datetime | None = None
    """When it was booked, or else credited; the system's time."""
    due: datetime | None = None
    """When it is looked at again; None when it is not."""
    version: int = 0

    @property
    def net_minor(self) -> int:
        """What of it may be invested: without the tax, known or expected."""
        return max(self.paid_minor - self.withheld_minor - self.held_minor, 0)

    @property
    def complete(self) -> bool:
        """Whether nothing more has to be done."""
        return self.planned and not self.held_minor


def action_id(user_id: str, announcement_id: str, effective: date) -> str:
    """One identifier for this action of this person, for ever, in the order of its day."""
    digest = hashlib.sha256(f"{user_id}\x00{announcement_id}".encode()).digest()[:10]
    midnight = datetime.combine(effective, time(), UTC)
    moment = int(midnight.timestamp()) * 1000
    ulid = ULID.from_bytes(moment.to_bytes(6, "big") + digest)
    return f"{Kind.ACTION.value}_{cell_of(user_id)}_{ulid}"


class RunStatus(StrEnum):
    """How far an announcement has got."""

    RUNNING = "RUNNING"
    DONE = "DONE"
    BY_PEOPLE = "BY_PEOPLE"
    """A case tells somebody; orders of the symbol wait."""


@dataclass(frozen=True, slots=True)
class Run:
    """An announcement on its way through all who hold the symbol, segment by segment."""

    announcement_id: str
    symbol: str
    kind: ActionKind
    effective: date
    status: RunStatus
    started_at: datetime
    segment: int = 0
    """Behind the last one everybody is booked, and what was stopped goes on."""
    after: str | None = None
    """Behind which person of the segment it goes on."""
    booked: int = 0
    waiting: int = 0
    """People of this round for whom it could not be booked yet."""
    rounds: int = 0
    done_at: datetime | None = None
    version: int = 0


class ActivityKind(StrEnum):
    """What the broker booked in a person's account."""

    DIVIDEND = "DIVIDEND"
    TAX = "TAX"
    RETURN_OF_CAPITAL = "RETURN_OF_CAPITAL"
    SPLIT = "SPLIT"
    CASH_IN_LIEU = "CASH_IN_LIEU"
    BY_PEOPLE = "BY_PEOPLE"
    """Known to exist, and never booked by a machine: mergers, spin-offs and the like."""


@dataclass(frozen=True, slots=True)
class Activity:
    """One line of the broker's books about a corporate action."""

    id: str
    kind: ActivityKind
    account_id: str
    symbol: str
    at: datetime
    settled: date
    amount: Decimal = Decimal(0)
    """US dollars; below zero it leaves the person."""
    nanos: int = 0
    """Shares that came, or (below zero) went."""
    per_share: Decimal | None = None
    record_date: date | None = None
    executed: bool = True
    """False when the broker takes back, or corrects, a line that it had told of."""
    word: str = ""
    """The broker's own name of its kind."""


def dividends_near(announced: Mapping[str, Announcement], settled: date) -> list[Announcement]:
    """Dividends that a credit on this day may be of, the likeliest last."""
    near = [
        each
        for each in announced.values()
        if each.kind in DIVIDENDS
        and each.effective <= settled
        and settled - (each.payable_date or each.effective) <= timedelta(days=30)
    ]
    return sorted(near, key=lambda each: (each.effective, each.id))
