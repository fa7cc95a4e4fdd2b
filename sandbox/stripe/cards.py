"""Stripe's published test cards and what each does."""

from dataclasses import dataclass
from enum import StrEnum

MIN_DIGITS = 12


class Behaviour(StrEnum):
    """What happens when the card is used."""

    PAYS = "pays"
    DECLINES = "declines"
    AUTHENTICATES = "authenticates"
    """Asks for 3-D Secure first, then pays."""


@dataclass(frozen=True, slots=True)
class TestCard:
    """One card; `code` and `decline_code` are those of the card error when it declines."""

    number: str
    behaviour: Behaviour
    brand: str = "visa"
    code: str | None = None
    decline_code: str | None = None
    message: str | None = None
    refunds: str = "at once"
    """How a refund goes: at once, pending first, or failing after it had succeeded."""
    disputed: bool = False
    """Its owner disputes every payment."""
    available: bool = False
    """The money is available at once."""
    present_only: bool = True
    """Of one that authenticates: it does so even where it was kept for charges without its
    owner, which are therefore declined."""

    @property
    def last4(self) -> str:
        """The digits that may be shown."""
        return self.number[-4:]


def _declines(number: str, code: str, decline_code: str | None, message: str) -> TestCard:
    return TestCard(number, Behaviour.DECLINES, "visa", code, decline_code, message)


DECLINED = "Your card was declined."
CARDS = {
    card.number: card
    for card in (
        TestCard("4242424242424242", Behaviour.PAYS),
        TestCard("5555555555554444", Behaviour.PAYS, "mastercard"),
        TestCard("378282246310005", Behaviour.PAYS, "amex"),
        TestCard("4000002760003184", Behaviour.AUTHENTICATES),
        TestCard("4000000000003220", Behaviour.AUTHENTICATES),
        TestCard("4000002500003155", Behaviour.AUTHENTICATES, present_only=False),
        TestCard("4000000000000077", Behaviour.PAYS, available=True),
        TestCard("4000000000007726", Behaviour.PAYS, refunds="pending"),
        TestCard("4000000000005126", Behaviour.PAYS, refunds="failing"),
        TestCard("4000000000000259", Behaviour.PAYS, disputed=True),
        _declines("4000000000000002", "card_declined", "generic_decline", DECLINED),
        _declines(
            "4000000000009995",
            "card_declined",
            "insufficient_funds",
            "Your card has insufficient funds.",
        ),
        _declines("4000000000009987", "card_declined", "lost_card", DECLINED),
        _declines("4000000000009979", "card_declined", "stolen_card", DECLINED),
        _declines("4000000000000069", "expired_card", None, "Your card has expired."),
        _declines(
            "4000000000000127", "incorrect_cvc", None, "Your card's security code is incorrect."
        ),
        _declines(
            "4000000000000119",
            "processing_error",
            None,
            "An error occurred while processing your card. Try again in a little bit.",
        ),
    )
}


def find_card(number: str) -> TestCard | None:
    """The card of a typed number (blanks and dashes allowed); None if that is no card number.

    A real card is declined, as Stripe does in test mode.
    """
    digits = number.replace(" ", "").replace("-", "")
    if not (digits.isascii() and digits.isdigit() and len(digits) >= MIN_DIGITS and _luhn(digits)):
        return None
    return CARDS.get(digits) or _declines(
        digits,
        "card_declined",
        "test_mode_live_card",
        "Your card was declined. Your request was in test mode, but used a non test card.",
    )


def _luhn(digits: str) -> bool:
    doubled = [int(digit) * (2 if index % 2 else 1) for index, digit in enumerate(digits[::-1])]
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0
