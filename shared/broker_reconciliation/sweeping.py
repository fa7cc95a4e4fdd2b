"""The reconciliation of a day: all accounts, a segment at a time, and then its report."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Protocol

from shared.broker_reconciliation.model import DayReport, Looked, Outcome, Segment
from shared.broker_reconciliation.ports import Days
from shared.broker_reconciliation.report import GENESIS, Report, made
from shared.broker_reconciliation.service import Looking
from shared.kernel.clock import Clock
from shared.kernel.errors import TemporarilyUnavailable
from shared.market_data.calendar import OutsideCalendar, close_of, last_closed
from shared.platform.indexes import SEGMENTS
from shared.platform.observability import logger, metric
from shared.platform.work import ConditionFailed, UnitOfWork
from shared.portfolio.holders import Holder
from shared.portfolio.ports import Holders
from shared.reconciliation.ports import Archive, Signer

AFTER_CLOSE = timedelta(minutes=45)
"""So long after the bell a day is reconciled: executions and journals of the day are told."""
IDLE = timedelta(minutes=10)
"""A segment that nobody has touched for so long is begun, or gone on with, by the next tick."""
KEPT_EVERY = 20
"""Accounts between two notes of how far a segment has come: a crash repeats no more looks."""
SILENT = 5
"""So many accounts in a row that cannot be read: the broker is not asked on for a while."""
SILENT_SECONDS = 60
LATE_AFTER = timedelta(hours=2)
"""So long after its last account was looked at a report does not wait for open ones any more."""
MISSING_AFTER = timedelta(hours=12)
"""So long after the bell a report that is not there rings."""
AGAIN_AT_ONCE = 200
"""Accounts that a tick has looked at again, at most."""
CHAIN = 4
"""Later looks at an account by its own chain, the last one after a minute; then the tick asks."""
OURS, ROWS, NO_ACCOUNT = "OURS", "ROWS", "NO_ACCOUNT"
"""Why nothing is known of an account, where it is not its broker: an error of our own, rows that
cannot be read, shares without an account."""
_SERVICE = "reconcile_broker"
_ENDED = frozenset({Outcome.AGREES, Outcome.ACCEPTED})


class Asked(Protocol):
    """What a reconciliation asks for by messages."""

    def segment(self, day: date, number: int, delay_seconds: int = 0) -> None:
        """A segment is to be walked."""

    def account(self, day: date, user_id: str, attempt: int | None) -> None:
        """An account is to be looked at again, later the more often that was asked; ``attempt``
        None once and now."""


@dataclass(frozen=True, slots=True)
class Sweep:
    """The use case behind the schedule's tick and the messages of segments and accounts."""

    holders: Holders
    days: Days
    looking: Looking
    asked: Asked
    market_now: Callable[[], datetime | None]
    """The market's time; None while it is not known."""
    archive: Archive
    signer: Signer
    facts: UnitOfWork
    clock: Clock
    half_gone: Callable[[], bool]
    """Whether it is time to stop and go on with another message."""

    def tick(self) -> int:
        """Ask for those segments of the newest day that nobody is at, and for another look at
        what did not agree; how many messages. When all is done the report is made."""
        day = self._day()
        if day is None:
            metric("BrokerReconciliationWaits")
            return 0
        known, now = self.days.segments(day), self.clock.now()
        waiting = [
            number for number in range(SEGMENTS) if number not in known or _left(known[number], now)
        ]
        for number in waiting:
            self.asked.segment(day, number)
        sent = len(waiting) + self._again(day)
        if len(known) == SEGMENTS and all(one.done for one in known.values()):
            self._report(day, list(known.values()), now)
        elif self._late(day):
            logger(_SERVICE).error("a report is missing", extra={"day": day.isoformat()})
            metric("BrokerReportMissing")
        return sent

    def walk(self, day: date, number: int) -> Segment:
        """A segment from where it was left, as far as the time of one call reaches. When another
        one walks it too, one of them stops."""
        segment = self.days.segment(day, number)
        if segment.done:
            return segment
        # Whoever was here before may have noted accounts behind the place that was kept: so the
        # first ones are noted and not summed, which may be repeated.
        noted = KEPT_EVERY if segment.touched_at is not None else 0
        walk = _Walk(self.days.keep(day, segment), noted)
        try:
            while not walk.segment.done:
                if not self._page(day, walk):
                    self.asked.segment(day, number, SILENT_SECONDS if walk.stuck else 0)
                    break
        except ConditionFailed:
            metric("BrokerSegmentTwice")
        return walk.segment

    def _page(self, day: date, walk: "_Walk") -> bool:
        """A page of people; False when it is time to stop within it."""
        page = self.holders.page(walk.segment.number, walk.segment.cursor)
        for user_id in page.unreadable:
            self.days.note(day, self._unread(user_id, "", ROWS))
            metric("BrokerAccountUnreadable")
        now = self.market_now()
        for holder in page.holders:
            looked = self._looked(day, holder, now)
            if looked is not None and looked.outcome is Outcome.AGREES and walk.noted > 0:
                self.days.note(day, looked)
                looked = None
            walk.passed(holder.user_id, looked)
            stops = walk.stuck or self.half_gone()
            if stops or walk.unkept >= KEPT_EVERY:
                walk.kept(self.days.keep(day, walk.segment))
            if stops:
                return False
        done = page.after is None
        cursor = page.after or walk.segment.cursor
        walk.kept(self.days.keep(day, replace(walk.segment, cursor=cursor, done=done)))
        return True

    def account(self, day: date, user_id: str, attempt: int | None) -> Outcome:
        """Look at one account again; what is still open is looked at once more later, as long as
        the chain goes: looks of the tick (``attempt`` None) begin none."""
        now = self.market_now()
        if now is None:
            return Outcome.UNREAD
        looked = self._safely(user_id, None, now)
        # Also of what cannot be read: others are looked at before it is its turn again.
        self.days.note(day, looked)
        waits = looked.outcome in (Outcome.UNDER_WAY, Outcome.UNREAD)
        if waits and attempt is not None and attempt + 1 < CHAIN:
            self.asked.account(day, user_id, attempt + 1)
        return looked.outcome

    def _looked(self, day: date, holder: Holder, now: datetime | None) -> Looked | None:
        """What was found; None for people who have no account and nothing in it."""
        if holder.account_id is None:
            if not holder.positions:
                return None
            looked = self._unread(holder.user_id, "", NO_ACCOUNT)
        elif now is None:
            looked = Looked(holder.user_id, holder.account_id, Outcome.UNREAD)
        else:
            looked = self._safely(holder.user_id, holder.account_id, now)
        if looked.outcome is not Outcome.AGREES:
            self.days.note(day, looked)
        if looked.outcome in (Outcome.UNDER_WAY, Outcome.UNREAD):
            self.asked.account(day, holder.user_id, 0)
        return looked

    def _safely(self, user_id: str, account_id: str | None, now: datetime) -> Looked:
        """A look that fails in a way of its own is one that found nothing out: it neither keeps
        the others waiting, nor is it a dead letter each time that the tick asks for it. The
        account is looked up where it is not given."""
        try:
            known = account_id or self.looking.accounts.account_of(user_id)
            if known is None:
                return self._unread(user_id, "", NO_ACCOUNT)
            return self.looking.look(user_id, known, now)
        except TemporarilyUnavailable:
            # Others kept writing what it reads: the next look is soon.
            return Looked(user_id, account_id or "", Outcome.UNREAD)
        except Exception as error:  # noqa: BLE001 - one account never keeps it from the others
            self._failed(user_id, error)
            return self._unread(user_id, account_id or "", OURS)

    def _unread(self, user_id: str, account_id: str, why: str) -> Looked:
        """With its age, so that somebody has to look at it in the end, whoever's error it is."""
        try:
            return self.looking.unread(user_id, account_id, why)
        except Exception as error:  # noqa: BLE001 - what is remembered of it cannot be read either
            self._failed(user_id, error)
            return Looked(user_id, account_id, Outcome.UNREAD)

    def _failed(self, user_id: str, error: Exception) -> None:
        told = {"user_id": user_id, "error": type(error).__name__}
        logger(_SERVICE).error("not looked at", extra=told)
        metric("BrokerAccountFailed")

    def _late(self, day: date) -> bool:
        """Whether its report should have been there long ago."""
        now, closed = self.market_now(), close_of(day)
        return now is not None and closed is not None and now - closed > MISSING_AFTER

    def _again(self, day: date) -> int:
        """Whether it is repaired is found within the hour, and not a day later. Where there are
        more, those whose last look is the longest ago come first: everybody has a turn."""
        still = [one for one in self.days.noted(day) if one.outcome not in _ENDED]
        still.sort(key=lambda one: (one.noted_at is not None, one.noted_at, one.user_id))
        for one in still[:AGAIN_AT_ONCE]:
            self.asked.account(day, one.user_id, None)
        return min(len(still), AGAIN_AT_ONCE)

    def _report(self, day: date, segments: list[Segment], now: datetime) -> DayReport | None:
        if self.days.report(day) is not None:
            return None
        noted = self.days.noted(day)
        latest = max((one.touched_at for one in segments if one.touched_at), default=now)
        moving = any(one.outcome in (Outcome.UNDER_WAY, Outcome.UNREAD) for one in noted)
        if moving and now - latest < LATE_AFTER:
            return None
        before = self.days.last_report(day)
        report = made(day, segments, noted, GENESIS if before is None else before.hash)
        return self._kept(report, now)

    def _kept(self, report: Report, now: datetime) -> DayReport:
        """The archive first: a row never names what is not there."""
        content, hashed = report.canonical(), report.hash
        place = f"BROKERS/ACCOUNTS/{report.day.isoformat()}/{hashed}.json"
        self.archive.keep(place, content)
        stored = DayReport(
            day=report.day,
            hash=hashed,
            place=place,
            signature=self.signer.sign(bytes.fromhex(hashed)),
            made_at=now,
            agreed=report.counts.get(Outcome.AGREES, 0),
            under_way=report.counts.get(Outcome.UNDER_WAY, 0),
            differs=report.counts.get(Outcome.DIFFERS, 0),
            accepted=report.counts.get(Outcome.ACCEPTED, 0),
            unread=report.counts.get(Outcome.UNREAD, 0),
            ours_minor=report.totals.ours_minor,
            theirs_minor=report.totals.theirs_minor,
        )
        try:
            self.facts.commit([self.days.add_report(stored)])
        except ConditionFailed:
            # Another tick made it a moment before.
            return self.days.report(report.day) or stored
        logger(_SERVICE).info("reconciled", extra={"day": report.day.isoformat()})
        metric("BrokerReportMade")
        return stored

    def _day(self) -> date | None:
        now = self.market_now()
        try:
            return None if now is None else last_closed(now - AFTER_CLOSE).day
        except OutsideCalendar:
            return None


@dataclass(slots=True)
class _Walk:
    """A walk along a segment."""

    segment: Segment
    noted: int
    """So many accounts are still noted one by one."""
    silent: int = 0
    """So many in a row could not be read."""
    unkept: int = 0

    @property
    def stuck(self) -> bool:
        """Whether the broker seems not to speak at all."""
        return self.silent >= SILENT

    def passed(self, user_id: str, looked: Looked | None) -> None:
        """One person further."""
        unread = looked is not None and looked.outcome is Outcome.UNREAD
        self.silent = self.silent + 1 if unread else 0
        self.noted -= 1
        self.unkept += 1
        if looked is not None and looked.outcome is Outcome.AGREES:
            self.segment = self.segment.plus(looked)
        self.segment = replace(self.segment, cursor=user_id)

    def kept(self, segment: Segment) -> None:
        """It is written down how far it has come."""
        self.segment, self.unkept = segment, 0


def _left(segment: Segment, now: datetime) -> bool:
    touched = segment.touched_at
    return not segment.done and (touched is None or now - touched >= IDLE)
