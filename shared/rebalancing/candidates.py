"""Whom a sweep looks at: out of the rows that the index of holders keeps of a person. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from shared.investing.rebalanced import Mark, MarkStatus, marks_of
from shared.platform import keys
from shared.platform.tables import Item
from shared.portfolio.holders import Holder
from shared.strategies.errors import NothingLeft
from shared.strategies.glide import Path
from shared.strategies.model import Strategy, Style
from shared.strategies.targets import Wish, target_of
from shared.users.model import KycStatus, UserStatus

ACTIVE_ACCOUNT = "ACTIVE"
_GENERAL_STYLE = Style.GROWTH


class Skip(StrEnum):
    """Why nothing is asked for a person today."""

    NOTHING_HELD = "NOTHING_HELD"
    NOT_READY = "NOT_READY"
    """The person, their identity or their account may not trade, or there is no risk score."""
    HELD_BACK = "HELD_BACK"
    """Automatic trading of the person is stopped."""
    ORDERS_OPEN = "ORDERS_OPEN"
    RUN_OPEN = "RUN_OPEN"
    RESTING = "RESTING"
    """A run was stopped a few days ago."""
    NO_TARGET = "NO_TARGET"


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody whose portfolio is to be compared with its target. ``targets`` in basis points."""

    holder: Holder
    targets: Mapping[str, int]
    last: date | None
    """When the last run was completed."""


@dataclass(frozen=True, slots=True)
class Continues:
    """Somebody whose run goes on today."""

    user_id: str
    run_id: str


class Targets:
    """What to aim for, made once for all who wish the same."""

    def __init__(self, strategies: Mapping[str, Strategy], today: date) -> None:
        self._strategies = strategies
        self._today = today
        self._known: dict[Wish, Mapping[str, int] | None] = {}

    def of(self, wish: Wish) -> Mapping[str, int] | None:
        """Weights in basis points; None when there are none."""
        if wish not in self._known:
            self._known[wish] = self._made(wish)
        return self._known[wish]

    def _made(self, wish: Wish) -> Mapping[str, int] | None:
        try:
            found = target_of(wish, self._strategies, self._today)
        except NothingLeft:
            return None
        return None if found is None else found.weights


def looked_at(holder: Holder, targets: Targets, today: date) -> Candidate | Continues | Skip:
    """What is to be done for a person; KeyError or ValueError when a row is not as it should be."""
    if not holder.positions:
        return Skip.NOTHING_HELD
    rows = {item.sk: item for item in holder.items}
    if keys.TRADING_HOLD in rows:
        return Skip.HELD_BACK
    profile = rows.get(keys.PROFILE)
    score = None if profile is None else _ready(profile)
    if score is None:
        return Skip.NOT_READY
    mark = marks_of(holder.items).get("", Mark(holder.user_id))
    if holder.open_orders:
        return Skip.ORDERS_OPEN
    if mark.status is not MarkStatus.IDLE:
        settled = mark.status is MarkStatus.SETTLING and (mark.until or today) <= today
        return Continues(holder.user_id, mark.run_id) if settled else Skip.RUN_OPEN
    if mark.until is not None and today < mark.until:
        return Skip.RESTING
    weights = targets.of(_wish(holder.user_id, score, rows))
    if weights is None:
        return Skip.NO_TARGET
    return Candidate(holder, weights, mark.completed_on)


def _ready(profile: Item) -> int | None:
    """The risk score of somebody who may trade."""
    row = profile.attributes
    ready = (
        row["status"]["S"] == UserStatus.ACTIVE.value
        and row["kyc_status"]["S"] == KycStatus.APPROVED.value
        and row.get("broker_status", {}).get("S") == ACTIVE_ACCOUNT
        and "N" in row.get("risk_score", {})
    )
    return int(row["risk_score"]["N"]) if ready else None


def _wish(user_id: str, score: int, rows: Mapping[str, Item]) -> Wish:
    """As the goal's row says, where the person changed it: it has the moment of the person."""
    excluded = rows.get(keys.EXCLUDED)
    symbols = "" if excluded is None else str(excluded.attributes["symbols"]["S"])
    without = frozenset(filter(None, symbols.split(",")))
    goal = rows.get(keys.goal(user_id))
    if goal is None:
        return Wish(score, _GENERAL_STYLE, excluded=without)
    row = goal.attributes
    lower = int(row["score"]["N"]) if "N" in row.get("score", {}) else score
    until = row.get("until", {}).get("S")
    return Wish(
        score=min(score, lower),
        style=Style(row["style"]["S"]),
        until=None if until is None else date.fromisoformat(until),
        path=Path(row["path"]["S"]),
        excluded=without,
    )
