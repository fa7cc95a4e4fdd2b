"""What a sweep tells: messages to planning and to runs, numbers, and cases for staff."""

from collections.abc import Callable
from datetime import date, datetime

from shared.cases.model import CaseKind, new_case
from shared.cases.ports import Cases
from shared.platform.observability import logger, metric
from shared.platform.queues import CheckMessage, Queue
from shared.platform.work import UnitOfWork

SEGMENT = "sweep_segment"


class Messages:
    """See Told."""

    def __init__(
        self,
        planning: Queue,
        rebalances: Queue,
        own: Queue,
        cases: Cases,
        facts: UnitOfWork,
        now: Callable[[], datetime],
    ) -> None:
        self._planning = planning
        self._rebalances = rebalances
        self._own = own
        self._cases = cases
        self._facts = facts
        self._now = now

    def rebalance(self, user_id: str, goal_id: str, run_id: str) -> None:
        """See Told."""
        subject = {"user_id": user_id, "cause": "REBALANCE", "cause_id": run_id}
        named = {"goal_id": goal_id} if goal_id else {}
        self._planning.send(CheckMessage("planning", subject | named))

    def go_on(self, user_id: str, goal_id: str) -> None:
        """See Told."""
        self._rebalances.send(CheckMessage("rebalance", {"user_id": user_id, "goal_id": goal_id}))

    def segment(self, day: date, number: int) -> None:
        """See Told."""
        subject = {"day": day.isoformat(), "number": str(number)}
        self._own.send(CheckMessage(SEGMENT, subject))

    def unreadable(self, user_id: str) -> None:
        """See Told. The same person is one case, however many days find it so."""
        metric("SweepUnreadable")
        logger("sweep_portfolios").error("rows are unreadable", extra={"user_id": user_id})
        case = new_case(CaseKind.HOLDINGS_UNREADABLE, user_id, self._now(), user_id=user_id)
        self._facts.commit([self._cases.open(case)])

    def counted(self, name: str, count: int, **dimensions: str) -> None:
        """See Told."""
        if count:
            metric(name, count, **dimensions)
