"""One request does one thing, and reads a bounded amount."""

from collections.abc import Callable
from typing import Any

import pytest

from graphql_api.limits import EXTRA_READS_MAX
from tests.users.twins import TwinIdentities

GUESS = 'signIn(input: {email: "amina@example.com", password: "%s"}) { __typename }'


@pytest.mark.parametrize(
    "document",
    [
        "mutation {{ a: {one} b: {two} }}",
        "mutation {{ {one} b: {two} }}",
        "mutation {{ ... {{ a: {one} }} ... on Mutation {{ b: {two} }} }}",
        "mutation {{ ...F b: {two} }} fragment F on Mutation {{ a: {one} }}",
        "mutation {{ ...F }} fragment F on Mutation {{ ...G a: {one} }} "
        "fragment G on Mutation {{ b: {two} }}",
        "mutation {{ a: {one} ... @skip(if: true) {{ b: {two} }} }}",
        "query Q {{ __typename }} mutation M {{ a: {one} b: {two} }}",
    ],
)
def test_one_request_tries_one_password(
    amina: Any, browser: Callable[[], Any], identities: TwinIdentities, document: str
) -> None:
    tried: list[str] = []
    check = identities.sign_in

    def noted(user_id: str, password: str) -> Any:
        tried.append(password)
        return check(user_id, password)

    identities.sign_in = noted  # counts what reaches the provider
    answer = browser().session(document.format(one=GUESS % "first", two=GUESS % "second"))
    assert (answer.status, answer.codes) == (400, ["GRAPHQL_VALIDATION_FAILED"])
    assert "data" not in answer.body
    assert tried == []
    assert browser().session("mutation { " + GUESS % "third" + " }").data["signIn"]
    assert tried == ["third"]


def test_one_action_named_twice_is_one_action(browser: Callable[[], Any]) -> None:
    answer = browser().session("mutation { signOut { __typename } ... { signOut { __typename } } }")
    assert answer.data == {"signOut": {"__typename": "SignOutPayload"}}


def test_fragments_that_multiply_are_counted_in_no_time(browser: Callable[[], Any]) -> None:
    doubling = "".join(
        f"fragment F{i} on Mutation {{ ...F{i + 1} ...F{i + 1} }} " for i in range(12)
    )
    last = "fragment F12 on Mutation { a: signOut { __typename } b: signOut { __typename } }"
    answer = browser().session("mutation { ...F0 } " + doubling + last)
    assert answer.codes == ["GRAPHQL_VALIDATION_FAILED"]


def test_a_request_reads_so_many_single_things_and_no_more(amina: Any, database: Any) -> None:
    def asked(count: int) -> Any:
        field = 'deposit(depositId: "dep_t1_01ARZ3NDEKTSV4RRFFQ69G5FAV") { depositId }'
        fields = " ".join(f"d{i}: {field}" for i in range(count))
        database.requests.clear()
        return amina.graphql(f"{{ viewer {{ {fields} }} }}")

    assert set(asked(EXTRA_READS_MAX).data["viewer"].values()) == {None}
    refused = asked(EXTRA_READS_MAX + 6)
    assert set(refused.codes) == {"INVALID_VALUE"}
    assert len(database.requests) <= EXTRA_READS_MAX + 2


def test_older_pages_under_many_names_are_bounded(amina: Any, database: Any) -> None:
    after = "RkVFRCMwMUFSWjNOREVLVFNWNFJSRkZRNjlHNUZBViNvcmQ"
    fields = " ".join(
        f'a{i}: orders(after: "{after}") {{ nodes {{ orderId }} }}' for i in range(30)
    )
    database.requests.clear()
    answer = amina.graphql(f"{{ viewer {{ {fields} }} }}")
    assert set(answer.codes) == {"INVALID_VALUE"}
    assert len(database.requests) <= EXTRA_READS_MAX + 2
