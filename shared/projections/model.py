"""A question about a goal's future and what may come of it. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from shared.kernel.errors import InvalidValue
from shared.kernel.money import Currency, Money
from shared.projections.assumptions import Assumptions
from shared.projections.errors import (
    ProjectionDateMissing,
    ProjectionDateTooNear,
    ProjectionTooFar,
)
from shared.strategies.glide import months_before

LONGEST_YEARS = 60
LARGEST_MONTHLY = Money(100_000_000, Currency.USD)
"""A million dollars a month: whoever pays in more asks somebody else."""
LEAST_WISHED, MOST_WISHED = 50, 95
"""Per cent: less is a hope, and more is a promise that a model cannot make."""


class Method(StrEnum):
    """Where the possible futures come from."""

    MODEL = "MODEL"
    """Each month's growth is drawn by itself, from a lognormal distribution."""
    HISTORY = "HISTORY"
    """Years are put together from months that there were, in blocks of a year each."""


class Standing(StrEnum):
    """Where the amount that is reached with the wished probability lies beside the target."""

    SHORTFALL = "SHORTFALL"
    """Below it."""
    JUST_NICE = "JUST_NICE"
    """At it, or up to a twentieth above."""
    SURPLUS = "SURPLUS"
    """More than a twentieth above it."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked. Cents of today's purchasing power; ``weights`` are basis points by symbol,
    one entry for each month that is left, in which the money is invested during it."""

    worth_minor: int
    monthly_minor: int
    target_minor: int | None
    weights: Sequence[Mapping[str, int]]
    assumptions: Assumptions
    fee_bp: int
    """What a year of management costs."""
    wished_percent: int = LEAST_WISHED
    method: Method = Method.MODEL

    @property
    def months(self) -> int:
        """How far it looks."""
        return len(self.weights)


@dataclass(frozen=True, slots=True)
class Span:
    """A moment and what it may be worth then, in cents: nine of ten futures reach ``low``, half of
    them ``middle``, one of ten ``high``."""

    months: int
    low: int
    middle: int
    high: int


@dataclass(frozen=True, slots=True)
class Chance:
    """Beside a target: the share of futures that reach it, 0 to 1, and the least whole cents a
    month with which as many as wished do."""

    probability: Decimal
    required_minor: int
    standing: Standing


@dataclass(frozen=True, slots=True)
class Projection:
    """The answer, in cents of today's purchasing power."""

    spans: tuple[Span, ...]
    """After each year, and at the end."""
    reached_minor: int
    """What is reached at the end with the wished probability."""
    chance: Chance | None
    """None without a target."""
    paths: int


def months_to(until: date | None, today: date) -> int:
    """Whole months that are left, 1 to 720. ProjectionDateMissing, ProjectionDateTooNear or
    ProjectionTooFar when there are none or more."""
    if until is None:
        raise ProjectionDateMissing()
    months = months_before(until, today)
    if months < 1:
        raise ProjectionDateTooNear()
    if months > LONGEST_YEARS * 12:
        raise ProjectionTooFar(years=LONGEST_YEARS)
    return months


def check_wish(monthly: Money, percent: int) -> None:
    """InvalidValue for an amount a month that is negative or above a million dollars, or a
    probability that is not 50 to 95 per cent."""
    if monthly.currency is not Currency.USD:
        raise InvalidValue(field="monthly_amount", reason="must be in dollars")
    if not 0 <= monthly.minor <= LARGEST_MONTHLY.minor:
        raise InvalidValue(field="monthly_amount", reason="must be 0 to 1000000.00")
    if not LEAST_WISHED <= percent <= MOST_WISHED:
        raise InvalidValue(
            field="probability", reason=f"must be {LEAST_WISHED} to {MOST_WISHED} per cent"
        )


def standing_of(reached_minor: int, target_minor: int) -> Standing:
    """At the target and up to a twentieth above it is just nice."""
    if reached_minor < target_minor:
        return Standing.SHORTFALL
    if reached_minor * 20 <= target_minor * 21:
        return Standing.JUST_NICE
    return Standing.SURPLUS
