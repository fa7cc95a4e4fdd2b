"""Facts about people that other contexts act on."""

from enum import StrEnum
from typing import ClassVar

from shared.kernel.events import Event


class CredentialsChange(StrEnum):
    """What was changed."""

    PASSWORD_CHANGED = "PASSWORD_CHANGED"  # noqa: S105 - the name of a change
    PASSWORD_RESET = "PASSWORD_RESET"  # noqa: S105 - the name of a change
    SECOND_FACTOR_SET_UP = "SECOND_FACTOR_SET_UP"
    SECOND_FACTOR_RECOVERED = "SECOND_FACTOR_RECOVERED"
    RECOVERY_CODES_RENEWED = "RECOVERY_CODES_RENEWED"
    SESSIONS_ENDED = "SESSIONS_ENDED"


class UserRegisteredV1(Event):
    """A person proved their e-mail address and has an account."""

    type: ClassVar[str] = "users.user_registered"

    user_id: str
    language: str


class ProfileCompletedV1(Event):
    """The last field that the identity check needs was filled in."""

    type: ClassVar[str] = "users.profile_completed"

    user_id: str


class SignedInFromNewDeviceV1(Event):
    """Somebody signed in on a device that this person had not signed in with before."""

    type: ClassVar[str] = "users.signed_in_from_new_device"

    user_id: str


class CredentialsChangedV1(Event):
    """Something by which a person signs in was changed, by them or by staff."""

    type: ClassVar[str] = "users.credentials_changed"

    user_id: str
    change: CredentialsChange
