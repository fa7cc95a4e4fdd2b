"""Sign-up and profile: each step can be repeated after a crash between any two lines."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from shared.kernel.clock import Clock
from shared.kernel.ids import Ids, Kind
from shared.platform.work import ConditionFailed, LostRace, UnitOfWork, Write
from shared.users.addresses import EmailAddress, check_password
from shared.users.errors import CodeRefused, NotSignedIn, ProfileLocked, SignInRefused
from shared.users.events import ProfileCompletedV1, UserRegisteredV1
from shared.users.keyring import Keyring
from shared.users.model import (
    IDENTITY_FIELDS,
    IDENTITY_LOCKED,
    RESERVATION_LIFETIME,
    Language,
    PersonalProfile,
    Reservation,
    User,
    UserStatus,
)
from shared.users.ports import Factors, Identities, ProfileSafe, Rates, Users, Wallets
from shared.users.throttles import STRANGER, Visitor, confirming, signing_up
from shared.users.validation import checked

_SIGN_UP = "sign-up"


@dataclass(frozen=True, slots=True)
class People:
    """The ports of the use cases about people."""

    users: Users
    identities: Identities
    safe: ProfileSafe
    factors: Factors
    wallets: Wallets
    keyring: Keyring
    rates: Rates
    facts: UnitOfWork
    clock: Clock
    ids: Ids


def sign_up(
    people: People, *, email: str, password: str, language: Language, visitor: Visitor = STRANGER
) -> str:
    """Reserve the address and let the identity provider send a code to it.

    Answers which sign-up this is, sealed, for ``confirm_sign_up``. The answer tells not whether
    somebody has the address. Every sign-up of an address that nobody proved yet starts anew with
    its own identity: a stranger's earlier attempt can then neither block it nor leave his
    password behind. Raises InvalidValue, PasswordTooWeak, RateLimited, TemporarilyUnavailable.
    """
    address = EmailAddress.parse(email)
    check_password(password)
    email_hash = people.keyring.hash("email", address.unique)
    signing_up(people.rates, visitor, email_hash)
    user_id = people.ids.new(Kind.USER)
    reservation = Reservation(email_hash, user_id, UserStatus.PENDING, language)
    try:
        people.users.reserve(reservation, people.clock.now() + RESERVATION_LIFETIME)
    except ConditionFailed:
        _spend_the_same_time(people, user_id, password)
        return _sealed(people, address, user_id)
    people.identities.create(user_id, address.text, password)
    return _sealed(people, address, user_id)


def confirm_sign_up(
    people: People,
    *,
    email: str,
    code: str,
    begun: str | None = None,
    visitor: Visitor = STRANGER,
) -> str | None:
    """Prove the address with the code and register the person in one fact.

    ``begun`` is what ``sign_up`` answered, where the client still has it: then a code confirms
    this very sign-up and no later one of a stranger, whose password would come with it. The same
    code again is success. Answers whose sign-up it is when ``begun`` belongs to it. Raises
    CodeRefused, also for an unknown address, and RateLimited.
    """
    address = EmailAddress.parse(email)
    email_hash = people.keyring.hash("email", address.unique)
    confirming(people.rates, visitor, email_hash)
    held = people.users.reservation(email_hash)
    if held is None:
        raise CodeRefused()
    code_hash = people.keyring.hash("code", f"{held.user_id} {code}")
    mine = people.keyring.open_text(_SIGN_UP, address.unique, begun or "")
    if held.status is not UserStatus.PENDING:
        if held.code_hash != code_hash:
            raise CodeRefused()
        return mine if mine == held.user_id else None
    if mine is not None and mine != held.user_id:
        raise CodeRefused()
    people.identities.confirm(held.user_id, code)
    register(people, held, address, code_hash)
    return mine


def register(
    people: People, held: Reservation, address: EmailAddress, code_hash: str | None = None
) -> None:
    """Profile, address, wallets and event together, once the address is proved.

    Already registered is success; CodeRefused when a newer sign-up took the address meanwhile.
    """
    profile = PersonalProfile(email=address.text)
    sealed = people.safe.seal(profile.to_mapping(), user_id=held.user_id, wrapped_key=None)
    user = User(held.user_id, UserStatus.ACTIVE, held.language, sealed)
    writes = [
        *people.users.activate(held, user, code_hash),
        *people.wallets.open(held.user_id),
    ]
    event = UserRegisteredV1(user_id=held.user_id, language=held.language.value)
    try:
        people.facts.commit(writes, event)
    except ConditionFailed:
        now = people.users.reservation(held.email_hash)
        mine = now is not None and now.user_id == held.user_id
        if now is None or not mine or now.status is UserStatus.PENDING:
            raise CodeRefused() from None


def profile_of(people: People, user: User) -> PersonalProfile:
    """A person's data in the clear."""
    return open_profile(people.safe, user)


def open_profile(safe: ProfileSafe, user: User) -> PersonalProfile:
    """A person's data in the clear, for other contexts' workers."""
    return PersonalProfile.from_mapping(safe.open(user.sealed, user_id=user.user_id))


def update_profile(
    people: People,
    user_id: str,
    changes: Mapping[str, str | date | bool],
    language: Language | None = None,
    also: Callable[[PersonalProfile, PersonalProfile], Sequence[Write]] | None = None,
) -> tuple[User, PersonalProfile]:
    """Change some fields of the profile; fields that are not named stay as they are. ``also`` says
    what else is written in the same fact, of the profile before and after.

    Raises InvalidValue or TooYoung for a bad value, ProfileLocked for a field that the identity
    check vouches for, LostRace when the profile changed meanwhile (read again).
    """
    valid = checked(changes, people.clock.now().date())
    user = people.users.get(user_id)
    if user is None or user.status is not UserStatus.ACTIVE:
        raise NotSignedIn()
    before = profile_of(people, user)
    after = replace(before, **valid)  # type: ignore[arg-type]  # checked by field name
    if user.kyc_status in IDENTITY_LOCKED:
        for name in IDENTITY_FIELDS:
            if getattr(before, name) is not None and getattr(after, name) != getattr(before, name):
                raise ProfileLocked(field=name)
    complete = not after.missing()
    new_language = language or user.language
    if after == before and new_language is user.language and complete == user.profile_complete:
        return user, before
    sealed = people.safe.seal(
        after.to_mapping(), user_id=user_id, wrapped_key=user.sealed.wrapped_key
    )
    write = people.users.save_profile(user, sealed, complete=complete, language=new_language)
    events = []
    if complete and not user.profile_complete:
        events.append(ProfileCompletedV1(user_id=user_id))
    try:
        people.facts.commit([write, *(also(before, after) if also else ())], *events)
    except ConditionFailed:
        raise LostRace from None
    saved = replace(
        user,
        sealed=sealed,
        profile_complete=complete,
        language=new_language,
        version=user.version + 1,
    )
    return saved, after


def _sealed(people: People, address: EmailAddress, user_id: str) -> str:
    return people.keyring.seal_text(_SIGN_UP, address.unique, user_id)


def _spend_the_same_time(people: People, user_id: str, password: str) -> None:
    """An address that is taken must not answer faster than a free one."""
    try:
        people.identities.sign_in(user_id, password)
    except SignInRefused:
        return
