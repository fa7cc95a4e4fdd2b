"""Whether a payer's bank holds a claim to a payment, for those who decide about its money."""

from dataclasses import dataclass

from shared.disputes.ports import Disputes


@dataclass(frozen=True, slots=True)
class StandingDisputes:
    """Over all disputes."""

    disputes: Disputes

    def against(self, user_id: str, deposit_id: str, payment: str) -> bool:
        """Whether a dispute of this payment of the deposit is open, or was lost."""
        found = self.disputes.of_deposit(user_id, deposit_id)
        return any(one.payment == payment and one.claimed for one in found)
