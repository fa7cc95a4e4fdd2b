"""What a person may write into their profile."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import date
from enum import StrEnum

from shared.kernel.errors import InvalidValue
from shared.users.countries import ALPHA3
from shared.users.errors import TooYoung
from shared.users.income import AnnualIncome
from shared.users.model import DECLARATIONS, MINIMUM_AGE_YEARS, age_years

_AGE_YEARS_MAX = 120
_POSTAL_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9 -]{1,9}", re.ASCII)
_TAX_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9./ -]{3,29}", re.ASCII)
_NAME_MARKS = frozenset("'\u2019-. ")


class TaxIdType(StrEnum):
    """Kinds of tax identifiers that we can pass to a broker."""

    KEN_KRA_PIN = "KEN_KRA_PIN"
    """Kenya Revenue Authority PIN."""
    USA_SSN = "USA_SSN"
    GBR_NINO = "GBR_NINO"
    GBR_UTR = "GBR_UTR"
    DEU_TAX_ID = "DEU_TAX_ID"
    FRA_SPI = "FRA_SPI"
    IND_PAN = "IND_PAN"
    NATIONAL_ID = "NATIONAL_ID"
    NOT_SPECIFIED = "NOT_SPECIFIED"
    """Any other identifier."""


class FundingSource(StrEnum):
    """Where the money comes from."""

    EMPLOYMENT_INCOME = "EMPLOYMENT_INCOME"
    INVESTMENTS = "INVESTMENTS"
    INHERITANCE = "INHERITANCE"
    BUSINESS_INCOME = "BUSINESS_INCOME"
    SAVINGS = "SAVINGS"
    FAMILY = "FAMILY"


class Employment(StrEnum):
    """What the person does for a living."""

    EMPLOYED = "EMPLOYED"
    SELF_EMPLOYED = "SELF_EMPLOYED"
    UNEMPLOYED = "UNEMPLOYED"
    STUDENT = "STUDENT"
    RETIRED = "RETIRED"


def checked(changes: Mapping[str, str | date | bool], today: date) -> dict[str, str | date | bool]:
    """The values in their stored form; raises InvalidValue or TooYoung for the first bad one."""
    valid = {name: _RULES[name](name, value, today) for name, value in changes.items()}
    country = str(valid.get("tax_id_type", ""))[:3]
    if country in ALPHA3 and "tax_country" not in valid:
        # Such a type is issued by one country only, which its name begins with.
        valid["tax_country"] = country
    return valid


type Value = str | date | bool


def _text(name: str, value: Value, length_max: int) -> str:
    text = unicodedata.normalize("NFC", str(value)).strip()
    if not text or len(text) > length_max:
        raise InvalidValue(field=name, reason=f"must have 1 to {length_max} characters")
    if any(unicodedata.category(char).startswith("C") for char in text):
        raise InvalidValue(field=name, reason="must not contain control characters")
    return text


def _name(name: str, value: Value, today: date) -> str:
    text = _text(name, value, 60)
    if not all(unicodedata.category(char)[0] in "LM" or char in _NAME_MARKS for char in text):
        raise InvalidValue(field=name, reason="must be written as in your identity document")
    return text


def _line(name: str, value: Value, today: date) -> str:
    return _text(name, value, 80)


def _postal_code(name: str, value: Value, today: date) -> str:
    text = _text(name, value, 10)
    if not _POSTAL_CODE.fullmatch(text):
        raise InvalidValue(field=name, reason="must be a postal code")
    return text


def _country(name: str, value: Value, today: date) -> str:
    if value not in ALPHA3:
        raise InvalidValue(field=name, reason="must be an ISO 3166-1 alpha-3 code such as KEN")
    return str(value)


def _born(name: str, value: Value, today: date) -> date:
    if not isinstance(value, date) or value > today:
        raise InvalidValue(field=name, reason="must be a date in the past")
    years = age_years(value, today)
    if years > _AGE_YEARS_MAX:
        raise InvalidValue(field=name, reason="must be a living person's date of birth")
    if years < MINIMUM_AGE_YEARS:
        raise TooYoung(years=MINIMUM_AGE_YEARS)
    return value


def checked_phone(name: str, value: str) -> str:
    """A phone number in E.164; raises InvalidValue when no such number can exist."""
    # Sixty modules that only a changed profile needs.
    import phonenumbers

    try:
        number = phonenumbers.parse(value[:32])
    except phonenumbers.NumberParseException:
        raise InvalidValue(field=name, reason="must be a number such as +254712345678") from None
    if not phonenumbers.is_valid_number(number):
        raise InvalidValue(field=name, reason="must be an existing kind of phone number")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _phone(name: str, value: Value, today: date) -> str:
    return checked_phone(name, str(value))


def _tax_id(name: str, value: Value, today: date) -> str:
    text = _text(name, value, 30)
    if not _TAX_ID.fullmatch(text):
        raise InvalidValue(field=name, reason="must be a tax identifier")
    return text


def _one_of(choices: type[StrEnum]) -> Callable[[str, Value, date], Value]:
    def rule(name: str, value: Value, today: date) -> str:
        if str(value) not in choices:
            raise InvalidValue(field=name, reason=f"must be one of {', '.join(choices)}")
        return choices(str(value)).value

    return rule


def _declaration(name: str, value: Value, today: date) -> bool:
    if not isinstance(value, bool):
        raise InvalidValue(field=name, reason="must be true or false")
    return value


_RULES: Mapping[str, Callable[[str, Value, date], Value]] = {
    "given_name": _name,
    "family_name": _name,
    "date_of_birth": _born,
    "phone": _phone,
    "street": _line,
    "city": _name,
    "region": _line,
    "postal_code": _postal_code,
    "country": _country,
    "nationality": _country,
    "tax_id_type": _one_of(TaxIdType),
    "tax_id": _tax_id,
    "tax_country": _country,
    "funding_source": _one_of(FundingSource),
    "employment": _one_of(Employment),
    "annual_income": _one_of(AnnualIncome),
    **dict.fromkeys(DECLARATIONS, _declaration),
}
