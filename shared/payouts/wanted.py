"""What planning knows of a withdrawal whose cash is to be raised: the rows, both ways."""

from shared.investing.situations import WantedCash
from shared.payouts.rows import PayoutRow, payout_from, payout_key
from shared.payouts.states import PayoutStatus
from shared.platform.tables import Check, Item
from shared.platform.work import Write

wanted_key = payout_key


def wanted_from(item: Item) -> WantedCash | None:
    """What is lacking; None for one that wants nothing to be sold, or not any more."""
    payout = payout_from(item)
    if payout.status is not PayoutStatus.RAISING:
        return None
    everything = payout.everything
    until = None if everything is None else everything.until
    return WantedCash(payout.lacks_minor, payout.trace, payout.goal_id, until)


def still_wanted(user_id: str, payout_id: str) -> Write:
    """The write, named ``payout``, that fails once the withdrawal was taken back: nobody sells
    for one that is over."""
    key = payout_key(user_id, payout_id)
    raising = PayoutRow.status == PayoutStatus.RAISING.value
    return Check("payout", PayoutRow, key.pk, key.sk, raising)
