"""Cash at the broker that is the firm's: what the books took from a person is fetched there too."""

from dataclasses import dataclass, replace
from datetime import datetime

from shared.kernel.events import Event
from shared.kernel.ids import Ids, Kind
from shared.payments.model import Deposit
from shared.payouts.events import PayoutRequestedV1, PayoutStoppedV1
from shared.payouts.making import new_claim
from shared.payouts.model import Payout
from shared.payouts.ports import Payouts
from shared.payouts.states import PayoutMove, PayoutStatus
from shared.platform.work import Write


@dataclass(frozen=True, slots=True)
class Claims:
    """Makes the payouts by which the firm's cash leaves a person's account at the broker."""

    payouts: Payouts
    ids: Ids

    def back(
        self, user_id: str, deposit: Deposit, minor: int, at: datetime
    ) -> tuple[list[Write], list[Event]]:
        """The other way round: a part of the fact by which ``minor`` US cents of the firm's are
        the person's and held; the hold ends when they are in their account at the broker."""
        if minor <= 0:
            return [], []
        payout = _returning(
            new_claim(
                user_id=user_id,
                payout_id=self.ids.new(Kind.PAYOUT),
                minor=minor,
                at=at,
                trace=deposit.trace,
            ),
            deposit.broker_account_id,
            at,
        )
        event = PayoutStoppedV1(user_id=user_id, payout_id=payout.payout_id)
        return [self.payouts.create(payout)], [event]

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


def _returning(claim: Payout, account_id: str | None, at: datetime) -> Payout:
    """A claim the other way round, as if it had been fetched and came back."""
    return replace(
        claim,
        status=PayoutStatus.RETURNING,
        moves=(PayoutMove(PayoutStatus.RETURNING, at),),
        ending=PayoutStatus.RETURNED,
        leg=1,
        broker_account_id=account_id,
    )
