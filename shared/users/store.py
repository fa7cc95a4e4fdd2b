"""Rows of people: the profile in their partition, and the guard of their e-mail address."""

from collections.abc import Iterator
from datetime import datetime
from typing import ClassVar

from pynamodb.attributes import (
    BinaryAttribute,
    BooleanAttribute,
    NumberAttribute,
    UnicodeAttribute,
    UnicodeSetAttribute,
)
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action

from shared.platform import keys
from shared.platform.indexes import segment_of
from shared.platform.tables import Database, Item, Key, Put, Row, Table, Update
from shared.platform.work import Write
from shared.users.model import (
    KycStatus,
    Language,
    Reservation,
    SealedProfile,
    User,
    UserStatus,
)
from shared.users.roles import Role
from shared.users.sign_ins import SignIns

_EMAIL = "EMAIL"


class ProfileRow(Row):
    """What the platform knows of a person; personal data only as ciphertext."""

    KIND: ClassVar[str] = "profile"

    status = UnicodeAttribute()
    language = UnicodeAttribute()
    kyc_status = UnicodeAttribute()
    risk_score = NumberAttribute(null=True)
    risk_version = UnicodeAttribute(null=True)
    broker_account_id = UnicodeAttribute(null=True)
    broker_status = UnicodeAttribute(null=True)
    profile_complete = BooleanAttribute(default=False)
    mfa = BooleanAttribute(default=False)
    role = UnicodeAttribute(null=True)
    """None is USER: nearly everybody's."""
    wrapped_key = BinaryAttribute(legacy_encoding=False)
    personal = BinaryAttribute(legacy_encoding=False)
    version = NumberAttribute(default=0)
    sign_ins = UnicodeSetAttribute(null=True)
    credentials_version = NumberAttribute(default=0)
    held_until = NumberAttribute(null=True)
    reset_begun = BooleanAttribute(null=True)
    segment = UnicodeAttribute(null=True)
    """From the account at the broker on: its place in the index of holders."""


class EmailRow(Row):
    """Makes an e-mail address unique: its key is a keyed hash of the address."""

    KIND: ClassVar[str] = "email"

    user_id = UnicodeAttribute()
    status = UnicodeAttribute()
    language = UnicodeAttribute()
    code_hash = UnicodeAttribute(null=True)
    expires_at = NumberAttribute(null=True)


def profile_key(user_id: str) -> Key:
    """Where a person's profile lies."""
    return Key(Table.CORE, keys.user(user_id), keys.PROFILE)


def user_from(item: Item) -> User:
    """A person out of a profile item that somebody else read."""
    return _user_of(item.to(ProfileRow))


def _user_of(row: ProfileRow) -> User:
    return User(
        user_id=row.pk.removeprefix("USER#"),
        status=UserStatus(row.status),
        language=Language(row.language),
        sealed=SealedProfile(row.wrapped_key, row.personal),
        kyc_status=KycStatus(row.kyc_status),
        risk_score=None if row.risk_score is None else int(row.risk_score),
        risk_version=row.risk_version,
        broker_account_id=row.broker_account_id,
        broker_status=row.broker_status,
        profile_complete=bool(row.profile_complete),
        mfa=bool(row.mfa),
        role=Role(row.role or Role.USER),
        version=int(row.version),
        sign_ins=SignIns.of(row.sign_ins or ()),
        credentials_version=int(row.credentials_version),
        held_until=int(row.held_until or 0),
        reset_begun=bool(row.reset_begun),
    )


def _row_of(user: User) -> ProfileRow:
    return ProfileRow(
        pk=keys.user(user.user_id),
        sk=keys.PROFILE,
        status=user.status.value,
        language=user.language.value,
        kyc_status=user.kyc_status.value,
        risk_score=user.risk_score,
        risk_version=user.risk_version,
        broker_account_id=user.broker_account_id,
        broker_status=user.broker_status,
        profile_complete=user.profile_complete,
        mfa=user.mfa,
        role=None if user.role is Role.USER else user.role.value,
        wrapped_key=user.sealed.wrapped_key,
        personal=user.sealed.ciphertext,
        version=user.version,
        sign_ins=user.sign_ins.to_texts() or None,
        credentials_version=user.credentials_version,
        held_until=user.held_until or None,
        reset_begun=user.reset_begun or None,
        segment=segment_of(user.user_id) if user.broker_account_id else None,
    )


