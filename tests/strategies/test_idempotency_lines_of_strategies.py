"""What an idempotency key promises, line by line, for making goals and proposing strategies."""

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest

from shared.users.roles import Role
from tests.graphql_api.conftest import Client
from tests.graphql_api.staffing import appoint
from tests.withdrawals.conftest import Crash
from tests.withdrawals.test_idempotency_lines import BAD_KEYS, Counter

_ERRORS = "... on UserError { code message advice } ... on InvalidInputError { field }"
DOCUMENTS = {
    "createGoal": f"""mutation($i: CreateGoalInput!) {{ createGoal(input: $i) {{ __typename
      ... on GoalPayload {{ goal {{ goalId name status target {{ amount }} until path style score
        createdAt }} }} {_ERRORS} }} }}""",
    "proposeStrategy": f"""mutation($i: ProposeStrategyInput!) {{ proposeStrategy(input: $i) {{
      __typename ... on StrategyProposalPayload {{ proposal {{ proposalId status strategy validFrom
        weights {{ symbol weightBp }} reason proposedBy proposedAt }} }} {_ERRORS} }} }}""",
}
MUTATIONS = sorted(DOCUMENTS)
SHARES = {"AAAB": 4000, "MTUM": 1000, "QUAL": 1500, "SIZE": 700, "USMV": 1600, "VLUE": 1200}
WEIGHTS = [{"symbol": name, "weightBp": points} for name, points in SHARES.items()]
WISHES: Mapping[str, dict[str, Any]] = {
    "createGoal": {"name": "School fees", "target": "5000.00", "until": "2032-01-15"},
    "proposeStrategy": {
        "style": "GROWTH",
        "score": 3,
        "weights": WEIGHTS,
        "validFrom": "2026-03-09",
        "reason": "Momentum was too small",
    },
}
SPELLED: Mapping[str, dict[str, Any]] = {
    "createGoal": {"name": " School  fees ", "target": "5000", "path": "SPENDING"},
    "proposeStrategy": {"weights": WEIGHTS[::-1], "reason": " Momentum was too small "},
}
OTHERS: Mapping[str, list[dict[str, Any]]] = {
    "createGoal": [
        {"name": "A car"},
        {"target": "5000.01"},
        {"until": None},
        {"path": "RETIREMENT"},
        {"style": "INCOME"},
        {"score": 2},
    ],
    "proposeStrategy": [
        {"score": 4},
        {"validFrom": "2026-03-10"},
        {"reason": "Quality was too small"},
        {"weights": [*WEIGHTS[:4], {"symbol": "USMV", "weightBp": 2800}]},
    ],
}
WRONG: Mapping[str, list[tuple[dict[str, Any], str]]] = {
    "createGoal": [
        ({"target": "0"}, "INVALID_VALUE"),
        ({"until": "2026-03-02"}, "INVALID_VALUE"),
        ({"name": "x" * 61}, "INVALID_VALUE"),
        ({"name": ""}, "BAD_USER_INPUT"),
        ({"more": 1}, "BAD_USER_INPUT"),
    ],
    "proposeStrategy": [
        ({"weights": []}, "STRATEGY_WEIGHTS_REFUSED"),
        ({"weights": [*WEIGHTS, WEIGHTS[0]]}, "INVALID_VALUE"),
        ({"score": 6}, "INVALID_VALUE"),
        ({"reason": "short"}, "INVALID_VALUE"),
        ({"more": 1}, "BAD_USER_INPUT"),
    ],
}
END: Mapping[str, tuple[str, str]] = {
    "createGoal": ("archiveGoal", "ARCHIVED"),
    "proposeStrategy": ("withdrawStrategyProposal", "WITHDRAWN"),
}
"""What ends the thing, and how it stands then."""
ID = {"createGoal": "goalId", "proposeStrategy": "proposalId"}
KINDS = {"goal", "proposal", "model", "idempotency", "audit_entry"}
DAY = timedelta(hours=25)
EMAIL = "keeper@example.com"


class Desk:
    """Somebody who may do both, at the endpoint."""

    def __init__(self, mutation: str) -> None:
        self.mutation = mutation
        self.counter = Counter()
        self.keeper = self.joined(EMAIL)

    def joined(self, email: str) -> Client:
        client = self.counter.join(email, minor=1)
        appoint(self.counter.app, client, Role.ADMIN)
        return client

    def send(self, client: Client | None = None, **changes: Any) -> Any:
        wish = {"idempotencyKey": "k-1"} | WISHES[self.mutation] | changes
        given = {name: value for name, value in wish.items() if value is not ...}
        return (client or self.keeper).graphql(DOCUMENTS[self.mutation], {"i": given})

    def do(self, client: Client | None = None, **changes: Any) -> Any:
        return self.send(client, **changes).data[self.mutation]

    def thing(self, client: Client | None = None, **changes: Any) -> Any:
        answer = self.do(client, **changes)
        (value,) = [value for name, value in answer.items() if name != "__typename"]
        return value

    def text(self, **changes: Any) -> str:
        return json.dumps(self.send(**changes).body)

    def state(self) -> dict[Any, Any]:
        """All that there could be an effect on."""
        items = self.counter.database._items.items()
        return {key: dict(item) for key, item in items if item["kind"]["S"] in KINDS}

    def things(self) -> int:
        kind = "goal" if self.mutation == "createGoal" else "proposal"
        return sum(item["kind"]["S"] == kind for item in self.state().values())

    def tomorrow(self) -> None:
        self.counter.clock.advance(DAY)
        self.counter.come_back(self.keeper, EMAIL)


