"""Money in and out, and the day's reports, as a person wants to see them."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from rich.console import Console
from rich.table import Table

HASH_SHOWN = 16


def show_money(console: Console, movements: Sequence[Mapping[str, Any]]) -> None:
    """A line for each payment in or out."""
    table = Table(title="Money in and out", title_justify="left", header_style="bold")
    for name in ("", "through"):
        table.add_column(name)
    for name in ("paid", "for one dollar", "arrived", "gateway's fee"):
        table.add_column(name, justify="right")
    for one in movements:
        table.add_row(
            one["way"],
            one["through"],
            money(one["paid"]),
            _rate(one["rate"]),
            money(one["moved"]),
            "" if one["gatewayFee"] is None else money(one["gatewayFee"]),
        )
    console.print(table)
    rates = [one["rate"] for one in movements if one["rate"] is not None]
    for source, points in sorted({(rate["source"], rate["spreadBasisPoints"]) for rate in rates}):
        console.print(f"Rates: {source}, less {points} basis points.")
    receipts = [one["reference"] for one in movements if one["way"] == "out"]
    console.print(f"M-Pesa's receipt of what left: {', '.join(map(str, receipts))}\n")


def show_reports(console: Console, reports: Sequence[Mapping[str, Any]]) -> None:
    """A line for each book, and what is open in it."""
    table = Table(title="The day's reports", title_justify="left", header_style="bold")
    table.add_column("book")
    for name in ("our books", "their statement", "difference", "fees", "agree", "open"):
        table.add_column(name, justify="right")
    table.add_column("SHA-256, signed")
    for one in reports:
        open_ = sum(one[name] for name in ("missingHere", "missingThere", "amountDiffers"))
        table.add_row(
            f"{one['party']}:{one['currency']}",
            money(one["ours"]),
            money(one["theirs"]),
            money(one["difference"]),
            money(_fees(one)),
            str(one["matched"]),
            str(open_),
            f"{one['hash'][:HASH_SHOWN]}…",
        )
    console.print(table)
    for one in reports:
        for line in one["lines"]:
            if line["status"] != "MATCHED":
                console.print(
                    f"{one['party']}: {line['category'].lower()} {line['reference']} "
                    f"{line['status'].lower().replace('_', ' ')}: {money(line['difference'])}"
                )


def money(amount: Mapping[str, str] | None) -> str:
    """An amount for people."""
    if amount is None:
        return "unknown"
    return f"{Decimal(amount['amount']):,.2f} {amount['currency']}"


def _fees(report: Mapping[str, Any]) -> dict[str, str]:
    """What the gateway says that it kept that day."""
    kept = [line["theirs"]["amount"] for line in report["lines"] if line["category"] == "FEE"]
    total = -sum(map(Decimal, kept), start=Decimal(0))
    return {"amount": format(total, "f"), "currency": report["currency"]}


def _rate(rate: Mapping[str, Any] | None) -> str:
    """Units for one dollar, whichever way was converted."""
    if rate is None:
        return ""
    value = Decimal(rate["rate"])
    return f"{value if value > 1 else 1 / value:,.4f}"
