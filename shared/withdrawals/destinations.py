"""Numbers of M-Pesa and bank accounts, checked before anything is done with them. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from shared.kernel.errors import InvalidValue
from shared.kernel.money import Currency
from shared.payments.requests import kenyan_number, masked
from shared.withdrawals.model import AccountKind


class Form(StrEnum):
    """How banks of a country name an account."""

    IBAN = "IBAN"
    ROUTED = "ROUTED"
    """Account number and ABA routing number."""
    BIC = "BIC"
    """Account number and the bank's BIC."""


@dataclass(frozen=True, slots=True)
class BankCountry:
    """A country to whose banks we pay."""

    code: str
    """ISO 3166-1 alpha-2, as IBANs and gateways say it."""
    currency: Currency
    form: Form
    iban_length: int = 0


def _euro(code: str, length: int) -> BankCountry:
    return BankCountry(code, Currency.EUR, Form.IBAN, length)


BANK_COUNTRIES: Mapping[str, BankCountry] = {
    "USA": BankCountry("US", Currency.USD, Form.ROUTED),
    "KEN": BankCountry("KE", Currency.KES, Form.BIC),
    "ZAF": BankCountry("ZA", Currency.ZAR, Form.BIC),
    # Where the euro is money; lengths as in the IBAN registry of SWIFT.
    "AUT": _euro("AT", 20),
    "BEL": _euro("BE", 16),
    "BGR": _euro("BG", 22),
    "CYP": _euro("CY", 28),
    "DEU": _euro("DE", 22),
    "ESP": _euro("ES", 24),
    "EST": _euro("EE", 20),
    "FIN": _euro("FI", 18),
    "FRA": _euro("FR", 27),
    "GRC": _euro("GR", 27),
    "HRV": _euro("HR", 21),
    "IRL": _euro("IE", 22),
    "ITA": _euro("IT", 27),
    "LTU": _euro("LT", 20),
    "LUX": _euro("LU", 20),
    "LVA": _euro("LV", 21),
    "MLT": _euro("MT", 31),
    "NLD": _euro("NL", 18),
    "PRT": _euro("PT", 25),
    "SVK": _euro("SK", 24),
    "SVN": _euro("SI", 19),
}

_ACCOUNT = re.compile(r"[0-9]{4,17}", re.ASCII)
_ROUTING = re.compile(r"[0-9]{9}", re.ASCII)
_ABA_WEIGHTS = (3, 7, 1) * 3
_BIC = re.compile(r"[A-Z]{4}([A-Z]{2})[A-Z0-9]{2}(?:[A-Z0-9]{3})?", re.ASCII)
_IBAN = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}", re.ASCII)


@dataclass(frozen=True, slots=True)
class BankNumbers:
    """As a person writes them; ``routing`` is an ABA number or a BIC."""

    country: str
    account: str
    routing: str | None = None


@dataclass(frozen=True, slots=True)
class Destination:
    """A checked account. ``numbers`` are in their one form, by the names that gateways use."""

    kind: AccountKind
    currency: Currency
    shown_as: str
    numbers: Mapping[str, str]
    country: str | None = None

    @property
    def canonical(self) -> str:
        """The same for the same account, however it was written."""
        return "|".join([self.kind.value, self.country or "", *sorted(self.numbers.values())])


def mpesa_destination(phone: str) -> Destination:
    """A Kenyan number; InvalidValue for any other."""
    number = kenyan_number(phone)
    return Destination(AccountKind.MPESA, Currency.KES, masked(number), {"phone": number})


def bank_destination(bank: BankNumbers) -> Destination:
    """An account at a bank; InvalidValue for a country or numbers that we cannot pay to."""
    country = BANK_COUNTRIES.get(bank.country)
    if country is None:
        raise InvalidValue(field="country", reason="must be a country to whose banks we pay")
    account, routing = _compact(bank.account), _compact(bank.routing or "")
    numbers = {"account_number": account}
    if country.form is Form.IBAN:
        _check_iban(account, country)
        if routing:
            raise InvalidValue(field="routing_number", reason="must be left out beside an IBAN")
    else:
        if not _ACCOUNT.fullmatch(account):
            raise InvalidValue(field="account_number", reason="must be an account number")
        (_check_aba if country.form is Form.ROUTED else _check_bic)(routing, country)
        numbers["routing_number"] = routing
    shown = f"{country.code} **** {account[-4:]}"
    return Destination(AccountKind.BANK, country.currency, shown, numbers, bank.country)


def is_iban(text: str) -> bool:
    """Whether it has the form and the check digits of ISO 13616."""
    if not _IBAN.fullmatch(text):
        return False
    return int("".join(str(int(char, 36)) for char in text[4:] + text[:4])) % 97 == 1


def _compact(text: str) -> str:
    return text.replace(" ", "").replace("-", "").upper()


def _check_iban(iban: str, country: BankCountry) -> None:
    fits = iban.startswith(country.code) and len(iban) == country.iban_length
    if not fits or not is_iban(iban):
        raise InvalidValue(field="account_number", reason="must be an IBAN of this country")


def _check_aba(routing: str, country: BankCountry) -> None:
    """Weights 3, 7, 1: the sum of a valid number is a multiple of ten."""
    if not _ROUTING.fullmatch(routing) or routing == "0" * 9 or _aba_sum(routing) % 10:
        raise InvalidValue(field="routing_number", reason="must be a routing number of nine digits")


def _aba_sum(routing: str) -> int:
    return sum(weight * int(digit) for weight, digit in zip(_ABA_WEIGHTS, routing, strict=True))


def _check_bic(routing: str, country: BankCountry) -> None:
    match = _BIC.fullmatch(routing)
    if match is None or match.group(1) != country.code:
        raise InvalidValue(field="routing_number", reason="must be the BIC of a bank there")
