"""Of which action a line of the broker's books is. Pure."""

from collections.abc import Mapping, Sequence
from datetime import timedelta

from shared.corporate_actions.model import (
    DIVIDENDS,
    SPLITS,
    Activity,
    ActivityKind,
    PersonAction,
    action_id,
)
from shared.market_data.announcements import ActionKind, Announcement

PAID_WITHIN = timedelta(days=30)
"""Brokers credit after the day of payment, when they have been paid themselves."""
LOOKED_BACK = timedelta(days=150)
AROUND = timedelta(days=7)
MOST = 24


def near(announced: Sequence[Announcement], line: Activity) -> list[Announcement]:
    """What the line may be of, the oldest first."""
    kinds = SPLITS if line.kind is ActivityKind.SPLIT else DIVIDENDS
    chosen = [each for each in announced if each.kind in kinds and _fits(each, line)]
    return sorted(chosen, key=lambda each: (each.effective, each.id))[-MOST:]


def _fits(one: Announcement, line: Activity) -> bool:
    if one.kind in SPLITS:
        return not one.withdrawn and abs(one.effective - line.settled) <= AROUND
    due = one.payable_date or one.effective
    return (
        line.settled - LOOKED_BACK <= one.effective <= line.settled
        and -AROUND <= line.settled - due <= PAID_WITHIN
    )


def unannounced(user_id: str, line: Activity) -> tuple[str, str, ActionKind]:
    """Action, announcement and kind for a line that belongs to nothing that was announced: one
    for all cash of a symbol on a day."""
    fraction = line.kind is ActivityKind.CASH_IN_LIEU
    kind = ActionKind.REVERSE_SPLIT if fraction else ActionKind.CASH_DIVIDEND
    name = f"broker:{line.symbol}:{line.settled.isoformat()}:{kind.value}"
    return action_id(user_id, name, line.settled), name, kind


def chosen(
    line: Activity,
    user_id: str,
    candidates: Sequence[Announcement],
    known: Mapping[str, PersonAction],
) -> Announcement | None:
    """The announcement that a payment or a tax is of; None when there is none.

    A payment says its rate, and often its record date. A tax says neither: it is of what was
    paid, or is to be paid, nearest to its day.
    """
    if line.kind is ActivityKind.CASH_IN_LIEU:
        return None

    def rank(one: Announcement) -> tuple[bool, bool, bool, bool, int, str]:
        action = known.get(action_id(user_id, one.id, one.effective))
        same_day = action is not None and action.settled == line.settled
        distance = abs((one.payable_date or one.effective) - line.settled)
        return (
            line.record_date is not None and one.record_date == line.record_date,
            line.per_share is not None and one.cash == line.per_share,
            same_day and line.kind is ActivityKind.TAX,
            not one.withdrawn,
            -distance.days,
            one.id,
        )

    return max(candidates, key=rank, default=None)
