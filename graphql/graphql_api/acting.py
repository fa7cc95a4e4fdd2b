"""Who sends a session operation: always by the cookie, never by a token that nobody has checked."""

from graphql_api.context import Context
from graphql_api.scalars import UserId
from graphql_api.session_types import SignedIn
from shared.platform.observability import logger
from shared.users import devices, sessions
from shared.users.errors import NotSignedIn, SessionEnded


def shown(signed_in: sessions.SignedIn) -> SignedIn:
    """A session that began or continued, as clients see it."""
    return SignedIn(
        user_id=UserId(signed_in.user_id),
        access_token=signed_in.access_token,
        expires_at=signed_in.expires_at,
    )


def entered(context: Context, signed_in: sessions.SignedIn) -> SignedIn:
    """The answer of a sign-in, with its cookie; the device is known from now on."""
    logger("graphql_api").info("signed in", extra={"user_id": signed_in.user_id})
    remember(context, signed_in.user_id)
    context.cookies.set(signed_in.session_id)
    return shown(signed_in)


def remember(context: Context, user_id: str) -> None:
    """This person uses this device."""
    keys = context.app.keyring
    context.cookies.know_device(devices.remember(keys, context.cookies.device, user_id))


def renewed(context: Context) -> sessions.SignedIn:
    """The session of the cookie, continued. SessionEnded without one; the cookie is gone then."""
    try:
        if context.session_id is None:
            raise SessionEnded()
        session = sessions.refresh(context.app.people, context.app.sessions, context.session_id)
    except SessionEnded:
        context.cookies.clear()
        raise
    context.cookies.set(session.session_id)
    return session


def acting(context: Context) -> sessions.SignedIn:
    """The same for operations on one's own account. NotSignedIn without a session."""
    try:
        return renewed(context)
    except SessionEnded:
        raise NotSignedIn() from None
