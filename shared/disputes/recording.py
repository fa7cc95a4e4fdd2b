"""Writing down what becomes of a dispute: one fact under the conditions of all that was read."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from shared.cases.ports import Cases
from shared.disputes import telling
from shared.disputes.changes import Change
from shared.disputes.claims import Claims
from shared.disputes.model import UNDECIDED, Dispute, DisputeStatus
from shared.disputes.ports import Disputes, File, Reading
from shared.kernel.clock import Clock
from shared.ledger.ports import Ledger
from shared.payments.ports import Deposits
from shared.payments.races import on_fresh_state
from shared.payouts.followers import in_a_row
from shared.payouts.making import surplus_id
from shared.payouts.model import Payout, PayoutStatus, Rail
from shared.payouts.states import NOT_PAID
from shared.platform.contention import full_jitter
from shared.platform.correlation import continue_trace
from shared.platform.work import UnitOfWork, Write
from shared.refunds.ports import RefundIndex


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
    refunds: RefundIndex
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
            file = self._known(file, reading)
            change = decide(file, at)
            if change is None:
                return
            before = file.dispute(change.dispute.dispute_id)
            writes = self._writes(file, before, change, at)
            claimed, events = self.claims.writes(user_id, change.to_firm, at, file.deposit.trace)
            given, started = self.claims.back(user_id, change.deposit, change.to_person, at)
            told = telling.events(file, before, change)
            self.facts.commit([*writes, *claimed, *given], *told, *events, *started)
            telling.alert(before, change, reading)

        on_fresh_state(once, self.pause)

    def _known(self, file: File, reading: Reading | None) -> File:
        """With what is read after the wallet and the deposit: a payment that goes back at this
        moment, or a debt that is made, changes one of them."""
        user_id, deposit_id = file.deposit.user_id, file.deposit.deposit_id
        return replace(
            file,
            sent_back=self._sent_back(file, reading),
            refunds=self.refunds.of_deposit(user_id, deposit_id),
            open_minor=self.disputes.debts(user_id).open_minor if file.wallet.owed else 0,
        )

    def _sent_back(self, file: File, reading: Reading | None) -> Collection[str]:
        """Payments beside the one that settled the deposit, and that went back to the payer, the
        same way or another."""
        deposit = file.deposit
        named = {(one.gateway, one.payment) for one in file.disputes}
        named |= {(reading.gateway, reading.payment)} if reading is not None else set()
        payouts = {
            payment: self.claims.payouts.get(
                deposit.user_id, surplus_id(deposit.deposit_id, gateway, payment)
            )
            for gateway, payment in named - {(deposit.gateway, deposit.payment)}
        }
        return {
            payment
            for payment, first in payouts.items()
            if first is not None and any(map(_has_left, in_a_row(self.claims.payouts, first)))
        }

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
        if change.of_nobody:
            writes.append(self.disputes.gone(dispute))
        if change.again_of_nobody:
            writes.append(self.disputes.back(dispute))
        if entered and (dispute.status in UNDECIDED or dispute.answered_minor):
            writes.append(self.cases.open(telling.dispute_case(file, dispute, at)))
        changed = [*change.others, *([] if before is None or entered else [(before, dispute)])]
        for known, after in changed:
            if known.answered_minor != after.answered_minor:
                writes.append(self.cases.open(telling.dispute_case(file, after, at)))
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


def _has_left(payout: Payout) -> bool:
    """What people have sent by hand has left before it is booked."""
    by_hand = payout.rail is Rail.BY_HAND and payout.status not in NOT_PAID
    return by_hand or payout.status is PayoutStatus.PAID
