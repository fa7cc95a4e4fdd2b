"""What rebalancing needs: runs with their marks, and how far a day's sweep has come."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from shared.investing.model import Order
from shared.investing.plan import Plan
from shared.investing.rebalanced import Mark
from shared.platform.work import Write
from shared.rebalancing.model import Run


@dataclass(frozen=True, slots=True)
class Desk:
    """A plan of a rebalance with its orders, its run if there is one, and the goal's mark."""

    plan: Plan
    orders: Sequence[Order]
    run: Run | None
    mark: Mark


@dataclass(frozen=True, slots=True)
class RunPage:
    """Runs of a person, newest first; ``after`` continues when not None."""

    runs: tuple[Run, ...]
    after: str | None = None


class Runs(Protocol):
    """Runs of rebalancing."""

    def desk(self, user_id: str, plan_id: str) -> Desk | None:
        """All about a plan, in three reads; None for a plan of another cause, or none."""

    def mark(self, user_id: str, goal_id: str) -> Mark:
        """What is known of the last run of a goal; empty for the general one."""

    def get(self, user_id: str, run_id: str) -> tuple[Run, Mark] | None:
        """A run with the mark of its goal, or None."""

    def of_person(self, user_id: str, limit: int, after: str | None = None) -> RunPage:
        """A page of a person's runs, newest first, in one request."""

    def save(self, before: Run | None, after: Run) -> Write:
        """The write ``run``: new, or under the condition that it is still as it was read."""


@dataclass(frozen=True, slots=True)
class Segment:
    """How far a segment of a day's sweep has come."""

    number: int
    cursor: str | None = None
    """The last person who was looked at; None at the beginning."""
    done: bool = False
    looked_at: int = 0
    asked: int = 0
    """How many messages were sent."""
    touched_at: datetime | None = None


class Sweeps(Protocol):
    """Sweeps by business day."""

    def begin(self, day: date, at: datetime) -> datetime:
        """When the day's sweep began: now, or before."""

    def segments(self, day: date) -> dict[int, Segment]:
        """Those of which something is known, by number, in one request."""

    def segment(self, day: date, number: int) -> Segment:
        """One of them."""

    def keep(self, day: date, segment: Segment) -> None:
        """Write how far it has come. The last one wins: a page that is looked at twice asks for
        nothing that was not asked for before."""
