"""A process that may die, and gateways and a broker that behave like real ones."""

from dataclasses import dataclass, field, replace

from shared.kernel.events import Event
from shared.payments.errors import GatewayUnavailable
from shared.payments.model import Deposit
from shared.payments.ports import (
    CashJournal,
    Failed,
    JournalRefused,
    JournalState,
    Lapsed,
    NoAnswer,
    NotSent,
    NoWord,
    Outcome,
    Refused,
    Started,
    StartResult,
    Waiting,
)
from shared.payments.reasons import Reason
from shared.platform.outbox import Facts
from shared.platform.work import Write


class Crash(RuntimeError):
    """The process died."""


@dataclass
class CrashingFacts:
    """A unit of work that dies before or after a commit when the script says so."""

    inner: Facts
    script: list[str] = field(default_factory=list)
    published: list[Event] = field(default_factory=list)

    def commit(self, writes: list[Write], *events: Event) -> None:
        step = self.script.pop(0) if self.script else "ok"
        if step == "before":
            raise Crash("crashed")
        self.inner.commit(writes, *events)
        self.published += events
        if step == "after":
            raise Crash("crashed")


@dataclass
class FakeGateway:
    """A gateway: idempotent by deposit like Stripe, or making a payment per push like M-Pesa."""

    idempotent: bool
    name: str = "ref"
    cancels: list[str] = field(default_factory=list)
    attempts: dict[str, Outcome] = field(default_factory=dict)
    owners: dict[str, str] = field(default_factory=dict)
    start_script: list[str] = field(default_factory=list)
    look_script: list[str] = field(default_factory=list)
    asked: int = 0
    looked: int = 0

    def start(self, deposit: Deposit, phone: str | None, *, save_card: bool = False) -> StartResult:
        self.asked += 1
        step = self.start_script.pop(0) if self.start_script else "ok"
        if step == "not_sent":
            return NotSent()
        if step == "refused":
            return Refused(Reason.INVALID_PHONE)
        if step == "crash_before":
            raise Crash("crashed")
        known = [ref for ref, owner in self.owners.items() if owner == deposit.deposit_id]
        if self.idempotent and known:
            reference = known[0]
        else:
            reference = f"{self.name}_{len(self.attempts) + 1}"
            self.attempts[reference] = Waiting()
            self.owners[reference] = deposit.deposit_id
        if step == "no_word":
            return NoWord()
        if step == "crash_after":
            raise Crash("crashed")
        if self.idempotent:
            return Started(reference, redirect_url=f"https://pay.example/{reference}")
        return Started(reference, pushed_to="2547*****678")

    def look_up(self, deposit: Deposit, reference: str) -> Outcome:
        self.looked += 1
        step = self.look_script.pop(0) if self.look_script else "ok"
        if step == "down":
            raise GatewayUnavailable
        if step == "silent" or self.owners.get(reference) != deposit.deposit_id:
            return NoAnswer()
        return self.attempts[reference]

    def cancel(self, deposit: Deposit, reference: str) -> bool:
        self.cancels.append(reference)
        if isinstance(self.attempts.get(reference), Waiting) and self.idempotent:
            self.attempts[reference] = Lapsed()
        return isinstance(self.attempts.get(reference), Lapsed | Failed)

    def set(self, deposit: Deposit, outcome: Outcome) -> None:
        for reference, owner in self.owners.items():
            if owner == deposit.deposit_id:
                self.attempts[reference] = outcome


@dataclass
class FakeBroker:
    """Journals by key: the same key never moves money twice; the effect may outlive the answer."""

    journals: dict[str, CashJournal] = field(default_factory=dict)
    script: list[str] = field(default_factory=list)
    state: JournalState = JournalState.EXECUTED
    instructed: int = 0

    def find(self, deposit: Deposit) -> CashJournal | None:
        mine = [
            one
            for one in self.journals.values()
            if one.deposit_id == deposit.deposit_id and one.state is not JournalState.REJECTED
        ]
        return mine[0] if mine else None

    def journal(self, deposit: Deposit) -> CashJournal:
        self.instructed += 1
        step = self.script.pop(0) if self.script else "ok"
        if step == "refused":
            raise JournalRefused
        if step == "down":
            raise GatewayUnavailable
        if deposit.journal_key not in self.journals:
            self.journals[deposit.journal_key] = CashJournal(
                journal_id=f"j{len(self.journals) + 1}",
                state=self.state,
                account_id=deposit.broker_account_id or "",
                amount=deposit.forwarded,
                user_id=deposit.user_id,
                deposit_id=deposit.deposit_id,
            )
        if step == "lost_answer":
            raise GatewayUnavailable
        if step == "crash_after":
            raise Crash("crashed")
        return self.journals[deposit.journal_key]

    def read(self, journal_id: str) -> CashJournal | None:
        return next((one for one in self.journals.values() if one.journal_id == journal_id), None)

    def finish(self, state: JournalState) -> None:
        self.state = state
        self.journals = {
            key: replace(one, state=state) if one.state is JournalState.WAITING else one
            for key, one in self.journals.items()
        }

    @property
    def moved(self) -> int:
        done = [one for one in self.journals.values() if one.state is JournalState.EXECUTED]
        return sum(one.amount.minor for one in done)
