"""What staff ask for under a key, each with all that there could be an effect on."""

import json
from abc import ABC, abstractmethod
from datetime import timedelta
from typing import Any, ClassVar

from shared.audit.service import AuditTrail
from shared.audit.store import AuditStore
from shared.kernel.money import Currency
from shared.ledger.house import HouseJournal
from shared.platform.outbox import SHARDS, OutboxRow
from shared.platform.tables import Table
from shared.treasury.movement_store import MovementStore
from shared.treasury.movements import Movement
from shared.treasury.posting import Posting
from shared.users.roles import Role
from tests.graphql_api.conftest import Client
from tests.graphql_api.staffing import appoint
from tests.withdrawals.test_idempotency_lines import Counter

EMAIL = "staff@example.com"
DAY = timedelta(hours=25)
ERRORS = "... on UserError { code message advice } ... on InvalidInputError { field }"


class Wish(ABC):
    """A member of staff at the endpoint, and the workers that do what was asked."""

    name: str
    role: ClassVar[Role]
    shown: ClassVar[str]
    content: ClassVar[dict[str, Any]]
    another: ClassVar[dict[str, Any]]
    """Makes it a wish that can be granted beside the first."""
    spelled: ClassVar[dict[str, Any]]
    """Says the same in other words."""

    def __init__(self) -> None:
        self.counter = Counter()
        self.app = self.counter.app
        self.asking = self.appointed(EMAIL)

    def appointed(self, email: str) -> Client:
        client = self.counter.join(email, minor=1)
        appoint(self.app, client, self.role)
        return client

    def send(self, client: Client | None = None, **changes: Any) -> Any:
        wish = {"idempotencyKey": "k-1"} | self.content | changes
        given = {name: value for name, value in wish.items() if value is not ...}
        kind = self.name[0].upper() + self.name[1:]
        shown = f"__typename {self.shown} {ERRORS}"
        text = f"mutation($i: {kind}Input!) {{ {self.name}(input: $i) {{ {shown} }} }}"
        return (client or self.asking).graphql(text, {"i": given})

    def do(self, client: Client | None = None, **changes: Any) -> Any:
        return self.send(client, **changes).data[self.name]

    def text(self, **changes: Any) -> str:
        return json.dumps(self.send(**changes).body)

    def a_day_later(self) -> None:
        self.counter.clock.advance(DAY)
        self.counter.come_back(self.asking, EMAIL)

    def recorded(self, about: str) -> list[Any]:
        """Acts of staff."""
        trail = AuditTrail(AuditStore(self.app.database), self.app.clock, self.app.ids)
        return list(trail.whole(about))

    def told(self, event: str) -> int:
        """How often the workers were told so."""
        rows = (
            row
            for shard in range(SHARDS)
            for row in self.app.database.query(Table.OUTBOX, f"OUTBOX#{shard}", "0", "~").rows(
                OutboxRow
            )
        )
        return sum(row.type == event for row in rows)

    @abstractmethod
    def kept(self) -> int:
        """How many wishes are on record."""

    @abstractmethod
    def effects(self) -> int:
        """What has come of them, after the workers were told of everything, twice."""

    @abstractmethod
    def state(self) -> tuple[Any, ...]:
        """All that there could be an effect on."""

    @abstractmethod
    def granted(self, answer: Any, client: Client | None = None, **changes: Any) -> bool:
        """Whether this is the answer to the wish of this person, with these changes."""

    @abstractmethod
    def ended(self, answer: Any) -> bool:
        """Whether the answer shows what the workers made of the one wish."""


class RecordedMovement(Wish):
    """An administrator records what moved; the worker books it."""

    name, role = "recordTreasuryMovement", Role.ADMIN
    shown = """... on TreasuryMovementPayload { movement { movementId kind status
        amount { amount currency } reference reason proposedBy decidedBy } }"""
    content: ClassVar = {
        "kind": "PREFUNDED",
        "amount": "100.00",
        "currency": "USD",
        "reference": "wire-1",
        "reason": "Seen on the bank's statement",
    }
    another: ClassVar = {"reference": "wire-2", "amount": "7.00"}
    spelled: ClassVar = {"amount": "100", "reference": " wire-1 "}

    def __init__(self) -> None:
        super().__init__()
        self.rows = MovementStore(self.app.database)
        self.house = HouseJournal(self.app.database, "t1")

    def movements(self) -> list[Movement]:
        return [one for _, one in self.rows.page(limit=50).entries]

    def kept(self) -> int:
        return len(self.movements())

    def effects(self) -> int:
        """Entries of the house's journal."""
        posting = Posting(self.rows, self.house, self.app.facts, self.app.clock)
        for one in self.movements() * 2:
            posting.agreed(one.movement_id)
        return len(self.house.entries(Currency.USD).entries)

    def state(self) -> tuple[Any, ...]:
        return (self.movements(), self.counter.used_keys(), self.recorded("house_t1"))

    def granted(self, answer: Any, client: Client | None = None, **changes: Any) -> bool:
        made, wish = answer["movement"], self.content | changes
        return (made["status"], made["proposedBy"], made["reference"]) == (
            "AGREED",
            (client or self.asking).user_id,
            wish["reference"],
        )

    def ended(self, answer: Any) -> bool:
        (one,) = self.movements()
        made = answer["movement"]
        return (made["movementId"], made["status"]) == (one.movement_id, "POSTED")


class AskedReport(Wish):
    """Somebody who watches the books asks that a day be compared; the worker does."""

    name, role = "runReconciliation", Role.COMPLIANCE
    shown = "... on RunReconciliationPayload { report { day version } }"
    content: ClassVar = {
        "party": "STRIPE",
        "currency": "USD",
        "day": "2026-03-01",
        "reason": "The statement was corrected",
    }
    another: ClassVar = {"day": "2026-02-28"}
    spelled: ClassVar = {"reason": " The statement was corrected "}

    def kept(self) -> int:
        return self.told("reconciliation.report_asked.v1")

    def effects(self) -> int:
        """The worker compares once for each time it is told."""
        return self.kept()

    def state(self) -> tuple[Any, ...]:
        return (self.kept(), self.counter.used_keys(), self.recorded("house_t1"))

    def granted(self, answer: Any, client: Client | None = None, **changes: Any) -> bool:
        return answer["__typename"] == "RunReconciliationPayload"

    def ended(self, answer: Any) -> bool:
        return self.granted(answer)
