"""A person's own sessions, seen and ended with the access token."""

from datetime import datetime
from typing import Annotated

import strawberry

from graphql_api.context import Context
from graphql_api.errors import Failure, answered
from graphql_api.rules import INHERITED, SIGNED_IN, Info, field, object_type
from graphql_api.scalars import SessionId
from shared.users import own_sessions
from shared.users.errors import NotSignedIn


@object_type(description="A device on which one is signed in.")
class Session:
    """See the description."""

    session_id: SessionId = field(INHERITED, "For `revokeSession`.")
    device: str = field(INHERITED, "What the browser called itself; may be empty.")
    created_at: datetime = field(INHERITED, "When the sign-in was.")
    last_used_at: datetime = field(INHERITED, "When it was continued last.")
    current: bool = field(INHERITED, "Whether it is the one that asks.")


@strawberry.input(description="Which session to end.")
class RevokeSessionInput:
    """See the description."""

    session_id: SessionId = strawberry.field(description="From `viewer.sessions`.")


@object_type(description="Ended. A session that had ended before is ended too.")
class RevokeSessionPayload:
    """See the description."""

    ended: bool = field(INHERITED, "Always true.")


RevokeSessionResult = Annotated[
    RevokeSessionPayload | Failure,
    strawberry.union("RevokeSessionResult", description="Ended, or to be tried again."),
]


def _origin(context: Context) -> str:
    if context.caller is None:
        raise NotSignedIn()
    return context.caller.origin


def read_sessions(context: Context) -> list[Session]:
    """The sessions of the person who asks, newest first."""
    context.count_read()
    found = own_sessions.own_sessions(
        context.app.sessions, context.user(), _origin(context), context.app.clock.now()
    )
    return [
        Session(
            session_id=SessionId(each.session_id),
            device=each.device,
            created_at=each.created_at,
            last_used_at=each.last_used_at,
            current=each.current,
        )
        for each in found
    ]


@object_type()
class OwnSessionsMutation:
    """Ending sessions; their access tokens count no more at once."""

    @field(SIGNED_IN, "End one of one's own sessions.")
    def revoke_session(self, info: Info, input: RevokeSessionInput) -> RevokeSessionResult:
        """See the description."""
        context = info.context

        def act() -> RevokeSessionPayload:
            own_sessions.end_session(
                context.app.people, context.app.sessions, context.user(), input.session_id
            )
            context.forget()
            return RevokeSessionPayload(ended=True)

        return answered(act, context.language)

    @field(SIGNED_IN, "End all of one's own sessions but the one that asks.")
    def revoke_other_sessions(self, info: Info) -> RevokeSessionResult:
        """See the description."""
        context = info.context

        def act() -> RevokeSessionPayload:
            own_sessions.end_other_sessions(context.app.people, context.user(), _origin(context))
            context.forget()
            return RevokeSessionPayload(ended=True)

        return answered(act, context.language)
