"""Actions, runs, holders and owners over the tables."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta

from shared.corporate_actions.model import PersonAction, Run
from shared.corporate_actions.ports import Announced, HolderPage, Runs, Situation
from shared.corporate_actions.rows import (
    RUNS,
    ActionRow,
    ActivityRow,
    RunRow,
    action_from,
    action_key,
    action_row,
    activity_key,
    run_from,
    run_place,
    run_row,
)
from shared.investing.plan import plan_id
from shared.investing.store import plan_key
from shared.kyc.rows import ClaimRow
from shared.ledger.model import Wallet
from shared.ledger.store import wallet_from, wallet_key
from shared.market_data.announcements import Announcement
from shared.platform import keys
from shared.platform.indexes import SEGMENTS
from shared.platform.tables import Database, Put, Table
from shared.platform.work import Write
from shared.portfolio.model import BASE, Position
from shared.portfolio.store import position_from, position_key

CORRECTED_BY = timedelta(days=180)
"""A day that a source corrects was at most so much earlier: announcements are read 90 days back
and ahead."""


class ActionStore:
    """See Actions and Runs."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def load(
        self,
        user_id: str,
        symbol: str,
        action_ids: Sequence[str],
        *,
        activity_id: str = "",
        becomes: str = "",
    ) -> Situation:
        """See Actions."""
        wallet, held = wallet_key(user_id, BASE), position_key(user_id, symbol)
        other = position_key(user_id, becomes) if becomes and becomes != symbol else None
        line = activity_key(activity_id) if activity_id else None
        rows = [action_key(user_id, each) for each in action_ids]
        found = self._database.get_many(
            [wallet, held, *rows, *(each for each in (other, line) if each is not None)]
        )
        actions = [action_from(found[key]) for key in rows if key in found]
        second = None
        if other is not None:
            there = other in found
            second = position_from(found[other]) if there else Position(user_id, becomes)
        return Situation(
            wallet=wallet_from(found[wallet]) if wallet in found else Wallet(user_id, BASE),
            position=position_from(found[held]) if held in found else Position(user_id, symbol),
            other=second,
            actions={each.action_id: each for each in actions},
            booked=line in found,
        )

    def planned(self, user_id: str, action_id: str) -> tuple[PersonAction | None, bool]:
        """See Actions."""
        action, plan = action_key(user_id, action_id), plan_key(user_id, plan_id(action_id))
        found = self._database.get_many([action, plan])
        return (action_from(found[action]) if action in found else None), plan in found

    def save(self, action: PersonAction) -> Write:
        """See Actions."""
        row = action_row(action)
        if action.version == 0:
            return Put.new("action", row)
        return Put("action", row, ActionRow.version == action.version)

    def booked(self, activity_id: str, action_id: str) -> Write:
        """See Actions."""
        key = activity_key(activity_id)
        return Put.new("activity", ActivityRow(pk=key.pk, sk=key.sk, action_id=action_id))


class RunStore:
    """See Runs."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def recent(self, since: date) -> Mapping[str, Run]:
        """See Runs."""
        page = self._database.query(Table.CORE, RUNS, since.isoformat(), "~")
        return {run.announcement_id: run for run in map(run_from, page.items)}

    def newest(self, limit: int, after: str | None = None) -> tuple[tuple[Run, ...], str | None]:
        """The newest by the day of their effect, and where to go on."""
        page = self._database.query(
            Table.CORE, RUNS, "0", "~", newest_first=True, limit=limit, after=after
        )
        return tuple(map(run_from, page.items)), page.after

    def get(self, effective: date, announcement_id: str) -> Run | None:
        """See Runs."""
        place = run_place(effective, announcement_id)
        page = self._database.query(Table.CORE, RUNS, place, place)
        return next(map(run_from, page.items), None)

    def save(self, run: Run) -> Write:
        """See Runs."""
        row = run_row(run)
        return (
            Put.new("run", row)
            if run.version == 0
            else Put("run", row, RunRow.version == run.version)
        )


class BegunAnnouncements:
    """See Announced: what has begun keeps the day on which it did, whatever its source corrects
    that to afterwards, and its name, when its source gives the same action another one. Both are in
    the names of people's actions: under others they would be split, or have their dividend, a
    second time."""

    def __init__(self, stated: Announced, runs: Runs) -> None:
        self._stated = stated
        self._runs = runs

    def announcements(self, symbol: str) -> list[Announcement]:
        """See Announced; one request more where anything is announced."""
        stated = self._stated.announcements(symbol)
        if not stated:
            return []
        begun = self._runs.recent(min(one.effective for one in stated) - CORRECTED_BY)
        kept = [
            replace(one, effective=begun[one.id].effective) if one.id in begun else one
            for one in _once(stated, begun)
        ]
        return sorted(kept, key=lambda one: (one.effective, one.id))


def _once(stated: Sequence[Announcement], begun: Mapping[str, Run]) -> list[Announcement]:
    """Each action under one name, while another one that says the same is there, or is left."""
    same: dict[object, list[Announcement]] = {}
    for one in stated:
        terms = (one.cash, one.old_rate, one.new_rate, one.new_symbol, one.special)
        same.setdefault((one.kind, one.effective, *terms), []).append(one)
    found = []
    for group in same.values():
        said = min(group, key=lambda one: (one.withdrawn, one.id))
        name = min((one.id for one in group if one.id in begun), default=said.id)
        found.append(replace(said, id=name))
    return found


class IndexedHolders:
    """See Holders: the index of holders, in its own segments."""

    segments = SEGMENTS

    def __init__(self, database: Database) -> None:
        self._database = database

    def of(self, symbol: str, segment: int, after: str | None) -> HolderPage:
        """See Holders."""
        walked = self._database.segment(segment, keys.user(after) if after else None)
        place = keys.position(symbol)
        found = (keys.owner_of(item.pk) for item in walked.items if item.sk == place)
        return HolderPage(tuple(found), keys.owner_of(walked.after) if walked.after else None)


class ClaimedAccounts:
    """See Owners: whoever's account was opened claimed its number."""

    def __init__(self, database: Database, broker: str) -> None:
        self._database = database
        self._broker = broker

    def owner_of(self, account_id: str) -> str | None:
        """See Owners."""
        row = self._database.get(ClaimRow, f"EXT#{self._broker}#{account_id}", "EXT")
        return None if row is None else str(row.user_id)
