"""The demo's result as one document for machines."""

from collections import defaultdict
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from tools.demo.money import deposit_line, withdrawal_line
from tools.demo.story import Story


def document(story: Story, seconds: Mapping[str, str], total_ms: int) -> dict[str, Any]:
    """Investor, deposits, orders, fills, portfolio, ledger and seconds."""
    screen = story.screen
    orders = screen["orders"]["nodes"]
    return {
        "investor": screen["user"] | {"assessment": story.assessment},
        "deposits": story.deposits,
        "withdrawal": story.withdrawal,
        "money": _money(story),
        "reconciliation": story.reports,
        "orders": orders,
        "fills": _fills(story.journal),
        "portfolio": screen["portfolio"],
        "accounts": screen["accounts"],
        "notifications": screen["notifications"]["nodes"],
        "ledger": {
            "entries": story.journal,
            "balances": _balances(story.journal),
            "balanced": all(_balanced(entry) for entry in story.journal),
        },
        "seconds": dict(seconds) | {"total": f"{total_ms / 1000:.1f}"},
    }


def _money(story: Story) -> list[dict[str, Any]]:
    paid_in = [deposit_line(deposit, story.journal) for deposit in story.deposits]
    return [*paid_in, withdrawal_line(story.withdrawal, story.journal)]


def _fills(journal: list[Any]) -> list[dict[str, Any]]:
    fills = []
    for entry in journal:
        if entry["kind"] != "BUY":
            continue
        memo = {each["name"]: each["value"] for each in entry["memo"]}
        shares = next(leg for leg in entry["postings"] if leg["account"].endswith("at_broker"))
        fills.append(
            {
                "orderId": entry["reference"],
                "symbol": memo.get("symbol"),
                "quantity": _amount(entry, "house:shares_at_broker"),
                "price": memo.get("price"),
                "amount": _amount(entry, "house:customers_cash_at_broker", sign=-1),
                "at": entry["at"],
                "asset": shares["asset"],
            }
        )
    return fills


def _amount(entry: Any, account: str, sign: int = 1) -> str:
    total = sum(
        (Decimal(leg["amount"]) for leg in entry["postings"] if leg["account"] == account),
        start=Decimal(0),
    )
    return format(sign * total, "f")


def _balanced(entry: Any) -> bool:
    totals: defaultdict[str, Decimal] = defaultdict(Decimal)
    for leg in entry["postings"]:
        totals[leg["asset"]] += Decimal(leg["amount"])
    return not any(totals.values())


def _balances(journal: list[Any]) -> dict[str, str]:
    totals: defaultdict[str, Decimal] = defaultdict(Decimal)
    for entry in journal:
        for leg in entry["postings"]:
            totals[f"{leg['account']} {leg['asset']}"] += Decimal(leg["amount"])
    return {name: format(total, "f") for name, total in sorted(totals.items())}
