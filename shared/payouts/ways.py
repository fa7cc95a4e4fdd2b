"""Why money leaves, and how. Pure."""

from collections.abc import Mapping
from enum import StrEnum


class Purpose(StrEnum):
    """Why money leaves."""

    WITHDRAWAL = "WITHDRAWAL"
    """A person takes out their own money."""
    REFUND = "REFUND"
    """A deposit, or a part of it, goes back to where it came from."""
    SURPLUS = "SURPLUS"
    """A second payment for a deposit that was already paid goes back. It never was in a wallet."""
    CLAIM = "CLAIM"
    """What the books took from a person, such as a lost dispute, comes to the firm at the broker
    too. It holds nothing, reaches no gateway, and is PAID when the firm has the cash."""


class Rail(StrEnum):
    """How it leaves."""

    MPESA_B2C = "MPESA_B2C"
    MPESA_REVERSAL = "MPESA_REVERSAL"
    STRIPE_REFUND = "STRIPE_REFUND"
    STRIPE_PAYOUT = "STRIPE_PAYOUT"
    """To a bank account."""
    ADYEN_REFUND = "ADYEN_REFUND"
    BY_HAND = "BY_HAND"
    """By a transfer that people have made from the firm's own bank."""
    TO_FIRM = "TO_FIRM"
    """No further than the firm's account at the broker."""


GATEWAY_OF: Mapping[Rail, str] = {
    Rail.MPESA_B2C: "MPESA",
    Rail.MPESA_REVERSAL: "MPESA",
    Rail.STRIPE_REFUND: "STRIPE",
    Rail.STRIPE_PAYOUT: "STRIPE",
    Rail.ADYEN_REFUND: "ADYEN",
    Rail.BY_HAND: "BANK",
    Rail.TO_FIRM: "BROKER",
}
"""Out of whose clearing account it goes."""

KEEPS_KEYS = frozenset({Rail.STRIPE_REFUND, Rail.STRIPE_PAYOUT, Rail.ADYEN_REFUND})
"""Where an order that is given again under the same key is the same order."""
