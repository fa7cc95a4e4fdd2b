"""The operations by which a password is changed or reset."""

from typing import Annotated

import strawberry

from graphql_api.acting import acting, remember
from graphql_api.errors import Failure, answered
from graphql_api.rules import ANYONE, INHERITED, Info, field, object_type
from graphql_api.scalars import EmailAddress, OneTimeCode, Password
from shared.users import passwords

_SENT = {
    "en": "We have sent a code to this address if it has an account.",
    "sw": "Tumetuma msimbo kwenye anwani hii ikiwa ina akaunti.",
}
_CHANGED = {
    "en": "Your password is new: sign in.",
    "sw": "Nenosiri lako ni jipya: ingia.",
}


@strawberry.input(description="A new password for somebody who knows the old one.")
class ChangePasswordInput:
    """See the description."""

    old_password: Password = strawberry.field(description="The one until now.")
    new_password: Password = strawberry.field(description="See `passwordPolicy`.")


@strawberry.input(description="Who forgot their password.")
class RequestPasswordResetInput:
    """See the description."""

    email: EmailAddress = strawberry.field(description="A code is sent to it if it has an account.")


@strawberry.input(description="A new password, with the code from the mail.")
class ConfirmPasswordResetInput:
    """See the description."""

    email: EmailAddress = strawberry.field(description="Address.")
    code: OneTimeCode = strawberry.field(description="From the newest message.")
    new_password: Password = strawberry.field(description="See `passwordPolicy`.")


@object_type(description="The password is changed; all other sessions are ended.")
class ChangePasswordPayload:
    """See the description."""

    changed: bool = field(INHERITED, "Always true.")


@object_type(description="Taken. The answer is the same for an address that nobody has.")
class RequestPasswordResetPayload:
    """See the description."""

    message: str = field(INHERITED, "What happens next.")


@object_type(description="The password is new and all sessions are ended; sign in.")
class ConfirmPasswordResetPayload:
    """See the description."""

    message: str = field(INHERITED, "What to do next.")


ChangePasswordResult = Annotated[
    ChangePasswordPayload | Failure,
    strawberry.union("ChangePasswordResult", description="Changed, or why not."),
]
RequestPasswordResetResult = Annotated[
    RequestPasswordResetPayload | Failure,
    strawberry.union("RequestPasswordResetResult", description="Taken, or to be tried later."),
]
ConfirmPasswordResetResult = Annotated[
    ConfirmPasswordResetPayload | Failure,
    strawberry.union("ConfirmPasswordResetResult", description="Reset, or why not."),
]


@object_type()
class PasswordMutation:
    """New passwords end all sessions but the one that asks."""

    @field(
        ANYONE,
        "A new password for the person of the session's cookie; all other sessions end. With a "
        "second factor it needs `stepUp` first.",
    )
    def change_password(self, info: Info, input: ChangePasswordInput) -> ChangePasswordResult:
        """See the description."""
        context = info.context

        def act() -> ChangePasswordPayload:
            passwords.change_password(
                context.app.people,
                acting(context),
                old=input.old_password,
                new=input.new_password,
            )
            return ChangePasswordPayload(changed=True)

        return answered(act, context.language)

    @field(ANYONE, "Ask for a code by which a forgotten password is replaced.")
    def request_password_reset(
        self, info: Info, input: RequestPasswordResetInput
    ) -> RequestPasswordResetResult:
        """See the description."""
        context = info.context

        def act() -> RequestPasswordResetPayload:
            passwords.request_reset(
                context.app.people, email=input.email, visitor=context.visitor()
            )
            return RequestPasswordResetPayload(message=_SENT[context.language])

        return answered(act, context.language)

    @field(
        ANYONE,
        "Replace a forgotten password; all sessions end, a second factor stays.",
    )
    def confirm_password_reset(
        self, info: Info, input: ConfirmPasswordResetInput
    ) -> ConfirmPasswordResetResult:
        """See the description."""
        context = info.context

        def act() -> ConfirmPasswordResetPayload:
            user_id = passwords.confirm_reset(
                context.app.people,
                email=input.email,
                code=input.code,
                new=input.new_password,
                visitor=context.visitor(),
            )
            remember(context, user_id)
            return ConfirmPasswordResetPayload(message=_CHANGED[context.language])

        return answered(act, context.language)
