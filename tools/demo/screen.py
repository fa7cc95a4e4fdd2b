"""The demo's result as a person wants to see it: holdings, orders with reasons, a drawing."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from rich.console import Console
from rich.table import Table

from tools.demo.statement import money, show_money, show_reports

BAR = 40


def show(console: Console, result: Mapping[str, Any]) -> None:
    """Print everything."""
    portfolio = result["portfolio"]
    console.print()
    console.print(_holdings(portfolio))
    console.print(
        f"value {money(portfolio['value'])}   cash {money(portfolio['cash'])}   "
        f"paid in {money(portfolio['netDeposits'])}   drift {_percent(portfolio['drift'])}   "
        f"model {portfolio['model']}\n"
    )
    console.print(_orders(result["orders"]))
    console.print()
    _drawing(console, portfolio["holdings"])
    console.print()
    show_money(console, result["money"])
    show_reports(console, result["reconciliation"])
    balanced = "balances" if result["ledger"]["balanced"] else "DOES NOT BALANCE"
    console.print(f"\n{len(result['ledger']['entries'])} journal entries; every one {balanced}.")


def _percent(weight: str | None) -> str:
    return "unknown" if weight is None else f"{Decimal(weight) * 100:.2f} %"


def _holdings(portfolio: Mapping[str, Any]) -> Table:
    table = Table(title="What you own", title_justify="left", header_style="bold")
    table.add_column("asset")
    table.add_column("name")
    for name in ("shares", "price", "value", "weight", "target"):
        table.add_column(name, justify="right")
    for holding in portfolio["holdings"]:
        asset, price = holding["asset"], holding["asset"]["currentPrice"]
        table.add_row(
            asset["symbol"],
            asset["name"],
            holding["quantity"],
            "unknown" if price is None else f"{Decimal(price['amount']):,.2f}",
            money(holding["value"]),
            _percent(holding["weight"]),
            _percent(holding["target"]),
        )
    return table


def _orders(orders: list[Any]) -> Table:
    table = Table(title="Every order and why", title_justify="left", header_style="bold")
    table.add_column("asset")
    table.add_column("status")
    table.add_column("amount", justify="right")
    table.add_column("shares", justify="right")
    table.add_column("why")
    taken = [order for order in orders if order["status"] != "REJECTED"]
    for order in sorted(taken, key=lambda one: (one["why"]["depositId"], one["symbol"])):
        table.add_row(
            order["symbol"],
            order["status"].lower(),
            money(order["filledAmount"]),
            order["filledQuantity"],
            order["why"]["summary"],
        )
    return table


def _drawing(console: Console, holdings: list[Any]) -> None:
    """One bar per asset; the mark is its target."""
    console.print("[bold]Allocation against target[/bold] (│ is the target)")
    weights = [Decimal(holding["weight"] or 0) for holding in holdings]
    targets = [Decimal(holding["target"]) for holding in holdings]
    largest = max([*weights, *targets, Decimal("0.01")])
    for holding, weight, target in zip(holdings, weights, targets, strict=True):
        filled, mark = int(weight / largest * BAR), int(target / largest * BAR)
        bar = "".join(
            "│" if cell == mark else "█" if cell < filled else " " for cell in range(BAR + 1)
        )
        label = f"{holding['asset']['symbol']:<6}"
        console.print(f"{label}[green]{bar}[/green] {_percent(holding['weight'])}")
