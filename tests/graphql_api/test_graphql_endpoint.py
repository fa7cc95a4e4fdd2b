"""The GraphQL endpoint: who may ask, what is refused, what leaks (nothing), what it costs."""

import base64
import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from graphql_api.application import Application
from shared.kernel.edge_errors import BadUserInput, InternalError
from shared.platform import keys
from shared.platform.tables import Update
from shared.users.model import UserStatus
from shared.users.store import ProfileRow
from tests.users.twins import CLIENT, claims_of, token_of

VIEWER = "{ viewer { user { userId email status } } }"
SCREEN = """{ viewer {
  user { userId email kycStatus riskProfile { score } language profile { complete missing } }
  accounts { accountId currency balance { amount currency } available { amount } held { amount } }
  portfolio { portfolioId value { amount } netDeposits { amount } cash { amount } drift stale asOf
    holdings { asset { symbol currentPrice { amount asOf stale } } quantity weight target } }
  transactions { nodes { transactionId type amount { amount } status } pageInfo { hasNextPage } }
  orders { nodes { orderId status why { summary } } }
  deposits { nodes { depositId status } }
  notifications { nodes { subject } }
  kycCase { status nextAction attemptsLeft } kycDocuments { docId }
  nextSteps } }"""


def test_the_screen_is_two_reads(amina: Any, database: Any) -> None:
    amina.graphql(SCREEN)
    database.requests.clear()
    data = amina.graphql(SCREEN).data["viewer"]
    assert database.requests == ["query POSITION#", "query FEED#"]
    assert data["user"]["email"] == "amina@example.com"
    assert data["user"]["kycStatus"] == "NOT_STARTED"
    assert [one["currency"] for one in data["accounts"]] == ["USD", "KES"]
    assert data["portfolio"]["value"] == {"amount": "0.00"}
    assert data["kycCase"] == {
        "status": "NOT_STARTED",
        "nextAction": "COMPLETE_PROFILE",
        "attemptsLeft": 3,
    }
    assert data["nextSteps"] == [
        "COMPLETE_PROFILE",
        "ANSWER_RISK_QUESTIONS",
        "UPLOAD_IDENTITY_DOCUMENT",
        "SECURE_ACCOUNT",
    ]


def test_without_a_token_nothing_is_answered(browser: Callable[[], Any]) -> None:
    answer = browser().graphql(VIEWER)
    assert (answer.status, answer.codes) == (401, ["NOT_SIGNED_IN"])
    assert answer.headers["www-authenticate"] == "Bearer"
    assert "data" not in answer.body


def _claims(amina: Any, **changes: str) -> dict[str, str]:
    return {
        "username": amina.user_id,
        "origin_jti": claims_of(amina.token)["origin_jti"],
        "token_use": "access",
        "client_id": CLIENT,
    } | changes


@pytest.mark.parametrize(
    "changes",
    [
        {"token_use": "id"},
        {"client_id": "another"},
        {"username": "usr_t1_01ARZ3NDEKTSV4RRFFQ69G5FAV"},
        {"username": "amina@example.com"},
        {"username": ""},
        {"origin_jti": "of-a-sign-in-at-the-pool-itself"},
    ],
)
def test_a_genuine_token_that_is_not_for_us_opens_nothing(
    amina: Any, changes: dict[str, str]
) -> None:
    body = json.dumps({"query": VIEWER})
    answer = amina.send("/graphql", body, claims=_claims(amina, **changes))
    assert answer.codes == ["NOT_SIGNED_IN"]
    without = {k: v for k, v in _claims(amina).items() if k != "origin_jti"}
    assert amina.send("/graphql", body, claims=without).codes == ["NOT_SIGNED_IN"]
    assert amina.send("/graphql", body, claims=_claims(amina)).data["viewer"]


def test_a_token_that_no_authorizer_has_checked_opens_nothing(
    amina: Any, browser: Callable[[], Any]
) -> None:
    stranger = browser()
    headers = {"authorization": f"Bearer {token_of(amina.user_id, 'forged')}"}
    assert stranger.post("/graphql", VIEWER, headers=headers).codes == ["NOT_SIGNED_IN"]


