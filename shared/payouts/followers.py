"""Payouts of one payment: each takes the place of one that could not be sent."""

from shared.payouts.model import Payout
from shared.payouts.ports import Payouts


def in_a_row(payouts: Payouts, first: Payout) -> list[Payout]:
    """It, and those that were to pay in its place, one after the other: one read for each."""
    row, seen = [first], {first.payout_id}
    while (instead := row[-1].followed_by) is not None and instead not in seen:
        found = payouts.get(first.user_id, instead)
        if found is None:
            break
        seen.add(instead)
        row.append(found)
    return row
