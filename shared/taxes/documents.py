"""A year's report as a table of comma-separated values, as spreadsheets read it. Pure."""

import csv
import io
from collections.abc import Sequence

from shared.kernel.money import Money, Quantity
from shared.portfolio.model import BASE
from shared.taxes.report import Line

LINES_MAX = 5_000
"""More are read page by page: a document is one answer."""
_HEAD = (
    "symbol",
    "kind",
    "acquired",
    "sold",
    "term",
    "quantity",
    "proceeds",
    "cost",
    "gain",
    "adjusted_basis",
    "wash_sale_disallowed",
    "taxable_gain",
    "currency",
)


def table_of(lines: Sequence[Line]) -> str:
    """A line of names, then one for each line; dollars with two decimals, days by ISO 8601. No
    cell is a text of anybody's choice, so none is taken for a formula."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(_HEAD)
    for line in lines:
        writer.writerow(
            (
                line.symbol,
                line.kind.value,
                "" if line.acquired is None else line.acquired.isoformat(),
                line.sold.isoformat(),
                line.term.value,
                str(Quantity(line.nanos)),
                _dollars(line.proceeds_minor),
                _dollars(line.cost_minor),
                _dollars(line.gain_minor),
                _dollars(line.basis_minor),
                _dollars(line.washed_minor),
                _dollars(line.taxable_minor),
                BASE.value,
            )
        )
    return text.getvalue()


def _dollars(minor: int) -> str:
    return str(Money(minor, BASE).amount)
