"""People as identity needs them: the profile row with its personal data opened."""

from collections.abc import Mapping

from shared.kyc.ports import Person
from shared.platform.personal import PersonalData, Sealed
from shared.platform.work import Write
from shared.users.model import KycStatus, PersonalProfile
from shared.users.ports import Users


class StoredPeople:
    """See People."""

    def __init__(self, users: Users, personal: PersonalData) -> None:
        self._users = users
        self._personal = personal

    def read(self, user_id: str) -> Person | None:
        """See People."""
        user = self._users.get(user_id)
        if user is None:
            return None
        sealed = Sealed(user.sealed.wrapped_key, user.sealed.ciphertext)
        data = self._personal.open(sealed, subject=user_id)
        profile = PersonalProfile.from_mapping(data)
        return Person(user_id, user.status, profile, user.sealed.wrapped_key)

    def seal(self, person: Person, data: Mapping[str, str]) -> bytes:
        """See People."""
        sealed = self._personal.seal(data, subject=person.user_id, wrapped_key=person.wrapped_key)
        return sealed.ciphertext

    def open(self, person: Person, sealed: bytes) -> dict[str, str]:
        """See People."""
        return self._personal.open(Sealed(person.wrapped_key, sealed), subject=person.user_id)

    def set_kyc_status(self, user_id: str, status: str) -> Write:
        """See People."""
        return self._users.set_kyc_status(user_id, KycStatus(status))

    def set_broker_account(self, user_id: str, account_id: str, status: str) -> Write:
        """See People."""
        return self._users.set_broker_account(user_id, account_id, status)