@pytest.mark.parametrize("status", [UserStatus.SUSPENDED, UserStatus.CLOSED])
def test_a_person_who_was_stopped_may_do_nothing(
    amina: Any, app: Application, status: UserStatus
) -> None:
    app.database.write(
        Update(
            "profile",
            ProfileRow,
            keys.user(amina.user_id),
            keys.PROFILE,
            (ProfileRow.status.set(status.value),),
        )
    )
    assert amina.graphql(VIEWER).codes == ["NOT_SIGNED_IN"]
    change = 'mutation { updateProfile(input: {city: "Nairobi"}) { __typename } }'
    assert amina.graphql(change).codes == ["NOT_SIGNED_IN"]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (None, 400),
        ("", 400),
        ("null", 400),
        ("1", 400),
        ('"x"', 400),
        ("[]", 400),
        ('[{"query": "{ __typename }"}]', 400),
        ("{}", 400),
        ('{"query": null}', 400),
        ('{"query": ""}', 400),
        ('{"query": 1}', 400),
        ('{"query": "{ __typename }", "variables": []}', 400),
        ('{"query": "{ __typename }", "variables": "{}"}', 400),
        ('{"query": "{ __typename }", "operationName": 1}', 400),
        ('{"query": "{ __typename }", "variables": {"a": NaN}}', 400),
        ('{"query": "{ __typename }", "variables": {"a": Infinity}}', 400),
        ("{" * 50_000, 400),
        ('{"query": "x", "variables": ' + '{"a":' * 40 + "1" + "}" * 41, 400),
        ('{"query": "{ __typename }", "variables": {"a": ' + "9" * 5_000 + "}}", 400),
    ],
)
def test_malformed_bodies_are_refused_cleanly(amina: Any, body: str | None, status: int) -> None:
    answer = amina.send("/graphql", body)
    assert answer.status == status
    assert answer.codes == ["BAD_REQUEST"]


def test_bytes_that_are_no_text_are_refused_cleanly(amina: Any) -> None:
    body = base64.b64encode(b'{"query": "\xff\xfe"}').decode()
    assert amina.send("/graphql", body, base64=True).status == 400


@pytest.mark.parametrize(
    ("method", "headers", "status"),
    [
        ("GET", {}, 405),
        ("PUT", {}, 405),
        ("POST", {"content-type": "text/plain"}, 415),
        ("POST", {"content-type": "application/x-www-form-urlencoded"}, 415),
        ("POST", {"content-type": "multipart/form-data; boundary=x"}, 415),
        ("POST", {"content-type": "application/json; charset=latin-1"}, 415),
        ("POST", {"content-type": ""}, 415),
        ("POST", {"content-length": "70000"}, 413),
        ("POST", {"content-length": "x"}, 400),
    ],
)
def test_other_methods_and_media_types_are_refused(
    amina: Any, method: str, headers: Mapping[str, str], status: int
) -> None:
    body = json.dumps({"query": VIEWER})
    assert amina.send("/graphql", body, method=method, headers=headers).status == status


def test_other_paths_hold_nothing(amina: Any) -> None:
    assert amina.send("/", "{}").status == 404
    assert amina.send("/graphql/", "{}").status == 404


@pytest.mark.parametrize(
    "query",
    [
        "{",
        "{ nothing }",
        "query A { __typename } query A { __typename }",
        "{ viewer }",
        "\x00",
        "{ a(b: $c) }",
    ],
)
def test_bad_documents_are_refused_without_hints(amina: Any, query: str) -> None:
    answer = amina.graphql(query)
    assert answer.status == 400
    assert answer.codes[0] in ("GRAPHQL_PARSE_FAILED", "GRAPHQL_VALIDATION_FAILED")
    assert "data" not in answer.body
    assert "Did you mean" not in json.dumps(answer.body)


def test_no_value_is_guessed_at_whatever_its_letters_are(amina: Any) -> None:
    document = "mutation($i: UpdateProfileInput!) { updateProfile(input: $i) { __typename } }"
    for word in ("\u0130@x", "EMPLOYE", "x" * 5000):
        for answer in (
            amina.graphql(document, {"i": {"employment": word}}),
            amina.graphql(
                f'mutation {{ updateProfile(input: {{employment: "{word}"}}) {{ __typename }} }}'
            ),
        ):
            assert answer.codes[0] in ("BAD_USER_INPUT", "GRAPHQL_VALIDATION_FAILED")
            assert "Did you mean" not in json.dumps(answer.body)


def test_text_that_no_store_could_take_is_refused(browser: Callable[[], Any]) -> None:
    for place in ('"variables": {"i": "\\ud800"}', '"operationName": "\\udfff"'):
        answer = browser().send("/session", f'{{"query": "{{ __typename }}", {place}}}')
        assert (answer.status, answer.codes) == (400, ["BAD_REQUEST"])


