"""What management fees tell: messages to themselves and to planning, numbers, and cases."""

from collections.abc import Callable
from datetime import date, datetime

from shared.cases.model import CaseKind, new_case
from shared.cases.ports import Cases
from shared.platform.observability import logger, metric
from shared.platform.queues import CheckMessage, Queue
from shared.platform.work import UnitOfWork

SEGMENT, PERSON = "fee_segment", "fee_month"


class Planning:
    """See Selling."""

    def __init__(self, queue: Queue) -> None:
        self._queue = queue

    def ask(self, user_id: str, cause_id: str, amount_minor: int) -> None:
        """See Selling."""
        subject = {"user_id": user_id, "cause": "FEE", "cause_id": cause_id}
        self._queue.send(CheckMessage("planning", subject | {"amount_minor": str(amount_minor)}))


class Messages:
    """See Told."""

    def __init__(
        self, own: Queue, cases: Cases, facts: UnitOfWork, now: Callable[[], datetime]
    ) -> None:
        self._own = own
        self._cases = cases
        self._facts = facts
        self._now = now

    def segment(self, last: date, number: int) -> None:
        """See Told."""
        subject = {"last": last.isoformat(), "number": str(number)}
        self._own.send(CheckMessage(SEGMENT, subject))

    def person(self, user_id: str, last: date) -> None:
        """See Told."""
        self._own.send(CheckMessage(PERSON, {"user_id": user_id, "last": last.isoformat()}))

    def unreadable(self, user_id: str) -> None:
        """See Told. The same person is one case, however many months find it so."""
        metric("FeesUnreadable")
        logger("accrue_fees").error("rows are unreadable", extra={"user_id": user_id})
        case = new_case(CaseKind.HOLDINGS_UNREADABLE, user_id, self._now(), user_id=user_id)
        self._facts.commit([self._cases.open(case)])

    def counted(self, name: str, count: int) -> None:
        """See Told."""
        if count:
            metric(name, count)
