"""Texts with bounds: what people write, and the keys and codes that programs send."""

import unicodedata
from collections.abc import Callable
from typing import NewType

from strawberry.types.scalar import ScalarDefinition

from graphql_api.scalar_forms import by_pattern, refused, strict
from shared.kernel.card_numbers import contains_card_number
from shared.kernel.edge_errors import CardNumberRefused
from shared.kernel.errors import InvalidValue
from shared.users import addresses
from shared.users.countries import ALPHA3
from shared.withdrawals.destinations import is_iban

EmailAddress = NewType("EmailAddress", str)
PhoneNumber = NewType("PhoneNumber", str)
CountryCode = NewType("CountryCode", str)
Symbol = NewType("Symbol", str)
IdempotencyKey = NewType("IdempotencyKey", str)
Password = NewType("Password", str)
OneTimeCode = NewType("OneTimeCode", str)
Key = NewType("Key", str)
MediaType = NewType("MediaType", str)
PostalCode = NewType("PostalCode", str)
TaxId = NewType("TaxId", str)
Line = NewType("Line", str)
AccountNumber = NewType("AccountNumber", str)
RoutingNumber = NewType("RoutingNumber", str)
Text = NewType("Text", str)

_EMAIL_LENGTH_MAX = 254
_TAX_ID_DIGITS_MAX = 13
"""Tax and identity numbers of some countries have 13 digits, and a check digit as cards have."""
_ACCOUNT_DIGITS_MAX = 14
"""Longer numbers of accounts are refused when a card could have them."""
_LINE_LENGTH_MAX = 80
_TEXT_LENGTH_MAX = 1000
_PASSWORD_LENGTH_MAX = 256
_UNSEEN = frozenset({"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"})
"""Categories of Unicode; the last two end a line or a paragraph."""


def _email(text: str) -> str:
    try:
        if not text.isascii() or len(text) > _EMAIL_LENGTH_MAX or text != text.strip():
            raise refused("an e-mail address")
        addresses.EmailAddress.parse(text)
    except InvalidValue:
        raise refused("an e-mail address") from None
    return text


def _country(text: str) -> str:
    if text not in ALPHA3:
        raise refused("an ISO 3166-1 alpha-3 code such as KEN")
    return text


def _without_card(read: Callable[[str], str], shortest: int | None = None) -> Callable[[str], str]:
    def checked(sent: str) -> str:
        text = read(sent)
        found = (
            contains_card_number(text)
            if shortest is None
            else contains_card_number(text, shortest=shortest)
        )
        if found:
            raise CardNumberRefused()
        return text

    return checked


def _free(length_max: int) -> Callable[[str], str]:
    """Composed (NFC), in one line, and nothing that is not seen: no control, format or half
    characters."""

    def read(sent: str) -> str:
        if len(sent) > 2 * length_max:
            raise refused(f"a text of 1 to {length_max} characters")
        text = unicodedata.normalize("NFC", sent)
        if not 1 <= len(text) <= length_max:
            raise refused(f"a text of 1 to {length_max} characters")
        if any(unicodedata.category(char) in _UNSEEN for char in text):
            raise refused("a text without control characters")
        return text

    return read


def _account_number(sent: str) -> str:
    """Bare, in capitals. Of an IBAN the check digits prove that it is no card's number."""
    text = _BANK_TEXT(sent).replace(" ", "").upper()
    if text[0].isalpha():
        if not is_iban(text):
            raise refused("an IBAN or an account number")
    elif contains_card_number(text, shortest=_ACCOUNT_DIGITS_MAX + 1):
        raise CardNumberRefused()
    return text


def _password(text: str) -> str:
    """Taken as it is: composing it would change what was typed elsewhere."""
    if not 1 <= len(text) <= _PASSWORD_LENGTH_MAX:
        raise refused(f"a password of at most {_PASSWORD_LENGTH_MAX} characters")
    if any(unicodedata.category(char) in ("Cc", "Cs") for char in text):
        raise refused("a password without control characters")
    return text


