"""Writing down what becomes of a dispute: one fact under the conditions of all that was read."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from shared.cases.ports import Cases
from shared.disputes import telling
from shared.disputes.claims import Claims
from shared.disputes.deciding import Change
from shared.disputes.model import UNDECIDED, Dispute, DisputeStatus
from shared.disputes.ports import Disputes, File, Reading
from shared.kernel.clock import Clock
from shared.ledger.ports import Ledger
from shared.payments.ports import Deposits
from shared.payments.races import on_fresh_state
from shared.platform.contention import full_jitter
from shared.platform.correlation import continue_trace
from shared.platform.work import UnitOfWork, Write


@dataclass(frozen=True, slots=True)
class Recording:
    """The ports of everything that is written about disputes."""

    disputes: Disputes
    deposits: Deposits
    ledger: Ledger
    cases: Cases
    facts: UnitOfWork
    clock: Clock
    claims: Claims
    pause: Callable[[int], None] = full_jitter

    def change(
        self,
        user_id: str,
        deposit_id: str,
        decide: Callable[[File, datetime], Change | None],
        *,
        reading: Reading | None = None,
    ) -> None:
        """Carry out what ``decide`` makes of the file, decided again after a lost race."""

        def once() -> None:
            file, at = self.disputes.file(user_id, deposit_id), self.clock.now()
            if file is None:
                return
            continue_trace(file.deposit.trace)
            change = decide(file, at)
            if change is None:
                return
            before = file.dispute(change.dispute.dispute_id)
            writes = self._writes(file, before, change, at)
            claimed, events = self.claims.writes(user_id, change.to_firm, at, file.deposit.trace)
            writes += claimed
            self.facts.commit(writes, *telling.events(file, before, change), *events)
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
