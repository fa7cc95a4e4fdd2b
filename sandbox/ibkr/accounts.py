"""Accounts: cash by settlement, and shares at average cost."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

ZERO = Decimal(0)


@dataclass(slots=True)
class Holding:
    """Shares of one symbol and what they cost."""

    qty: Decimal = ZERO
    cost: Decimal = ZERO


@dataclass(slots=True)
class Account:
    """One account in dollars. Executions are not rounded to cents."""

    id: str
    cash: Decimal = ZERO
    unsettled: dict[date, Decimal] = field(default_factory=dict)
    holdings: dict[str, Holding] = field(default_factory=dict)

    def held(self, symbol: str) -> Decimal:
        """Shares of a symbol, zero if none."""
        found = self.holdings.get(symbol)
        return found.qty if found else ZERO

    def bought(self, symbol: str, qty: Decimal, price: Decimal) -> None:
        """Books an execution of a buy."""
        held = self.holdings.setdefault(symbol, Holding())
        self.cash -= qty * price
        held.qty += qty
        held.cost += qty * price

    def sold(self, symbol: str, qty: Decimal, price: Decimal, settles: date) -> None:
        """Books an execution of a sale; the money settles later."""
        held = self.holdings[symbol]
        held.cost -= held.cost * qty / held.qty
        held.qty -= qty
        if not held.qty:
            del self.holdings[symbol]
        self.cash += qty * price
        self.unsettled[settles] = self.unsettled.get(settles, ZERO) + qty * price

    def settled(self, today: date) -> Decimal:
        """Cash without what settles after today."""
        later = (amount for day, amount in self.unsettled.items() if day > today)
        return self.cash - sum(later, ZERO)
