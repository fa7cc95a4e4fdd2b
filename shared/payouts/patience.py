"""How long gateways are waited for, how often asked, and when orders are repeated. Pure."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta

from shared.payouts.model import KEEPS_KEYS, Payout, Rail
from shared.payouts.states import PayoutStatus

KEYS_KEPT = timedelta(hours=12)
"""Stripe forgets keys after a day, Adyen after seven: until then an order may be repeated."""
REPEATED_AFTER = timedelta(seconds=30)
"""A first order may still be on its way until then."""
LOOK_AT_LEAST, LOOK_AT_MOST = timedelta(minutes=5), timedelta(hours=6)
"""Between two looks at a payout that takes long: as long as it has taken, within these."""
ANSWER_WITHIN: Mapping[Rail, timedelta] = {
    Rail.MPESA_B2C: timedelta(hours=24),
    Rail.MPESA_REVERSAL: timedelta(hours=24),
    Rail.STRIPE_REFUND: timedelta(days=10),
    Rail.STRIPE_PAYOUT: timedelta(days=7),
    Rail.ADYEN_REFUND: timedelta(days=5),
    Rail.BY_HAND: timedelta(hours=24),
}
"""When somebody should know that a payout the gateway has taken is not done."""
UNKNOWN_FOR = timedelta(hours=24)
"""The same where it is not even known whether the gateway has the order."""


def settles_at(day: date) -> datetime:
    """From when on all that settles on this day has settled: see ``settled_by``."""
    return datetime.combine(day, time(5), UTC)


def began(payout: Payout) -> datetime:
    """Since when the gateway is waited for."""
    return payout.asked_at or payout.entered_at


def next_look(payout: Payout, now: datetime) -> datetime:
    """When the sweep is to ask again."""
    return now + min(max(now - began(payout), LOOK_AT_LEAST), LOOK_AT_MOST)


def is_overdue(payout: Payout, now: datetime) -> bool:
    """Whether somebody should know now that no answer comes; True once only."""
    sent = payout.status is PayoutStatus.SENT
    patience = ANSWER_WITHIN[payout.rail] if sent else UNKNOWN_FOR
    return not payout.escalated and now >= began(payout) + patience


def may_repeat(payout: Payout, now: datetime) -> bool:
    """Whether an order without an answer may be given again, under the same key."""
    unanswered = payout.status is PayoutStatus.SENDING and payout.rail in KEEPS_KEYS
    return unanswered and began(payout) + REPEATED_AFTER <= now < began(payout) + KEYS_KEPT
