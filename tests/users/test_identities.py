"""One contract for the identity provider and its twin."""

import base64
import hmac
import struct
import time
from collections.abc import Callable
from typing import Any

import boto3
import pytest

from shared.kernel.clock import FixedClock
from shared.kernel.errors import TemporarilyUnavailable
from shared.kernel.ids import Kind, UlidIds
from shared.users.errors import (
    ChallengeExpired,
    CodeRefused,
    NotSignedIn,
    PasswordTooWeak,
    PasswordUsedBefore,
    SessionEnded,
    SignInRefused,
)
from shared.users.ports import Identities, SecondFactorAsked, Tokens
from shared.users.providers.cognito import CognitoIdentities
from tests.users.twins import CODE, RESET_CODE, TOTP, TwinIdentities, claims_of

PASSWORD = "Correct-horse-42"


def _totp(secret: str) -> str:
    """RFC 6238 with the usual thirty seconds and six digits."""
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    digest = hmac.digest(key, struct.pack(">Q", int(time.time()) // 30), "sha1")
    start = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[start : start + 4])[0] & 0x7FFFFFFF) % 10**6:06d}"


def _cognito(url: str) -> CognitoIdentities:
    client: Any = boto3.client(
        "cognito-idp",
        endpoint_url=url,
        region_name="us-east-1",
        # Most calls of this service are unsigned, so they always meet the default account.
        aws_access_key_id="000000000000",
        aws_secret_access_key="test",
    )
    pool = client.create_user_pool(
        PoolName="users",
        MfaConfiguration="OFF",
        Policies={"PasswordPolicy": {"MinimumLength": 12, "RequireSymbols": True}},
    )["UserPool"]["Id"]
    client.set_user_pool_mfa_config(
        UserPoolId=pool,
        SoftwareTokenMfaConfiguration={"Enabled": True},
        MfaConfiguration="OPTIONAL",
    )
    made = client.create_user_pool_client(
        UserPoolId=pool,
        ClientName="backend",
        GenerateSecret=True,
        ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
        PreventUserExistenceErrors="ENABLED",
        EnableTokenRevocation=True,
        AccessTokenValidity=15,
        TokenValidityUnits={"AccessToken": "minutes"},
    )["UserPoolClient"]
    return CognitoIdentities(pool, made["ClientId"], client)


@pytest.fixture(params=["twin", pytest.param("cognito", marks=pytest.mark.emulator)])
def provider(
    request: pytest.FixtureRequest, clock: FixedClock
) -> tuple[Identities, Callable[[str], str]]:
    """The provider, and how an authenticator app makes codes for it."""
    if request.param == "twin":
        return TwinIdentities(clock), lambda secret: TOTP
    return _cognito(request.getfixturevalue("emulator")), _totp


@pytest.fixture
def identities(provider: tuple[Identities, Callable[[str], str]]) -> Identities:
    """The provider alone."""
    return provider[0]


@pytest.fixture
def user_id() -> str:
    """A new person."""
    return UlidIds("t1").new(Kind.USER)


def _in(identities: Identities, user_id: str) -> Tokens:
    identities.create(user_id, "amina@example.com", PASSWORD)
    identities.confirm(user_id, CODE)
    tokens = identities.sign_in(user_id, PASSWORD)
    assert isinstance(tokens, Tokens)
    return tokens


def test_creating_and_confirming_can_be_repeated(identities: Identities, user_id: str) -> None:
    identities.create(user_id, "amina@example.com", PASSWORD)
    identities.create(user_id, "amina@example.com", PASSWORD)
    identities.confirm(user_id, CODE)
    identities.confirm(user_id, CODE)
    assert isinstance(identities.sign_in(user_id, PASSWORD), Tokens)


def test_two_people_may_try_the_same_address(identities: Identities, user_id: str) -> None:
    identities.create(user_id, "amina@example.com", PASSWORD)
    _in(identities, UlidIds("t1").new(Kind.USER))


def test_a_weak_password_is_refused(identities: Identities, user_id: str) -> None:
    with pytest.raises(PasswordTooWeak):
        identities.create(user_id, "amina@example.com", "weak")


def test_what_is_wrong_at_sign_in_is_not_told_apart(identities: Identities, user_id: str) -> None:
    with pytest.raises(SignInRefused):
        identities.sign_in(user_id, PASSWORD)
    identities.create(user_id, "amina@example.com", PASSWORD)
    with pytest.raises(SignInRefused):
        identities.sign_in(user_id, PASSWORD)
    identities.confirm(user_id, CODE)
    with pytest.raises(SignInRefused):
        identities.sign_in(user_id, "Wrong-horse-42")


def test_an_unknown_person_cannot_be_confirmed(identities: Identities, user_id: str) -> None:
    with pytest.raises(CodeRefused):
        identities.confirm(user_id, CODE)


