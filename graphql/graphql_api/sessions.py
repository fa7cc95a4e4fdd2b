"""The operations by which one signs up, signs in and stays signed in."""

from urllib.parse import quote, urlencode

from graphql_api.context import Context
from graphql_api.errors import answered
from graphql_api.rules import ANYONE, Info, field, object_type
from graphql_api.scalars import ChallengeId, UserId
from graphql_api.session_types import (
    AnswerMfaInput,
    BeginTotpPayload,
    BeginTotpResult,
    ConfirmSignUpInput,
    ConfirmSignUpPayload,
    ConfirmSignUpResult,
    FinishTotpInput,
    FinishTotpPayload,
    FinishTotpResult,
    MfaRequired,
    PasswordPolicy,
    SessionResult,
    SignedIn,
    SignInInput,
    SignInResult,
    SignOutPayload,
    SignOutResult,
    SignUpInput,
    SignUpPayload,
    SignUpResult,
)
from shared.users import devices, second_factor, service, sessions, signing_in
from shared.users.addresses import PASSWORD_LENGTH_MIN
from shared.users.errors import NotSignedIn, SessionEnded

ISSUER = "Baobab"


def begun(context: Context, signed_in: sessions.SignedIn) -> SignedIn:
    """The answer of a session that began or continued, with its cookie."""
    context.cookies.set(signed_in.session_id)
    return SignedIn(
        user_id=UserId(signed_in.user_id),
        access_token=signed_in.access_token,
        expires_at=signed_in.expires_at,
    )


def acting(context: Context) -> sessions.SignedIn:
    """Who sends this, by the session's cookie, which goes on with it. NotSignedIn without one."""
    try:
        if context.session_id is None:
            raise SessionEnded()
        renewed = sessions.refresh(context.app.people, context.app.sessions, context.session_id)
    except SessionEnded:
        context.cookies.clear()
        raise NotSignedIn() from None
    context.cookies.set(renewed.session_id)
    return renewed


def _remember(context: Context, user_id: str) -> None:
    keys = context.app.keyring
    context.cookies.know_device(devices.remember(keys, context.cookies.device, user_id))


def _otpauth_uri(secret: str, email: str) -> str:
    label = quote(f"{ISSUER}:{email}", safe="")
    return f"otpauth://totp/{label}?{urlencode({'secret': secret, 'issuer': ISSUER})}"


@object_type()
class SessionQuery:
    """What can be known before signing in."""

    @field(ANYONE, "What a password must have.")
    def password_policy(self) -> PasswordPolicy:
        """See the description."""
        return PasswordPolicy(
            minimum_length=PASSWORD_LENGTH_MIN,
            description="Upper case, lower case, a digit and a symbol.",
        )


@object_type()
class SignUpMutation:
    """Becoming a person of the platform."""

    @field(
        ANYONE,
        "Sign up; a code is sent to the address. Repeat it as often as needed.",
    )
    def sign_up(self, info: Info, input: SignUpInput) -> SignUpResult:
        """See the description."""
        context = info.context

        def act() -> SignUpPayload:
            begun = service.sign_up(
                context.app.people,
                email=input.email,
                password=input.password,
                language=input.language,
                visitor=context.visitor(),
            )
            context.cookies.begin_sign_up(begun)
            return SignUpPayload(message="We have sent a code to this address if it is new to us.")

        return answered(act, input.language.value)

    @field(
        ANYONE,
        "Prove the address with the code; then sign in. From the browser that signed up, a code "
        "confirms that sign-up only, and not one that somebody else began for the same address.",
    )
    def confirm_sign_up(self, info: Info, input: ConfirmSignUpInput) -> ConfirmSignUpResult:
        """See the description."""
        context = info.context

        def act() -> ConfirmSignUpPayload:
            begun_here = service.confirm_sign_up(
                context.app.people,
                email=input.email,
                code=input.code,
                begun=context.cookies.sign_up,
                visitor=context.visitor(),
            )
            context.cookies.end_sign_up()
            if begun_here is not None:
                _remember(context, begun_here)
            return ConfirmSignUpPayload(message="Your account is open: sign in.")

        return answered(act, context.language)


@object_type()
class SignInMutation:
    """Beginning, continuing and ending a session."""

    @field(
        ANYONE,
        "Sign in with address and password; sets the session cookie.",
    )
    def sign_in(self, info: Info, input: SignInInput) -> SignInResult:
        """See the description."""
        context = info.context

        def act() -> SignedIn | MfaRequired:
            result = signing_in.sign_in(
                context.app.people,
                context.app.sessions,
                email=input.email,
                password=input.password,
                visitor=context.visitor(),
            )
            if isinstance(result, signing_in.MfaAsked):
                return MfaRequired(challenge_id=ChallengeId(result.challenge_id))
            _remember(context, result.user_id)
            return begun(context, result)

        return answered(act, context.language)

    @field(
        ANYONE,
        "Complete a sign-in with the second factor; sets the session cookie.",
    )
    def answer_mfa(self, info: Info, input: AnswerMfaInput) -> SessionResult:
        """See the description."""
        context = info.context

        def act() -> SignedIn:
            result = signing_in.answer_mfa(
                context.app.people,
                context.app.sessions,
                challenge_id=input.challenge_id,
                code=input.code,
                visitor=context.visitor(),
            )
            _remember(context, result.user_id)
            return begun(context, result)

        return answered(act, context.language)

    @field(
        ANYONE,
        "A new access token for the session in the cookie, which is renewed too.",
    )
    def refresh_session(self, info: Info) -> SessionResult:
        """See the description."""
        context = info.context

        def act() -> SignedIn:
            try:
                if context.session_id is None:
                    raise SessionEnded()
                result = sessions.refresh(
                    context.app.people, context.app.sessions, context.session_id
                )
            except SessionEnded:
                context.cookies.clear()
                raise
            return begun(context, result)

        return answered(act, context.language)

    @field(
        ANYONE,
        "End the session: its cookie and its access tokens work no longer.",
    )
    def sign_out(self, info: Info) -> SignOutResult:
        """See the description."""
        context = info.context

        def act() -> SignOutPayload:
            if context.session_id is not None:
                sessions.sign_out(context.app.people, context.app.sessions, context.session_id)
            context.cookies.clear()
            return SignOutPayload(signed_out=True)

        return answered(act, context.language)


@object_type()
class SecondFactorMutation:
    """Setting up an authenticator app."""

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
