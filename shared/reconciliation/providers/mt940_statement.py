"""Statements in MT940 of SWIFT, read by mt-940."""

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

_TEXTS = ("customer_reference", "bank_reference", "extra_details", "transaction_details", "purpose")


def read_mt940(content: bytes) -> BankStatement:
    """The one statement of a file; StatementRefused for anything else."""
    # Not mt940.parse(): it opens a file when the content is the name of one.
    from mt940.models import Transactions

    try:
        text = content.decode("utf-8-sig")
        found = Transactions()
        found.parse(text)
        told = dict(found.data)
        opening, closing = told["final_opening_balance"], told["final_closing_balance"]
        currency = currency_of(str(opening.amount.currency))
        statement = BankStatement(
            account=str(told["account_identification"]).strip(),
            currency=currency,
            opening_minor=minor_of(str(opening.amount.amount), currency),
            closing_minor=minor_of(str(closing.amount.amount), currency),
            closing_day=date(closing.date.year, closing.date.month, closing.date.day),
            entries=tuple(_entry(one.data, currency) for one in found if "amount" in one.data),
        )
    except StatementRefused:
        raise
    except (ValueError, LookupError, ArithmeticError, AttributeError, TypeError, RuntimeError):
        raise StatementRefused(Refusal.UNREADABLE) from None
    if text.count(":60F:") + text.count(":60M:") != 1:
        # Several statements in one file would be summed over each other's balances.
        raise StatementRefused(Refusal.UNREADABLE)
    return checked(statement)


def _entry(told: dict[str, Any], currency: Currency) -> BankEntry:
    if str(told["amount"].currency) != currency.value:
        raise StatementRefused(Refusal.OTHER_CURRENCY)
    day = told.get("entry_date") or told["date"]
    return BankEntry(
        reference=reference_of(told.get("bank_reference")),
        minor=minor_of(str(told["amount"].amount), currency),
        day=date(day.year, day.month, day.day),
        texts=tuple(str(told[name]) for name in _TEXTS if told.get(name)),
    )
