"""What a gateway says of a dispute becomes one fact: dispute, deposit, wallet, books and case."""

from dataclasses import dataclass
from datetime import datetime

from shared.disputes import deciding, telling
from shared.disputes.changes import Change
from shared.disputes.model import ASKED, UNDECIDED, dispute_id_of
from shared.disputes.ports import Desks, File, Reading
from shared.disputes.recording import Recording
from shared.disputes.signals import packed
from shared.payments.methods import Gateway
from shared.platform.correlation import continue_trace
from shared.platform.observability import metric
from shared.platform.queues import Checks

SOUGHT, PROVED = "dispute_sought", "dispute_proved"
"""Checks of disputes whose payment is not known yet: ask again, or believe again."""
_SOUGHT = 12
"""So often a payment is looked for that a dispute names and that nothing was credited for: for
an hour and three quarters."""


@dataclass(frozen=True, slots=True)
class Disputing:
    """The use case behind every message and every check about a dispute.

    News come late, twice and in any order: a dispute only moves forward, and what is set aside is
    written with it under the conditions of all that was read.
    """

    recording: Recording
    desks: Desks
    checks: Checks

    def signalled(self, gateway: Gateway, reference: str, attempt: int = 0) -> None:
        """The gateway says that something happened: ask it. GatewayUnavailable: later again."""
        reading = self.desks[gateway].read(reference)
        if reading is None:
            metric("DisputeOfNobody", gateway=gateway.value)
            return
        if not self.told(reading):
            self._seek_later(reading, attempt)

    def told(self, reading: Reading) -> bool:
        """Book what a gateway says, or has proved; False when nothing was credited for the
        payment that it names."""
        owner = self.recording.disputes.owner(reading.gateway, reading.payment)
        if owner is None:
            return False
        dispute_id = dispute_id_of(owner[1], reading.gateway, reading.reference)
        self.recording.change(
            *owner, lambda file, at: self._decide(file, dispute_id, reading, at), reading=reading
        )
        return True

    def _decide(self, file: File, dispute_id: str, reading: Reading, at: datetime) -> Change | None:
        before, desk = file.dispute(dispute_id), self.desks.get(reading.gateway)
        if before is None or desk is None or not deciding.reverses(before, reading):
            return deciding.decide(file, before, reading, at)
        # The reading may be older than what is known. An answer to a question that is asked now
        # is not: what is known was written before, and is not changed if it changes meanwhile.
        now = desk.read(reading.reference)
        return None if now is None else deciding.decide(file, before, now, at, fresh=True)

    def refund_ended(self, user_id: str, deposit_id: str) -> None:
        """A refund of the deposit came to nothing, or was paid after all: who answers for what of
        its disputes is another one. Nothing where there are none."""
        self.recording.change(user_id, deposit_id, deciding.balanced)

    def proved(self, reading: Reading, attempt: int = 0) -> None:
        """A message that is itself the proof, of a gateway that cannot be asked."""
        if not self.told(reading):
            self._seek_later(reading, attempt)

    def checked(self, user_id: str, deposit_id: str, dispute_id: str) -> None:
        """Time has passed: ask the gateway where it can be asked, and do what time alone asks."""
        file = self.recording.disputes.file(user_id, deposit_id)
        dispute = None if file is None else file.dispute(dispute_id)
        if dispute is None:
            return
        continue_trace(dispute.trace)
        desk = self.desks.get(dispute.gateway)
        if desk is not None and dispute.status in UNDECIDED:
            reading = desk.read(dispute.reference)
            if reading is not None:
                self.told(reading)

        def decide(file: File, at: datetime) -> Change | None:
            now = file.dispute(dispute_id)
            return None if now is None else deciding.upkeep(file, now, at)

        self.recording.change(user_id, deposit_id, decide)

    def _seek_later(self, reading: Reading, attempt: int) -> None:
        """A dispute can be faster than the news of its payment, such as a debit that bounces."""
        if attempt >= _SOUGHT:
            books = self.recording
            case = telling.unmatched_case(reading, books.clock.now())
            books.facts.commit([books.cases.open(case)])
            metric("DisputeNeedsReview", gateway=reading.gateway.value, reason="UNKNOWN_PAYMENT")
        elif reading.gateway in ASKED:
            subject = {"gateway": reading.gateway.value, "reference": reading.reference}
            self.checks.schedule(SOUGHT, subject, attempt)
        else:
            self.checks.schedule(PROVED, packed(reading), attempt)
