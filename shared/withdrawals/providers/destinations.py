"""Where payouts go: the numbers of payout accounts, opened only while a gateway is asked."""

from collections.abc import Mapping

from shared.kernel.errors import NotFound
from shared.payouts.returning import PayeeStopped
from shared.platform.personal import PersonalData, Sealed
from shared.platform.tables import Database
from shared.users.model import KycStatus, UserStatus
from shared.users.store import profile_key, user_from
from shared.withdrawals.rows import account_from, account_key


class StoredDestinations:
    """See Destinations of payouts."""

    def __init__(self, database: Database, personal: PersonalData) -> None:
        self._database = database
        self._personal = personal

    def details(self, user_id: str, account_id: str) -> Mapping[str, str]:
        """See Destinations. One read, and a call to the key service at most; PayeeStopped for
        somebody whom nothing may be paid at the moment."""
        whose, where = profile_key(user_id), account_key(user_id, account_id)
        found = self._database.get_many([whose, where])
        if whose not in found or where not in found:
            raise NotFound(what="The payout account")
        sealed = account_from(found[where]).sealed
        if sealed is None:
            raise NotFound(what="The payout account")
        user = user_from(found[whose])
        if user.status is not UserStatus.ACTIVE or user.kyc_status is not KycStatus.APPROVED:
            raise PayeeStopped
        key = user.sealed.wrapped_key
        return self._personal.open(Sealed(key, sealed), subject=user_id)
