"""Inputs of a person who is invested, as one decision after another knows them."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from shared.investing.inputs import AssetUsed, Cause, Inputs, LotUsed, PriceUsed, Target
from shared.investing.plan import Check, Rule
from shared.investing.planning import judge
from shared.investing.rules.facts import ClassUsed, DayUsed, Risk
from shared.investing.rules.table import rule_table
from shared.market_data.model import AssetType

NOW = datetime(2026, 3, 2, 15, 30, tzinfo=UTC)
TODAY, YESTERDAY = date(2026, 3, 2), date(2026, 2, 27)
RUN = "ent_t1_01KJQJQA600000000000000009"
SHARE = 10**9
PRICES = {"AAAB": "100", "MTUM": "50", "QUAL": "20", "KO": "10"}
KINDS = {"AAAB": AssetType.BOND, "KO": AssetType.STOCK}
WEIGHTS = {"AAAB": 4000, "MTUM": 3000, "QUAL": 2500, "KO": 500}
CLASSES = {
    "AAAB": ClassUsed(issuer="Bank", sector="FIXED_INCOME", currency="USD"),
    "MTUM": ClassUsed(issuer="Funds", sector="BROAD", currency="USD"),
    "QUAL": ClassUsed(issuer="Funds", sector="BROAD", currency="USD"),
    "KO": ClassUsed(issuer="Coca-Cola", sector="CONSUMER_STAPLES", currency="USD"),
}


def risk_with(**changes: Any) -> Risk:
    """The rules of the day, and a calm market."""
    rules = rule_table().on(TODAY).items()
    known: dict[str, Any] = {
        "table": 1,
        "rules": {rule: {"version": one.version, **one.parameters} for rule, one in rules},
        "reference": 1,
        "classes": CLASSES,
        "daily": {
            symbol: DayUsed(close=Decimal(price), volume=1_000_000)
            for symbol, price in PRICES.items()
        },
        "asked_at": NOW,
    }
    return Risk(**known | changes)


def inputs_with(cause: Cause = Cause.DEPOSIT, **changes: Any) -> Inputs:
    """A thousand dollars come in."""
    known: dict[str, Any] = {
        "cause": cause,
        "cause_id": RUN,
        "person_active": True,
        "identity_approved": True,
        "score": 3,
        "account_active": True,
        "available_minor": 100_000,
        "open_orders": 0,
        "held": {},
        "target": Target(id="growth-3", version=1, score=3, weights=WEIGHTS),
        "prices": {
            symbol: PriceUsed(price=Decimal(price), as_of=NOW, source="test")
            for symbol, price in PRICES.items()
        },
        "assets": {
            symbol: AssetUsed(type=KINDS.get(symbol, AssetType.ETF), buyable=True)
            for symbol in PRICES
        },
        "breakers": {},
        "market_open": True,
        "business_now": NOW,
        "risk": risk_with(),
    }
    return Inputs(**known | changes)


def lots_of(symbol: str, acquired: date, shares: int) -> dict[str, tuple[LotUsed, ...]]:
    """One lot, at a cost of 10 dollars a share."""
    lot = LotUsed(acquired=acquired, reference="r", nanos=shares * SHARE, cost_minor=1000 * shares)
    return {symbol: (lot,)}


def check_of(given: Inputs, rule: Rule) -> Check:
    """What one rule says, after the orders were planned."""
    (found,) = [each for each in judge(given).decision.checks if each.rule is rule]
    return found


def said(given: Inputs, rule: Rule) -> tuple[str, dict[str, str]]:
    """What a rule says: its outcome, and its numbers."""
    found = check_of(given, rule)
    return found.outcome.value, dict(found.values)
