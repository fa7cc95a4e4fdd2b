"""Cash at the broker that is the firm's: what the books took from a person is fetched there too."""

from dataclasses import dataclass
from datetime import datetime

from shared.kernel.events import Event
from shared.kernel.ids import Ids, Kind
from shared.payouts.events import PayoutRequestedV1
from shared.payouts.making import new_claim
from shared.payouts.ports import Payouts
from shared.platform.work import Write


@dataclass(frozen=True, slots=True)
class Claims:
    """Makes the payouts by which the firm's cash leaves a person's account at the broker."""

    payouts: Payouts
    ids: Ids

    def writes(
        self, user_id: str, minor: int, at: datetime, trace: str
    ) -> tuple[list[Write], list[Event]]:
        """A part of the fact that took ``minor`` US cents from a person's wallet, and the event
        that starts the broker's part. Nothing for nothing."""
        if minor <= 0:
            return [], []
        payout_id = self.ids.new(Kind.PAYOUT)
        claim = new_claim(user_id=user_id, payout_id=payout_id, minor=minor, at=at, trace=trace)
        event = PayoutRequestedV1(user_id=user_id, payout_id=payout_id)
        return [self.payouts.create(claim)], [event]