def test_tokens_name_the_person_and_the_sign_in(identities: Identities, user_id: str) -> None:
    tokens = _in(identities, user_id)
    claims = claims_of(tokens.access_token)
    assert claims["username"] == user_id
    assert claims["token_use"] == "access"
    assert claims["origin_jti"] == tokens.origin
    assert tokens.expires_in_seconds == 900


def test_a_refresh_gives_a_token_of_the_same_sign_in_until_it_is_revoked(
    identities: Identities, user_id: str
) -> None:
    tokens = _in(identities, user_id)
    assert tokens.refresh_token is not None
    fresh = identities.refresh(user_id, tokens.refresh_token)
    assert fresh.origin == tokens.origin
    assert fresh.access_token != tokens.access_token
    identities.revoke(tokens.refresh_token)
    identities.revoke(tokens.refresh_token)
    with pytest.raises(SessionEnded):
        identities.refresh(user_id, tokens.refresh_token)
    with pytest.raises(SessionEnded):
        identities.refresh(user_id, "garbage")


def test_the_second_factor_is_asked_for_once_it_is_proved(
    provider: tuple[Identities, Callable[[str], str]], user_id: str
) -> None:
    identities, code_of = provider
    tokens = _in(identities, user_id)
    secret = identities.begin_totp(tokens.access_token)
    with pytest.raises(CodeRefused):
        identities.finish_totp(tokens.access_token, "000000")
    assert isinstance(identities.sign_in(user_id, PASSWORD), Tokens)
    identities.finish_totp(tokens.access_token, code_of(secret))
    asked = identities.sign_in(user_id, PASSWORD)
    assert isinstance(asked, SecondFactorAsked)
    with pytest.raises(CodeRefused):
        identities.answer(user_id, asked.provider_session, "000000")
    answered = identities.answer(user_id, asked.provider_session, code_of(secret))
    assert claims_of(answered.access_token)["username"] == user_id


def test_a_second_factor_needs_a_genuine_token(clock: FixedClock) -> None:
    # The emulator of this run takes any token; Cognito's own refusal is mapped below.
    identities = TwinIdentities(clock)
    with pytest.raises(NotSignedIn):
        identities.begin_totp("a.b.c")
    with pytest.raises(NotSignedIn):
        identities.finish_totp("a.b.c", TOTP)


NEW = "Brand-new-horse-43"


def test_a_password_is_changed_by_whoever_knows_the_old_one(
    identities: Identities, user_id: str
) -> None:
    tokens = _in(identities, user_id)
    with pytest.raises(SignInRefused):
        identities.change_password(tokens.access_token, "Wrong-horse-42", NEW)
    with pytest.raises(PasswordTooWeak):
        identities.change_password(tokens.access_token, PASSWORD, "weak")
    assert isinstance(identities.sign_in(user_id, PASSWORD), Tokens)
    identities.change_password(tokens.access_token, PASSWORD, NEW)
    with pytest.raises(SignInRefused):
        identities.sign_in(user_id, PASSWORD)
    assert isinstance(identities.sign_in(user_id, NEW), Tokens)


def test_a_forgotten_password_is_replaced_with_the_code(
    identities: Identities, user_id: str
) -> None:
    _in(identities, user_id)
    identities.ask_reset(user_id)
    with pytest.raises(PasswordTooWeak):
        identities.reset_password(user_id, RESET_CODE, "weak")
    identities.reset_password(user_id, RESET_CODE, NEW)
    assert isinstance(identities.sign_in(user_id, NEW), Tokens)


def test_nobody_and_unconfirmed_people_are_asked_about_without_a_word(
    identities: Identities, user_id: str
) -> None:
    nobody = UlidIds("t1").new(Kind.USER)
    identities.create(user_id, "amina@example.com", PASSWORD)
    for each in (nobody, user_id):
        identities.ask_reset(each)
    with pytest.raises(CodeRefused):
        identities.reset_password(nobody, RESET_CODE, NEW)
    for call in (
        identities.switch_off_totp,
        identities.disable,
        identities.enable,
        identities.sign_out_everywhere,
    ):
        call(nobody)


def test_somebody_disabled_does_not_sign_in_until_enabled(
    identities: Identities, user_id: str
) -> None:
    _in(identities, user_id)
    for _ in range(2):
        identities.disable(user_id)
    with pytest.raises(SignInRefused):
        identities.sign_in(user_id, PASSWORD)
    for _ in range(2):
        identities.enable(user_id)
    assert isinstance(identities.sign_in(user_id, PASSWORD), Tokens)
    identities.sign_out_everywhere(user_id)
    assert isinstance(identities.sign_in(user_id, PASSWORD), Tokens)


