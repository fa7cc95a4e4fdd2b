"""Phone numbers and cards, sealed with the key in their owner's profile."""

from collections.abc import Callable, Mapping

from shared.kernel.errors import NotFound
from shared.platform.personal import PersonalData, Sealed
from shared.users.store import UserStore


class SealedInstruments:
    """See Instruments."""

    def __init__(self, users: UserStore, personal: Callable[[], PersonalData]) -> None:
        self._users = users
        self._personal = personal

    def seal(self, user_id: str, secret: Mapping[str, str]) -> bytes:
        """See Instruments."""
        key = self._key(user_id)
        return self._personal().seal(secret, subject=user_id, wrapped_key=key).ciphertext

    def open(self, user_id: str, sealed: bytes) -> Mapping[str, str]:
        """See Instruments."""
        return self._personal().open(Sealed(self._key(user_id), sealed), subject=user_id)

    def _key(self, user_id: str) -> bytes:
        user = self._users.get(user_id)
        if user is None:
            raise NotFound(what="The user")
        return user.sealed.wrapped_key