def test_documents_have_a_size(amina: Any) -> None:
    answer = amina.graphql("{ " + "__typename " * 1100 + "}")
    assert answer.codes == ["DOCUMENT_TOO_COMPLEX"]


def test_the_schema_is_not_told(amina: Any) -> None:
    for query in ("{ __schema { types { name } } }", '{ __type(name: "User") { name } }'):
        for answer in (amina.graphql(query), amina.session(query)):
            assert set(answer.codes) == {"GRAPHQL_VALIDATION_FAILED"}
            assert "data" not in answer.body


def test_what_was_not_foreseen_is_masked_with_a_correlation_id(
    amina: Any, app: Application, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    def broken(*_: Any) -> Any:
        raise RuntimeError("secret=hunter2 host=db.internal")

    monkeypatch.setattr(app.deposit_store, "get", broken)
    query = """{ viewer { user { userId }
      deposit(depositId: "dep_t1_01ARZ3NDEKTSV4RRFFQ69G5FAV") { depositId } } }"""
    answer = amina.graphql(query)
    (error,) = answer.body["errors"]
    assert error["extensions"] == {
        "code": "INTERNAL_ERROR",
        "advice": InternalError.advice,
        "retry": "same_key",
        "correlationId": "request-1",
    }
    assert answer.headers["x-correlation-id"] == "request-1"
    assert answer.body["data"]["viewer"]["user"]["userId"] == amina.user_id
    printed = capsys.readouterr()
    for place in (json.dumps(answer.body), printed.out, printed.err):
        assert "hunter2" not in place
    assert "RuntimeError" in printed.out


def test_errors_of_fields_have_the_persons_language(amina: Any) -> None:
    amina.graphql(
        "mutation($i: UpdateProfileInput!) { updateProfile(input: $i) { __typename } }",
        {"i": {"language": "SW"}},
    )
    answer = amina.graphql("{ viewer { transactions(first: 51) { nodes { type } } } }")
    (error,) = answer.body["errors"]
    assert error["message"].startswith("Thamani moja ya ombi si sahihi.")
    assert error["extensions"]["advice"] == BadUserInput.advice_sw


def test_logs_carry_no_payload(amina: Any, browser: Callable[[], Any], capsys: Any) -> None:
    amina.graphql(
        "mutation($i: UpdateProfileInput!) { updateProfile(input: $i) { __typename } }",
        {"i": {"taxId": "A999888777Z", "givenName": "Veryrarename", "phone": "+254700000001"}},
    )
    browser().session(
        "mutation($i: SignInInput!) { signIn(input: $i) { __typename } }",
        {"i": {"email": "rare@example.com", "password": "Rare-password-1"}},
    )
    printed = capsys.readouterr()
    for text in ("A999888777Z", "Veryrarename", "+2547", "rare@", "Rare-password", amina.token):
        assert text not in printed.out + printed.err


def test_the_log_tells_who_asked_for_what_and_how_it_ended(
    amina: Any, browser: Callable[[], Any], capsys: Any
) -> None:
    amina.graphql("query Veryrarename { veryrarealias: viewer { user { userId } } }")
    amina.graphql("{ nothingOfOurs }")
    browser().session("{ __typename }")
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    told = [line for line in lines if line["message"] == "request"]
    shown = [{key: line.get(key) for key in ("operation", "user_id", "codes")} for line in told]
    assert shown == [
        {"operation": "viewer", "user_id": amina.user_id, "codes": None},
        {"operation": None, "user_id": None, "codes": "GRAPHQL_VALIDATION_FAILED"},
        {"operation": "__typename", "user_id": None, "codes": None},
    ]
    assert "veryrare" not in json.dumps(lines).lower()


@pytest.mark.parametrize("first", [0, -1, 51, 1000])
def test_pages_have_a_cap(amina: Any, first: int) -> None:
    query = "query($n: Int!) { viewer { orders(first: $n) { nodes { orderId } } } }"
    assert amina.graphql(query, {"n": first}).codes == ["BAD_USER_INPUT"]


@pytest.mark.parametrize("after", ["", "====", "é", "A" * 5000, "x", "RkVFRCM", "VVNFUiM"])
def test_cursors_that_are_not_ours_are_refused(amina: Any, after: str) -> None:
    for field in ("orders", "transactions", "deposits", "notifications", "journal"):
        query = (
            f"query($a: Cursor!) {{ viewer {{ {field}(after: $a) {{ nodes {{ __typename }} }} }} }}"
        )
        assert amina.graphql(query, {"a": after}).codes == ["BAD_USER_INPUT"], field
