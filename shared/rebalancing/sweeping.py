"""The sweep of a trading day: everybody who holds something is looked at, a segment at a time.

A page of people costs three requests. Where nothing is to be done that is all that they cost.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Protocol

from shared.investing.inputs import Rules
from shared.kernel.clock import Clock
from shared.platform.indexes import SEGMENTS
from shared.portfolio.holders import Holder
from shared.portfolio.ports import Holders
from shared.rebalancing.candidates import Candidate, Continues, Skip, Targets, looked_at
from shared.rebalancing.market import Market
from shared.rebalancing.model import run_id_of
from shared.rebalancing.ports import Segment, Sweeps

if TYPE_CHECKING:
    from shared.rebalancing.judging import Judged

IDLE = timedelta(minutes=10)
"""A segment that nobody has touched for so long is begun, or gone on with, by the next tick."""
PAGES = 40
"""Pages of one message; then the segment goes on with another one."""


class Told(Protocol):
    """What a sweep tells others."""

    def rebalance(self, user_id: str, goal_id: str, run_id: str) -> None:
        """A goal of somebody, empty for the general one, is to be planned."""

    def go_on(self, user_id: str, goal_id: str) -> None:
        """The run of a goal of somebody has what it waited for."""

    def segment(self, day: date, number: int) -> None:
        """A segment is to be walked."""

    def unreadable(self, user_id: str) -> None:
        """Somebody's rows are not as they should be; nothing is done for them."""

    def counted(self, name: str, count: int, **dimensions: str) -> None:
        """A number of the sweep."""


class Sweep:
    """Walks the segments of a day's sweep; whoever crashes is followed by another one."""

    def __init__(
        self,
        holders: Holders,
        sweeps: Sweeps,
        market: Callable[[Iterable[str]], Market],
        told: Told,
        clock: Clock,
        rules: Rules,
    ) -> None:
        self._holders = holders
        self._sweeps = sweeps
        self._market = market
        self._told = told
        self._clock = clock
        self._rules = rules

    def tick(self) -> int:
        """Once in a while: send out those segments of today that nobody is at; how many.

        A second start of the same day's sweep finds nothing left to be sent.
        """
        day = self._open(self._market(())).day
        if day is None:
            return 0
        now = self._clock.now()
        known = self._sweeps.segments(day)
        waiting = [
            number for number in range(SEGMENTS) if number not in known or _left(known[number], now)
        ]
        self._sweeps.begin(day, now)
        for number in waiting:
            self._told.segment(day, number)
        self._told.counted("SweepSegmentsLeft", sum(not one.done for one in known.values()))
        return len(waiting)

    def walk(self, day: date, number: int) -> Segment:
        """A segment from where it was left, some pages of it; nothing where it is done. While the
        market is closed, or its prices are old, it waits for the next tick."""
        segment = self._sweeps.segment(day, number)
        began = self._sweeps.begin(day, self._clock.now())
        for _ in range(PAGES):
            if segment.done:
                return segment
            after = self._page(day, began, segment)
            if after is None:
                return segment
            segment = after
        if not segment.done:
            self._told.segment(day, number)
        return segment

    def _open(self, market: Market) -> Market:
        if market.day is None:
            self._told.counted("SweepWaits", 1, reason=market.waits_for)
        return market

    def _page(self, day: date, began: datetime, segment: Segment) -> Segment | None:
        """One page: it is kept after its messages were sent, so that a crash sends them again."""
        page = self._holders.page(segment.number, segment.cursor)
        held = {symbol for holder in page.holders for symbol in holder.positions}
        market = self._open(self._market(held))
        if market.day != day:
            return None
        asked = self._ask(page.holders, market, day, began)
        for user_id in page.unreadable:
            self._told.unreadable(user_id)
        after = replace(
            segment,
            cursor=page.after,
            done=page.after is None,
            looked_at=segment.looked_at + len(page.holders) + len(page.unreadable),
            asked=segment.asked + asked,
        )
        self._sweeps.keep(day, after)
        return after

    def _ask(self, holders: Iterable[Holder], market: Market, day: date, began: datetime) -> int:
        # Arrays are loaded by those who compute with them, and not by ticks of a closed market.
        from shared.rebalancing.judging import judged

        sorted_out = self._sorted_out(holders, market, day)
        found = judged(sorted_out.candidates, market.prices, self._rules, day)
        for one in found.asked:
            run_id = run_id_of(one.user_id, one.goal_id, began, day)
            self._told.rebalance(one.user_id, one.goal_id, run_id)
        for run in sorted_out.continues:
            self._told.go_on(run.user_id, run.goal_id)
        self._count(sorted_out, found)
        return len(found.asked) + len(sorted_out.continues)

    def _sorted_out(self, holders: Iterable[Holder], market: Market, day: date) -> "_SortedOut":
        targets, made = Targets(market.strategies, day), _SortedOut()
        for holder in holders:
            try:
                found = list(looked_at(holder, targets, day))
            except (ArithmeticError, KeyError, TypeError, ValueError):
                # One person's bad row does not keep the sweep from the others.
                self._told.unreadable(holder.user_id)
                continue
            for one in found:
                made.add(one)
        return made

    def _count(self, sorted_out: "_SortedOut", found: "Judged") -> None:
        self._told.counted("SweepCompared", len(sorted_out.candidates))
        self._told.counted("SweepDue", found.due)
        self._told.counted("SweepAsked", len(found.asked) + len(sorted_out.continues))
        self._told.counted("SweepTurnoverMinor", found.turnover_minor)
        self._told.counted("SweepUnpriced", len(found.unpriced))
        for reason, count in sorted(sorted_out.skipped.items()):
            self._told.counted("SweepSkipped", count, reason=reason.value)


@dataclass(slots=True)
class _SortedOut:
    candidates: list[Candidate] = field(default_factory=list)
    continues: list[Continues] = field(default_factory=list)
    skipped: Counter[Skip] = field(default_factory=Counter)

    def add(self, found: Candidate | Continues | Skip) -> None:
        """One goal of somebody, or why there is nothing to be done for any."""
        match found:
            case Candidate():
                self.candidates.append(found)
            case Continues():
                self.continues.append(found)
            case Skip():
                self.skipped[found] += 1


def _left(segment: Segment, now: datetime) -> bool:
    touched = segment.touched_at
    return not segment.done and (touched is None or now - touched >= IDLE)
