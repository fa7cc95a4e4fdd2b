"""A plan: what was known, which rules were checked, what follows, and why. Pure."""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from pydantic import model_validator

from shared.investing.inputs import (
    AssetUsed,
    Cause,
    Frozen,
    Inputs,
    PriceUsed,
    Rules,
    Target,
    canonical,
)
from shared.investing.model import Side
from shared.investing.rules.names import WAITS, Rule
from shared.kernel.ids import Kind, derived, is_id, same_moment

__all__ = [
    "WAITS",
    "AssetUsed",
    "Cause",
    "Check",
    "Decision",
    "Inputs",
    "LeftOut",
    "Outcome",
    "Plan",
    "PlanOutcome",
    "PlannedOrder",
    "PriceUsed",
    "Rule",
    "Rules",
    "Sale",
    "Step",
    "Target",
    "Wait",
    "hash_of",
    "order_id",
    "plan_id",
]


class Outcome(StrEnum):
    """Result of one check."""

    PASS = "PASS"  # noqa: S105 - the word of a check, no credential
    WARN = "WARN"
    FAIL = "FAIL"


class PlanOutcome(StrEnum):
    """What a plan came to."""

    PLANNED = "PLANNED"
    """Orders were made."""
    NOTHING_TO_BUY = "NOTHING_TO_BUY"
    """There is too little money for one order; it stays for the next plan."""
    ON_TARGET = "ON_TARGET"
    """Nothing has to be done: the portfolio is near its target, or cash covers what is asked."""
    REFUSED = "REFUSED"
    """A rule forbids it; nothing is bought or sold."""


class Check(Frozen):
    """One rule with its result and the numbers behind it."""

    rule: Rule
    outcome: Outcome
    values: Mapping[str, str] = {}


class PlannedOrder(Frozen):
    """An order to be made. Buys are over an amount, or over whole shares; sells over shares."""

    symbol: str
    side: Side
    notional_minor: int = 0
    """Cents to reserve: what is bought for, or what the whole shares cost at the plan's price."""
    nanos: int = 0
    """Nano-shares; 0 for a buy over an amount."""
    exit: bool = False
    """Sell all that is held."""


class Sale(Frozen):
    """What a sell order is expected to bring, at the plan's price. Cents."""

    proceeds_minor: int
    cost_minor: int
    short_minor: int = 0
    """Gain (negative: loss) on shares that were held for up to one year."""
    long_minor: int = 0
    """Gain (negative: loss) on shares that were held longer."""
    tax_minor: int = 0
    """Estimate by the person's tax profile; negative when losses save tax."""
    washed_minor: int = 0
    """Losses in it that save no tax, since the same shares were bought shortly before."""


class LeftOut(Frozen):
    """An alternative that was not taken."""

    symbol: str
    amount_minor: int
    reason: str
    """``BELOW_MIN`` (too small: it went to the others or stays as it is), ``NOT_TRADABLE``,
    ``RESTRICTED`` (it is on the restricted list), or ``WHOLE_SHARES`` (what is missing for one
    more whole share stays cash)."""


class Step(Frozen):
    """One step of the planner with its numbers, so that it can be followed by hand."""

    step: str
    values: Mapping[str, str] = {}


class Decision(Frozen):
    """What follows from the inputs. Weights are shares of the whole, cash included."""

    outcome: PlanOutcome
    orders: tuple[PlannedOrder, ...] = ()
    """Sells first, then by symbol; never both sides of one symbol."""
    sales: Mapping[str, Sale] = {}
    """By symbol, one for each sell order."""
    checks: tuple[Check, ...] = ()
    trace: tuple[Step, ...] = ()
    before: Mapping[str, Decimal] = {}
    after: Mapping[str, Decimal] = {}
    drift_before: Decimal | None = None
    drift_after: Decimal | None = None
    left_out: tuple[LeftOut, ...] = ()
    left_minor: int = 0
    """Cents of cash when all orders are done and what is asked for is paid."""

    @property
    def notional_minor(self) -> int:
        """What is reserved for all buys together."""
        return sum(each.notional_minor for each in self.orders)

    @property
    def proceeds_minor(self) -> int:
        """What all sells together are expected to bring."""
        return sum(each.proceeds_minor for each in self.sales.values())

    def order(self, symbol: str) -> PlannedOrder | None:
        """The order for a symbol."""
        return next((each for each in self.orders if each.symbol == symbol), None)

    def canonical(self) -> str:
        """As JSON with sorted keys."""
        content = self.model_dump(mode="json")
        for sale in content["sales"].values():
            if not sale["washed_minor"]:
                # Plans were stored before wash sales were told: their text stays what it was.
                del sale["washed_minor"]
        return canonical(content)

    @model_validator(mode="before")
    @classmethod
    def _of_the_first_version(cls, content: Any) -> Any:
        """Plans that were stored when there were only buys over amounts can still be read."""
        if not isinstance(content, Mapping) or not isinstance(content.get("orders"), Mapping):
            return content
        orders = [
            {"symbol": symbol, "side": "BUY", "notional_minor": amount}
            for symbol, amount in sorted(content["orders"].items())
        ]
        return {**content, "orders": orders}


class Wait(Frozen):
    """Nothing can be decided yet."""

    checks: tuple[Check, ...]

    @property
    def rules(self) -> tuple[Rule, ...]:
        """What it waits for."""
        return tuple(each.rule for each in self.checks if each.outcome is Outcome.FAIL)


class Plan(Frozen):
    """A stored decision with the inputs that it can be replayed from."""

    plan_id: str
    user_id: str
    cause: Cause
    cause_id: str
    created_at: datetime
    inputs: Inputs
    inputs_hash: str
    decision: Decision

    @property
    def deposit_id(self) -> str | None:
        """The deposit that it invests, if it is one that caused it."""
        return self.cause_id if self.cause is Cause.DEPOSIT else None

    @property
    def goal_id(self) -> str:
        """For which goal it is; empty for the general one."""
        return "" if self.inputs.goal is None else self.inputs.goal.id

    def order_id(self, symbol: str) -> str:
        """Identifier of the plan's order for a symbol."""
        return order_id(self.plan_id, symbol)

    @property
    def order_ids(self) -> tuple[str, ...]:
        """Identifiers of all orders, in the order of the decision."""
        return tuple(self.order_id(each.symbol) for each in self.decision.orders)


def plan_id(cause_id: str) -> str:
    """The one plan of a cause. A deposit shares its moment with its plan; other things share
    theirs with something else already."""
    if is_id(cause_id, Kind.DEPOSIT):
        return same_moment(Kind.PLAN, cause_id)
    return derived(Kind.PLAN, cause_id)


def order_id(plan: str, symbol: str) -> str:
    """The one order of a plan for a symbol."""
    return derived(Kind.ORDER, plan, symbol)


def hash_of(text: str) -> str:
    """SHA-256 of a canonical text, in hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()
