"""Users, their personal profile, reservations of e-mail addresses, and sessions. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from enum import StrEnum

from shared.kernel.states import Transitions
from shared.users.roles import Role
from shared.users.sign_ins import NONE, SignIns

MINIMUM_AGE_YEARS = 18
RESERVATION_LIFETIME = timedelta(hours=24)


class UserStatus(StrEnum):
    """Where a person stands with us."""

    PENDING = "PENDING"
    """The address is reserved; the person has not yet proved that it is theirs."""
    ACTIVE = "ACTIVE"
    """May use the platform."""
    SUSPENDED = "SUSPENDED"
    """Stopped by staff; may not do anything until it is lifted."""
    CLOSED = "CLOSED"
    """Left; records are kept as the law asks."""


TRANSITIONS: Transitions[UserStatus] = {
    UserStatus.PENDING: frozenset({UserStatus.ACTIVE}),
    UserStatus.ACTIVE: frozenset({UserStatus.SUSPENDED, UserStatus.CLOSED}),
    UserStatus.SUSPENDED: frozenset({UserStatus.ACTIVE, UserStatus.CLOSED}),
    UserStatus.CLOSED: frozenset(),
}


class Language(StrEnum):
    """Languages in which we write to people."""

    EN = "en"
    SW = "sw"


class KycStatus(StrEnum):
    """The profile's copy of the identity case's status, for conditions and for the screen."""

    NOT_STARTED = "NOT_STARTED"
    IN_PROGRESS = "IN_PROGRESS"
    SUBMITTED = "SUBMITTED"
    PROCESSING = "PROCESSING"
    ACTION_REQUIRED = "ACTION_REQUIRED"
    IN_REVIEW = "IN_REVIEW"
    APPROVED = "APPROVED"
    REJECTED = "REJECTED"


IDENTITY_LOCKED = frozenset(
    {KycStatus.SUBMITTED, KycStatus.PROCESSING, KycStatus.IN_REVIEW, KycStatus.APPROVED}
)
"""While an identity is being checked or has been approved, its fields do not change."""


@dataclass(frozen=True, slots=True)
class SealedProfile:
    """Encrypted personal data: the person's wrapped data key, and nonce with ciphertext."""

    wrapped_key: bytes
    ciphertext: bytes


@dataclass(frozen=True, slots=True)
class User:
    """A person as the platform sees them; personal data stays sealed."""

    user_id: str
    status: UserStatus
    language: Language
    sealed: SealedProfile
    kyc_status: KycStatus = KycStatus.NOT_STARTED
    risk_score: int | None = None
    """1 (cautious) to 5 (bold), or None while the questions are unanswered."""
    risk_version: str | None = None
    broker_account_id: str | None = None
    broker_status: str | None = None
    """The broker's own word for the account's state, such as ``ACTIVE``."""
    profile_complete: bool = False
    mfa: bool = False
    role: Role = Role.USER
    version: int = 0
    """Counts the changes of the sealed data, for optimistic writes."""
    sign_ins: SignIns = NONE
    """Which access tokens count: those of these sign-ins, and no others."""
    credentials_version: int = 0
    """Counts what makes sign-ins under way void: a new password, factor, role or standing."""
    held_until: int = 0
    """Unix seconds; until then nobody signs in, because the password is being changed."""
    reset_begun: bool = False
    """A new password was handed to the identity provider, and what became of it is not written
    down yet."""