@pytest.fixture(params=MUTATIONS)
def desk(request: pytest.FixtureRequest) -> Iterator[Desk]:
    made = Desk(request.param)
    yield made
    for adapter in made.counter.adapters:
        adapter.close()


@pytest.mark.parametrize("key", [*BAD_KEYS, ...], ids=repr)
def test_line_1_a_key_is_needed_and_has_a_form(desk: Desk, key: object) -> None:
    before = desk.state()
    assert desk.send(idempotencyKey=key).codes == ["BAD_USER_INPUT"]
    assert desk.state() == before
    assert ID[desk.mutation] in desk.thing(idempotencyKey="~" * 255)


def test_line_2_the_same_key_of_two_people_is_two_keys(desk: Desk) -> None:
    name, other = ID[desk.mutation], desk.joined("second@example.com")
    assert desk.thing()[name] != desk.thing(other)[name]
    assert desk.things() == 2


def test_line_3_the_same_wish_gives_the_same_bytes_and_one_thing(desk: Desk) -> None:
    first, state = desk.text(), desk.state()
    assert [desk.text() for _ in range(3)] == [first] * 3
    assert desk.text(**SPELLED[desk.mutation]) == first
    desk.tomorrow()
    assert desk.text() == first
    assert (desk.state(), desk.things()) == (state, 1)


def test_line_4_another_wish_under_the_key_is_refused(desk: Desk) -> None:
    desk.do()
    state = desk.state()
    for changes in OTHERS[desk.mutation]:
        assert desk.do(**changes)["code"] == "IDEMPOTENCY_KEY_REUSED", changes
    assert desk.state() == state


def test_line_5_of_many_at_once_one_makes_it(desk: Desk) -> None:
    answers: list[str] = []
    clients = [desk.counter.browser() for _ in range(8)]
    for client in clients:
        client.token = desk.keeper.token

    def send(client: Client) -> None:
        answers.append(json.dumps(desk.send(client).body))

    threads = [threading.Thread(target=send, args=(client,)) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(answers), len(set(answers)), desk.things()) == (8, 1, 1)


def test_line_6_what_was_refused_leaves_the_key_free(desk: Desk) -> None:
    before = desk.state()
    for wrong, code in WRONG[desk.mutation]:
        answer = desk.send(**wrong)
        refused = answer.codes if "errors" in answer.body else None
        assert (refused or [answer.data[desk.mutation]["code"]]) == [code], wrong
    assert desk.state() == before
    assert ID[desk.mutation] in desk.thing()


@pytest.mark.parametrize("moment", ["before", "after"])
def test_line_7_after_a_crash_the_same_key_gives_one_thing(desk: Desk, moment: str) -> None:
    desk.counter.facts.script.append(moment)
    with suppress(Crash):
        assert desk.send().codes == ["INTERNAL_ERROR"]
    first = desk.text()
    assert desk.text() == first
    assert desk.things() == 1


def test_line_8_what_has_ended_since_is_told_as_it_is_and_not_made_again(desk: Desk) -> None:
    made = desk.thing()
    name, status = END[desk.mutation]
    subject = {ID[desk.mutation]: made[ID[desk.mutation]]}
    reason = {} if name == "archiveGoal" else {"reason": "It was a mistake of mine"}
    kind = f"{name[0].upper()}{name[1:]}Input"
    document = f"mutation($i: {kind}!) {{ {name}(input: $i) {{ __typename }} }}"
    ended = desk.keeper.graphql(document, {"i": subject | reason}).data[name]["__typename"]
    assert ended in ("GoalPayload", "StrategyProposalPayload")
    again = desk.thing()
    assert (again[ID[desk.mutation]], again["status"]) == (made[ID[desk.mutation]], status)
    assert desk.things() == 1


def test_line_9_nothing_goes_out_before_it_is_recorded_or_after(desk: Desk) -> None:
    before = len(desk.counter.facts.published)
    desk.do()
    desk.do()
    assert len(desk.counter.facts.published) == before


def test_line_10_a_key_of_yesterday_begins_nothing_new(desk: Desk) -> None:
    desk.counter.facts.script.append("after")
    with suppress(Crash):
        desk.send()
    desk.tomorrow()
    first = desk.thing()
    assert desk.thing() == first
    assert desk.things() == 1
