"""Operations made up from the committed schemas: never a failure of ours, always in form."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.core.transport import Response
from schemathesis.graphql import nodes

from graphql_api.application import Application
from graphql_api.export import FOLDER
from shared.kernel.errors import CATALOGUE
from shared.users.roles import Role
from tests.graphql_api.samples import KINDS, VALUES
from tests.graphql_api.staffing import appoint
from tests.graphql_api.steps import approved
from tests.graphql_api.unlimited import unlimited

FILES = {"graphql": "schema.graphql", "session": "session.graphql"}
SCHEMAS = {path: schemathesis.graphql.from_path(FOLDER / name) for path, name in FILES.items()}
ULID = st.from_regex(r"[0-7][0-9A-HJKMNP-TV-Z]{25}", fullmatch=True)
DIGITS = st.integers(min_value=0, max_value=10**9)
WORDS = st.text(
    st.characters(codec="utf-8", exclude_categories=["C"]), min_size=1, max_size=40
).filter(str.strip)
OWN: dict[str, st.SearchStrategy[str]] = {
    "Amount": st.tuples(DIGITS, st.integers(0, 99)).map(lambda pair: f"{pair[0]}.{pair[1]:02}"),
    "Date": st.dates().map(str).filter(lambda day: "1900" <= day < "2200"),
    "EmailAddress": st.sampled_from(["amina@example.com", "a.b+c@sub.example.co.ke"]),
    "PhoneNumber": st.from_regex(r"\+254[17][0-9]{8}", fullmatch=True),
    "CountryCode": st.sampled_from(["KEN", "UGA", "DEU"]),
    "Symbol": st.sampled_from(["VTI", "BND", "NONE"]),
    "IdempotencyKey": st.uuids().map(str),
    "Password": st.just("Correct-horse-42") | WORDS,
    "OneTimeCode": st.from_regex(r"[0-9]{6}", fullmatch=True),
    "Key": st.from_regex(r"[a-z0-9][a-z0-9_.-]{0,20}", fullmatch=True),
    "Line": WORDS,
    "Text": WORDS,
}
schemathesis.graphql.scalar("Int", st.integers(0, 60).map(nodes.Int))
for _name, _value in VALUES.items():
    if _name in KINDS:
        _texts = ULID.map(lambda ulid, kind=KINDS[_name]: f"{kind}_t1_{ulid}")
    else:
        _texts = OWN.get(_name, st.just(_value))
    if isinstance(_value, str):
        schemathesis.graphql.scalar(_name, _texts.map(nodes.String))


def _operations() -> Iterator[Any]:
    for path, schema in SCHEMAS.items():
        for each in schema.get_all_operations():
            operation = each.ok()
            yield pytest.param(path, operation, id=f"{path}-{operation.label}")


FOR_ADMINISTRATORS = frozenset(
    {
        "Mutation.setRole",
        "Mutation.recordTreasuryMovement",
        "Mutation.decideTreasuryMovement",
        "Mutation.resetBreaker",
        "Mutation.stopAutomaticOrders",
        "Mutation.resumeAutomaticOrders",
    }
)


def _role_for(label: str) -> Role:
    return Role.ADMIN if label in FOR_ADMINISTRATORS else Role.COMPLIANCE


@pytest.fixture
def asking(app: Application, join: Callable[[str], Any], browser: Callable[[], Any]) -> Any:
    """Whoever may do the most at an endpoint."""
    unlimited(app)

    def who(path: str, label: str) -> Any:
        if path == "session":
            return browser()
        person = join("amina@example.com")
        approved(app, person)
        return appoint(app, person, _role_for(label))

    return who


def _as_response(answer: Any, document: str) -> Response:
    made = requests.Response()
    made.status_code = answer.status
    made._content = json.dumps(answer.body).encode()
    made.headers.update(answer.headers)
    made.request = requests.Request(
        "POST", "http://127.0.0.1/graphql", json={"query": document}
    ).prepare()
    return Response.from_requests(made, verify=False)


@pytest.mark.parametrize(
    ("mode", "examples"), [(GenerationMode.POSITIVE, 12), (GenerationMode.NEGATIVE, 6)]
)
@pytest.mark.parametrize(("path", "operation"), [*_operations()])
def test_no_operation_fails_or_answers_out_of_form(
    path: str, operation: Any, mode: GenerationMode, examples: int, asking: Any
) -> None:
    client = asking(path, operation.label)
    seen: list[bool] = []

    @settings(
        max_examples=examples,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(operation.as_strategy(generation_mode=mode))
    def run(case: Any) -> None:
        answer = client.post(f"/{path}", case.body)
        response = _as_response(answer, case.body)
        assert answer.status in (200, 400, 403), (case.body, answer.body)
        codes = {error["extensions"]["code"] for error in answer.body.get("errors", [])}
        # The tool takes every code that it does not know for a failure of the server.
        assert codes <= CATALOGUE.keys() - {"INTERNAL_ERROR"}, (case.body, answer.body)
        if not codes:
            operation.schema.evaluate_server_error(case, response)
        operation.schema.validate_response(operation, response, case=case)
        if case.meta.generation.mode.is_negative:
            operation.schema.evaluate_negative_data(case, response)
        seen.append(answer.body.get("data") is not None)

    run()
    assert seen
    if mode is GenerationMode.POSITIVE:
        assert any(seen), "nothing that was made up was ever executed"
