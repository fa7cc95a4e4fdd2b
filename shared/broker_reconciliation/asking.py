"""What a reconciliation asks for, as messages on its own queue."""

from datetime import date

from shared.platform.queues import CheckMessage, Checks, Queue

TICK, SEGMENT, ACCOUNT = "broker_reconciliation", "broker_segment", "broker_account"


class QueueAsked:
    """See Asked."""

    def __init__(self, queue: Queue) -> None:
        self._queue = queue

    def segment(self, day: date, number: int, delay_seconds: int = 0) -> None:
        """See Asked."""
        subject = {"day": day.isoformat(), "segment": str(number)}
        self._queue.send(CheckMessage(SEGMENT, subject), delay_seconds)

    def account(self, day: date, user_id: str, attempt: int | None) -> None:
        """See Asked."""
        subject = {"day": day.isoformat(), "user_id": user_id}
        if attempt is None:
            self._queue.send(CheckMessage(ACCOUNT, subject))
            return
        Checks(self._queue).schedule(ACCOUNT, {**subject, "chain": "yes"}, attempt)
