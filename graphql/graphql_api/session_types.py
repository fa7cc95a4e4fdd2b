"""Inputs, payloads and results of the session operations."""

from datetime import datetime
from typing import Annotated

import strawberry

from graphql_api.errors import Failure
from graphql_api.languages import Language
from graphql_api.rules import INHERITED, field, object_type
from graphql_api.scalars import ChallengeId, EmailAddress, Key, OneTimeCode, Password, UserId


@object_type(description="What a password must have.")
class PasswordPolicy:
    """See the description."""

    minimum_length: int = field(INHERITED, "Characters at least.")
    description: str = field(INHERITED, "In words.")


@strawberry.input(description="A new person.")
class SignUpInput:
    """See the description."""

    email: EmailAddress = strawberry.field(description="A code is sent to it.")
    password: Password = strawberry.field(description="See `passwordPolicy`.")
    language: Language = strawberry.field(
        default=Language.EN, description="In which we write to the person."
    )


@strawberry.input(description="The proof that an address is one's own.")
class ConfirmSignUpInput:
    """See the description."""

    email: EmailAddress = strawberry.field(description="The address that signed up.")
    code: OneTimeCode = strawberry.field(description="From the newest message.")


@strawberry.input(description="Who signs in.")
class SignInInput:
    """See the description."""

    email: EmailAddress = strawberry.field(description="Address.")
    password: Password = strawberry.field(description="Password.")


@strawberry.input(description="The second factor.")
class AnswerMfaInput:
    """See the description."""

    challenge_id: ChallengeId = strawberry.field(description="From `MfaRequired`.")
    code: OneTimeCode = strawberry.field(description="Six digits of the authenticator app.")


@strawberry.input(description="Who signs in without their authenticator app.")
class SignInWithRecoveryCodeInput:
    """See the description."""

    email: EmailAddress = strawberry.field(description="Address.")
    password: Password = strawberry.field(description="Password.")
    recovery_code: Key = strawberry.field(description="One of those that `finishTotp` gave.")


@strawberry.input(description="The first code of a new authenticator app.")
class FinishTotpInput:
    """See the description."""

    code: OneTimeCode = strawberry.field(description="Six digits of the authenticator app.")


@object_type(description="Taken. The answer is the same for an address that somebody has already.")
class SignUpPayload:
    """See the description."""

    message: str = field(INHERITED, "What happens next.")


@object_type(description="The address is proved; one can sign in.")
class ConfirmSignUpPayload:
    """See the description."""

    message: str = field(INHERITED, "What to do next.")


@object_type(description="Signed in. The session itself is in a cookie that scripts cannot see.")
class SignedIn:
    """See the description."""

    user_id: UserId = field(INHERITED, "Who signed in.")
    access_token: str = field(
        INHERITED, "Send it as `Authorization: Bearer ...` to /graphql; keep it in memory only."
    )
    expires_at: datetime = field(INHERITED, "Refresh the session before that.")


@object_type(description="The password was right; a code of the authenticator app is needed.")
class MfaRequired:
    """See the description."""

    challenge_id: ChallengeId = field(INHERITED, "For `answerMfa`; three minutes.")


@object_type(description="The session is ended, on this device.")
class SignOutPayload:
    """See the description."""

    signed_out: bool = field(INHERITED, "Always true.")


@object_type(description="A secret for an authenticator app; it works once confirmed.")
class BeginTotpPayload:
    """See the description."""

    secret: str = field(INHERITED, "Base32, for typing.")
    otpauth_uri: str = field(INHERITED, "For a QR code.")


@object_type(description="The second factor is asked for from the next sign-in on.")
class FinishTotpPayload:
    """See the description."""

    enabled: bool = field(INHERITED, "Always true.")
    recovery_codes: list[str] = field(
        INHERITED,
        "Ten, shown this once: each signs in once when the app is lost, and takes it away.",
    )


SignUpResult = Annotated[
    SignUpPayload | Failure,
    strawberry.union("SignUpResult", description="Taken, or what is wrong with the values."),
]
ConfirmSignUpResult = Annotated[
    ConfirmSignUpPayload | Failure,
    strawberry.union("ConfirmSignUpResult", description="Confirmed, or why not."),
]
SignInResult = Annotated[
    SignedIn | MfaRequired | Failure,
    strawberry.union("SignInResult", description="Signed in, one more step, or refused."),
]
SessionResult = Annotated[
    SignedIn | Failure,
    strawberry.union("SessionResult", description="Signed in, or why not."),
]
SignOutResult = Annotated[
    SignOutPayload | Failure,
    strawberry.union("SignOutResult", description="Signed out, or to be tried again."),
]
BeginTotpResult = Annotated[
    BeginTotpPayload | Failure,
    strawberry.union("BeginTotpResult", description="The secret, or why there is none."),
]
FinishTotpResult = Annotated[
    FinishTotpPayload | Failure,
    strawberry.union("FinishTotpResult", description="Switched on, or why not."),
]
