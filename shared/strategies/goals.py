"""What a person saves for, each with a model of its own. Pure."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from shared.kernel.errors import InvalidValue
from shared.kernel.ids import Kind, created_at, same_moment
from shared.kernel.money import Currency, Money
from shared.kernel.states import Transitions, advance
from shared.strategies.glide import Path
from shared.strategies.model import SCORES, Style
from shared.strategies.targets import Wish

FURTHEST_YEARS = 80
LARGEST = Money(100_000_000_000, Currency.USD)


class GoalStatus(StrEnum):
    """Whether something is saved for it."""

    ACTIVE = "ACTIVE"
    ARCHIVED = "ARCHIVED"
    """Given up, or reached; what was saved stays the person's."""


GOAL_MOVES: Transitions[GoalStatus] = {
    GoalStatus.ACTIVE: frozenset({GoalStatus.ARCHIVED}),
    GoalStatus.ARCHIVED: frozenset(),
}


@dataclass(frozen=True, slots=True)
class Terms:
    """What a person says of a goal, without its name. ``target`` in USD; ``until`` is the day on
    which it is to be reached; ``score`` a lower risk score than the person's own, if wished."""

    target: Money | None = None
    until: date | None = None
    path: Path = Path.SPENDING
    style: Style = Style.GROWTH
    score: int | None = None


@dataclass(frozen=True, slots=True)
class Goal:
    """One goal; ``sealed`` is its name as ciphertext, None for the general one."""

    user_id: str
    goal_id: str
    terms: Terms = Terms()
    sealed: bytes | None = None
    status: GoalStatus = GoalStatus.ACTIVE
    version: int = 0
    """0 while it was never written: the general goal of everybody."""

    @property
    def general(self) -> bool:
        """Whether it is the one to which everything belongs that names no goal."""
        return self.goal_id == general_goal_id(self.user_id)

    @property
    def created_at(self) -> datetime:
        """When it was made; the general one with its person."""
        return created_at(self.goal_id)

    def changed(self, terms: Terms, sealed: bytes | None) -> "Goal":
        """With other terms and another name."""
        return replace(self, terms=terms, sealed=sealed, version=self.version + 1)

    def archived(self) -> "Goal":
        """Nothing is saved for it any more; IllegalTransition when it is so already."""
        status = advance(GOAL_MOVES, self.status, GoalStatus.ARCHIVED)
        return replace(self, status=status, version=self.version + 1)

    def wish(self, score: int, excluded: frozenset[str] = frozenset()) -> Wish:
        """How its money is invested for a person of this risk score: never bolder than that."""
        terms = self.terms
        lower = score if terms.score is None else min(score, terms.score)
        return Wish(lower, terms.style, terms.until, terms.path, excluded)


def general_goal_id(user_id: str) -> str:
    """The one goal that everybody has, by the id of its person."""
    return same_moment(Kind.GOAL, user_id)


def general_goal(user_id: str) -> Goal:
    """As it is before its person changed it: growth, at their risk score, without a date."""
    return Goal(user_id, general_goal_id(user_id))


def check_terms(terms: Terms, today: date, *, before: Terms | None = None) -> None:
    """InvalidValue for a target that is no amount in USD, a day that is past or further than 80
    years away (unless it was so ``before``), or a score that there is not."""
    target = terms.target
    if target is not None:
        if target.currency is not Currency.USD:
            raise InvalidValue(field="target", reason="must be in dollars")
        if not 0 < target.minor <= LARGEST.minor:
            raise InvalidValue(field="target", reason="must be positive and finite")
    until, kept = terms.until, before is not None and before.until == terms.until
    if until is not None and not kept:
        latest = today.year + FURTHEST_YEARS
        if not today < until or until.year > latest:
            raise InvalidValue(field="until", reason="must be a day within 80 years")
    if terms.score is not None and terms.score not in SCORES:
        raise InvalidValue(field="score", reason=f"must be 1 to {SCORES[-1]}")
