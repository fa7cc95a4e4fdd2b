"""Personal data and secrets, made unreadable: by the type of a field, and by their form in text.

Two uses. Views for staff show a *partial* value (``mask_email``, ``mask_phone``), enough to
compare with what a caller says. Logs show none of it: ``cleaned`` replaces whole values by what
kind of thing was there.
"""

import re
from collections.abc import Mapping, Sequence
from enum import StrEnum
from functools import lru_cache

from shared.kernel.luhn import check_digit_fits

STAR = "*"
TEXT_MAX = 1_000
"""Characters kept of one text in a log line."""
ITEMS_MAX = 50
DEPTH_MAX = 6


class Kind(StrEnum):
    """What a field holds."""

    EMAIL = "email"
    PHONE = "phone"
    IDENTITY = "identity number"
    NAME = "name"
    BIRTH_DATE = "birth date"
    ADDRESS = "address"
    CARD = "card number"
    SECRET = "secret"  # noqa: S105 - the name of a kind, no secret


def mask_email(value: str) -> str:
    """``amina@example.com`` as ``a***@example.com``: the domain and one letter stay."""
    local, at, domain = value.rpartition("@")
    return f"{local[:1]}***@{domain}" if at and local else "***"


def mask_phone(value: str) -> str:
    """``+254712345678`` as ``+254******678``: the country and the last three digits stay."""
    return _middle(value, 4, 3)


def _middle(value: str, head: int, tail: int) -> str:
    """Stars between the ends; a value too short to hide about half of it shows nothing."""
    hidden = len(value) - head - tail
    if hidden < max(head + tail - 1, 4):
        return STAR * max(len(value), 3)
    return value[:head] + STAR * hidden + value[len(value) - tail :]


_KINDS: Mapping[Kind, frozenset[str]] = {
    Kind.EMAIL: frozenset({"email", "emailaddress", "mail", "recipient", "sender"}),
    Kind.PHONE: frozenset({"phone", "phonenumber", "msisdn", "mobile", "tel"}),
    Kind.IDENTITY: frozenset(
        {"taxid", "nationalid", "ssn", "passport", "passportnumber", "documentnumber", "idnumber"}
    ),
    Kind.NAME: frozenset({"givenname", "familyname", "firstname", "lastname", "fullname"}),
    Kind.BIRTH_DATE: frozenset({"birthdate", "dateofbirth", "dob"}),
    Kind.ADDRESS: frozenset({"street", "city", "postalcode", "address", "ipaddress", "device"}),
    Kind.CARD: frozenset({"card", "cardnumber", "pan"}),
}
_SECRET_WORDS = (
    "password",
    "secret",
    "token",
    "authorization",
    "cookie",
    "credential",
    "apikey",
    "signature",
)
_NAME_MAX = 100
"""Names up to this length are looked at once: nearly all are the few that our own lines have."""
_SECRET_NAMES = frozenset({"pin", "cvc", "cvv", "otp", "totp", "onetimecode", "recoverycode"})


def kind_of(field: str) -> Kind | None:
    """What a field of this name holds, in any spelling (``tax_id``, ``taxId``, ``Tax-Id``)."""
    return _kind_of(field) if len(field) <= _NAME_MAX else _kind_of.__wrapped__(field)


@lru_cache(maxsize=512)
def _kind_of(field: str) -> Kind | None:
    name = re.sub(r"[^a-z]", "", field.lower())
    for kind, names in _KINDS.items():
        if name in names:
            return kind
    secret = name in _SECRET_NAMES or any(word in name for word in _SECRET_WORDS)
    return Kind.SECRET if secret else None


