"""The way out that people have gone already: a transfer from the firm's own bank."""

from collections.abc import Mapping

from shared.payouts.model import Payout
from shared.payouts.ports import NotPaid, PaidOut, PayoutOutcome, SendResult
from shared.payouts.reasons import PayoutReason


class ByHand:
    """See PayoutRail. Two people have named the transfer before the payout was made: there is
    nobody to ask, and nothing is ordered."""

    def send(self, payout: Payout, destination: Mapping[str, str]) -> SendResult:
        """See PayoutRail."""
        return _paid(payout)

    def look_up(self, payout: Payout) -> PayoutOutcome:
        """See PayoutRail."""
        return _paid(payout)


def _paid(payout: Payout) -> PaidOut | NotPaid:
    if payout.reference is None:
        return NotPaid(PayoutReason.GATEWAY_REFUSED)
    return PaidOut(payout.reference, payout.amount)
