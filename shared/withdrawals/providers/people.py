"""People as withdrawals need them: the profile row with its personal data opened."""

from collections.abc import Mapping

from shared.platform.personal import PersonalData, Sealed
from shared.users.model import KycStatus, PersonalProfile, UserStatus
from shared.users.ports import Users
from shared.withdrawals.ports import Holder


class StoredHolders:
    """See Holders."""

    def __init__(self, users: Users, personal: PersonalData) -> None:
        self._users = users
        self._personal = personal

    def holder(self, user_id: str) -> Holder | None:
        """See Holders."""
        user = self._users.get(user_id)
        if user is None:
            return None
        approved = user.kyc_status is KycStatus.APPROVED and user.status is UserStatus.ACTIVE
        return Holder(user_id, approved, user.sealed.wrapped_key, user.sealed.ciphertext)

    def name(self, holder: Holder) -> str | None:
        """See Holders. An approved identity locks the names that were checked."""
        if not holder.approved:
            return None
        sealed = Sealed(holder.wrapped_key, holder.profile)
        data = self._personal.open(sealed, subject=holder.user_id)
        profile = PersonalProfile.from_mapping(data)
        return " ".join(filter(None, (profile.given_name, profile.family_name))) or None

    def seal(self, holder: Holder, details: Mapping[str, str]) -> bytes:
        """See Holders."""
        sealed = self._personal.seal(
            details, subject=holder.user_id, wrapped_key=holder.wrapped_key
        )
        return sealed.ciphertext