# Neither side may touch a letter, a digit or what holds identifiers together: our own ids, hex
# digests and UUIDs stay whole.
_ALONE, _ENDS = r"(?<![A-Za-z0-9_])", r"(?![A-Za-z0-9_])"
_DIGITS = re.compile(rf"{_ALONE}[0-9]+(?:[ -][0-9]+){{0,20}}{_ENDS}")
CARD_DIGITS = range(13, 20)
_FORMS: Sequence[tuple[re.Pattern[str], Kind]] = (
    (re.compile(r"eyJ[\w-]{4,}\.[\w-]{4,}(?:\.[\w-]*){0,3}", re.ASCII), Kind.SECRET),
    (re.compile(r"(?:whsec|sk|rk|pk|cs)_[A-Za-z0-9_+/=-]{6,}"), Kind.SECRET),
    (re.compile(r"(?:bearer|basic)\s+[\w.~+/=-]{6,}", re.IGNORECASE | re.ASCII), Kind.SECRET),
    (re.compile(r"AKIA[0-9A-Z]{16}"), Kind.SECRET),
    (re.compile(r"-----BEGIN [A-Z ]+-----"), Kind.SECRET),
    (re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){0,8}"), Kind.EMAIL),
    (re.compile(rf"{_ALONE}[AP][0-9]{{9}}[A-Z]{_ENDS}"), Kind.IDENTITY),
    (re.compile(rf"{_ALONE}[0-9]{{3}}-[0-9]{{2}}-[0-9]{{4}}{_ENDS}"), Kind.IDENTITY),
    (re.compile(r"\+[1-9](?:[ -]?[0-9]){6,14}"), Kind.PHONE),
    (re.compile(rf"{_ALONE}(?:254|0)[17][0-9]{{8}}{_ENDS}"), Kind.PHONE),
)
_SHORTEST_BY_LETTERS = 20
"""Of all forms only an access key's can consist of letters alone, and it has as many."""
_OPAQUE = re.compile(
    r"(?<![\w./-])(?=[\w-]*[A-Z])(?=[\w-]*[a-z])(?=[\w-]*[0-9])[\w-]{40,}", re.ASCII
)


def redacted(text: str) -> str:
    """The text with everything that has the form of personal data or of a secret replaced."""
    if len(text) < _SHORTEST_BY_LETTERS and text.isalpha() and text.isascii():
        return text
    text = _DIGITS.sub(_card, text)
    for form, kind in _FORMS:
        text = form.sub(f"[{kind.value}]", text)
    return _OPAQUE.sub(f"[{Kind.SECRET.value}]", text)


def _card(found: re.Match[str]) -> str:
    """A run of digits, as it is or replaced: any neighbouring groups may form the number."""
    groups = re.split(r"[ -]", found[0])
    for start, first in enumerate(groups):
        digits = ""
        for group in groups[start:] if first[0] in "23456" else ():
            digits += group
            if len(digits) in CARD_DIGITS and check_digit_fits(digits):
                return f"[{Kind.CARD.value}]"
            if len(digits) >= CARD_DIGITS.stop:
                break
    return found[0]


def cleaned(value: object, field: str = "", depth: int = 0) -> object:
    """What a log may show of a value: JSON types only, bounded, nothing personal, no secret."""
    if value is None or isinstance(value, bool):
        return value
    kind = kind_of(field)
    if kind is not None:
        return f"[{kind.value}]"
    if isinstance(value, int):
        seen = redacted(str(value)) if value.bit_length() < 128 else "[number]"
        return value if seen == str(value) else seen
    if isinstance(value, str):
        return _bounded(value)
    if depth < DEPTH_MAX:
        if isinstance(value, Mapping):
            pairs = list(value.items())[:ITEMS_MAX]
            return {_name(str(key)): cleaned(inner, str(key), depth + 1) for key, inner in pairs}
        if isinstance(value, list | tuple | set | frozenset):
            return [cleaned(inner, field, depth + 1) for inner in list(value)[:ITEMS_MAX]]
    # Anything else could say anything about itself.
    return f"[{type(value).__name__}]"


def _name(key: str) -> str:
    """A member's name, bounded."""
    return _known_name(key) if len(key) <= _NAME_MAX else _bounded(key)[:_NAME_MAX]


@lru_cache(maxsize=512)
def _known_name(key: str) -> str:
    return redacted(key)


def _bounded(text: str) -> str:
    """Searched up to a bound only; what the bound may have cut in two is left out."""
    if len(text) <= TEXT_MAX:
        return redacted(text)
    shown = redacted(text[: 2 * TEXT_MAX])[:-100]
    return f"{shown[:TEXT_MAX]}... ({len(text)} characters)"
