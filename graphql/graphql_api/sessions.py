"""The operations by which one signs up, signs in and stays signed in."""

from graphql_api.acting import entered, remember, renewed, shown
from graphql_api.errors import answered
from graphql_api.rules import ANYONE, Info, field, object_type
from graphql_api.scalars import ChallengeId
from graphql_api.session_types import (
    AnswerMfaInput,
    ConfirmSignUpInput,
    ConfirmSignUpPayload,
    ConfirmSignUpResult,
    MfaRequired,
    PasswordPolicy,
    SessionResult,
    SignedIn,
    SignInInput,
    SignInResult,
    SignInWithRecoveryCodeInput,
    SignOutPayload,
    SignOutResult,
    SignUpInput,
    SignUpPayload,
    SignUpResult,
)
from shared.users import recovery, service, sessions, signing_in
from shared.users.addresses import PASSWORD_LENGTH_MIN

_SENT = {
    "en": "We have sent a code to this address if it is new to us.",
    "sw": "Tumetuma msimbo kwenye anwani hii ikiwa ni mpya kwetu.",
}
_OPEN = {
    "en": "Your account is open: sign in.",
    "sw": "Akaunti yako imefunguliwa: ingia.",
}
_POLICY = {
    "en": "Upper case, lower case, a digit and a symbol.",
    "sw": "Herufi kubwa, herufi ndogo, tarakimu na alama.",
}


@object_type()
class SessionQuery:
    """What can be known before signing in."""

    @field(ANYONE, "What a password must have.")
    def password_policy(self, info: Info) -> PasswordPolicy:
        """See the description."""
        return PasswordPolicy(
            minimum_length=PASSWORD_LENGTH_MIN,
            description=_POLICY[info.context.language],
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
            return SignUpPayload(message=_SENT[input.language.value])

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
                remember(context, begun_here)
            return ConfirmSignUpPayload(message=_OPEN[context.language])

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
            return entered(context, result)

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
            return entered(context, result)

        return answered(act, context.language)

    @field(
        ANYONE,
        "Sign in without the authenticator app, by one of the recovery codes. It takes the app "
        "away and makes all codes void: set up a new one then. Sets the session cookie.",
    )
    def sign_in_with_recovery_code(
        self, info: Info, input: SignInWithRecoveryCodeInput
    ) -> SessionResult:
        """See the description."""
        context = info.context

        def act() -> SignedIn:
            result = recovery.sign_in_with_recovery_code(
                context.app.people,
                context.app.sessions,
                email=input.email,
                password=input.password,
                recovery_code=input.recovery_code,
                visitor=context.visitor(),
            )
            return entered(context, result)

        return answered(act, context.language)

    @field(
        ANYONE,
        "A new access token for the session in the cookie, which is renewed too.",
    )
    def refresh_session(self, info: Info) -> SessionResult:
        """See the description."""
        context = info.context

        def act() -> SignedIn:
            return shown(renewed(context))

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
