"""What staff decide about money in suspense, under a key, and what comes of it."""

from typing import Any, ClassVar

from shared.disputes.standing import StandingDisputes
from shared.kernel.ids import Kind
from shared.kernel.money import Currency, Money
from shared.payments.making import new_deposit
from shared.payments.methods import Gateway
from shared.payments.readings import StoredPeople
from shared.payments.suspended import SuspendedPayments
from shared.payouts.making import surplus_id
from shared.platform.tables import as_changes
from shared.treasury.crediting import Crediting
from shared.treasury.suspense_store import SuspenseStore
from shared.users.roles import Role
from tests.graphql_api.conftest import Client
from tests.graphql_api.staff_wishes import Wish

PAID = 9_900


class SuspenseDecision(Wish):
    """An officer decides about money in suspense; the workers credit it or give it back."""

    role = Role.COMPLIANCE
    shown = """... on SuspensePayload { suspended { payment amount { amount currency } owner
        decision { way status userId result reason proposedBy decidedBy } } }"""
    content: ClassVar = {
        "gateway": "STRIPE",
        "payment": "pi_1",
        "reason": "The payer showed the receipt.",
    }
    another: ClassVar = {"payment": "pi_2"}
    spelled: ClassVar = {"reason": " The payer showed the receipt. "}

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name
        self.person = self.counter.join("amina@example.com", minor=1)
        self.before = self.posted()
        self.decisions = SuspenseStore(self.app.database)
        self.deposits = {name: self.suspended(name) for name in ("pi_1", "pi_2")}

    def send(self, client: Client | None = None, **changes: Any) -> Any:
        owner = {"userId": self.person.user_id} if self.name == "matchSuspense" else {}
        return super().send(client, **(owner | changes))

    def suspended(self, payment: str) -> str:
        deposit = new_deposit(
            user_id=self.person.user_id,
            deposit_id=self.app.ids.new(Kind.DEPOSIT),
            gateway=Gateway.STRIPE,
            amount=Money(10_000, Currency.USD),
            quote=None,
        )
        came = Money(PAID, Currency.USD)
        claim = self.app.deposit_store.claim_payment(deposit, payment, suspended=came)
        self.app.database.transact(as_changes([self.app.deposit_store.create(deposit), *claim]))
        return deposit.deposit_id

    def posted(self) -> int:
        return self.app.ledger.wallet(self.person.user_id, Currency.USD).posted

    def kept(self) -> int:
        decided = [self.decisions.get(Gateway.STRIPE, name) for name in self.deposits]
        return sum(one is not None for one in decided)

    def effects(self) -> int:
        """How many payments were credited or given to those who pay out."""
        crediting = Crediting(
            suspended=SuspendedPayments(self.app.database),
            decisions=self.decisions,
            deposits=self.app.deposit_store,
            ledger=self.app.ledger,
            rates=self.app.exchange_rates,
            claims=StandingDisputes(self.app.money_back.disputes),
            people=StoredPeople(self.app.database),
            cases=self.app.money_back.cases,
            facts=self.app.facts,
            clock=self.app.clock,
            ids=self.app.ids,
        )
        for payment in [*self.deposits, *self.deposits]:
            crediting.agreed(Gateway.STRIPE, payment)
        credited, rest = divmod(self.posted() - self.before, PAID)
        assert rest == 0
        return credited + self.told("payments.surplus_received.v1")

    def state(self) -> tuple[Any, ...]:
        decided = [self.decisions.get(Gateway.STRIPE, name) for name in self.deposits]
        entries = self.recorded(self.person.user_id)
        return (decided, self.counter.used_keys(), entries, self.posted())

    def granted(self, answer: Any, client: Client | None = None, **changes: Any) -> bool:
        made, wish = answer["suspended"], self.content | changes
        decision = made["decision"]
        assert decision["status"] in ("AGREED", "DONE")
        return (decision["proposedBy"], made["payment"]) == (
            (client or self.asking).user_id,
            wish["payment"],
        )

    def result(self) -> str:
        """What comes of the first payment."""
        deposit_id = self.deposits["pi_1"]
        if self.name == "matchSuspense":
            return deposit_id
        return surplus_id(deposit_id, Gateway.STRIPE, "pi_1")

    def ended(self, answer: Any) -> bool:
        decision = answer["suspended"]["decision"]
        return (decision["status"], decision["result"]) == ("DONE", self.result())
