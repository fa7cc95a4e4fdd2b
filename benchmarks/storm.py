"""100,000 gateway events in random order, a fifth of them twice, and what the books say then.

Every payer, gateway and delivery is drawn from one seed, which is printed: the same seed gives the
same run. Payments succeed, fail, are abandoned, are paid twice at two gateways, or are paid in
another amount; each tells of itself by several messages, which come in any order and again, and a
part of the processes dies before or after its commit and gets its message again.
"""

import logging
import os
import random
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass, field

from benchmarks.world import START
from shared.cases.store import CaseStore
from shared.kernel.clock import FixedClock
from shared.kernel.events import Event
from shared.kernel.ids import Kind, UlidIds
from shared.kernel.money import Currency, Money
from shared.ledger.model import balances, broken_link, fold
from shared.ledger.store import LedgerStore
from shared.payments.making import new_deposit
from shared.payments.methods import GATEWAYS, Gateway, Method
from shared.payments.model import Deposit
from shared.payments.ports import Failed, Lapsed, NoAnswer, Outcome, Paid
from shared.payments.readings import StoredRates
from shared.payments.reasons import Reason
from shared.payments.settlement import Hint, Settlement
from shared.payments.settling import Settling
from shared.payments.states import CREDITED, DepositStatus
from shared.payments.store import DepositStore
from shared.platform.memory import MemoryDatabase
from shared.platform.outbox import Facts
from shared.platform.queues import Checks, MemoryQueue
from shared.platform.tables import as_changes
from shared.platform.work import Write

EVENTS = 100_000
TWICE = 0.20
DIES = 0.02
LIMIT_SECONDS = 60
_FATES = ("paid", "paid", "paid", "failed", "abandoned", "twice", "other_amount")


class Dies(Exception):
    """A process ended where nothing expected it to."""


@dataclass
class DyingFacts:
    """The unit of work in processes that sometimes die before, and sometimes after, a commit."""

    inner: Facts
    chance: random.Random
    told: Counter[str] = field(default_factory=Counter)

    def commit(self, writes: Sequence[Write], *events: Event) -> None:
        """See UnitOfWork."""
        fate = self.chance.random()
        if fate < DIES / 2:
            raise Dies
        self.inner.commit(writes, *events)
        self.told.update(event.detail_type() for event in events)
        if fate < DIES:
            raise Dies


@dataclass
class Payers:
    """What really happened at a gateway, by the reference of the attempt."""

    truth: dict[str, Outcome] = field(default_factory=dict)

    def look_up(self, deposit: Deposit, reference: str) -> Outcome:
        """See PaymentLookup."""
        return self.truth.get(reference, NoAnswer())

    def cancel(self, deposit: Deposit, reference: str) -> bool:
        """See PaymentLookup."""
        return isinstance(self.truth.get(reference), Failed | Lapsed)


@dataclass(frozen=True)
class Told:
    """One message of a gateway."""

    user_id: str
    deposit_id: str
    gateway: Gateway
    hint: Hint


