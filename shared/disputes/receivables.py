"""What people owe: taken out of their cash as soon as there is some."""

from collections.abc import Callable
from dataclasses import dataclass, field

from shared.disputes import bookings, securing
from shared.disputes.claims import Claims
from shared.disputes.events import ReceivablePaidV1
from shared.disputes.ports import Debts, Disputes
from shared.kernel.clock import Clock
from shared.kernel.events import Event
from shared.ledger.model import Draft
from shared.ledger.ports import Ledger
from shared.payments.races import on_fresh_state
from shared.platform.contention import full_jitter
from shared.platform.correlation import correlation_id
from shared.platform.work import UnitOfWork, Write


@dataclass(slots=True)
class _Change:
    """What becomes of a person's debts: paid, and set aside for what is not decided."""

    paid: int = 0
    held: int = 0
    drafts: list[Draft] = field(default_factory=list)
    writes: list[Write] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Collecting:
    """Cash that becomes free pays first what is owed for good, then stands in for what is short of
    disputes that are still open, which is the person's again if they are won. The wallet's own
    conditions decide who is faster, this or an investment; what an investment took is still owed.
    """

    disputes: Disputes
    ledger: Ledger
    facts: UnitOfWork
    clock: Clock
    claims: Claims
    pause: Callable[[int], None] = full_jitter

    def freed(self, user_id: str, reference: str) -> None:
        """Cash may have become free, by the deposit or payout ``reference``, or somebody asks: a
        duplicate, or nothing owed, changes nothing."""

        def once() -> None:
            debts = self.disputes.debts(user_id)
            if debts.payable_minor:
                self._pay(debts, reference)

        on_fresh_state(once, self.pause)

    def _pay(self, debts: Debts, reference: str) -> None:
        wallet, change = debts.wallet, self._change(debts, reference)
        less = change.paid + change.held
        events: list[Event] = []
        if change.paid:
            events.append(
                ReceivablePaidV1(
                    user_id=wallet.user_id,
                    currency=wallet.currency.value,
                    amount_minor=change.paid,
                    left_minor=wallet.owed - less,
                )
            )
        claimed, started = self.claims.writes(
            wallet.user_id, change.paid, self.clock.now(), correlation_id()
        )
        writes = [
            *claimed,
            *self.ledger.post(
                wallet, *change.drafts, posted=-change.paid, held=change.held, owed=-less
            ),
            *change.writes,
        ]
        self.facts.commit(writes, *events, *started)

    def _change(self, debts: Debts, reference: str) -> _Change:
        wallet, at, change = debts.wallet, self.clock.now(), _Change()
        change.paid = min(max(wallet.available, 0), debts.settled_minor)
        if change.paid:
            change.drafts.append(bookings.collected(wallet.user_id, reference, at, change.paid))
        free = wallet.available - change.paid
        for dispute in debts.disputes:
            minor = min(max(free, 0), dispute.shortfall_minor)
            if minor:
                after, drafts = securing.set_aside(dispute, minor, at)
                change.drafts += drafts
                change.held += minor
                change.writes.append(self.disputes.save(dispute, after))
                free -= minor
        return change