class UserStore:
    """See Users."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, user_id: str) -> User | None:
        """See Users."""
        row = self._database.get(ProfileRow, keys.user(user_id), keys.PROFILE)
        return None if row is None else _user_of(row)

    def reservation(self, email_hash: str) -> Reservation | None:
        """See Users."""
        row = self._database.get(EmailRow, f"EMAIL#{email_hash}", _EMAIL)
        if row is None:
            return None
        return Reservation(
            email_hash,
            row.user_id,
            UserStatus(row.status),
            Language(row.language),
            row.code_hash,
        )

    def reserve(self, reservation: Reservation, expires_at: datetime) -> None:
        """See Users."""
        row = EmailRow(
            pk=f"EMAIL#{reservation.email_hash}",
            sk=_EMAIL,
            user_id=reservation.user_id,
            status=UserStatus.PENDING.value,
            language=reservation.language.value,
            expires_at=int(expires_at.timestamp()),
        )
        free = EmailRow.pk.does_not_exist() | (EmailRow.status == UserStatus.PENDING.value)
        self._database.write(Put("email", row, free))

    def activate(self, reservation: Reservation, user: User, code_hash: str | None) -> list[Write]:
        """See Users."""
        held = (EmailRow.status == UserStatus.PENDING.value) & (
            EmailRow.user_id == reservation.user_id
        )
        actions = [EmailRow.status.set(UserStatus.ACTIVE.value), EmailRow.expires_at.remove()]
        if code_hash is not None:
            actions.append(EmailRow.code_hash.set(code_hash))
        email = Update(
            "email", EmailRow, f"EMAIL#{reservation.email_hash}", _EMAIL, tuple(actions), held
        )
        return [Put.new("profile", _row_of(user)), email]

    def save_profile(
        self, user: User, sealed: SealedProfile, *, complete: bool, language: Language
    ) -> Write:
        """See Users."""
        return Update(
            "profile",
            ProfileRow,
            keys.user(user.user_id),
            keys.PROFILE,
            (
                ProfileRow.wrapped_key.set(sealed.wrapped_key),
                ProfileRow.personal.set(sealed.ciphertext),
                ProfileRow.profile_complete.set(complete),
                ProfileRow.language.set(language.value),
                ProfileRow.version.set(user.version + 1),
            ),
            (ProfileRow.version == user.version)
            & (ProfileRow.kyc_status == user.kyc_status.value)
            & (ProfileRow.status == UserStatus.ACTIVE.value),
        )

    def set_kyc_status(self, user_id: str, status: KycStatus) -> Write:
        """See Users."""
        return _set(user_id, ProfileRow.kyc_status.set(KycStatus(status).value))

    def set_risk_score(self, user_id: str, score: int, questionnaire_version: str) -> Write:
        """See Users."""
        return _set(
            user_id,
            ProfileRow.risk_score.set(score),
            ProfileRow.risk_version.set(questionnaire_version),
        )

    def set_broker_account(self, user_id: str, account_id: str, status: str) -> Write:
        """See Users."""
        return _set(
            user_id,
            ProfileRow.broker_account_id.set(account_id),
            ProfileRow.broker_status.set(status),
            ProfileRow.segment.set(segment_of(user_id)),
        )

    def save_standing(self, before: User, after: User) -> Write:
        """See Users."""
        return Update(
            "profile",
            ProfileRow,
            keys.user(before.user_id),
            keys.PROFILE,
            tuple(_standing_changes(before, after)),
            _as_read(before),
        )


def _standing_changes(before: User, after: User) -> Iterator[Action]:
    if after.status is not before.status:
        yield ProfileRow.status.set(after.status.value)
    if after.role is not before.role:
        yield ProfileRow.role.set(after.role.value)
    if after.mfa != before.mfa:
        yield ProfileRow.mfa.set(after.mfa)
    if after.held_until != before.held_until:
        yield ProfileRow.held_until.set(after.held_until)
    if after.reset_begun != before.reset_begun:
        yield ProfileRow.reset_begun.set(after.reset_begun)
    texts = after.sign_ins.to_texts()
    if texts:
        yield ProfileRow.sign_ins.set(texts)
    elif before.sign_ins.all:
        yield ProfileRow.sign_ins.remove()
    yield ProfileRow.credentials_version.set(after.credentials_version)


def _as_read(user: User) -> Condition:
    texts, version = user.sign_ins.to_texts(), user.credentials_version
    same = ProfileRow.sign_ins == texts if texts else ProfileRow.sign_ins.does_not_exist()
    counted = ProfileRow.credentials_version == version
    if version == 0:
        counted = counted | ProfileRow.credentials_version.does_not_exist()
    standing = (ProfileRow.status == user.status.value) & (ProfileRow.mfa == user.mfa)
    as_read: Condition = standing & same & counted
    return as_read


def _set(user_id: str, *actions: Action) -> Write:
    """A change that never brings a person into being."""
    return Update(
        "profile",
        ProfileRow,
        keys.user(user_id),
        keys.PROFILE,
        actions,
        ProfileRow.pk.exists(),
    )
