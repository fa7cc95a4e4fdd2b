"""The operations of the second factor: setting it up, proving it again, recovery codes."""

from datetime import datetime
from typing import Annotated
from urllib.parse import quote, urlencode

import strawberry

from graphql_api.acting import acting
from graphql_api.errors import Failure, answered
from graphql_api.rules import ANYONE, INHERITED, Info, field, object_type
from graphql_api.scalars import OneTimeCode, Password
from graphql_api.session_types import (
    BeginTotpPayload,
    BeginTotpResult,
    FinishTotpInput,
    FinishTotpPayload,
    FinishTotpResult,
)
from shared.users import second_factor

ISSUER = "Baobab"


@strawberry.input(description="Password and second factor, once more.")
class StepUpInput:
    """See the description."""

    password: Password = strawberry.field(description="Password.")
    code: OneTimeCode = strawberry.field(
        description="Six digits of the authenticator app that were not used before."
    )


@object_type(description="The second factor is proved; what asks for that may be done now.")
class StepUpPayload:
    """See the description."""

    until: datetime = field(INHERITED, "When it has to be proved again.")


@object_type(description="New recovery codes; those before work no longer.")
class RenewRecoveryCodesPayload:
    """See the description."""

    recovery_codes: list[str] = field(INHERITED, "Ten, shown this once.")


StepUpResult = Annotated[
    StepUpPayload | Failure,
    strawberry.union("StepUpResult", description="Proved, or why not."),
]
RenewRecoveryCodesResult = Annotated[
    RenewRecoveryCodesPayload | Failure,
    strawberry.union("RenewRecoveryCodesResult", description="The codes, or why there are none."),
]


def _otpauth_uri(secret: str, email: str) -> str:
    label = quote(f"{ISSUER}:{email}", safe="")
    return f"otpauth://totp/{label}?{urlencode({'secret': secret, 'issuer': ISSUER})}"


@object_type()
class SecondFactorMutation:
    """All of it is for the person of the session's cookie."""

    @field(
        ANYONE,
        "A secret for an authenticator app, for the person of the session's cookie. Replacing an "
        "app needs `stepUp` first.",
    )
    def begin_totp(self, info: Info) -> BeginTotpResult:
        """See the description."""
        context = info.context

        def act() -> BeginTotpPayload:
            secret, email = second_factor.begin_totp(context.app.people, acting(context))
            return BeginTotpPayload(secret=secret, otpauth_uri=_otpauth_uri(secret, email))

        return answered(act, context.language)

    @field(
        ANYONE,
        "Switch the second factor on with the app's first code; all other sessions end.",
    )
    def finish_totp(self, info: Info, input: FinishTotpInput) -> FinishTotpResult:
        """See the description."""
        context = info.context

        def act() -> FinishTotpPayload:
            codes = second_factor.finish_totp(context.app.people, acting(context), input.code)
            return FinishTotpPayload(enabled=True, recovery_codes=codes)

        return answered(act, context.language)

    @field(
        ANYONE,
        "Prove password and second factor once more, for this session; for five minutes it may do "
        "what answers `STEP_UP_REQUIRED` otherwise.",
    )
    def step_up(self, info: Info, input: StepUpInput) -> StepUpResult:
        """See the description."""
        context = info.context

        def act() -> StepUpPayload:
            until = second_factor.step_up(
                context.app.people, acting(context), password=input.password, code=input.code
            )
            return StepUpPayload(until=until)

        return answered(act, context.language)

    @field(ANYONE, "Ten new recovery codes. Needs `stepUp` first.")
    def renew_recovery_codes(self, info: Info) -> RenewRecoveryCodesResult:
        """See the description."""
        context = info.context

        def act() -> RenewRecoveryCodesPayload:
            codes = second_factor.renew_recovery_codes(context.app.people, acting(context))
            return RenewRecoveryCodesPayload(recovery_codes=codes)

        return answered(act, context.language)
