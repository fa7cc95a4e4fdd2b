"""Test cards and what each does."""

from dataclasses import dataclass

MIN_DIGITS = 12
GENERIC = "Refused"


@dataclass(frozen=True, slots=True)
class TestCard:
    """One card; `refusal` and `code` say why it is refused, None for one that pays."""

    number: str
    brand: str = "visa"
    refusal: str | None = None
    code: str | None = None
    authenticates: bool = False
    """Asks for 3-D Secure first."""

    @property
    def summary(self) -> str:
        """The digits that may be shown."""
        return self.number[-4:]


CARDS = {
    card.number: card
    for card in (
        TestCard("4111111111111111"),
        TestCard("5555444433331111", "mc"),
        TestCard("370000000000002", "amex"),
        TestCard("4917610000000000", authenticates=True),
        TestCard("4000000000000002", refusal=GENERIC, code="2"),
        TestCard("4000000000009995", refusal="Not enough balance", code="12"),
        TestCard("4000000000000069", refusal="Expired Card", code="6"),
        TestCard("4000000000000127", refusal="CVC Declined", code="24"),
        TestCard("4000000000009987", refusal="Blocked Card", code="5"),
    )
}


def find_card(number: str) -> TestCard | None:
    """The card of a typed number (blanks and dashes allowed); None if that is no card number.
    A card that is none of the test cards is refused."""
    digits = number.replace(" ", "").replace("-", "")
    if not (digits.isascii() and digits.isdigit() and len(digits) >= MIN_DIGITS and _luhn(digits)):
        return None
    return CARDS.get(digits) or TestCard(digits, refusal=GENERIC, code="2")


def _luhn(digits: str) -> bool:
    doubled = [int(digit) * (2 if index % 2 else 1) for index, digit in enumerate(digits[::-1])]
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0
