"""Numbers of accounts: what can exist is known by one form, all else is refused."""

import pytest

from shared.kernel.errors import InvalidValue
from shared.kernel.money import Currency
from shared.withdrawals.destinations import (
    BANK_COUNTRIES,
    BankNumbers,
    Form,
    bank_destination,
    is_iban,
    mpesa_destination,
)
from shared.withdrawals.model import AccountKind


@pytest.mark.parametrize("text", ["+254712345678", "0712 345 678", "254712345678"])
def test_a_phone_has_one_form_and_is_shown_masked(text: str) -> None:
    found = mpesa_destination(text)
    assert found.numbers == {"phone": "254712345678"}
    assert (found.kind, found.currency) == (AccountKind.MPESA, Currency.KES)
    assert found.shown_as == "2547*****678"
    assert found.canonical == "MPESA||254712345678"


@pytest.mark.parametrize(
    "text", ["DE89 3704 0044 0532 0130 00", "de89370400440532013000", "DE89-3704-0044-0532-0130-00"]
)
def test_an_iban_has_one_form_and_is_shown_masked(text: str) -> None:
    found = bank_destination(BankNumbers("DEU", text))
    assert found.numbers == {"account_number": "DE89370400440532013000"}
    assert (found.currency, found.country) == (Currency.EUR, "DEU")
    assert found.shown_as == "DE **** 3000"
    assert found.canonical == "BANK|DEU|DE89370400440532013000"


@pytest.mark.parametrize(
    ("country", "account", "routing", "currency"),
    [
        ("USA", "000123456789", "110000000", Currency.USD),
        ("USA", "000123456789", "021000021", Currency.USD),
        ("KEN", "0001234567", "BARCKENXMDR", Currency.KES),
        ("KEN", "0001234567", "kcblkenx", Currency.KES),
        ("ZAF", "000001240", "FIRNZAJJ", Currency.ZAR),
    ],
)
def test_other_banks_are_named_beside_the_account(
    country: str, account: str, routing: str, currency: Currency
) -> None:
    found = bank_destination(BankNumbers(country, account, routing))
    assert found.numbers == {"account_number": account, "routing_number": routing.upper()}
    assert found.currency is currency
    assert found.shown_as == f"{BANK_COUNTRIES[country].code} **** {account[-4:]}"


@pytest.mark.parametrize(
    ("country", "account", "routing", "field"),
    [
        ("GBR", "GB29NWBK60161331926819", None, "country"),
        ("XXX", "1", None, "country"),
        ("DEU", "DE89370400440532013001", None, "account_number"),
        ("DEU", "FR1420041010050500013M02606", None, "account_number"),
        ("DEU", "DE8937040044053201300", None, "account_number"),
        ("DEU", "", None, "account_number"),
        ("DEU", "DE89370400440532013000", "021000021", "routing_number"),
        ("USA", "123", "110000000", "account_number"),
        ("USA", "1" * 18, "110000000", "account_number"),
        ("USA", "12345678x", "110000000", "account_number"),
        ("USA", "000123456789", "110000001", "routing_number"),
        ("USA", "000123456789", "11000000", "routing_number"),
        ("USA", "000123456789", "000000000", "routing_number"),
        ("USA", "000123456789", None, "routing_number"),
        ("USA", "000123456789", "\u0661\u0661\u0660000000", "routing_number"),
        ("KEN", "0001234567", "FIRNZAJJ", "routing_number"),
        ("KEN", "0001234567", None, "routing_number"),
        ("KEN", "0001234567", "BARCKENXM", "routing_number"),
    ],
)
def test_what_cannot_be_paid_to_is_refused_without_repeating_it(
    country: str, account: str, routing: str | None, field: str
) -> None:
    with pytest.raises(InvalidValue) as refused:
        bank_destination(BankNumbers(country, account, routing))
    assert refused.value.values["field"] == field
    if len(account) > 3:
        assert account not in str(refused.value)


@pytest.mark.parametrize(
    "iban",
    [
        "AT611904300234573201",
        "BE68539007547034",
        "BG80BNBG96611020345678",
        "CY17002001280000001200527600",
        "DE89370400440532013000",
        "EE382200221020145685",
        "ES9121000418450200051332",
        "FI2112345600000785",
        "FR1420041010050500013M02606",
        "GR1601101250000000012300695",
        "HR1210010051863000160",
        "IE29AIBK93115212345678",
        "IT60X0542811101000000123456",
        "LT121000011101001000",
        "LU280019400644750000",
        "LV80BANK0000435195001",
        "MT84MALT011000012345MTLCAST001S",
        "NL91ABNA0417164300",
        "PT50000201231234567890154",
        "SI56263300012039086",
        "SK3112000000198742637541",
    ],
)
def test_the_registrys_own_examples_are_known(iban: str) -> None:
    """Examples of the IBAN registry, one per country."""
    assert is_iban(iban)
    (country,) = [name for name, each in BANK_COUNTRIES.items() if each.code == iban[:2]]
    found = bank_destination(BankNumbers(country, iban))
    assert (found.currency, found.numbers["account_number"]) == (Currency.EUR, iban)


def test_every_iban_country_has_its_length() -> None:
    for country in BANK_COUNTRIES.values():
        assert (country.iban_length > 0) == (country.form is Form.IBAN)
