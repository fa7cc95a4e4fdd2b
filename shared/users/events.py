"""Facts about people that other contexts act on."""

from typing import ClassVar

from shared.kernel.events import Event


class UserRegisteredV1(Event):
    """A person proved their e-mail address and has an account."""

    type: ClassVar[str] = "users.user_registered"

    user_id: str
    language: str


class ProfileCompletedV1(Event):
    """The last field that the identity check needs was filled in."""

    type: ClassVar[str] = "users.profile_completed"

    user_id: str
