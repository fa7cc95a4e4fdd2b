"""Identities in a Cognito user pool, through its confidential client.

Usernames are our user ids, so the pool never decides whose address is whose. The client's secret
is read from the pool itself, so that it is stored nowhere else.
"""

import base64
import hashlib
import hmac
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import boto3
import jwt
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from shared.kernel.errors import TemporarilyUnavailable
from shared.users.errors import CodeRefused, NotSignedIn, PasswordTooWeak, SignInRefused
from shared.users.ports import SecondFactorAsked, Tokens
from shared.users.providers.refusals import (
    ANSWER,
    ASK_RESET,
    CHANGE,
    CONFIRM,
    REFRESH,
    RESET,
    SIGN_IN,
    TOTP,
    Refusals,
    code_of,
    mapped,
)

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp.client import CognitoIdentityProviderClient


def _client() -> "CognitoIdentityProviderClient":
    config = Config(
        connect_timeout=2, read_timeout=5, retries={"mode": "standard", "total_max_attempts": 2}
    )
    return boto3.client("cognito-idp", config=config)


class CognitoIdentities:
    """See Identities."""

    def __init__(
        self, pool_id: str, client_id: str, client: "CognitoIdentityProviderClient | None" = None
    ) -> None:
        self._pool_id = pool_id
        self._client_id = client_id
        self._client: CognitoIdentityProviderClient = client or _client()
        self._secret: str | None = None

    def create(self, user_id: str, email: str, password: str) -> None:
        """See Identities."""
        try:
            self._call(
                self._client.sign_up,
                {"InvalidPasswordException": PasswordTooWeak},
                ClientId=self._client_id,
                SecretHash=self._hash(user_id),
                Username=user_id,
                Password=password,
                UserAttributes=[{"Name": "email", "Value": email}],
            )
        except ClientError as error:
            if code_of(error) != "UsernameExistsException":
                raise

    def confirm(self, user_id: str, code: str) -> None:
        """See Identities."""
        try:
            self._client.confirm_sign_up(
                ClientId=self._client_id,
                SecretHash=self._hash(user_id),
                Username=user_id,
                ConfirmationCode=code,
            )
        except ClientError as error:
            # The pool has no code of its own for "already confirmed".
            if str(error.response["Error"].get("Message")).endswith("status is CONFIRMED"):
                return
            raise mapped(error, CONFIRM) from None
        except BotoCoreError:
            raise TemporarilyUnavailable() from None

    def sign_in(self, user_id: str, password: str) -> Tokens | SecondFactorAsked:
        """See Identities."""
        answer = self._call(
            self._client.initiate_auth,
            SIGN_IN,
            ClientId=self._client_id,
            AuthFlow="USER_PASSWORD_AUTH",
            AuthParameters={
                "USERNAME": user_id,
                "PASSWORD": password,
                "SECRET_HASH": self._hash(user_id),
            },
        )
        if answer.get("ChallengeName") == "SOFTWARE_TOKEN_MFA":
            return SecondFactorAsked(answer["Session"])
        if "AuthenticationResult" not in answer:
            raise SignInRefused()
        return _tokens(answer["AuthenticationResult"])

    def answer(self, user_id: str, provider_session: str, code: str) -> Tokens:
        """See Identities."""
        answer = self._call(
            self._client.respond_to_auth_challenge,
            ANSWER,
            ClientId=self._client_id,
            ChallengeName="SOFTWARE_TOKEN_MFA",
            Session=provider_session,
            ChallengeResponses={
                "USERNAME": user_id,
                "SOFTWARE_TOKEN_MFA_CODE": code,
                "SECRET_HASH": self._hash(user_id),
            },
        )
        return _tokens(answer["AuthenticationResult"])

    def refresh(self, user_id: str, refresh_token: str) -> Tokens:
        """See Identities. With rotation switched on the pool gives tokens in this way only."""
        answer = self._call(
            self._client.get_tokens_from_refresh_token,
            REFRESH,
            ClientId=self._client_id,
            ClientSecret=self._client_secret(),
            RefreshToken=refresh_token,
        )
        return _tokens(answer["AuthenticationResult"])

    def revoke(self, refresh_token: str) -> None:
        """See Identities."""
        self._call(
            self._client.revoke_token,
            {},
            Token=refresh_token,
            ClientId=self._client_id,
            ClientSecret=self._client_secret(),
        )

    def begin_totp(self, access_token: str) -> str:
        """See Identities."""
        answer = self._call(self._client.associate_software_token, TOTP, AccessToken=access_token)
        return str(answer["SecretCode"])

    def finish_totp(self, access_token: str, code: str) -> None:
        """See Identities."""
        answer = self._call(
            self._client.verify_software_token, TOTP, AccessToken=access_token, UserCode=code
        )
        if answer.get("Status") != "SUCCESS":
            raise CodeRefused()
        self._call(
            self._client.set_user_mfa_preference,
            TOTP,
            AccessToken=access_token,
            SoftwareTokenMfaSettings={"Enabled": True, "PreferredMfa": True},
        )

    def switch_off_totp(self, user_id: str) -> None:
        """See Identities."""
        self._admin(
            self._client.admin_set_user_mfa_preference,
            user_id,
            SoftwareTokenMfaSettings={"Enabled": False, "PreferredMfa": False},
        )

    def change_password(self, access_token: str, old: str, new: str) -> None:
        """See Identities."""
        self._call(
            self._client.change_password,
            CHANGE,
            AccessToken=access_token,
            PreviousPassword=old,
            ProposedPassword=new,
        )

    def ask_reset(self, user_id: str) -> None:
        """See Identities."""
        with suppress(CodeRefused):
            self._call(
                self._client.forgot_password,
                ASK_RESET,
                ClientId=self._client_id,
                SecretHash=self._hash(user_id),
                Username=user_id,
            )

    def reset_password(self, user_id: str, code: str, new: str) -> None:
        """See Identities."""
        self._call(
            self._client.confirm_forgot_password,
            RESET,
            ClientId=self._client_id,
            SecretHash=self._hash(user_id),
            Username=user_id,
            ConfirmationCode=code,
            Password=new,
        )

    def disable(self, user_id: str) -> None:
        """See Identities."""
        self._admin(self._client.admin_disable_user, user_id)

    def enable(self, user_id: str) -> None:
        """See Identities."""
        self._admin(self._client.admin_enable_user, user_id)

    def sign_out_everywhere(self, user_id: str) -> None:
        """See Identities."""
        self._admin(self._client.admin_user_global_sign_out, user_id)

    def _admin(self, action: Callable[..., Any], user_id: str, **request: Any) -> None:
        with suppress(NotSignedIn):
            self._call(
                action,
                {"UserNotFoundException": NotSignedIn},
                UserPoolId=self._pool_id,
                Username=user_id,
                **request,
            )

    def _call(self, action: Callable[..., Any], refusals: Refusals, **request: Any) -> Any:
        try:
            return action(**request)
        except ClientError as error:
            raise mapped(error, refusals) from None
        except BotoCoreError:
            raise TemporarilyUnavailable() from None

    def _hash(self, user_id: str) -> str:
        message = f"{user_id}{self._client_id}".encode()
        digest = hmac.digest(self._client_secret().encode(), message, hashlib.sha256)
        return base64.b64encode(digest).decode()

    def _client_secret(self) -> str:
        if self._secret is None:
            answer = self._call(
                self._client.describe_user_pool_client,
                {},
                UserPoolId=self._pool_id,
                ClientId=self._client_id,
            )
            self._secret = str(answer["UserPoolClient"]["ClientSecret"])
        return self._secret


def _tokens(result: Mapping[str, Any]) -> Tokens:
    # The token comes from the pool itself over TLS, so its claims are read without a check.
    claims = jwt.decode(result["AccessToken"], options={"verify_signature": False})
    return Tokens(
        access_token=result["AccessToken"],
        refresh_token=result.get("RefreshToken"),
        expires_in_seconds=int(result["ExpiresIn"]),
        origin=str(claims["origin_jti"]),
    )
