"""Names of goals, sealed with the key in their owner's profile."""

from collections.abc import Callable

from shared.kernel.errors import NotFound
from shared.platform.personal import PersonalData, Sealed
from shared.users.store import UserStore

_FIELD = "name"


class SealedNames:
    """See Names."""

    def __init__(self, users: UserStore, personal: Callable[[], PersonalData]) -> None:
        self._users = users
        self._personal = personal

    def seal(self, user_id: str, name: str) -> bytes:
        """See Names."""
        key = self._key(user_id)
        return self._personal().seal({_FIELD: name}, subject=user_id, wrapped_key=key).ciphertext

    def open(self, user_id: str, sealed: bytes) -> str:
        """See Names."""
        return self._personal().open(Sealed(self._key(user_id), sealed), subject=user_id)[_FIELD]

    def _key(self, user_id: str) -> bytes:
        user = self._users.get(user_id)
        if user is None:
            raise NotFound(what="The user")
        return user.sealed.wrapped_key
