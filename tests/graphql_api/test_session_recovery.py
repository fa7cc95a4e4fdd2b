"""Step-up, recovery codes, new passwords and own sessions through the two endpoints."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from shared.kernel.clock import FixedClock
from shared.users.sign_ins import STEP_UP
from tests.users.twins import RESET_CODE, TOTP, TwinIdentities, totp

EMAIL, PASSWORD, NEW = "amina@example.com", "Correct-horse-42", "Brand-new-horse-43"
ERROR = "... on UserError { code message advice }"
SIGN_IN = f"""mutation($i: SignInInput!) {{ signIn(input: $i) {{ __typename
  ... on SignedIn {{ userId accessToken }} ... on MfaRequired {{ challengeId }} {ERROR} }} }}"""
ANSWER = f"""mutation($i: AnswerMfaInput!) {{ answerMfa(input: $i) {{ __typename
  ... on SignedIn {{ accessToken }} {ERROR} }} }}"""
BEGIN = f"mutation {{ beginTotp {{ __typename {ERROR} }} }}"
FINISH = f"""mutation($i: FinishTotpInput!) {{ finishTotp(input: $i) {{ __typename
  ... on FinishTotpPayload {{ recoveryCodes }} {ERROR} }} }}"""
STEP = f"""mutation($i: StepUpInput!) {{ stepUp(input: $i) {{ __typename
  ... on StepUpPayload {{ until }} {ERROR} }} }}"""
RENEW = f"""mutation {{ renewRecoveryCodes {{ __typename
  ... on RenewRecoveryCodesPayload {{ recoveryCodes }} {ERROR} }} }}"""
RECOVER = f"""mutation($i: SignInWithRecoveryCodeInput!) {{ signInWithRecoveryCode(input: $i) {{
  __typename ... on SignedIn {{ accessToken }} {ERROR} }} }}"""
CHANGE = f"""mutation($i: ChangePasswordInput!) {{ changePassword(input: $i) {{ __typename
  {ERROR} }} }}"""
ASK = f"""mutation($i: RequestPasswordResetInput!) {{ requestPasswordReset(input: $i) {{ __typename
  ... on RequestPasswordResetPayload {{ message }} {ERROR} }} }}"""
RESET = f"""mutation($i: ConfirmPasswordResetInput!) {{ confirmPasswordReset(input: $i) {{
  __typename ... on ConfirmPasswordResetPayload {{ message }} {ERROR} }} }}"""
SIGN_UP = f"""mutation($i: SignUpInput!) {{ signUp(input: $i) {{ __typename
  ... on SignUpPayload {{ message }} {ERROR} }} }}"""
CONFIRM = f"""mutation($i: ConfirmSignUpInput!) {{ confirmSignUp(input: $i) {{ __typename
  ... on ConfirmSignUpPayload {{ message }} {ERROR} }} }}"""
SESSIONS = "{ viewer { sessions { sessionId device createdAt lastUsedAt current } } }"
REVOKE = f"""mutation($i: RevokeSessionInput!) {{ revokeSession(input: $i) {{ __typename
  ... on RevokeSessionPayload {{ ended }} {ERROR} }} }}"""
REVOKE_OTHERS = f"""mutation {{ revokeOtherSessions {{ __typename
  ... on RevokeSessionPayload {{ ended }} {ERROR} }} }}"""
VIEWER = "{ viewer { user { userId } } }"


def _one(answer: Any) -> Any:
    (value,) = answer.data.values()
    return value


def _in(client: Any, password: str = PASSWORD) -> Any:
    answer = _one(client.session(SIGN_IN, {"i": {"email": EMAIL, "password": password}}))
    client.token = answer.get("accessToken")
    return answer


def _secure(client: Any) -> list[str]:
    client.session(BEGIN)
    codes: list[str] = _one(client.session(FINISH, {"i": {"code": TOTP}}))["recoveryCodes"]
    return codes


def test_a_step_up_opens_what_asks_for_it_for_five_minutes(amina: Any, clock: FixedClock) -> None:
    _secure(amina)
    assert _one(amina.session(RENEW))["code"] == "STEP_UP_REQUIRED"
    wrong = amina.session(STEP, {"i": {"password": PASSWORD, "code": "000000"}})
    assert _one(wrong)["code"] == "CODE_REFUSED"
    assert _one(amina.session(RENEW))["code"] == "STEP_UP_REQUIRED"
    right = _one(amina.session(STEP, {"i": {"password": PASSWORD, "code": totp(1)}}))
    assert right["until"] == "2026-03-02T15:35:00.000000Z"
    assert len(_one(amina.session(RENEW))["recoveryCodes"]) == 10
    clock.advance(STEP_UP)
    assert _one(amina.session(RENEW))["code"] == "STEP_UP_REQUIRED"


def test_without_a_second_factor_the_advice_is_to_set_one_up(amina: Any) -> None:
    refused = _one(amina.session(STEP, {"i": {"password": PASSWORD, "code": TOTP}}))
    assert (refused["code"], refused["advice"]) == (
        "SECOND_FACTOR_NEEDED",
        "Set up an authenticator app first.",
    )


def test_a_recovery_code_signs_in_once(amina: Any, browser: Callable[[], Any]) -> None:
    codes = _secure(amina)
    lost = browser()
    recover = {"i": {"email": EMAIL, "password": PASSWORD, "recoveryCode": codes[0]}}
    answer = lost.session(RECOVER, recover)
    assert _one(answer)["__typename"] == "SignedIn"
    assert {cookie.partition("=")[0] for cookie in answer.cookies} == {
        "__Host-baobab",
        "__Host-baobab-device",
    }
    lost.token = _one(answer)["accessToken"]
    assert lost.graphql(VIEWER).data["viewer"]["user"]["userId"] == amina.user_id
    assert _one(browser().session(RECOVER, recover))["code"] == "CODE_REFUSED"
    assert _in(browser())["__typename"] == "SignedIn", "until a new app is set up"


def test_a_new_password_ends_the_access_tokens_of_others_at_once(
    amina: Any, browser: Callable[[], Any]
) -> None:
    other = browser()
    _in(other)
    assert other.graphql(VIEWER).data["viewer"]
    changed = amina.session(CHANGE, {"i": {"oldPassword": PASSWORD, "newPassword": NEW}})
    assert _one(changed)["__typename"] == "ChangePasswordPayload"
    assert other.graphql(VIEWER).codes == ["NOT_SIGNED_IN"]
    assert amina.graphql(VIEWER).data["viewer"]
    assert _in(browser())["code"] == "SIGN_IN_REFUSED"
    assert _in(browser(), NEW)["__typename"] == "SignedIn"


def test_a_forgotten_password_is_replaced_by_mail(amina: Any, browser: Callable[[], Any]) -> None:
    client = browser()
    assert _one(client.session(ASK, {"i": {"email": EMAIL}}))["message"] == (
        "We have sent a code to this address if it has an account."
    )
    reset = {"email": EMAIL, "code": RESET_CODE, "newPassword": NEW}
    assert _one(client.session(RESET, {"i": reset | {"newPassword": "weak"}}))["code"] == (
        "PASSWORD_TOO_WEAK"
    )
    assert amina.graphql(VIEWER).data["viewer"]
    assert _one(client.session(RESET, {"i": reset}))["__typename"] == "ConfirmPasswordResetPayload"
    assert client.cookie is None, "one signs in with the new password"
    assert client.device is not None, "whoever reads the mail here may try to"
    assert amina.graphql(VIEWER).codes == ["NOT_SIGNED_IN"]
    assert _in(client, NEW)["__typename"] == "SignedIn"


def test_own_sessions_are_seen_and_ended(
    amina: Any, browser: Callable[[], Any], clock: FixedClock
) -> None:
    clock.advance(timedelta(minutes=1))
    other = browser()
    _in(other)
    seen = amina.graphql(SESSIONS).data["viewer"]["sessions"]
    assert [each["current"] for each in seen] == [False, True]
    ended = amina.graphql(REVOKE, {"i": {"sessionId": seen[0]["sessionId"]}})
    assert _one(ended)["ended"] is True
    assert other.graphql(VIEWER).codes == ["NOT_SIGNED_IN"]
    assert len(amina.graphql(SESSIONS).data["viewer"]["sessions"]) == 1
    _in(other)
    assert _one(amina.graphql(REVOKE_OTHERS))["ended"] is True
    assert other.graphql(VIEWER).codes == ["NOT_SIGNED_IN"]
    assert amina.graphql(VIEWER).data["viewer"]


def test_nobody_ends_somebody_elses_session(amina: Any, join: Callable[[str], Any]) -> None:
    brian = join("brian@example.com")
    (hers,) = amina.graphql(SESSIONS).data["viewer"]["sessions"]
    assert _one(brian.graphql(REVOKE, {"i": {"sessionId": hers["sessionId"]}}))["ended"] is True
    assert amina.graphql(SESSIONS).data["viewer"]["sessions"] == [hers]
    assert amina.graphql(VIEWER).data["viewer"]


def test_the_list_of_sessions_costs_one_read_more_than_the_person(
    amina: Any, database: Any
) -> None:
    amina.graphql(VIEWER)
    database.requests.clear()
    amina.graphql(VIEWER)
    alone = len(database.requests)
    database.requests.clear()
    amina.graphql(SESSIONS)
    assert len(database.requests) == alone + 1


_PROBES: list[tuple[str, str, dict[str, str]]] = [
    ("sign-up", SIGN_UP, {"password": PASSWORD, "language": "EN"}),
    ("confirm", CONFIRM, {"code": "000000"}),
    ("sign-in", SIGN_IN, {"password": "Wrong-horse-42"}),
    ("recover", RECOVER, {"password": "Wrong-horse-42", "recoveryCode": "0000-0000-0000"}),
    ("ask", ASK, {}),
    ("reset", RESET, {"code": "000000", "newPassword": NEW}),
]


@pytest.mark.parametrize(("document", "sent"), [each[1:] for each in _PROBES])
@pytest.mark.parametrize("secured", [False, True])
def test_probing_for_accounts_tells_nothing(
    amina: Any,
    browser: Callable[[], Any],
    identities: TwinIdentities,
    database: Any,
    document: str,
    sent: dict[str, str],
    secured: bool,
) -> None:
    if secured:
        _secure(amina)
    seen = []
    for email in (EMAIL, "nobody@example.com"):
        if document == RESET:
            browser().session(ASK, {"i": {"email": email}})
        identities.calls.clear()
        database.requests.clear()
        answer = browser().session(document, {"i": sent | {"email": email}})
        asked = list(database.requests)
        names = sorted(cookie.partition("=")[0] for cookie in answer.cookies)
        lengths = sorted(len(cookie) for cookie in answer.cookies)
        calls = len(identities.calls)
        seen.append((answer.status, answer.body, names, lengths, calls, asked))
    assert seen[0] == seen[1]


def test_an_account_that_was_tried_too_often_is_refused_as_one_that_is_not_there(
    amina: Any, browser: Callable[[], Any]
) -> None:
    answers = []
    for email in (EMAIL, "nobody@example.com"):
        wrong = {"i": {"email": email, "password": "Wrong-horse-42"}}
        found = [_one(browser().session(SIGN_IN, wrong))["code"] for _ in range(12)]
        answers.append([code for code in found if code != "SIGN_IN_REFUSED"])
    assert set(answers[1]) == {"RATE_LIMITED"}
    # Her own sign-in counted too.
    assert answers[0] in (answers[1], ["RATE_LIMITED", *answers[1]])
    assert _in(amina)["__typename"] == "SignedIn", "her own device has its own count"
