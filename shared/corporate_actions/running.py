"""The run of an announcement over all who hold the symbol: resumable after any crash."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from shared.cases.model import CaseKind, case_id_of, new_case
from shared.cases.ports import Cases
from shared.corporate_actions.declaring import Declaring, Outcome, begins, trades
from shared.corporate_actions.model import (
    BY_PEOPLE,
    CHANGING,
    DIVIDENDS,
    SPLITS,
    Run,
    RunStatus,
)
from shared.corporate_actions.ports import Announced, Holders, Market, Repricing, Restrictions, Runs
from shared.corporate_actions.splits import ratio_of
from shared.kernel.clock import Clock
from shared.market_data.announcements import ActionKind, Announcement
from shared.platform.observability import logger, metric
from shared.platform.work import ConditionFailed, UnitOfWork, Write

LOOKED_BACK = timedelta(days=14)
"""What was announced so much too late is booked by people."""
GOES_ON = timedelta(days=180)
"""A run that began goes on for so long, at each tick, until everybody is booked."""
STUCK_AFTER = timedelta(days=1)
UNDECIDED = "NEEDS_PERSON"
NOT_FOR_ALL = "NOT_BOOKED_FOR_ALL"
TAKEN_BACK = "WITHDRAWN_AFTER_ITS_BEGIN"
"""Some, or all, have the shares of an action that is announced no more."""
ENDED_BY = "corporate-actions"


@dataclass(frozen=True, slots=True)
class Runner:
    """Begins runs, and takes them one page further."""

    runs: Runs
    announced: Announced
    holders: Holders
    declaring: Declaring
    restrictions: Restrictions
    prices: Repricing
    cases: Cases
    market: Market
    facts: UnitOfWork
    clock: Clock
    hurried: Callable[[], bool]
    """Whether the time of this call is nearly over."""

    def due(self, symbols: Sequence[str]) -> list[Run]:
        """The runs that have to go on; those of announcements that take effect now begin.

        Nothing while the market's time is not known.
        """
        now = self.market.business_now()
        if now is None:
            return []
        since = now.date() - LOOKED_BACK
        known = self.runs.recent(now.date() - GOES_ON)
        going = []
        for symbol in symbols:
            for one in self.announced.announcements(symbol):
                run = known.get(one.id)
                if run is None and one.effective >= since and now >= begins(one.effective):
                    run = None if one.withdrawn else self._begin(one)
                if run is None:
                    continue
                if one.withdrawn and run.status is RunStatus.DONE and run.kind not in DIVIDENDS:
                    self._taken_back(run)
                if run.status is RunStatus.RUNNING:
                    going.append(run)
        return going

    def _begin(self, one: Announcement) -> Run | None:
        by_people = one.kind in BY_PEOPLE or not _readable(one)
        if one.kind not in DIVIDENDS:
            # Before the run is there: whatever dies in between begins again.
            self.restrictions.stop(one.symbol, UNDECIDED if by_people else CHANGING)
        run = Run(
            announcement_id=one.id,
            symbol=one.symbol,
            kind=one.kind,
            effective=one.effective,
            status=RunStatus.BY_PEOPLE if by_people else RunStatus.RUNNING,
            started_at=self.clock.now(),
        )
        writes = [self.runs.save(run)]
        if by_people:
            case = new_case(
                CaseKind.CORPORATE_ACTION,
                one.id,
                self.clock.now(),
                what=UNDECIDED,
                symbol=one.symbol,
                action=one.kind.value,
                effective=one.effective.isoformat(),
            )
            writes.append(self.cases.open(case))
        try:
            self.facts.commit(writes)
        except ConditionFailed:
            # Somebody else has begun it.
            return None
        return replace(run, version=1)

    def step(self, run: Run) -> Run:
        """One page of holders further; the run as it is then.

        Whoever cannot be booked does not keep the others waiting, and is tried again in the next
        round. A run that somebody else has taken further is left to them.
        """
        now, one = self.market.business_now(), self._announcement(run)
        if now is None or one is None or run.status is not RunStatus.RUNNING:
            return run
        if one.withdrawn:
            return self._taken_back(run)
        if run.segment >= self.holders.segments:
            return self._end(run, one, now)
        if run.kind not in DIVIDENDS and not (run.rounds or run.segment or run.after):
            # Another run of the symbol may have let it go before this one's row was there.
            self.restrictions.stop(run.symbol, CHANGING)
        page = self.holders.of(run.symbol, run.segment, run.after)
        booked = waiting = 0
        last: str | None = None
        for user_id in page.user_ids:
            if last is not None and self.hurried():
                break
            outcome = self._one(user_id, one, now)
            booked += outcome is Outcome.BOOKED
            waiting += outcome is Outcome.WAITING
            last = user_id
        whole = not page.user_ids or last == page.user_ids[-1]
        after = replace(run, booked=run.booked + booked, waiting=run.waiting + waiting)
        return self._kept(self._ahead(after, page.after if whole else last), now)

    def _end(self, run: Run, one: Announcement, now: datetime) -> Run:
        """Everybody is booked, and that is written down: now, and not before, orders may go on.
        Whoever dies in here comes here again."""
        if run.kind in SPLITS:
            self.prices.split(run.symbol, ratio_of(one), one.id, trades(one.effective))
        if not self._others(run, now):
            self.restrictions.release(run.symbol, CHANGING)
        return self._kept(self._done(run), now)

    def _others(self, run: Run, now: datetime) -> bool:
        """Whether another action is changing shares of the symbol: the last one lets it go."""
        return any(
            other.symbol == run.symbol
            and other.announcement_id != run.announcement_id
            and other.kind not in DIVIDENDS
            and other.status is RunStatus.RUNNING
            and other.segment < self.holders.segments
            for other in self.runs.recent(now.date() - GOES_ON).values()
        )

    def _taken_back(self, run: Run) -> Run:
        """It is announced no more. Claims on dividends end by themselves; who should give shares
        back, and who never had them, a person decides before anybody trades them."""
        if run.kind in DIVIDENDS:
            return self._commit(self._done(run))
        self.restrictions.stop(run.symbol, UNDECIDED)
        case = new_case(
            CaseKind.CORPORATE_ACTION,
            run.announcement_id,
            self.clock.now(),
            what=TAKEN_BACK,
            symbol=run.symbol,
            action=run.kind.value,
            effective=run.effective.isoformat(),
            booked=str(run.booked),
        )
        metric("CorporateActionTakenBack")
        after = replace(run, status=RunStatus.BY_PEOPLE, after=None)
        return self._commit(after, self.cases.open(case))

    def _one(self, user_id: str, one: Announcement, now: datetime) -> Outcome:
        try:
            return self.declaring.book(user_id, one, now)
        except Exception as error:  # noqa: BLE001 - one person's rows must not stop all others
            # The class names the failure; its text could name data.
            told = {"user_id": user_id, "action": one.id, "error": type(error).__name__}
            logger("corporate_actions").error("not booked", extra=told)
            metric("CorporateActionFailed", error=type(error).__name__)
            return Outcome.WAITING

    def _ahead(self, run: Run, after: str | None) -> Run:
        if after is not None:
            return replace(run, after=after)
        if run.segment + 1 < self.holders.segments:
            return replace(run, segment=run.segment + 1, after=None)
        if run.waiting:
            return replace(run, segment=0, after=None, rounds=run.rounds + 1)
        if run.kind not in DIVIDENDS:
            return replace(run, segment=self.holders.segments, after=None)
        return self._done(run)

    def _done(self, run: Run) -> Run:
        return replace(run, status=RunStatus.DONE, after=None, done_at=self.clock.now())

    def _kept(self, run: Run, now: datetime) -> Run:
        writes = list[Write]()
        began_again = run.segment == 0 and run.after is None and run.rounds
        if began_again:
            if now >= trades(run.effective):
                # Before that to wait for orders that end is as it is meant.
                metric("CorporateActionWaits", run.waiting, symbol=run.symbol)
            if now >= trades(run.effective) + STUCK_AFTER:
                case = new_case(
                    CaseKind.CORPORATE_ACTION,
                    run.announcement_id,
                    self.clock.now(),
                    what=NOT_FOR_ALL,
                    symbol=run.symbol,
                )
                writes.append(self.cases.open(case))
            run = replace(run, waiting=0)
        if run.status is RunStatus.DONE and run.rounds:
            about = case_id_of(CaseKind.CORPORATE_ACTION, run.announcement_id)
            note = "Everybody is booked."
            writes += self.cases.end(about, self.clock.now(), by=ENDED_BY, note=note)
        return self._commit(run, *writes)

    def _commit(self, run: Run, *writes: Write) -> Run:
        try:
            self.facts.commit([self.runs.save(run), *writes])
        except ConditionFailed:
            return replace(run, status=RunStatus.DONE)
        return replace(run, version=run.version + 1)

    def _announcement(self, run: Run) -> Announcement | None:
        found = self.announced.announcements(run.symbol)
        return next((one for one in found if one.id == run.announcement_id), None)


def round_over(run: Run) -> bool:
    """Whether the next page belongs to a new round, which has time until the next tick."""
    return run.status is not RunStatus.RUNNING or (
        run.segment == 0 and run.after is None and run.rounds > 0
    )


def _readable(one: Announcement) -> bool:
    """Whether it says what its kind needs."""
    if one.kind in DIVIDENDS:
        return one.cash is not None
    if one.kind is ActionKind.NAME_CHANGE:
        return one.new_symbol is not None
    return bool(one.old_rate and one.new_rate)
