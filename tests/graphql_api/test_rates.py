"""Which bucket an operation takes from, how much, and whose it is."""

from types import SimpleNamespace
from typing import Any, get_args

import pytest
from graphql import GraphQLInputObjectType, GraphQLNonNull, GraphQLObjectType, get_named_type
from pydantic import ValidationError

from graphql_api.rates import (
    DEFAULTS,
    MONEY_MUTATIONS,
    SESSION_MUTATIONS,
    OperationClass,
    buckets,
    charge,
    class_of,
    principal_of,
    tokens,
)
from graphql_api.schema import graphql_schema, session_schema
from infra.stages import ROOT, Stage, file_context, read_stage
from shared.platform.rate_limits import Bucket, network_of
from shared.users.keyring import Keyring

KEYRING = Keyring(lambda: "pepper")


def mutations(schema: Any) -> dict[str, Any]:
    root = schema._schema.mutation_type
    assert isinstance(root, GraphQLObjectType)
    return dict(root.fields)


def input_fields(mutation: Any) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, argument in mutation.args.items():
        kind = get_named_type(argument.type)
        nested = kind.fields if isinstance(kind, GraphQLInputObjectType) else {name: argument}
        found |= nested
    return found


GRAPHQL = mutations(graphql_schema(introspection=False))
SESSION = mutations(session_schema(introspection=False))


def test_what_takes_an_amount_or_a_key_is_classed_as_money_and_nothing_else_is() -> None:
    moving = {
        name
        for name, mutation in GRAPHQL.items()
        if input_fields(mutation).keys() & {"amount", "quantity", "idempotencyKey"}
    }
    assert moving == MONEY_MUTATIONS
    assert not any(
        input_fields(mutation).keys() & {"amount", "quantity", "idempotencyKey"}
        for mutation in SESSION.values()
    )


@pytest.mark.parametrize("name", sorted(MONEY_MUTATIONS))
def test_every_mutation_that_moves_money_demands_an_idempotency_key(name: str) -> None:
    key = input_fields(GRAPHQL[name])["idempotencyKey"]
    assert isinstance(key.type, GraphQLNonNull)
    assert key.type.of_type.name == "IdempotencyKey"


def test_the_class_follows_endpoint_type_and_root_fields() -> None:
    assert class_of(session=False, mutation=False, fields=["viewer"]) is OperationClass.READ
    for name in GRAPHQL:
        expected = OperationClass.MONEY if name in MONEY_MUTATIONS else OperationClass.CHANGE
        assert class_of(session=False, mutation=True, fields=[name]) is expected
    both = ["updateProfile", "createDeposit"]
    assert class_of(session=False, mutation=True, fields=both) is OperationClass.MONEY


def test_on_the_session_endpoint_whatever_is_not_known_as_harmless_is_a_try() -> None:
    for name in SESSION:
        expected = OperationClass.SESSION if name in SESSION_MUTATIONS else OperationClass.SIGN_IN
        assert class_of(session=True, mutation=True, fields=[name]) is expected
    assert set(SESSION) >= SESSION_MUTATIONS
    assert class_of(session=True, mutation=False, fields=["hello"]) is OperationClass.SESSION
    assert class_of(session=True, mutation=True, fields=["brandNew"]) is OperationClass.SIGN_IN
    mixed = ["refreshSession", "signIn"]
    assert class_of(session=True, mutation=True, fields=mixed) is OperationClass.SIGN_IN


@pytest.mark.parametrize(
    ("cost", "expected"), [(0, 1), (-5, 1), (999, 1), (1_000, 2), (4_999, 5), (10**30, 10**27 + 1)]
)
def test_a_heavier_document_takes_more(cost: int, expected: int) -> None:
    assert tokens(cost) == expected


def test_only_reading_and_keeping_a_session_go_on_without_a_store() -> None:
    assert {kind for kind, bucket in DEFAULTS.items() if bucket.fail_open} == {
        OperationClass.READ,
        OperationClass.SESSION,
    }
    assert {kind for kind, bucket in DEFAULTS.items() if bucket.lease > 1} == {
        OperationClass.READ,
        OperationClass.SESSION,
    }
    assert {bucket.name for bucket in DEFAULTS.values()} == {kind.value for kind in OperationClass}


