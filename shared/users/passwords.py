"""A new password: changed by somebody who knows the old one, or reset with a code by mail.

The provider keeps passwords, we keep sign-ins, and both have to follow. Before the provider is
asked, the profile notes that a new password is on its way; afterwards all other sign-ins end and
the note goes, in one fact. When that is cut off, the note stays: the next sign-in, or the same
request again, ends the others then.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import NoReturn

from shared.kernel.ids import Kind
from shared.platform.work import Write
from shared.users.addresses import EmailAddress, check_password
from shared.users.changes import change_standing
from shared.users.devices import known_to
from shared.users.errors import (
    CodeRefused,
    PasswordTooWeak,
    PasswordUsedBefore,
    SessionEnded,
    SignInRefused,
    StepUpRequired,
)
from shared.users.events import CredentialsChange, CredentialsChangedV1
from shared.users.model import User, UserStatus
from shared.users.ports import Tokens
from shared.users.service import People
from shared.users.sessions import SignedIn, is_live, revoke
from shared.users.sign_ins import NONE, SignIns
from shared.users.throttles import Visitor, proving_again, replacing, resetting

RESET_LIFETIME = timedelta(minutes=10)
"""A mailed code works so long, however long the provider would take it (ASVS 5.0, 6.5.5)."""
HOLD = timedelta(seconds=30)
"""Longer than any request lives: who checked the old password before is refused after it."""
_REFUSALS = (CodeRefused, PasswordTooWeak, PasswordUsedBefore, SignInRefused)


def change_password(people: People, acting: SignedIn, *, old: str, new: str) -> None:
    """A new password for somebody who is signed in; all their other sessions end.

    Asks for a step-up where there is a second factor. Raises PasswordTooWeak, PasswordUsedBefore,
    SignInRefused for a wrong old one, StepUpRequired, SessionEnded, RateLimited.
    """
    check_password(new)
    now = people.clock.now()
    user = people.users.get(acting.user_id)
    if user is None or not is_live(user, acting.origin, now):
        raise SessionEnded()
    if user.mfa and not user.sign_ins.stepped_up(acting.origin, now):
        raise StepUpRequired()
    proving_again(people.rates, people.keyring, acting.session_id)
    if not _opens(people, acting.user_id, old):
        if not (user.reset_begun and _opens(people, acting.user_id, new)):
            raise SignInRefused()
    else:
        until = int((now + HOLD).timestamp())
        noted = change_standing(
            people, acting.user_id, lambda user: _noted(user, until), first=user
        )
        _ask(
            people,
            noted,
            lambda: people.identities.change_password(acting.access_token, old, new),
            alone=not user.reset_begun,
        )
    _done(
        people,
        acting.user_id,
        CredentialsChange.PASSWORD_CHANGED,
        lambda user: user.sign_ins.only(acting.origin),
    )


def request_reset(people: People, *, email: str, visitor: Visitor) -> None:
    """Let a code be sent to the address, if somebody has it: the answer does not tell.

    Raises InvalidValue for no address at all, RateLimited, TemporarilyUnavailable.
    """
    address = EmailAddress.parse(email)
    account = people.keyring.hash("email", address.unique)
    held = people.users.reservation(account)
    user_id = people.ids.new(Kind.USER) if held is None else held.user_id
    device = known_to(people.keyring, visitor.remembered, user_id)
    resetting(people.rates, visitor, account, device)
    until = people.clock.now() + RESET_LIFETIME
    people.facts.commit([people.factors.reset_asked(account, until)])
    people.identities.ask_reset(user_id)


def confirm_reset(people: People, *, email: str, code: str, new: str, visitor: Visitor) -> str:
    """A new password with the code from the mail; all sessions end, the second factor stays.

    Answers whose it is: whoever reads their mail on this device may sign in with it next.
    Raises CodeRefused, also for an address that nobody has; PasswordTooWeak, PasswordUsedBefore,
    InvalidValue, RateLimited, TemporarilyUnavailable.
    """
    address = EmailAddress.parse(email)
    check_password(new)
    account = people.keyring.hash("email", address.unique)
    held = people.users.reservation(account)
    user_id = people.ids.new(Kind.USER) if held is None else held.user_id
    device = known_to(people.keyring, visitor.remembered, user_id)
    replacing(people.rates, visitor, account, device)
    until = people.factors.reset_until(account)
    user = people.users.get(user_id)
    asked = until is not None and people.clock.now() < until
    if user is None or user.status is not UserStatus.ACTIVE or not asked:
        same = people.factors.reset_asked(account, until) if until and asked else None
        _refuse_nobody(people, code, new, same)
    seen = user

    def note(fresh: User) -> User:
        nonlocal seen
        seen = fresh
        return replace(fresh, reset_begun=True)

    noted = change_standing(people, user_id, note, first=user)
    try:
        _ask(
            people,
            noted,
            lambda: people.identities.reset_password(user_id, code, new),
            alone=not seen.reset_begun,
        )
    except CodeRefused:
        if not (seen.reset_begun and _opens(people, user_id, new)):
            raise
    _done(people, user_id, CredentialsChange.PASSWORD_RESET, lambda user: NONE)
    return user_id


def _refuse_nobody(people: People, code: str, new: str, same: Write | None) -> NoReturn:
    """What a wrong code of somebody takes, done about nobody: it must not be faster."""
    nobody = people.ids.new(Kind.USER)
    if same is not None:
        people.facts.commit([same])
    with suppress(CodeRefused):
        people.identities.reset_password(nobody, code, new)
    if same is not None:
        people.users.get(nobody)
        people.facts.commit([same])
    raise CodeRefused()


def _noted(user: User, until: int) -> User:
    if user.status is not UserStatus.ACTIVE:
        raise SessionEnded()
    return replace(
        user,
        reset_begun=True,
        held_until=until,
        credentials_version=user.credentials_version + 1,
    )


def _ask(people: People, noted: User, call: Callable[[], None], *, alone: bool) -> None:
    """Ask the provider; what it certainly refused is on its way no longer.

    ``alone`` says that the note is of this request only. Another's is left: when the version has
    moved, somebody who knows the old password changes it, whoever guesses codes meanwhile.
    """

    def without_note(user: User) -> User:
        if user.credentials_version != noted.credentials_version:
            return user
        return replace(user, reset_begun=False, held_until=0)

    try:
        call()
    except _REFUSALS:
        if alone:
            change_standing(people, noted.user_id, without_note)
        raise


def _done(
    people: People, user_id: str, change: CredentialsChange, kept: Callable[[User], SignIns]
) -> None:
    change_standing(
        people,
        user_id,
        lambda user: replace(
            user,
            sign_ins=kept(user),
            reset_begun=False,
            held_until=0,
            credentials_version=user.credentials_version + 1,
        ),
        events=[CredentialsChangedV1(user_id=user_id, change=change)],
    )


def _opens(people: People, user_id: str, password: str) -> bool:
    """Whether this is the person's password; no sign-in is left of the question."""
    try:
        answer = people.identities.sign_in(user_id, password)
    except SignInRefused:
        return False
    if isinstance(answer, Tokens):
        revoke(people, answer.refresh_token)
    return True
