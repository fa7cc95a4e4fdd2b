"""What an idempotency key promises, line by line, for asking that a day be compared."""

import json
import threading
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest

from shared.audit.service import AuditTrail
from shared.audit.store import AuditStore
from shared.platform.outbox import SHARDS, OutboxRow
from shared.platform.tables import Table
from shared.users.roles import Role
from tests.graphql_api.conftest import Client
from tests.graphql_api.staffing import appoint
from tests.withdrawals.conftest import Crash
from tests.withdrawals.test_idempotency_lines import BAD_KEYS, Counter

ASK = """mutation($i: RunReconciliationInput!) { runReconciliation(input: $i) { __typename
  ... on RunReconciliationPayload { report { day version } }
  ... on UserError { code message advice } ... on InvalidInputError { field } } }"""
EMAIL = "watcher@example.com"
DAY = timedelta(hours=25)


class Watch:
    """A member of staff at the endpoint, and what was asked of the worker."""

    def __init__(self) -> None:
        self.counter = Counter()
        self.watcher = self.appointed(EMAIL)

    def appointed(self, email: str) -> Client:
        client = self.counter.join(email, minor=1)
        appoint(self.counter.app, client, Role.COMPLIANCE)
        return client

    def send(self, client: Client | None = None, **changes: Any) -> Any:
        wish = {
            "idempotencyKey": "k-1",
            "party": "STRIPE",
            "currency": "USD",
            "day": "2026-03-01",
            "reason": "The statement was corrected",
        }
        given = {name: value for name, value in (wish | changes).items() if value is not ...}
        return (client or self.watcher).graphql(ASK, {"i": given})

    def do(self, client: Client | None = None, **changes: Any) -> Any:
        return self.send(client, **changes).data["runReconciliation"]

    def text(self) -> str:
        return json.dumps(self.send().body)

    def asked(self) -> int:
        """How often the worker was told."""
        rows = (
            row
            for shard in range(SHARDS)
            for row in self.counter.database.query(Table.OUTBOX, f"OUTBOX#{shard}", "0", "~").rows(
                OutboxRow
            )
        )
        return sum(row.type == "reconciliation.report_asked.v1" for row in rows)

    def state(self) -> tuple[Any, ...]:
        """All that there could be an effect on."""
        app = self.counter.app
        trail = AuditTrail(AuditStore(app.database), app.clock, app.ids)
        return (self.asked(), self.counter.used_keys(), list(trail.whole("house_t1")))


@pytest.fixture
def watch() -> Iterator[Watch]:
    made = Watch()
    yield made
    for adapter in made.counter.adapters:
        adapter.close()


@pytest.mark.parametrize("key", [*BAD_KEYS, ...], ids=repr)
def test_line_1_a_key_is_needed_and_has_a_form(watch: Watch, key: object) -> None:
    before = watch.state()
    assert watch.send(idempotencyKey=key).codes == ["BAD_USER_INPUT"]
    assert watch.state() == before
    assert watch.do(idempotencyKey="~" * 255)["__typename"] == "RunReconciliationPayload"


def test_line_2_the_same_key_of_two_people_is_two_keys(watch: Watch) -> None:
    watch.do()
    other = watch.appointed("second@example.com")
    assert watch.do(other, day="2026-02-28")["__typename"] == "RunReconciliationPayload"
    assert watch.asked() == 2


def test_line_3_the_same_wish_gives_the_same_bytes_and_is_told_once(watch: Watch) -> None:
    first, state = watch.text(), watch.state()
    assert [watch.text() for _ in range(3)] == [first] * 3
    watch.counter.clock.advance(DAY)
    watch.counter.come_back(watch.watcher, EMAIL)
    assert watch.text() == first
    assert watch.state() == state
    assert watch.asked() == 1


@pytest.mark.parametrize(
    "changes", [{"day": "2026-02-28"}, {"currency": "EUR"}, {"party": "ADYEN"}], ids=str
)
def test_line_4_another_wish_under_the_key_is_refused(
    watch: Watch, changes: dict[str, Any]
) -> None:
    watch.do()
    state = watch.state()
    assert watch.do(**changes)["code"] == "IDEMPOTENCY_KEY_REUSED"
    assert watch.state() == state


def test_line_5_of_many_at_once_one_tells_the_worker(watch: Watch) -> None:
    answers: list[str] = []
    clients = [watch.counter.browser() for _ in range(8)]
    for client in clients:
        client.token = watch.watcher.token

    def send(client: Client) -> None:
        answers.append(json.dumps(watch.send(client).body))

    threads = [threading.Thread(target=send, args=(client,)) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 8
    assert len(set(answers)) == 1
    assert watch.asked() == 1


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"day": "2026-03-02"}, "RECONCILIATION_DAY_NOT_OVER"),
        ({"day": "2020-01-01"}, "INVALID_VALUE"),
        ({"day": "yesterday"}, "BAD_USER_INPUT"),
        ({"reason": "short"}, "INVALID_VALUE"),
        ({"more": 1}, "BAD_USER_INPUT"),
    ],
    ids=str,
)
def test_line_6_what_was_refused_leaves_the_key_free(
    watch: Watch, wrong: dict[str, Any], code: str
) -> None:
    before = watch.state()
    answer = watch.send(**wrong)
    refused = answer.codes if "errors" in answer.body else None
    assert (refused or [answer.data["runReconciliation"].get("code", "INVALID_VALUE")]) == [code]
    assert watch.state() == before
    watch.do()
    assert watch.asked() == 1


@pytest.mark.parametrize("moment", ["before", "after"])
def test_line_7_after_a_crash_the_same_key_tells_once(watch: Watch, moment: str) -> None:
    watch.counter.facts.script.append(moment)
    with suppress(Crash):
        assert watch.send().codes == ["INTERNAL_ERROR"]
    first = watch.text()
    assert watch.text() == first
    assert watch.asked() == 1


def test_line_8_and_9_nothing_moves_and_nobody_outside_is_asked(watch: Watch) -> None:
    # The worker compares: the same facts give the same report, under whichever key it was asked.
    watch.do()
    watch.do(idempotencyKey="k-2")
    assert watch.asked() == 2
    kinds = {key.pk.partition("#")[0] for key in watch.counter.database._items}
    assert not kinds & {"EXT", "HOUSE", "REPORTS"}


def test_line_10_a_key_of_yesterday_begins_nothing_new(watch: Watch) -> None:
    watch.counter.facts.script.append("after")
    with suppress(Crash):
        watch.send()
    watch.counter.clock.advance(DAY)
    watch.counter.come_back(watch.watcher, EMAIL)
    assert watch.do()["__typename"] == "RunReconciliationPayload"
    assert watch.asked() == 1