@dataclass(frozen=True, slots=True)
class PersonalProfile:
    """Personal data in the clear; lives in memory only. Unknown fields are None."""

    email: str
    given_name: str | None = None
    family_name: str | None = None
    date_of_birth: date | None = None
    phone: str | None = None
    """E.164, such as ``+254712345678``."""
    street: str | None = None
    city: str | None = None
    region: str | None = None
    postal_code: str | None = None
    country: str | None = None
    """Country of residence, ISO 3166-1 alpha-3."""
    nationality: str | None = None
    """ISO 3166-1 alpha-3."""
    tax_id_type: str | None = None
    tax_id: str | None = None
    tax_country: str | None = None
    """Country of tax residence, ISO 3166-1 alpha-3."""
    funding_source: str | None = None
    employment: str | None = None
    annual_income: str | None = None
    """The band of a year's income that the person declares, if they do."""
    control_person: bool | None = None
    """Director or large shareholder of a listed company; None until the person declared it."""
    exchange_affiliated: bool | None = None
    """Works for an exchange or a broker."""
    politically_exposed: bool | None = None
    family_exposed: bool | None = None
    """An immediate family member is politically exposed or a control person."""

    def missing(self) -> tuple[str, ...]:
        """Fields that the identity check and the broker need and that are still unknown."""
        return tuple(name for name in REQUIRED_FIELDS if getattr(self, name) is None)

    def to_mapping(self) -> dict[str, str]:
        """As text by field name; unknown fields are left out."""
        return {
            each.name: _text(value)
            for each in fields(self)
            if (value := getattr(self, each.name)) is not None
        }

    @classmethod
    def from_mapping(cls, mapping: Mapping[str, str]) -> "PersonalProfile":
        """Read what ``to_mapping`` wrote; unknown names are ignored."""
        values: dict[str, object] = {
            each.name: mapping[each.name] for each in fields(cls) if each.name in mapping
        }
        if "date_of_birth" in mapping:
            values["date_of_birth"] = date.fromisoformat(mapping["date_of_birth"])
        for name in DECLARATIONS:
            if name in mapping:
                values[name] = mapping[name] == "yes"
        return cls(**values)  # type: ignore[arg-type]  # the values follow the fields' types


DECLARATIONS = ("control_person", "exchange_affiliated", "politically_exposed", "family_exposed")

REQUIRED_FIELDS = (
    "given_name",
    "family_name",
    "date_of_birth",
    "phone",
    "street",
    "city",
    "country",
    "nationality",
    "tax_id_type",
    "tax_id",
    "tax_country",
    "funding_source",
    "employment",
    *DECLARATIONS,
)

IDENTITY_FIELDS = (
    "given_name",
    "family_name",
    "date_of_birth",
    "country",
    "nationality",
    "tax_id_type",
    "tax_id",
    "tax_country",
)
"""What an identity check vouches for."""


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value.isoformat() if isinstance(value, date) else str(value)


@dataclass(frozen=True, slots=True)
class Reservation:
    """An e-mail address (known by its keyed hash only) and the user id that holds it."""

    email_hash: str
    user_id: str
    status: UserStatus
    language: Language
    code_hash: str | None = None
    """Keyed hash of the code that proved the address."""


@dataclass(frozen=True, slots=True)
class Session:
    """One sign-in on one device, continued by rotating the secret in its cookie."""

    family: str
    """Hash of the part of the cookie that stays the same; the row's key."""
    user_id: str
    current: str
    """Hash of the secret that is valid now."""
    generation: int
    refresh_token: bytes
    """The identity provider's refresh token, sealed."""
    origin: str
    """``origin_jti`` of the access tokens of this sign-in."""
    created_at: datetime
    last_used_at: datetime
    previous: str | None = None
    """Hash of the secret before; good for a short while after ``rotated_at``."""
    successor: bytes | None = None
    """The current secret, sealed so that only the previous one opens it."""
    rotated_at: datetime | None = None
    device: str = ""


@dataclass(frozen=True, slots=True)
class Challenge:
    """A sign-in that waits for its second factor."""

    challenge: str
    """Hash of the id that the client holds; the row's key."""
    user_id: str
    provider_session: bytes
    """The identity provider's session, sealed."""
    attempts: int
    expires_at: datetime
    credentials_version: int
    """As it was before the password was checked."""
    device: str | None = None
    """Keyed hash of the device, when this person had signed in with it before."""
    reset_begun: bool = False
    """A new password was on its way when this one was checked."""


def age_years(born: date, today: date) -> int:
    """Completed years of life."""
    before_birthday = (today.month, today.day) < (born.month, born.day)
    return today.year - born.year - int(before_birthday)