@pytest.mark.parametrize("page", ["docs/api.md", "docs/adr/0018-rate-limits.md"])
def test_the_numbers_in_the_documentation_are_those_that_hold(page: str) -> None:
    lines = (ROOT / page).read_text().splitlines()
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if "|" in line]
    told = {row[0]: (int(row[2]), int(row[3])) for row in rows if row[0] in OperationClass}
    assert told == {
        kind.value: (bucket.capacity, bucket.per_minute) for kind, bucket in DEFAULTS.items()
    }


def test_a_stage_changes_numbers_and_nothing_else() -> None:
    assert buckets() == DEFAULTS
    assert buckets("") == DEFAULTS
    own = buckets(
        '{"READ": {"capacity": 9, "per_minute": 8}, "MONEY": {"capacity": 1, "per_minute": 2}}'
    )
    assert own[OperationClass.READ] == Bucket("READ", 9, 8, lease=4, fail_open=True)
    assert own[OperationClass.MONEY] == Bucket("MONEY", 1, 2)
    assert own[OperationClass.CHANGE] == DEFAULTS[OperationClass.CHANGE]


@pytest.mark.parametrize(
    "text",
    [
        "[]",
        "x",
        '{"READ": 5}',
        '{"READ": {"capacity": 0, "per_minute": 1}}',
        '{"READ": {"capacity": 1}}',
        '{"READ": {"capacity": 1, "per_minute": 1, "lease": 1}}',
        '{"WRITE": {"capacity": 1, "per_minute": 1}}',
    ],
)
def test_numbers_that_make_no_sense_stop_the_start(text: str) -> None:
    with pytest.raises(ValidationError):
        buckets(text)


def test_a_stage_can_name_every_class_and_no_other() -> None:
    annotation: Any = Stage.model_fields["rates"].annotation
    assert set(get_args(get_args(annotation)[0])) == {kind.value for kind in OperationClass}


@pytest.mark.parametrize("name", ["local", "dev", "prod"])
def test_every_stage_of_ours_has_numbers_that_the_api_reads(name: str) -> None:
    stage = read_stage(file_context(), name=name)
    read = buckets(stage.rate_limits)
    for kind, bucket in read.items():
        own = stage.rates.get(kind.value)
        capacity = DEFAULTS[kind].capacity if own is None else own.capacity
        assert bucket.capacity == capacity
    if name != "local":
        assert read == DEFAULTS


def asking(user_id: str | None, address: str = "203.0.113.9") -> Any:
    caller = None if user_id is None else SimpleNamespace(user_id=user_id)
    return SimpleNamespace(caller=caller, ip_address=address)


def test_a_person_is_limited_as_a_person_and_a_stranger_by_a_keyed_hash_of_the_address() -> None:
    assert principal_of(asking("usr_1"), KEYRING, session=False) == "user:usr_1"
    stranger = principal_of(asking(None), KEYRING, session=False)
    assert stranger == f"address:{KEYRING.hash('address', '203.0.113.9')}"
    assert "203.0.113.9" not in stranger


def test_a_request_is_charged_to_its_principal_by_class_and_cost() -> None:
    taken: list[tuple[str, Bucket, int]] = []
    rates = SimpleNamespace(take=lambda *given: taken.append(given))
    app = SimpleNamespace(rates=rates, buckets=DEFAULTS, keyring=KEYRING)
    person = asking("usr_1")
    person.app = app
    charge(person, OperationClass.MONEY, 10, session=False)
    charge(person, OperationClass.READ, 4_321, session=False)
    assert taken == [
        ("user:usr_1", DEFAULTS[OperationClass.MONEY], 1),
        ("user:usr_1", DEFAULTS[OperationClass.READ], 5),
    ]


def test_a_token_that_nobody_verified_buys_no_bucket_of_its_own() -> None:
    strangers = [
        principal_of(asking(name), KEYRING, session=True) for name in (None, "usr_1", "usr_2")
    ]
    assert strangers == [strangers[0]] * 3
    assert strangers[0].startswith("address:")


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:DB8:1:2::", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", "unknown"),
        ("203.0.113.9, 10.0.0.1", "unknown"),
        ("300.1.1.1", "unknown"),
        ("x" * 4000, "unknown"),
    ],
)
def test_an_address_counts_as_the_network_that_one_customer_has(
    address: str, expected: str
) -> None:
    assert network_of(address) == expected
