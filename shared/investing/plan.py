"""A plan: what was known, which rules were checked, what follows, and why. Pure."""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, Self

from pydantic import BaseModel, ConfigDict

from shared.kernel.ids import Kind, derived, same_moment
from shared.market_data.model import AssetType


class Rule(StrEnum):
    """Pre-trade checks by name."""

    DEPOSIT_FUNDED = "DEPOSIT_FUNDED"
    """The deposit's money is in the person's own account at the broker."""
    ACCOUNT_ACTIVE = "ACCOUNT_ACTIVE"
    """The account at the broker may trade."""
    NO_ORDERS_IN_FLIGHT = "NO_ORDERS_IN_FLIGHT"
    """No earlier order is open: otherwise what is held would be counted wrong."""
    MODEL_PUBLISHED = "MODEL_PUBLISHED"
    """There is a model portfolio for the person's risk score."""
    MARKET_OPEN = "MARKET_OPEN"
    """The market trades now, by the market's own clock."""
    PRICE_FRESH = "PRICE_FRESH"
    """Every price that the plan rests on is young enough."""
    BREAKER_CLOSED = "BREAKER_CLOSED"
    """Nobody has stopped automatic orders."""
    PERSON_ACTIVE = "PERSON_ACTIVE"
    """The person may use the platform."""
    IDENTITY_APPROVED = "IDENTITY_APPROVED"
    """The identity check is approved."""
    SUITABILITY = "SUITABILITY"
    """The model is not bolder than the person's risk score."""
    CONCENTRATION = "CONCENTRATION"
    """No bought asset outgrows the cap of its kind."""
    NOT_PLANNED_BEFORE = "NOT_PLANNED_BEFORE"
    """One deposit has one plan, for ever."""


WAITS = frozenset(
    {
        Rule.DEPOSIT_FUNDED,
        Rule.ACCOUNT_ACTIVE,
        Rule.NO_ORDERS_IN_FLIGHT,
        Rule.MODEL_PUBLISHED,
        Rule.MARKET_OPEN,
        Rule.PRICE_FRESH,
        Rule.BREAKER_CLOSED,
    }
)
"""While one of these fails nothing is decided; failing of the others is an answer."""


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
    REFUSED = "REFUSED"
    """A rule forbids it; the money stays cash."""


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Check(_Frozen):
    """One rule with its result and the numbers behind it."""

    rule: Rule
    outcome: Outcome
    values: Mapping[str, str] = {}


class Target(_Frozen):
    """The model portfolio that a plan aims for."""

    id: str
    version: int
    score: int
    weights: Mapping[str, int]
    """Basis points by symbol."""


class PriceUsed(_Frozen):
    """A price as it was known."""

    price: Decimal
    as_of: datetime
    source: str


class AssetUsed(_Frozen):
    """What matters of an asset for planning."""

    type: AssetType
    buyable: bool


class Rules(_Frozen):
    """Parameters of planning, stored with each plan."""

    version: int = 1
    minimum_order_minor: int = 100
    buffer_bp: int = 25
    """Cash kept back, of the whole portfolio: market orders may cost a little more."""
    max_price_age_seconds: int = 120
    caps_bp: Mapping[AssetType, int] = {
        AssetType.BOND: 9000,
        AssetType.ETF: 4000,
        AssetType.STOCK: 1000,
    }
    caps_from_minor: int = 10_000
    """Caps bind from this portfolio value on: less cannot be spread over minimum orders."""


class Inputs(_Frozen):
    """Everything that a decision depends on. Amounts in cents, quantities in nano-shares."""

    deposit_id: str
    deposit_minor: int
    deposit_funded: bool
    person_active: bool
    identity_approved: bool
    score: int | None
    account_active: bool
    available_minor: int
    open_orders: int
    held: Mapping[str, int]
    target: Target | None
    prices: Mapping[str, PriceUsed]
    assets: Mapping[str, AssetUsed]
    breakers: Mapping[str, str]
    """State by name, of those that are not closed."""
    market_open: bool
    business_now: datetime | None
    rules: Rules = Rules()

    def canonical(self) -> str:
        """As JSON with sorted keys: the same inputs always give the same text."""
        return canonical(self.model_dump(mode="json"))

    @classmethod
    def read(cls, text: str) -> Self:
        """From ``canonical``."""
        return cls.model_validate_json(text)


class LeftOut(_Frozen):
    """An alternative that was not taken."""

    symbol: str
    amount_minor: int
    reason: str
    """``BELOW_MIN`` (too small, went to the others or stays cash) or ``NOT_TRADABLE``."""


class Decision(_Frozen):
    """What follows from the inputs. Weights are shares of the whole, cash included."""

    outcome: PlanOutcome
    orders: Mapping[str, int] = {}
    """Cents to buy for, by symbol."""
    checks: tuple[Check, ...] = ()
    before: Mapping[str, Decimal] = {}
    after: Mapping[str, Decimal] = {}
    drift_before: Decimal | None = None
    drift_after: Decimal | None = None
    left_out: tuple[LeftOut, ...] = ()
    left_minor: int = 0
    """Cents that stay cash."""

    @property
    def notional_minor(self) -> int:
        """All orders together."""
        return sum(self.orders.values())

    def canonical(self) -> str:
        """As JSON with sorted keys."""
        return canonical(self.model_dump(mode="json"))


class Wait(_Frozen):
    """Nothing can be decided yet."""

    checks: tuple[Check, ...]

    @property
    def rules(self) -> tuple[Rule, ...]:
        """What it waits for."""
        return tuple(each.rule for each in self.checks if each.outcome is Outcome.FAIL)


class Plan(_Frozen):
    """A stored decision with the inputs that it can be replayed from."""

    plan_id: str
    user_id: str
    deposit_id: str
    created_at: datetime
    inputs: Inputs
    inputs_hash: str
    decision: Decision

    def order_id(self, symbol: str) -> str:
        """Identifier of the plan's order for a symbol."""
        return order_id(self.plan_id, symbol)

    @property
    def order_ids(self) -> tuple[str, ...]:
        """Identifiers of all orders, by symbol."""
        return tuple(self.order_id(symbol) for symbol in sorted(self.decision.orders))


def plan_id(deposit_id: str) -> str:
    """The one plan of a deposit."""
    return same_moment(Kind.PLAN, deposit_id)


def order_id(plan: str, symbol: str) -> str:
    """The one order of a plan for a symbol."""
    return derived(Kind.ORDER, plan, symbol)


def canonical(content: Any) -> str:
    """JSON with sorted keys and without spaces."""
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True)


def hash_of(text: str) -> str:
    """SHA-256 of a canonical text, in hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()
