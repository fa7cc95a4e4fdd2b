"""The end of a day: each gateway's listing is held against our books, by the platform's own worker
and read by a member of staff as they would."""

import subprocess
import sys
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from shared.kernel.clock import to_text
from shared.platform.queues import CheckMessage, encode
from shared.reconciliation.daily import CHECK
from tools.journey import operations as op
from tools.journey.client import wait_for
from tools.journey.person import Person
from tools.journey.reports import lines_of
from tools.stack.deployment import client
from tools.stack.places import CHECKOUT, Ports

BOOKS = ("STRIPE:USD", "ADYEN:USD", "MPESA:KES")
QUEUE = "reconciliation"
AGREE_WITHIN_S = 15
_REASON = "Reads the reports of the demonstration"


@dataclass
class Day:
    """Somebody of compliance, who is let in while the person's own day goes on."""

    endpoints: Mapping[str, Any]
    file: str
    """Where the endpoints stand, for the operators' tool."""
    ports: Ports
    officer: Person = field(init=False)
    _ready: Future[None] = field(init=False)

    def begin(self) -> None:
        """Make the member of staff beside everything else."""
        self.officer = Person.new(self.endpoints, "amina")
        pool = ThreadPoolExecutor(1)
        self._ready = pool.submit(self._hire)
        pool.shutdown(wait=False)

    def _hire(self) -> None:
        self.officer.sign_up()
        self.officer.sign_in()
        self.officer.add_second_factor()
        given = ("--email", self.officer.email, "--role", "COMPLIANCE", "--reason", _REASON)
        command = (sys.executable, "-m", "tools.staff", "--endpoints", self.file, "role", *given)
        subprocess.run(command, cwd=CHECKOUT, check=True, timeout=60, capture_output=True)
        self.officer.sign_in()

    def end(self) -> list[Any]:
        """Reports of today, a book each, made as of tomorrow: as soon as everything agrees, or as
        it is then."""
        self._ready.result()
        self.officer.client.http.post(f"{self.endpoints['sandbox']}/_control/adyen/batches")
        today = datetime.now(UTC).date()
        found: dict[str, Any] = {}

        def agreed() -> bool:
            for book in BOOKS:
                if not _agrees(found.get(book)):
                    self._ask(book, today)
            found.update(self._reports(today))
            return all(_agrees(found.get(book)) for book in BOOKS)

        try:
            wait_for("agreement", agreed, seconds=AGREE_WITHIN_S, every=1000)
        except TimeoutError:
            if not found:
                raise
        return [self._whole(found[book]) for book in BOOKS if book in found]

    def _ask(self, book: str, day: date) -> None:
        """What the schedule's tick sends for a book when the day is over."""
        tomorrow = datetime.combine(day, time(1), UTC) + timedelta(days=1)
        subject = {"book": book, "day": day.isoformat(), "as_of": to_text(tomorrow)}
        sqs = client("sqs", self.ports)
        (queue,) = [
            url
            for url in sqs.list_queues()["QueueUrls"]
            if url.endswith(f"-{QUEUE}") and not url.endswith(f"-broker-{QUEUE}")
        ]
        sqs.send_message(QueueUrl=queue, MessageBody=encode(CheckMessage(CHECK, subject)))

    def _reports(self, day: date) -> Mapping[str, Any]:
        listed = self.officer.client.graphql(op.RECONCILIATION_REPORTS)["nodes"]
        of_today = [one for one in reversed(listed) if one["day"] == day.isoformat()]
        return {f"{one['party']}:{one['currency']}": one for one in of_today}

    def _whole(self, report: Any) -> Any:
        report_id = report["reportId"]
        whole = self.officer.client.graphql(op.RECONCILIATION_REPORT, reportId=report_id)
        return whole | {"lines": lines_of(self.officer, report_id)}


def _agrees(report: Any) -> bool:
    """Whether nothing is open and both sides stand at the same cent."""
    names = ("missingHere", "missingThere", "amountDiffers")
    return report is not None and not any(report[name] for name in names)
