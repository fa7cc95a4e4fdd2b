"""Signing in without the authenticator: a recovery code takes it away, once.

Between any two steps a crash leaves the person without access rather than with half of it: while
our row still says that there is a second factor, a password alone opens nothing, even when the
provider asks for none any more; the same code completes what it began.
"""

from dataclasses import replace

from shared.users.errors import CodeRefused, SignInRefused
from shared.users.events import CredentialsChange, CredentialsChangedV1
from shared.users.ports import SecondFactorAsked, Sessions, Tokens
from shared.users.recovery_codes import hash_of
from shared.users.service import People
from shared.users.sessions import SignedIn, revoke
from shared.users.signing_in import check_password_of, open_session
from shared.users.throttles import STRANGER, Visitor, proving


def sign_in_with_recovery_code(
    people: People,
    sessions: Sessions,
    *,
    email: str,
    password: str,
    recovery_code: str,
    visitor: Visitor = STRANGER,
) -> SignedIn:
    """Sign in and switch the second factor off; all recovery codes are void then.

    All other sessions end, and sign-ins that wait for a code of the lost app.

    Raises SignInRefused, CodeRefused for a code that is wrong or used, RateLimited.
    """
    attempt, user, answer = check_password_of(people, email, password, visitor)
    tokens = answer if isinstance(answer, Tokens) else None
    try:
        proving(people.rates, user.user_id, attempt.device)
        code_hash = hash_of(people, user.user_id, recovery_code)
        _begin(people, user.user_id, code_hash, needed=user.mfa)
        people.identities.switch_off_totp(user.user_id)
        if tokens is None:
            again = people.identities.sign_in(user.user_id, password)
            if isinstance(again, SecondFactorAsked):
                raise SignInRefused()
            tokens = again
    except Exception:
        revoke(people, None if tokens is None else tokens.refresh_token)
        raise
    change = CredentialsChange.SECOND_FACTOR_RECOVERED
    return open_session(
        people,
        sessions,
        attempt,
        tokens,
        replace(user, mfa=False),
        first=user,
        alone=True,
        extra=[people.factors.recovered(user.user_id, code_hash)],
        events=[CredentialsChangedV1(user_id=user.user_id, change=change)],
    )


def _begin(people: People, user_id: str, code_hash: str, *, needed: bool) -> None:
    """Take the code; one that began a recovery which was cut off goes on with it."""
    if not needed:
        raise CodeRefused()
    if people.factors.begin_recovery(user_id, code_hash):
        return
    if people.factors.recovery(user_id).begun != code_hash:
        raise CodeRefused()
