"""One charge of a management fee, from the day on which it is due to its end. Pure."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Any

from shared.kernel.ids import Kind, dated
from shared.kernel.states import Transitions, advance, is_final

MAX_REFUSALS = 3
"""After so many refusals of the broker a person looks; nothing is asked for any more."""
ASKED_AGAIN = timedelta(days=7)
"""While cash is short, something is sold for a fee once in so many days."""
LOOKED_AGAIN = timedelta(hours=12)
"""So often a charge that waits for cash is looked at: what was sold settles on the next day."""
CHECKED_AGAIN = timedelta(minutes=30)
"""The same of one that waits for the broker, beside its own chain of checks."""


class ChargeStatus(StrEnum):
    """Where a charge stands."""

    DUE = "DUE"
    """It waits for cash that has settled."""
    COLLECTING = "COLLECTING"
    """Its cash is held, and the broker moves it from the person's account to the firm's."""
    CHARGED = "CHARGED"
    CARRIED = "CARRIED"
    """It could not be charged until the next one came, which has it now: nobody owes it."""


TRANSITIONS: Transitions[ChargeStatus] = {
    ChargeStatus.DUE: frozenset({ChargeStatus.COLLECTING, ChargeStatus.CARRIED}),
    ChargeStatus.COLLECTING: frozenset({ChargeStatus.CHARGED, ChargeStatus.DUE}),
    ChargeStatus.CHARGED: frozenset(),
    ChargeStatus.CARRIED: frozenset(),
}


@dataclass(frozen=True, slots=True)
class FeeAccount:
    """How far a person's fees have been accrued."""

    user_id: str
    through: date | None = None
    """The last day that was accrued; None before the first charge."""
    units: int = 0
    """What was accrued until then and is less than a cent, in units of accrual."""
    charge_id: str = ""
    """The newest charge."""
    version: int = 0


@dataclass(frozen=True, slots=True)
class Charge:
    """The fee of the days ``first`` to ``last``, in whole cents.

    ``carried_minor * UNITS_PER_CENT + before_units + units`` of the days is always
    ``amount_minor * UNITS_PER_CENT + left_units``: not a fraction of a cent is made or lost.
    """

    charge_id: str
    user_id: str
    status: ChargeStatus
    amount_minor: int
    first: date
    last: date
    annual_bp: int
    terms_version: int
    """Of the last day."""
    units: int
    before_units: int
    left_units: int
    created_at: datetime
    updated_at: datetime
    days: int = 0
    waived_days: int = 0
    unpriced_days: int = 0
    carried_minor: int = 0
    """What an earlier charge could not get."""
    closing: bool = False
    """Charged because everything was sold, and not because a month was over."""
    account_id: str | None = None
    """The person's account at the broker, once it is asked."""
    journal_id: str | None = None
    refusals: int = 0
    charged_at: datetime | None = None
    version: int = 0

    @property
    def final(self) -> bool:
        """Whether nothing more happens to it."""
        return is_final(TRANSITIONS, self.status)

    @property
    def journal_key(self) -> str:
        """Idempotency key of the broker's journal."""
        return f"{self.charge_id}.{self.refusals}"

    @property
    def given_up(self) -> bool:
        """Whether the broker refused so often that somebody has to look."""
        return self.refusals >= MAX_REFUSALS

    def cause_id(self, at: datetime) -> str:
        """Of the plan that sells for it at this time: another one each week."""
        turn = max((at - self.created_at) // ASKED_AGAIN, 0)
        return dated(Kind.FEE, self.charge_id, self.created_at, str(turn))

    def moved(self, target: ChargeStatus, at: datetime, **changes: Any) -> "Charge":
        """In another state, if that is legal; IllegalTransition otherwise."""
        status = advance(TRANSITIONS, self.status, target)
        return replace(self, status=status, updated_at=at, **changes)

    def noted(self, at: datetime, **changes: Any) -> "Charge":
        """In the same state, looked at now."""
        return replace(self, updated_at=at, **changes)


def charge_id_of(user_id: str, last: date) -> str:
    """The one charge of a person for the days until ``last``, whose time it carries."""
    return dated(Kind.FEE, user_id, datetime.combine(last, time(), UTC), "MANAGEMENT")


def month_before(day: date) -> tuple[date, date]:
    """The first and the last day of the month before that of ``day``."""
    last = day.replace(day=1) - timedelta(days=1)
    return last.replace(day=1), last
