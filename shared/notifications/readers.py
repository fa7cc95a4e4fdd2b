"""People's addresses, opened from their sealed profile only while a mail is made."""

from shared.notifications.ports import Reader
from shared.platform.personal import PersonalData, Sealed
from shared.users.store import UserStore


class ProfileReaders:
    """See Readers."""

    def __init__(self, users: UserStore, personal: PersonalData) -> None:
        self._users = users
        self._personal = personal

    def reader(self, user_id: str) -> Reader | None:
        """See Readers."""
        user = self._users.get(user_id)
        if user is None:
            return None
        sealed = Sealed(user.sealed.wrapped_key, user.sealed.ciphertext)
        data = self._personal.open(sealed, subject=user_id)
        return Reader(address=data["email"], language=user.language.value)
