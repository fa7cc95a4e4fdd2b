"""Statements in CAMT.053 of ISO 20022, read by pycamt."""

from datetime import date
from typing import Any

from shared.kernel.money import Currency
from shared.reconciliation.bank import (
    BankEntry,
    BankStatement,
    Refusal,
    StatementRefused,
    checked,
    currency_of,
    minor_of,
    reference_of,
)

BOOKED = "BOOK"
_TEXTS = (
    "EndToEndId",
    "RemittanceInformation",
    "RemittanceInformationFull",
    "AdditionalRemittanceInformation",
    "AdditionalEntryInformation",
    "DebtorName",
)
_SIGNS = {"CRDT": 1, "DBIT": -1}


def read_camt(content: bytes) -> BankStatement:
    """The one statement of a file. StatementRefused for anything else, entities and document types
    above all: no statement has any, and files that are bombs do."""
    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import ParseError, fromstring
    from lxml.etree import LxmlError
    from pycamt.parser import Camt053ParseError, Camt053Parser

    try:
        fromstring(content, forbid_dtd=True)
        parser = Camt053Parser(content)
        told, lines = parser.get_statement_info(), parser.get_transactions()
    except (
        DefusedXmlException,
        ParseError,
        LxmlError,
        Camt053ParseError,
        SyntaxError,
        ValueError,
        LookupError,
        AttributeError,
    ):
        raise StatementRefused(Refusal.UNREADABLE) from None
    if parser.version == "unknown" or len(told) != 1:
        raise StatementRefused(Refusal.UNREADABLE)
    return _statement(told[0], lines)


def _statement(told: dict[str, Any], lines: list[dict[str, Any]]) -> BankStatement:
    code = told["Currency"] or next((one["Currency"] for one in lines), None)
    currency = currency_of(code)
    if any(one["Currency"] != currency.value for one in lines):
        raise StatementRefused(Refusal.OTHER_CURRENCY)
    return checked(
        BankStatement(
            account=str(told["IBAN"] or ""),
            currency=currency,
            opening_minor=minor_of(told["OpeningBalance"], currency),
            closing_minor=minor_of(told["ClosingBalance"], currency),
            closing_day=_day(told["ClosingBalanceDate"]),
            entries=tuple(_entry(one, currency) for one in lines if one["Status"] == BOOKED),
        )
    )


def _entry(told: dict[str, Any], currency: Currency) -> BankEntry:
    try:
        sign = _SIGNS[told["CreditDebitIndicator"]]
        booked_on = told["BookingDate"] or told["ValueDate"]
    except KeyError:
        raise StatementRefused(Refusal.UNREADABLE) from None
    return BankEntry(
        reference=reference_of(told["TransactionID"]),
        minor=sign * minor_of(told["Amount"], currency),
        day=_day(booked_on),
        texts=tuple(str(told[name]) for name in _TEXTS if told.get(name)),
    )


def _day(text: str | None) -> date:
    """Of a date, or of a time that begins with one."""
    try:
        return date.fromisoformat((text or "")[:10])
    except ValueError:
        raise StatementRefused(Refusal.UNREADABLE) from None
