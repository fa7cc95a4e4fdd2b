"""Rows of actions, runs and the broker's lines, both ways."""

from datetime import date, datetime
from typing import Any, ClassVar

from pynamodb.attributes import BooleanAttribute, UnicodeAttribute

from shared.corporate_actions.model import (
    ActionStatus,
    PersonAction,
    Run,
    RunStatus,
)
from shared.kernel.clock import from_text, to_text
from shared.kernel.ids import Kind
from shared.market_data.announcements import ActionKind
from shared.platform import keys
from shared.platform.indexes import pending_bucket
from shared.platform.tables import InstantAttribute, Item, Key, Row, Table, WholeAttribute

RUNS = "CORPORATE_ACTIONS"
ONCE = "ACTIVITY"
_AMOUNTS = (
    *("entitled_nanos", "after_nanos", "expected_minor", "rounded_minor", "paid_minor"),
    *("withheld_minor", "held_minor", "owed_minor"),
)


class ActionRow(Row):
    """A person's action, in their feed; ``pending`` and ``due`` while something is awaited."""

    KIND: ClassVar[str] = "corporate_action"

    announcement_id = UnicodeAttribute()
    type = UnicodeAttribute()
    symbol = UnicodeAttribute()
    effective = UnicodeAttribute()
    status = UnicodeAttribute()
    entitled_nanos = WholeAttribute(default=0)
    after_nanos = WholeAttribute(default=0)
    expected_minor = WholeAttribute(default=0)
    rounded_minor = WholeAttribute(default=0)
    paid_minor = WholeAttribute(default=0)
    withheld_minor = WholeAttribute(default=0)
    held_minor = WholeAttribute(default=0)
    owed_minor = WholeAttribute(default=0)
    payable = UnicodeAttribute(null=True)
    settled = UnicodeAttribute(null=True)
    planned = BooleanAttribute(default=False)
    at = InstantAttribute(null=True)
    version = WholeAttribute()
    pending = UnicodeAttribute(null=True)
    due = UnicodeAttribute(null=True)


class ActivityRow(Row):
    """A line of the broker that was booked: never again."""

    KIND: ClassVar[str] = "broker_activity"

    action_id = UnicodeAttribute()


class RunRow(Row):
    """A run; the sort key is ``<day>#<announcement>``."""

    KIND: ClassVar[str] = "corporate_action_run"

    symbol = UnicodeAttribute()
    type = UnicodeAttribute()
    status = UnicodeAttribute()
    started_at = InstantAttribute()
    at_segment = WholeAttribute(default=0)
    # ``segment`` is the name by which the index of holders finds people.
    after = UnicodeAttribute(null=True)
    booked = WholeAttribute(default=0)
    waiting = WholeAttribute(default=0)
    rounds = WholeAttribute(default=0)
    done_at = InstantAttribute(null=True)
    version = WholeAttribute()


def action_key(user_id: str, action_id: str) -> Key:
    """Where an action lies."""
    return Key(Table.CORE, keys.user(user_id), keys.feed(action_id, Kind.ACTION))


def activity_key(activity_id: str) -> Key:
    """Where it lies that a line was booked."""
    return Key(Table.CORE, f"EXT#BROKER_ACTIVITY#{activity_id}", ONCE)


def run_place(effective: date, announcement_id: str) -> str:
    """Sort key of a run."""
    return f"{effective.isoformat()}#{announcement_id}"


def action_from(item: Item) -> PersonAction:
    """An action out of an item that somebody else read."""
    row = item.to(ActionRow)
    cell = row.pk.removeprefix("USER#usr_").partition("_")[0]
    ulid = row.sk.removeprefix(keys.FEED).partition("#")[0]
    return PersonAction(
        action_id=f"{Kind.ACTION.value}_{cell}_{ulid}",
        user_id=row.pk.removeprefix("USER#"),
        announcement_id=row.announcement_id,
        kind=ActionKind(row.type),
        symbol=row.symbol,
        effective=date.fromisoformat(row.effective),
        status=ActionStatus(row.status),
        payable=_day(row.payable),
        settled=_day(row.settled),
        planned=bool(row.planned),
        at=row.at,
        due=None if row.due is None else from_text(row.due),
        version=int(row.version),
        entitled_nanos=int(row.entitled_nanos),
        after_nanos=int(row.after_nanos),
        expected_minor=int(row.expected_minor),
        rounded_minor=int(row.rounded_minor),
        paid_minor=int(row.paid_minor),
        withheld_minor=int(row.withheld_minor),
        held_minor=int(row.held_minor),
        owed_minor=int(row.owed_minor),
    )


def action_row(action: PersonAction) -> ActionRow:
    """An action as its row, one version on."""
    return ActionRow(
        pk=keys.user(action.user_id),
        sk=keys.feed(action.action_id, Kind.ACTION),
        announcement_id=action.announcement_id,
        type=action.kind.value,
        symbol=action.symbol,
        effective=action.effective.isoformat(),
        status=action.status.value,
        payable=_text(action.payable),
        settled=_text(action.settled),
        planned=action.planned,
        at=action.at,
        version=action.version + 1,
        **{name: getattr(action, name) for name in _AMOUNTS},
        **_awaited(action),
    )


def run_from(item: Item) -> Run:
    """A run out of its item."""
    row = item.to(RunRow)
    day, _, announcement_id = row.sk.partition("#")
    return Run(
        announcement_id=announcement_id,
        symbol=row.symbol,
        kind=ActionKind(row.type),
        effective=date.fromisoformat(day),
        status=RunStatus(row.status),
        started_at=row.started_at,
        segment=int(row.at_segment),
        after=row.after,
        booked=int(row.booked),
        waiting=int(row.waiting),
        rounds=int(row.rounds),
        done_at=row.done_at,
        version=int(row.version),
    )


def run_row(run: Run) -> RunRow:
    """A run as its row, one version on."""
    return RunRow(
        pk=RUNS,
        sk=run_place(run.effective, run.announcement_id),
        symbol=run.symbol,
        type=run.kind.value,
        status=run.status.value,
        started_at=run.started_at,
        at_segment=run.segment,
        after=run.after,
        booked=run.booked,
        waiting=run.waiting,
        rounds=run.rounds,
        done_at=run.done_at,
        version=run.version + 1,
    )


def _awaited(action: PersonAction) -> dict[str, Any]:
    due: datetime | None = action.due
    if due is None:
        return {}
    return {"pending": pending_bucket(action.action_id), "due": to_text(due)}


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


def _text(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
