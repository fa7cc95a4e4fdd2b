"""Payment card numbers in texts where none belongs. Pure.

Cards are typed on the pages of the payment gateways only; a number that reaches us in a free text
is refused before it is stored, sent on or logged.
"""

import re
import unicodedata
from collections.abc import Iterator

from shared.kernel.luhn import check_digit_fits

_LENGTH_MIN, _LENGTH_MAX = 13, 19
_PHONE_LENGTH_MAX = 15
"""E.164; a number after a plus sign that is no longer than this is a telephone's."""

# Digits in groups, between which a few marks may stand.
_RUN = re.compile(r"(\+?)([0-9]+(?:[ .\-_/]{1,3}[0-9]+)*)", re.ASCII)
_GROUPS = re.compile(r"[0-9]+", re.ASCII)
# UUIDs and hashes, as programs make keys of them: among many, some would pass for a card.
_MADE_UP = re.compile(
    r"(?<![0-9a-z])(?:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|(?=[0-9]*[a-f])[0-9a-f]{24,})"
    r"(?![0-9a-z])",
    re.ASCII | re.IGNORECASE,
)

# Prefixes that issuers have (ISO/IEC 7812), as ranges of the first digits, with the lengths of
# their numbers. Without them one in ten long numbers would pass for a card by its check digit.
_ISSUERS: tuple[tuple[int, int, frozenset[int]], ...] = (
    (4, 4, frozenset({13, 16, 19})),  # Visa
    (51, 55, frozenset({16})),  # Mastercard
    (2221, 2720, frozenset({16})),  # Mastercard
    (34, 34, frozenset({15})),  # American Express
    (37, 37, frozenset({15})),  # American Express
    (300, 305, frozenset(range(14, 20))),  # Diners Club
    (36, 36, frozenset(range(14, 20))),  # Diners Club
    (38, 39, frozenset(range(14, 20))),  # Diners Club
    (6011, 6011, frozenset(range(16, 20))),  # Discover
    (644, 659, frozenset(range(16, 20))),  # Discover, RuPay, Verve
    (3528, 3589, frozenset(range(16, 20))),  # JCB
    (62, 62, frozenset(range(16, 20))),  # UnionPay
    (81, 82, frozenset({16})),  # UnionPay, RuPay
    (60, 60, frozenset({16})),  # RuPay
    (508, 508, frozenset({16})),  # RuPay
    (5018, 5020, frozenset(range(13, 20))),  # Maestro
    (5038, 5038, frozenset(range(13, 20))),  # Maestro
    (5893, 5893, frozenset(range(13, 20))),  # Maestro
    (6304, 6304, frozenset(range(13, 20))),  # Maestro
    (6759, 6763, frozenset(range(13, 20))),  # Maestro
    (506099, 506198, frozenset({16, 18, 19})),  # Verve
    (507865, 507964, frozenset({16, 18, 19})),  # Verve
    (2200, 2204, frozenset(range(16, 20))),  # Mir
)


def contains_card_number(text: str, *, shortest: int = _LENGTH_MIN) -> bool:
    """Whether 13 to 19 digits in it, bare or in groups, can be a card's number.

    Digits of every script count. Telephone numbers with a plus sign, UUIDs and hashes do not;
    ``shortest`` raises the bar for fields whose own values look like short card numbers.
    """
    plain = _MADE_UP.sub("x", _plain(text))
    return any(
        _is_card_number(digits)
        for sign, digits in _candidates(plain)
        if len(digits) >= shortest and not (sign and len(digits) <= _PHONE_LENGTH_MAX)
    )


def _plain(text: str) -> str:
    """Every decimal digit in ASCII, every dash and space as the plain one, the unseen left out."""
    if text.isascii():
        return text
    return "".join(_plain_char(char) for char in text)


def _plain_char(char: str) -> str:
    category = unicodedata.category(char)
    match category:
        case "Nd":
            return str(unicodedata.decimal(char))
        case "Zs":
            return " "
        case "Pd":
            return "-"
        case "Cf" | "Mn":
            return ""
    return char


def _candidates(text: str) -> Iterator[tuple[str, str]]:
    """Neighbouring groups of digits together, as many as a card number can have."""
    for run in _RUN.finditer(text):
        groups = _GROUPS.findall(run.group(2))
        for start in range(len(groups)):
            digits = ""
            for group in groups[start:]:
                digits += group
                if len(digits) > _LENGTH_MAX:
                    break
                if len(digits) >= _LENGTH_MIN:
                    yield run.group(1) if start == 0 else "", digits


def _is_card_number(digits: str) -> bool:
    known = any(
        len(digits) in lengths and low <= int(digits[: len(str(low))]) <= high
        for low, high, lengths in _ISSUERS
    )
    return known and check_digit_fits(digits)