class Storm:
    """A population of deposits, its messages, and the use case that hears of them."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.database = MemoryDatabase()
        clock = FixedClock(START)
        self.ids = UlidIds("b1", clock)
        self.clock = clock
        self.facts = DyingFacts(Facts(self.database, clock, self.ids), self.random)
        self.ledger = LedgerStore(self.database)
        self.deposits = DepositStore(self.database)
        self.gateways: Mapping[Gateway, Payers] = {gateway: Payers() for gateway in Gateway}
        self.settlement = Settlement(
            Settling(
                deposits=self.deposits,
                ledger=self.ledger,
                facts=self.facts,
                cases=CaseStore(self.database),
                rates=StoredRates(self.database, clock),
                clock=clock,
            ),
            self.gateways,
            Checks(MemoryQueue()),
            pause=lambda attempt: None,
        )
        self.fates: dict[str, str] = {}
        self.people: dict[str, list[str]] = {}

    def messages(self) -> Iterator[list[Told]]:
        """Of new deposits, for ever: all messages of each, one to six. None is left untold."""
        user_id = ""
        while True:
            if not user_id or len(self.people[user_id]) >= 8:
                user_id = self.ids.new(Kind.USER)
                self.people[user_id] = []
                self.database.transact(as_changes(self.ledger.open(user_id)))
            method = self.random.choice((Method.CARD, Method.CARD, Method.BANK_DEBIT))
            fate = self.random.choice(_FATES)
            yield list(self._deposit(user_id, method, fate))

    def _deposit(self, user_id: str, method: Method, fate: str) -> Iterator[Told]:
        amount = Money(self.random.randint(100, 1_000_000), Currency.USD)
        deposit = new_deposit(
            user_id=user_id,
            deposit_id=self.ids.new(Kind.DEPOSIT),
            gateway=GATEWAYS[method][0],
            method=method,
            amount=amount,
            quote=None,
        )
        if fate == "twice" and len(GATEWAYS[method]) == 1:
            fate = "paid"
        both = len(GATEWAYS[method]) > 1 and (fate == "twice" or self.random.random() < 0.3)
        self.database.transact(as_changes([self.deposits.create(deposit)]))
        begun = deposit.handed_to(GATEWAYS[method][1]) if both else deposit
        begun = begun.started(f"at_{begun.gateway}_{deposit.deposit_id}", self.clock.now())
        self.database.transact(as_changes([self.deposits.save(deposit, begun)]))
        self.people[user_id].append(deposit.deposit_id)
        self.fates[deposit.deposit_id] = fate
        used = GATEWAYS[method] if both else (deposit.gateway,)
        self._happen(deposit, used, fate)
        for gateway in used:
            hint = Hint(f"at_{gateway}_{deposit.deposit_id}")
            for _ in range(self.random.randint(1, 3)):
                yield Told(user_id, deposit.deposit_id, gateway, hint)

    def _happen(self, deposit: Deposit, used: Sequence[Gateway], fate: str) -> None:
        paying = set(used) if fate == "twice" else {self.random.choice(list(used))}
        for gateway in used:
            reference = f"at_{gateway}_{deposit.deposit_id}"
            outcome: Outcome = Lapsed()
            if gateway in paying and fate in ("paid", "twice"):
                outcome = Paid(f"pi_{reference}", deposit.amount)
            elif gateway in paying and fate == "other_amount":
                outcome = Paid(f"pi_{reference}", deposit.amount + Money(1, Currency.USD))
            elif gateway in paying and fate == "failed":
                outcome = Failed(Reason.DECLINED)
            self.gateways[gateway].truth[reference] = outcome

    def deliver(self, message: Told) -> None:
        """As a queue does: again, until it was worked off."""
        while True:
            try:
                self.settlement.signalled(
                    message.user_id, message.deposit_id, message.hint, message.gateway
                )
            except Dies:
                continue
            return


def violations(storm: Storm) -> list[str]:
    """Everything in the books that is not as what really happened; empty when all is well."""
    wrong: list[str] = []
    clearing = Counter[str]()
    paid_in = Counter[str]()
    for user_id, deposits in storm.people.items():
        page = storm.ledger.entries(user_id, Currency.USD, limit=10_000)
        stored = list(reversed(page.entries))
        entries = [one.entry for one in stored]
        if broken_link(entries, [one.hash for one in stored]) is not None:
            wrong.append(f"{user_id}: chain")
        wrong += [
            f"{user_id}: unbalanced"
            for one in entries
            if any(balances(one.draft.postings).values())
        ]
        books = fold(entries)
        wallet = storm.ledger.wallet(user_id, Currency.USD)
        if books.get((f"customer:{user_id}:cash", "USD/2"), 0) != -wallet.posted:
            wrong.append(f"{user_id}: wallet {wallet.posted} differs from its journal")
        if min(wallet.posted, wallet.held, wallet.available) < 0:
            wrong.append(f"{user_id}: negative")
        credited = 0
        for deposit_id in deposits:
            wrong += _wrong_about(storm, user_id, deposit_id)
            found = storm.deposits.get(user_id, deposit_id)
            if found is not None and found.status in CREDITED:
                credited += found.credited.minor
        if credited != wallet.posted:
            wrong.append(f"{user_id}: credited {credited}, wallet {wallet.posted}")
        for (account, _), amount in books.items():
            if account.startswith("house:gateway_clearing"):
                clearing[account] += amount
    for gateway, payers in storm.gateways.items():
        for outcome in payers.truth.values():
            if isinstance(outcome, Paid) and outcome.amount is not None:
                paid_in[f"house:gateway_clearing:{gateway.value.lower()}:USD"] += (
                    outcome.amount.minor
                )
    if +clearing != +paid_in:
        wrong.append(f"clearing {dict(clearing)} is not what was paid {dict(paid_in)}")
    return wrong


def _wrong_about(storm: Storm, user_id: str, deposit_id: str) -> list[str]:
    found = storm.deposits.get(user_id, deposit_id)
    fate = storm.fates[deposit_id]
    if found is None:
        return [f"{deposit_id}: gone"]
    expected = {
        "paid": found.status is DepositStatus.SETTLED,
        "twice": found.status is DepositStatus.SETTLED,
        "failed": found.status in (DepositStatus.FAILED, DepositStatus.EXPIRED),
        "abandoned": found.status is DepositStatus.EXPIRED,
        "other_amount": found.review and found.status not in CREDITED,
    }
    return [] if expected[fate] else [f"{deposit_id}: {fate}, but {found.status.value}"]


def main() -> None:
    """Print the seed, the figures, and what is wrong; exit 1 when anything is."""
    given = [name.partition("=")[2] for name in sys.argv if name.startswith("--seed=")]
    seed = int(given[0]) if given else random.SystemRandom().randrange(2**32)
    logging.disable(logging.CRITICAL)
    storm = Storm(seed)
    made = storm.messages()
    once: list[Told] = []
    while len(once) < EVENTS / (1 + TWICE):
        once += next(made)
    again = storm.random.sample(once, EVENTS - len(once))
    events = once + again
    storm.random.shuffle(events)
    with open(os.devnull, "w", encoding="utf-8") as silence, redirect_stdout(silence):
        began, used = time.perf_counter(), time.process_time()
        for message in events:
            storm.deliver(message)
        seconds, used = time.perf_counter() - began, time.process_time() - used
        wrong = violations(storm)
    told = storm.facts.told
    settled = told["payments.deposit_settled.v1"]
    back = told["payments.surplus_received.v1"]
    print(f"seed {seed}: {len(events):,} events, {len(again):,} of them repeated")
    print(f"{len(storm.fates):,} deposits, {settled:,} settled, {back:,} paid twice")
    print(f"{seconds:.1f} s, {used:.1f} s of the processor, {len(wrong)} violations")
    for line in wrong[:20]:
        print(line)
    if wrong or seconds > LIMIT_SECONDS:
        sys.exit(1)
