"""People's names as payouts need them: the profile row with its personal data opened."""

from shared.platform.personal import PersonalData, Sealed
from shared.users.model import PersonalProfile
from shared.users.ports import Users


class StoredNames:
    """See Names."""

    def __init__(self, users: Users, personal: PersonalData) -> None:
        self._users = users
        self._personal = personal

    def name_of(self, user_id: str) -> str | None:
        """See Names."""
        user = self._users.get(user_id)
        if user is None:
            return None
        sealed = Sealed(user.sealed.wrapped_key, user.sealed.ciphertext)
        profile = PersonalProfile.from_mapping(self._personal.open(sealed, subject=user_id))
        return " ".join(filter(None, (profile.given_name, profile.family_name))) or None
