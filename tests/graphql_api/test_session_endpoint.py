"""The session endpoint: cookies, neutral answers, and where requests may come from."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from shared.kernel.clock import FixedClock
from shared.users.sessions import GRACE
from tests.users.twins import CODE, TOTP, TwinIdentities, totp

EMAIL, PASSWORD = "amina@example.com", "Correct-horse-42"
SIGN_UP = """mutation($i: SignUpInput!) { signUp(input: $i) {
  __typename ... on SignUpPayload { message } ... on UserError { code message advice }
  ... on InvalidInputError { field } } }"""
SIGN_IN = """mutation($i: SignInInput!) { signIn(input: $i) {
  __typename ... on SignedIn { userId accessToken expiresAt } ... on MfaRequired { challengeId }
  ... on UserError { code message } } }"""
ANSWER = """mutation($i: AnswerMfaInput!) { answerMfa(input: $i) {
  __typename ... on SignedIn { accessToken } ... on UserError { code } } }"""
REFRESH = """mutation { refreshSession {
  __typename ... on SignedIn { userId accessToken } ... on UserError { code } } }"""
SIGN_OUT = "mutation { signOut { __typename ... on SignOutPayload { signedOut } } }"
BEGIN = """mutation { beginTotp { __typename
  ... on BeginTotpPayload { secret otpauthUri } ... on UserError { code } } }"""
FINISH = """mutation($i: FinishTotpInput!) { finishTotp(input: $i) {
  __typename ... on FinishTotpPayload { enabled recoveryCodes } ... on UserError { code } } }"""
VIEWER = "{ viewer { user { userId secondFactor } } }"


def _sign_up(client: Any, email: str = EMAIL, password: str = PASSWORD) -> Any:
    variables = {"i": {"email": email, "password": password, "language": "EN"}}
    return client.session(SIGN_UP, variables).data["signUp"]


def _sign_in(client: Any, email: str = EMAIL, password: str = PASSWORD) -> Any:
    return client.session(SIGN_IN, {"i": {"email": email, "password": password}}).data["signIn"]


def test_a_sign_up_is_answered_alike_for_new_and_taken_addresses(
    amina: Any, browser: Callable[[], Any]
) -> None:
    taken = _sign_up(browser())
    new = _sign_up(browser(), "new@example.com")
    assert taken == new
    assert taken["__typename"] == "SignUpPayload"


def test_before_signing_in_people_read_their_own_language(browser: Callable[[], Any]) -> None:
    variables = {"i": {"email": EMAIL, "password": PASSWORD, "language": "SW"}}
    client = browser()
    begun = client.session(SIGN_UP, variables).data["signUp"]
    assert begun["message"] == "Tumetuma msimbo kwenye anwani hii ikiwa ni mpya kwetu."
    asked = """mutation { requestPasswordReset(input: {email: "amina@example.com"}) {
      ... on RequestPasswordResetPayload { message } } }"""
    proved = f"""mutation {{ confirmSignUp(input: {{email: "{EMAIL}", code: "{CODE}"}}) {{
      ... on ConfirmSignUpPayload {{ message }} }} }}"""
    for query, shown in [
        (proved, "Akaunti yako imefunguliwa: ingia."),
        ("{ passwordPolicy { description } }", "Herufi kubwa, herufi ndogo, tarakimu na alama."),
        (asked, "Tumetuma msimbo kwenye anwani hii ikiwa ina akaunti."),
    ]:
        body = json.dumps({"query": query})
        answer = client.send("/session", body, headers={"accept-language": "sw"})
        ((value,),) = (one.values() for one in answer.data.values())
        assert value == shown


def test_a_code_confirms_the_sign_up_of_the_browser_that_enters_it(
    browser: Callable[[], Any],
) -> None:
    confirm = """mutation($i: ConfirmSignUpInput!) { confirmSignUp(input: $i) {
      __typename ... on UserError { code } } }"""
    code = {"i": {"email": EMAIL, "code": CODE}}
    mine, stranger = browser(), browser()
    _sign_up(mine)
    name, _, rest = mine.sign_up.partition("=")
    assert name == "__Host-baobab-sign-up"
    assert EMAIL not in rest
    _sign_up(stranger, password="Strangers-horse-1")
    assert mine.session(confirm, code).data["confirmSignUp"]["code"] == "CODE_REFUSED"
    _sign_up(mine)
    answer = mine.session(confirm, code)
    assert answer.data["confirmSignUp"]["__typename"] == "ConfirmSignUpPayload"
    begun, device = answer.cookies
    flags = {"HttpOnly", "Path=/", "SameSite=strict", "Secure"}
    assert {*flags, "Max-Age=0"} <= set(begun.split("; "))
    assert {*flags, f"Max-Age={400 * 24 * 3600}"} <= set(device.split("; "))
    assert device.startswith("__Host-baobab-device=")
    assert "usr_" not in device
    assert _sign_in(mine)["__typename"] == "SignedIn"
    assert _sign_in(stranger, password="Strangers-horse-1")["code"] == "SIGN_IN_REFUSED"


def test_bad_values_come_back_as_data_with_their_field(browser: Callable[[], Any]) -> None:
    answer = _sign_up(browser(), password=f"{PASSWORD} ")
    assert (answer["__typename"], answer["code"], answer["field"]) == (
        "InvalidInputError",
        "INVALID_VALUE",
        "password",
    )
    assert _sign_up(browser(), password="weak")["code"] == "PASSWORD_TOO_WEAK"


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(amina: Any) -> None:
    answer = amina.session(REFRESH)
    (cookie,) = answer.cookies
    name, _, rest = cookie.partition("=")
    assert name == "__Host-baobab"
    attributes = set(rest.split("; ")[1:])
    assert attributes == {"HttpOnly", "Max-Age=86400", "Path=/", "SameSite=strict", "Secure"}
    assert answer.data["refreshSession"]["userId"] == amina.user_id
    assert answer.headers["cache-control"] == "no-store"


def test_the_access_token_and_the_session_id_are_different_things(amina: Any) -> None:
    assert amina.token not in amina.cookie
    assert amina.cookie.split("=")[1] not in amina.token


def test_a_copied_cookie_used_late_ends_the_session_for_both(
    amina: Any, clock: FixedClock, browser: Callable[[], Any], capsys: Any
) -> None:
    thief = browser()
    thief.cookie = amina.cookie
    amina.session(REFRESH)
    clock.advance(GRACE)
    assert thief.session(REFRESH).data["refreshSession"]["code"] == "SESSION_ENDED"
    assert thief.cookie is None
    assert amina.session(REFRESH).data["refreshSession"]["code"] == "SESSION_ENDED"
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    (replayed,) = [one for one in lines if one.get("message") == "session id replayed"]
    assert (replayed["user_id"], replayed["level"]) == (amina.user_id, "WARNING")
    assert [one["SessionReplayed"] for one in lines if "SessionReplayed" in one] == [[1.0]]


def test_who_signed_in_and_what_was_refused_is_on_record(
    amina: Any, browser: Callable[[], Any], capsys: Any
) -> None:
    capsys.readouterr()
    _sign_in(browser(), password="Wrong-horse-43")
    _sign_in(browser())
    printed = capsys.readouterr().out
    lines = [json.loads(line) for line in printed.splitlines()]
    told = [(one["message"], one.get("error"), one.get("user_id")) for one in lines]
    assert [one for one in told if one[0] in ("refused", "signed in")] == [
        ("refused", "SIGN_IN_REFUSED", None),
        ("signed in", None, amina.user_id),
    ]
    assert "horse" not in printed


def test_after_signing_out_neither_cookie_nor_access_token_work(amina: Any) -> None:
    assert amina.graphql(VIEWER).data["viewer"]["user"]["userId"] == amina.user_id
    cookie = amina.cookie
    assert amina.session(SIGN_OUT).data["signOut"]["signedOut"] is True
    assert amina.cookie is None
    refused = amina.graphql(VIEWER)
    assert refused.codes == ["NOT_SIGNED_IN"]
    assert "data" not in refused.body
    amina.cookie = cookie
    assert amina.session(REFRESH).data["refreshSession"]["code"] == "SESSION_ENDED"


def test_signing_out_without_a_session_is_success(browser: Callable[[], Any]) -> None:
    assert browser().session(SIGN_OUT).data["signOut"]["signedOut"] is True


def test_a_second_factor_from_setting_up_to_signing_in(
    amina: Any, browser: Callable[[], Any]
) -> None:
    begun = amina.session(BEGIN).data["beginTotp"]
    assert begun["otpauthUri"] == (
        f"otpauth://totp/Baobab%3Aamina%40example.com?secret={begun['secret']}&issuer=Baobab"
    )
    assert amina.session(FINISH, {"i": {"code": "000000"}}).data["finishTotp"]["code"] == (
        "CODE_REFUSED"
    )
    finished = amina.session(FINISH, {"i": {"code": TOTP}}).data["finishTotp"]
    assert finished["enabled"] is True
    assert len(finished["recoveryCodes"]) == 10
    assert amina.graphql(VIEWER).data["viewer"]["user"]["secondFactor"] is True
    fresh = browser()
    asked = _sign_in(fresh)
    assert asked["__typename"] == "MfaRequired"
    assert (fresh.cookie, fresh.device) == (None, None)
    challenge = asked["challengeId"]
    wrong = fresh.session(ANSWER, {"i": {"challengeId": challenge, "code": "000000"}})
    assert wrong.data["answerMfa"]["code"] == "CODE_REFUSED"
    used = fresh.session(ANSWER, {"i": {"challengeId": challenge, "code": TOTP}})
    assert used.data["answerMfa"]["code"] == "CODE_REFUSED", "the app's code was used to set it up"
    challenge = _sign_in(fresh)["challengeId"]
    right = fresh.session(ANSWER, {"i": {"challengeId": challenge, "code": totp(1)}})
    assert right.data["answerMfa"]["__typename"] == "SignedIn"
    assert fresh.cookie is not None
    assert fresh.device is not None


def test_a_second_factor_is_the_cookies_persons_whatever_token_is_shown(
    amina: Any, browser: Callable[[], Any], identities: TwinIdentities
) -> None:
    stranger = browser()
    identities.calls.clear()
    assert stranger.session(BEGIN).data["beginTotp"]["code"] == "NOT_SIGNED_IN"
    for token in (amina.token, amina.token.replace(".signedAA", ".forgedAA"), "x", "a.b.c", "é"):
        answer = stranger.post("/session", BEGIN, headers={"authorization": f"Bearer {token}"})
        assert answer.data["beginTotp"]["code"] == "NOT_SIGNED_IN"
        finish = stranger.post(
            "/session", FINISH, {"i": {"code": TOTP}}, {"authorization": f"Bearer {token}"}
        )
        assert finish.data["finishTotp"]["code"] == "NOT_SIGNED_IN"
    assert identities.calls == []


def test_each_operation_on_the_account_renews_the_cookie(amina: Any) -> None:
    before = amina.cookie
    answer = amina.session(BEGIN)
    assert len(answer.cookies) == 1
    assert amina.cookie != before
    assert amina.session(REFRESH).data["refreshSession"]["__typename"] == "SignedIn"


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "cross-site", "origin": "https://app.example.com"},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "same-site", "origin": "https://evil.example.com"},
        {"sec-fetch-site": "same-site", "origin": "null"},
        {"origin": "https://evil.example.com"},
        {"origin": "null"},
        {"origin": "https://app.example.com.evil.com"},
        {"origin": "http://app.example.com"},
    ],
)
def test_other_sites_cannot_use_the_cookie(amina: Any, headers: dict[str, str]) -> None:
    before = amina.cookie
    answer = amina.post("/session", REFRESH, headers=headers)
    assert (answer.status, answer.codes) == (403, ["FORBIDDEN"])
    assert amina.cookie == before


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"sec-fetch-site": "same-origin", "origin": "https://app.example.com"},
        {"sec-fetch-site": "same-site", "origin": "https://app.example.com"},
        {"sec-fetch-site": "none"},
    ],
)
def test_our_own_pages_can(amina: Any, headers: dict[str, str]) -> None:
    answer = amina.post("/session", REFRESH, headers=headers)
    assert answer.data["refreshSession"]["__typename"] == "SignedIn"


def test_a_provider_that_does_not_answer_is_data_and_ends_nothing(
    amina: Any, identities: TwinIdentities
) -> None:
    from shared.kernel.errors import TemporarilyUnavailable

    def down(name: str) -> None:
        raise TemporarilyUnavailable()

    identities.before = down
    answer = amina.session(REFRESH).data["refreshSession"]
    assert (answer["__typename"], answer["code"]) == ("UnavailableError", "TEMPORARILY_UNAVAILABLE")
    assert amina.cookie is not None
    identities.before = lambda name: None
    assert amina.session(REFRESH).data["refreshSession"]["__typename"] == "SignedIn"


def test_signing_in_again_after_a_while_still_works(
    amina: Any, clock: FixedClock, browser: Callable[[], Any]
) -> None:
    clock.advance(timedelta(days=30))
    assert amina.session(REFRESH).data["refreshSession"]["code"] == "SESSION_ENDED"
    assert _sign_in(browser())["__typename"] == "SignedIn"
    assert _sign_in(browser(), password="Wrong-horse-42")["code"] == "SIGN_IN_REFUSED"


def test_the_code_is_asked_for_in_its_form(browser: Callable[[], Any]) -> None:
    confirm = """mutation($i: ConfirmSignUpInput!) { confirmSignUp(input: $i) {
      __typename ... on UserError { code } } }"""
    client = browser()
    _sign_up(client)
    for code in ("", "12345", "1234567", "12345a", "\uff11" * 6, f" {CODE}"):
        answer = client.session(confirm, {"i": {"email": EMAIL, "code": code}})
        assert answer.codes == ["BAD_USER_INPUT"]
    answer = client.session(confirm, {"i": {"email": EMAIL, "code": CODE}})
    assert answer.data["confirmSignUp"]["__typename"] == "ConfirmSignUpPayload"