_BANK_TEXT = by_pattern(
    "an IBAN or an account number", "[A-Za-z0-9][A-Za-z0-9 ]{2,40}[A-Za-z0-9]", 42
)
TEXTS: dict[object, ScalarDefinition] = {
    EmailAddress: strict(
        "EmailAddress",
        "An e-mail address in ASCII, at most 254 characters.",
        _without_card(_email),
    ),
    PhoneNumber: strict(
        "PhoneNumber",
        "A phone number with its country code by E.164, such as `+254712345678`.",
        by_pattern("a phone number such as +254712345678", r"\+[1-9][0-9]{6,14}", 16),
        url="https://www.itu.int/rec/T-REC-E.164",
    ),
    CountryCode: strict(
        "CountryCode",
        "A country by ISO 3166-1 alpha-3, such as `KEN`.",
        _country,
        url="https://www.iso.org/iso-3166-country-codes.html",
    ),
    Symbol: strict(
        "Symbol",
        "The symbol under which an asset trades, such as `VTI`.",
        by_pattern("the symbol of an asset", r"[A-Z][A-Z0-9.]{0,9}", 10),
    ),
    IdempotencyKey: strict(
        "IdempotencyKey",
        "Chosen by the client, 1 to 255 visible ASCII characters, best a UUID; the same key with "
        "the same content never acts twice.",
        _without_card(by_pattern("1 to 255 visible ASCII characters", r"[\x21-\x7e]{1,255}", 255)),
    ),
    Password: strict(
        "Password", "A password; it is never shown again.", _password, write=lambda _: ""
    ),
    OneTimeCode: strict(
        "OneTimeCode",
        "Six digits, from a message or an authenticator app.",
        by_pattern("six digits", "[0-9]{6}", 6),
    ),
    Key: strict(
        "Key",
        "The key of something that an answer named, 1 to 64 characters.",
        _without_card(
            by_pattern("a key that an answer named", "[A-Za-z0-9][A-Za-z0-9_.-]{0,63}", 64)
        ),
    ),
    MediaType: strict(
        "MediaType",
        "The media type of a file, such as `image/jpeg`.",
        by_pattern("a media type such as image/jpeg", "[a-z]{1,20}/[a-z0-9][a-z0-9.+-]{0,78}", 100),
        url="https://www.rfc-editor.org/rfc/rfc6838",
    ),
    PostalCode: strict(
        "PostalCode",
        "A postal code, 2 to 10 letters, digits, spaces and dashes.",
        by_pattern("a postal code", "[A-Za-z0-9][A-Za-z0-9 -]{0,8}[A-Za-z0-9]", 10),
    ),
    TaxId: strict(
        "TaxId",
        "A tax identifier, 4 to 30 characters.",
        _without_card(
            by_pattern("a tax identifier", "[A-Za-z0-9][A-Za-z0-9./ -]{2,28}[A-Za-z0-9]", 30),
            shortest=_TAX_ID_DIGITS_MAX + 1,
        ),
    ),
    AccountNumber: strict(
        "AccountNumber",
        "An IBAN, or the number of a bank account; spaces do not count.",
        _account_number,
        url="https://www.iso.org/standard/81090.html",
    ),
    RoutingNumber: strict(
        "RoutingNumber",
        "The routing number or the BIC of a bank, 8 to 11 letters and digits.",
        by_pattern("the routing number or BIC of a bank", "[A-Za-z0-9]{8,11}", 11),
    ),
    Line: strict(
        "Line",
        "A short text in one line, 1 to 80 characters.",
        _without_card(_free(_LINE_LENGTH_MAX)),
    ),
    Text: strict(
        "Text",
        "A text in one line, 1 to 1,000 characters.",
        _without_card(_free(_TEXT_LENGTH_MAX)),
    ),
}
