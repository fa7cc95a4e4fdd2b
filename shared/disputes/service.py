"""What a gateway says of a dispute becomes one fact: dispute, deposit, wallet, books and case."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from shared.cases.ports import Cases
from shared.disputes import deciding, telling
from shared.disputes.deciding import Change
from shared.disputes.model import UNDECIDED, Dispute, DisputeStatus, dispute_id_of
from shared.disputes.ports import Desks, Disputes, File, Reading
from shared.disputes.signals import packed
from shared.kernel.clock import Clock
from shared.ledger.ports import Ledger
from shared.payments.methods import Gateway
from shared.payments.ports import Deposits
from shared.payments.races import on_fresh_state
from shared.platform.contention import full_jitter
from shared.platform.correlation import continue_trace
from shared.platform.observability import metric
from shared.platform.queues import Checks
from shared.platform.work import UnitOfWork, Write

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

    disputes: Disputes
    deposits: Deposits
    ledger: Ledger
    cases: Cases
    facts: UnitOfWork
    desks: Desks
    checks: Checks
    clock: Clock
    pause: Callable[[int], None] = full_jitter

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
        owner = self.disputes.owner(reading.gateway, reading.payment)
        if owner is None:
            return False
        dispute_id = dispute_id_of(owner[1], reading.gateway, reading.reference)
        self._on_file(
            *owner,
            lambda file, at: deciding.decide(file, file.dispute(dispute_id), reading, at),
            reading,
        )
        return True

    def proved(self, reading: Reading, attempt: int = 0) -> None:
        """A message that is itself the proof, of a gateway that cannot be asked."""
        if not self.told(reading):
            self._seek_later(reading, attempt)

    def checked(self, user_id: str, deposit_id: str, dispute_id: str) -> None:
        """Time has passed: ask the gateway where it can be asked, and do what time alone asks."""
        file = self.disputes.file(user_id, deposit_id)
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

        self._on_file(user_id, deposit_id, decide, None)

    def _on_file(
        self,
        user_id: str,
        deposit_id: str,
        decide: Callable[[File, datetime], Change | None],
        reading: Reading | None,
    ) -> None:
        def once() -> None:
            file, at = self.disputes.file(user_id, deposit_id), self.clock.now()
            if file is None:
                return
            continue_trace(file.deposit.trace)
            change = decide(file, at)
            if change is None:
                return
            before = file.dispute(change.dispute.dispute_id)
            writes, events = (
                self._writes(file, before, change, at),
                telling.events(file, before, change),
            )
            self.facts.commit(writes, *events)
            telling.alert(before, change, reading)

        on_fresh_state(once, self.pause)

    def _writes(
        self, file: File, before: Dispute | None, change: Change, at: datetime
    ) -> list[Write]:
        dispute = change.dispute
        entered = before is None or before.status is not dispute.status
        writes = [
            self.disputes.create(dispute) if before is None else self.disputes.save(before, dispute)
        ]
        writes += [self.disputes.save(*other) for other in change.others]
        if change.deposit != file.deposit:
            writes.append(self.deposits.save(file.deposit, change.deposit))
        writes += self._purse(file, change)
        if dispute.status in UNDECIDED and entered:
            writes.append(self.cases.open(telling.dispute_case(dispute, at)))
        owed = telling.owed(file, change)
        if dispute.status is DisputeStatus.LOST and entered and owed:
            writes.append(self.cases.open(telling.receivable_case(dispute, owed, at)))
        return writes

    def _purse(self, file: File, change: Change) -> Sequence[Write]:
        if change.drafts:
            return self.ledger.post(
                file.wallet,
                *change.drafts,
                posted=change.posted,
                held=change.held,
                blocks=change.blocks,
                owed=change.owed,
            )
        if change.moves_wallet:
            return [self.ledger.block(file.wallet, change.blocks, held=change.held)]
        return []

    def _seek_later(self, reading: Reading, attempt: int) -> None:
        """A dispute can be faster than the news of its payment, such as a debit that bounces."""
        if attempt >= _SOUGHT:
            case = telling.unmatched_case(reading, self.clock.now())
            self.facts.commit([self.cases.open(case)])
            metric("DisputeNeedsReview", gateway=reading.gateway.value, reason="UNKNOWN_PAYMENT")
        elif reading.gateway in self.desks:
            subject = {"gateway": reading.gateway.value, "reference": reading.reference}
            self.checks.schedule(SOUGHT, subject, attempt)
        else:
            self.checks.schedule(PROVED, packed(reading), attempt)
