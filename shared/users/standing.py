"""What staff do about a person: stop them, let them in again, give a role, end all sessions.

Each takes the person as the caller read them and commits one fact: the change, the end of all
live sign-ins (so that access tokens already given out count no more), and the caller's own writes
such as the audit entry. Access tokens of others are dead at once; their sessions end at their next
refresh. When the person changed meanwhile nothing is written and LostRace is raised: read again.
What is so already is success, and then the caller's writes are not committed either. The identity
provider follows after the fact; should it not answer, our own rows decide all the same.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

from shared.kernel.errors import InvalidValue, TemporarilyUnavailable
from shared.kernel.events import Event
from shared.kernel.states import advance
from shared.platform.observability import metric
from shared.platform.work import ConditionFailed, LostRace, Write
from shared.users.errors import SecondFactorNeeded
from shared.users.events import CredentialsChange, CredentialsChangedV1
from shared.users.model import TRANSITIONS, User, UserStatus
from shared.users.roles import STAFF, Role
from shared.users.service import People
from shared.users.sign_ins import NONE


def suspend(people: People, user: User, *, extra: Sequence[Write] = ()) -> User:
    """Stop a person from everything until ``reinstate``.

    Raises IllegalTransition for somebody who left, LostRace, TemporarilyUnavailable.
    """
    after = user
    if user.status is not UserStatus.SUSPENDED:
        status = advance(TRANSITIONS, user.status, UserStatus.SUSPENDED)
        after = _commit(people, user, replace(_all_ended(user), status=status), extra)
    _follow(lambda: people.identities.disable(user.user_id))
    return after


def reinstate(people: People, user: User, *, extra: Sequence[Write] = ()) -> User:
    """Let a suspended person sign in again; sessions from before stay ended.

    Raises IllegalTransition for somebody who left, LostRace, TemporarilyUnavailable.
    """
    after = user
    if user.status is not UserStatus.ACTIVE:
        status = advance(TRANSITIONS, user.status, UserStatus.ACTIVE)
        after = _commit(people, user, replace(_all_ended(user), status=status), extra)
    # Here the provider decides too: without its word nobody could sign in.
    people.identities.enable(user.user_id)
    return after


def set_role(people: People, user: User, role: Role, *, extra: Sequence[Write] = ()) -> User:
    """Give a role; the person signs in again to use it.

    Raises InvalidValue for SYSTEM, which no person has; SecondFactorNeeded for a staff role of
    somebody without one; IllegalTransition for somebody who is not active; LostRace,
    TemporarilyUnavailable.
    """
    if role is Role.SYSTEM:
        raise InvalidValue(field="role", reason="cannot be given to a person")
    if role is user.role:
        return user
    if role in STAFF:
        if user.status is not UserStatus.ACTIVE:
            advance(TRANSITIONS, user.status, user.status)
        if not user.mfa:
            raise SecondFactorNeeded()
    after = _commit(people, user, replace(_all_ended(user), role=role), extra)
    _follow(lambda: people.identities.sign_out_everywhere(user.user_id))
    return after


def end_all_sessions(people: People, user: User, *, extra: Sequence[Write] = ()) -> User:
    """End every session of a person; they are told. Raises LostRace, TemporarilyUnavailable.

    Without any live sign-in the version moves all the same: a sign-in under way is void too.
    """
    told = CredentialsChangedV1(user_id=user.user_id, change=CredentialsChange.SESSIONS_ENDED)
    after = _commit(people, user, _all_ended(user), extra, told)
    _follow(lambda: people.identities.sign_out_everywhere(user.user_id))
    return after


def _all_ended(user: User) -> User:
    return replace(user, sign_ins=NONE, credentials_version=user.credentials_version + 1)


def _commit(
    people: People, before: User, after: User, extra: Sequence[Write], *events: Event
) -> User:
    try:
        people.facts.commit([people.users.save_standing(before, after), *extra], *events)
    except ConditionFailed as failed:
        if "profile" in failed.found:
            raise LostRace from None
        raise
    return after


def _follow(call: Callable[[], None]) -> None:
    try:
        call()
    except TemporarilyUnavailable:
        metric("ProviderNotFollowed")
