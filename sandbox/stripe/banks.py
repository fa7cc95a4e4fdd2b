"""Stripe's published test bank accounts and what each does, for debits and for payouts."""

import re
from collections.abc import Mapping

PAYS = "000123456789"
ROUTING = "110000000"
STAYS = "000000000009"
"""A debit of it is processed for ever, until somebody ends it."""
DISPUTES = "000555555559"
"""A debit of it succeeds, and the bank takes it back at once."""

FAILURES: Mapping[str, str] = {
    "000111111113": "account_closed",
    "000111111116": "no_account",
    "000222222227": "insufficient_funds",
    "000333333335": "debit_not_authorized",
    "000444444440": "invalid_currency",
    "DE62370400440532013001": "no_account",
    "DE62370400440532013002": "account_closed",
}
"""By account number or IBAN: the failure code, some time after the debit or payout began."""

IBAN = re.compile(r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}", re.ASCII)
NUMBER = re.compile(r"[A-Z0-9]{4,34}", re.ASCII)
US_NUMBER = re.compile(r"\d{4,17}", re.ASCII)
US_ROUTING = re.compile(r"\d{9}", re.ASCII)


def is_iban(text: str) -> bool:
    """Of the right form, and its two check digits fit (ISO 13616: mod 97 is 1)."""
    if not IBAN.fullmatch(text):
        return False
    moved = text[4:] + text[:4]
    return int("".join(str(int(letter, 36)) for letter in moved)) % 97 == 1


def is_routing_number(text: str) -> bool:
    """Nine digits whose check digit fits (ABA: weights 3, 7, 1; the sum is divisible by 10)."""
    if not US_ROUTING.fullmatch(text):
        return False
    return (
        sum(int(digit) * weight for digit, weight in zip(text, (3, 7, 1) * 3, strict=True)) % (10)
        == 0
    )
