"""The page of the ledger says what the code books: its tables are read and compared.

`UPDATE=1 pytest tests/ledger/test_worked_examples.py` writes the tables anew.
"""

import inspect
import os
import re
from collections import defaultdict
from pathlib import Path

import pytest

from shared.ledger import accounts
from shared.ledger.model import Draft, EntryKind
from tests.ledger.worked import EXAMPLES, USER

PAGE = Path(__file__).resolve().parents[2] / "docs" / "ledger.md"
HEAD = "| entry | account | debit | credit |\n|---|---|---:|---:|\n"
TABLE = re.compile(
    r"^### (?P<name>[^\n]+)\n(?P<words>(?:(?!### |\| entry)[^\n]*\n)*)"
    + re.escape(HEAD)
    + r"(?P<rows>(?:\|[^\n]*\n)+)",
    re.MULTILINE,
)
NOT_SHOWN = {
    EntryKind.BUY,
    EntryKind.SELL,
    EntryKind.TRADE_REVERSED,
}
"""Kinds of orders, which have a page of their own."""


def amount(asset: str, minor: int) -> str:
    unit, _, exponent = asset.partition("/")
    digits = str(minor).rjust(int(exponent) + 1, "0")
    return f"{digits[: -int(exponent)]}.{digits[-int(exponent) :]} {unit}"


def rows_of(drafts: list[Draft]) -> list[tuple[str, str, str, str]]:
    """As the page has them: the entry's kind, the account, and one of the two sides."""
    rows = []
    for draft in drafts:
        for number, leg in enumerate(draft.postings):
            account = leg.account.replace(USER, "<person>")
            text = amount(leg.asset, abs(leg.amount))
            sides = (text, "") if leg.amount > 0 else ("", text)
            rows.append((draft.kind.value if number == 0 else "", account, *sides))
    return rows


def rendered(drafts: list[Draft]) -> str:
    def cells(row: tuple[str, str, str, str]) -> str:
        kind, account, debit, credit = row
        return f"| {kind or ' '} | `{account}` | {debit or ' '} | {credit or ' '} |\n"

    return "".join(cells(row) for row in rows_of(drafts))


def shown() -> dict[str, list[tuple[str, str, str, str]]]:
    """The tables of the page by their headings."""
    found = {}
    for match in TABLE.finditer(PAGE.read_text()):
        rows = [line.strip("|\n").split("|") for line in match["rows"].splitlines()]
        found[match["name"]] = [
            (kind.strip(), account.strip().strip("`"), debit.strip(), credit.strip())
            for kind, account, debit, credit in rows
        ]
    return found


def update() -> None:
    def anew(match: re.Match[str]) -> str:
        drafts = EXAMPLES[match["name"]]
        return match[0].removesuffix(match["rows"]) + rendered(list(drafts))

    PAGE.write_text(TABLE.sub(anew, PAGE.read_text()))


if os.environ.get("UPDATE"):
    update()


def test_every_example_of_the_page_is_booked_by_the_code_and_none_is_missing() -> None:
    assert list(shown()) == list(EXAMPLES)


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_page_shows_what_the_code_books(name: str) -> None:
    assert shown()[name] == rows_of(list(EXAMPLES[name]))


@pytest.mark.parametrize("name", EXAMPLES)
def test_both_sides_of_every_entry_on_the_page_are_equal(name: str) -> None:
    sums: defaultdict[tuple[int, str], int] = defaultdict(int)
    number = 0
    for kind, _, debit, credit in shown()[name]:
        number += bool(kind)
        text, unit = (debit or credit).split(" ")
        sums[number, unit] += (1 if debit else -1) * int(text.replace(".", ""))
    assert set(sums.values()) == {0}


def test_every_account_of_the_chart_is_on_the_page() -> None:
    made = {
        function: inspect.signature(function).parameters
        for name, function in inspect.getmembers(accounts, inspect.isfunction)
        if function.__module__ == accounts.__name__ and name != "summed"
    }
    text = PAGE.read_text()
    places = {"user_id": "<person>", "gateway": "<gateway>", "currency": _Currency()}
    for function, parameters in made.items():
        account = function(*(places[name] for name in parameters))
        assert f"| `{account}` |" in text, account


class _Currency:
    value = "<currency>"


def test_every_kind_of_entry_has_an_example_or_a_reason_to_have_none() -> None:
    kinds = {draft.kind for drafts in EXAMPLES.values() for draft in drafts}
    assert set(EntryKind) - kinds == NOT_SHOWN
