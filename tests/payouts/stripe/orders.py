"""Orders to pay out, and where they go."""

from typing import Any

from shared.kernel.ids import Kind
from shared.kernel.money import Currency, Money
from shared.payouts.model import Payout, PayoutStatus, Purpose, Rail
from tests.payments.stripe.desk import IDS

US_BANK = {"account_number": "000123456789", "routing_number": "110000000"}


def refund_of(intent: str, minor: int, **changes: Any) -> Payout:
    given: dict[str, Any] = {
        "user_id": IDS.new(Kind.USER),
        "payout_id": IDS.new(Kind.PAYOUT),
        "purpose": Purpose.REFUND,
        "rail": Rail.STRIPE_REFUND,
        "debited": Money(minor, Currency.USD),
        "amount": Money(minor, Currency.USD),
        "status": PayoutStatus.SENDING,
        "source": intent,
    }
    return Payout(**(given | changes))


def withdrawal_of(minor: int, **changes: Any) -> Payout:
    changes = {"purpose": Purpose.WITHDRAWAL, "rail": Rail.STRIPE_PAYOUT, "source": None} | changes
    return refund_of("", minor, **changes)