def test_a_second_factor_that_is_switched_off_is_asked_for_no_more(
    provider: tuple[Identities, Callable[[str], str]], user_id: str
) -> None:
    identities, code_of = provider
    tokens = _in(identities, user_id)
    secret = identities.begin_totp(tokens.access_token)
    identities.finish_totp(tokens.access_token, code_of(secret))
    for _ in range(2):
        identities.switch_off_totp(user_id)
    signed_in = identities.sign_in(user_id, PASSWORD)
    assert isinstance(signed_in, Tokens)
    again = identities.begin_totp(signed_in.access_token)
    identities.finish_totp(signed_in.access_token, code_of(again))
    assert isinstance(identities.sign_in(user_id, PASSWORD), SecondFactorAsked)


class _Refusing:
    """A client of a pool that answers every call with one error."""

    def __init__(self, code: str, status: int = 400, message: str = "no") -> None:
        self._code, self._status, self._message = code, status, message

    def describe_user_pool_client(self, **_: str) -> dict[str, dict[str, str]]:
        return {"UserPoolClient": {"ClientSecret": "secret"}}

    def __getattr__(self, name: str) -> Callable[..., None]:
        from botocore.exceptions import ClientError

        def refuse(**_: object) -> None:
            raise ClientError(
                {
                    "Error": {"Code": self._code, "Message": self._message},
                    "ResponseMetadata": {
                        "HTTPStatusCode": self._status,
                        "RequestId": "r",
                        "HTTPHeaders": {},
                        "RetryAttempts": 0,
                        "HostId": "",
                    },
                },
                name,
            )

        return refuse


def _refusing(code: str, status: int = 400, message: str = "no") -> CognitoIdentities:
    client: Any = _Refusing(code, status, message)
    return CognitoIdentities("pool", "client", client)


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("TooManyRequestsException", 400),
        ("LimitExceededException", 400),
        ("InternalErrorException", 500),
        ("SomethingNew", 503),
    ],
)
def test_throttling_and_outages_are_to_be_tried_again(code: str, status: int) -> None:
    identities = _refusing(code, status)
    for call in (
        lambda: identities.create("u", "a@example.com", PASSWORD),
        lambda: identities.confirm("u", CODE),
        lambda: identities.sign_in("u", PASSWORD),
        lambda: identities.answer("u", "s", TOTP),
        lambda: identities.refresh("u", "t"),
        lambda: identities.revoke("t"),
        lambda: identities.begin_totp("t"),
        lambda: identities.finish_totp("t", TOTP),
        lambda: identities.switch_off_totp("u"),
        lambda: identities.disable("u"),
        lambda: identities.enable("u"),
        lambda: identities.sign_out_everywhere("u"),
    ):
        with pytest.raises(TemporarilyUnavailable):
            call()


def test_refusals_keep_their_meaning() -> None:
    with pytest.raises(CodeRefused):
        _refusing("ExpiredCodeException").confirm("u", CODE)
    _refusing(
        "NotAuthorizedException", message="User cannot be confirmed. Current status is CONFIRMED"
    ).confirm("u", CODE)
    with pytest.raises(CodeRefused):
        _refusing(
            "NotAuthorizedException",
            message="User cannot be confirmed. Current status is UNCONFIRMED",
        ).confirm("u", CODE)
    with pytest.raises(ChallengeExpired):
        _refusing("NotAuthorizedException").answer("u", "s", TOTP)
    with pytest.raises(SessionEnded):
        _refusing("NotAuthorizedException").refresh("u", "t")
    with pytest.raises(NotSignedIn):
        _refusing("NotAuthorizedException").begin_totp("t")
    with pytest.raises(NotSignedIn):
        _refusing("NotAuthorizedException").finish_totp("t", TOTP)


def test_limits_of_the_pool_which_only_accounts_reach_look_like_refusals() -> None:
    limited = _refusing("LimitExceededException")
    limited.ask_reset("u")
    with pytest.raises(CodeRefused):
        limited.reset_password("u", RESET_CODE, NEW)
    with pytest.raises(SignInRefused):
        limited.change_password("t", PASSWORD, NEW)
    throttled = _refusing("TooManyRequestsException")
    for call in (
        lambda: throttled.ask_reset("u"),
        lambda: throttled.reset_password("u", RESET_CODE, NEW),
        lambda: throttled.change_password("t", PASSWORD, NEW),
    ):
        with pytest.raises(TemporarilyUnavailable):
            call()


def test_a_password_from_before_is_told_as_such() -> None:
    used = _refusing("PasswordHistoryPolicyViolationException")
    with pytest.raises(PasswordUsedBefore):
        used.change_password("t", PASSWORD, NEW)
    with pytest.raises(PasswordUsedBefore):
        used.reset_password("u", RESET_CODE, NEW)


@pytest.mark.parametrize(
    "code", ["CodeMismatchException", "ExpiredCodeException", "UserNotFoundException",
             "UserNotConfirmedException", "NotAuthorizedException", "InvalidParameterException"],
)  # fmt: skip
def test_a_reset_is_refused_in_one_way(code: str) -> None:
    with pytest.raises(CodeRefused):
        _refusing(code).reset_password("u", RESET_CODE, NEW)
