"""Whose goals a sweep looks at: out of the rows that the index of holders keeps. Pure."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from shared.investing.rebalanced import Mark, MarkStatus, marks_of
from shared.kernel.ids import Kind, cell_of
from shared.ledger.goal_cash import general_cash, named_cash
from shared.platform import keys
from shared.platform.tables import Item
from shared.portfolio.holders import Holder
from shared.portfolio.lots import GENERAL
from shared.strategies.errors import NothingLeft
from shared.strategies.glide import Path
from shared.strategies.goal_store import GoalRow
from shared.strategies.goals import GoalStatus, tag_of
from shared.strategies.model import Strategy, Style
from shared.strategies.targets import Wish, target_of
from shared.users.model import KycStatus, UserStatus

ACTIVE_ACCOUNT = "ACTIVE"
_GENERAL_STYLE = Style.GROWTH


class Skip(StrEnum):
    """Why nothing is asked for a person, or for a goal of theirs, today."""

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
    """A goal whose part of a portfolio is to be compared with its target. Quantities in
    nano-shares, money in cents, targets in basis points."""

    user_id: str
    held: Mapping[str, int]
    available: int
    """Free cash, with what has not settled."""
    unsettled: int
    targets: Mapping[str, int]
    last: date | None = None
    """When the last run was completed."""
    goal_id: str = ""
    """Empty for the general one."""
    beside: frozenset[str] = frozenset()
    """Of what another goal holds a part: orders do not close these positions."""


@dataclass(frozen=True, slots=True)
class Continues:
    """A goal whose run goes on today."""

    user_id: str
    goal_id: str


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


@dataclass(frozen=True, slots=True)
class _Goal:
    """What the index knows of a goal; no ``row`` for a general one that is as it always was."""

    goal_id: str
    """Empty for the general one, as in marks and runs."""
    tag: str = GENERAL
    row: Item | None = None
    given_up: bool = False


def looked_at(
    holder: Holder, targets: Targets, today: date
) -> Iterator[Candidate | Continues | Skip]:
    """What is to be done for each goal for which a person saves, the general one first.

    KeyError or ValueError when a row is not as it should be.
    """
    rows = {item.sk: item for item in holder.items}
    profile = rows.get(keys.PROFILE)
    score = None if profile is None else _ready(profile)
    if not holder.positions:
        yield Skip.NOTHING_HELD
    elif keys.TRADING_HOLD in rows:
        yield Skip.HELD_BACK
    elif score is None:
        yield Skip.NOT_READY
    elif holder.open_orders:
        yield Skip.ORDERS_OPEN
    else:
        goals, marks = _goals(holder, rows), marks_of(holder.items)
        closes = (GENERAL, *(one.tag for one in goals if one.given_up))
        for goal in goals:
            if goal.given_up:
                continue
            mark = marks.get(goal.goal_id, Mark(holder.user_id, goal.goal_id))
            weights = targets.of(_wish(goal.row, score, rows))
            first = _first(mark, today)
            yield first or _part(holder, goal, closes, weights, mark.completed_on, today)


def _goals(holder: Holder, rows: Mapping[str, Item]) -> list[_Goal]:
    """The general one first."""
    user_id, own = holder.user_id, keys.goal(holder.user_id)
    found = [_Goal("", row=rows.get(own))]
    for place, row in rows.items():
        if row.kind == GoalRow.KIND and place != own:
            goal_id = f"{Kind.GOAL.value}_{cell_of(user_id)}_{place.removeprefix(keys.SAVING)}"
            over = GoalStatus(row.attributes["status"]["S"]) is not GoalStatus.ACTIVE
            found.append(_Goal(goal_id, tag_of(goal_id), row, over))
    return found


def _first(mark: Mark, today: date) -> Continues | Skip | None:
    """What the goal's last run says; None when it says nothing."""
    if mark.status is not MarkStatus.IDLE:
        settled = mark.status is MarkStatus.SETTLING and (mark.until or today) <= today
        return Continues(mark.user_id, mark.goal_id) if settled else Skip.RUN_OPEN
    return Skip.RESTING if mark.until is not None and today < mark.until else None


def _part(
    holder: Holder,
    goal: _Goal,
    closes: Collection[str],
    weights: Mapping[str, int] | None,
    last: date | None,
    today: date,
) -> Candidate | Skip:
    """The goal's part of the portfolio, as ``investing.parts`` gives it to the planner."""
    if weights is None:
        return Skip.NO_TARGET
    if goal.tag:
        held = _shares(holder, (goal.tag,))
        available, unsettled = named_cash(holder.wallet, goal.tag, today)
    else:
        held = _shares(holder, closes)
        available, unsettled = general_cash(holder.wallet, closes, today)
    if not held:
        # What was paid in for a goal and buys nothing yet is planned by its deposit.
        return Skip.NOTHING_HELD
    beside = {symbol for symbol, nanos in held.items() if nanos != holder.positions[symbol]}
    return Candidate(
        holder.user_id, held, available, unsettled, weights, last, goal.goal_id, frozenset(beside)
    )


def _shares(holder: Holder, tags: Collection[str]) -> Mapping[str, int]:
    """What is held under these tags, by symbol."""
    if GENERAL in tags and not holder.shares:
        return holder.positions
    found = {}
    for symbol, nanos in holder.positions.items():
        named = holder.shares.get(symbol, {})
        own = sum(each for tag, each in named.items() if tag in tags)
        if GENERAL in tags:
            own += nanos - sum(named.values())
        if own:
            found[symbol] = own
    return found


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


def _wish(goal: Item | None, score: int, rows: Mapping[str, Item]) -> Wish:
    """As the goal's row says, where there is one: other than the general ones all are there."""
    excluded = rows.get(keys.EXCLUDED)
    symbols = "" if excluded is None else str(excluded.attributes["symbols"]["S"])
    without = frozenset(filter(None, symbols.split(",")))
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
