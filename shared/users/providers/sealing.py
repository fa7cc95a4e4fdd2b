"""Profiles sealed by the platform's envelope encryption."""

from collections.abc import Mapping

from shared.platform.personal import PersonalData, Sealed
from shared.users.model import SealedProfile


class SealedProfiles:
    """See ProfileSafe."""

    def __init__(self, personal: PersonalData) -> None:
        self._personal = personal

    def seal(
        self, data: Mapping[str, str], *, user_id: str, wrapped_key: bytes | None
    ) -> SealedProfile:
        """See ProfileSafe."""
        sealed = self._personal.seal(data, subject=user_id, wrapped_key=wrapped_key)
        return SealedProfile(sealed.wrapped_key, sealed.ciphertext)

    def open(self, sealed: SealedProfile, *, user_id: str) -> dict[str, str]:
        """See ProfileSafe."""
        return self._personal.open(Sealed(sealed.wrapped_key, sealed.ciphertext), subject=user_id)
