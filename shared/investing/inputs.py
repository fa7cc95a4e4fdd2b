"""What a decision rests on: money, shares, prices and parameters as they were known. Pure."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, Self

from pydantic import model_validator

from shared.investing.frozen import Frozen, canonical
from shared.investing.rules.facts import Risk
from shared.market_data.model import AssetType
from shared.portfolio.lots import LotMethod

__all__ = [
    "BUYING",
    "RAISING",
    "AssetUsed",
    "Band",
    "Cause",
    "Frozen",
    "Inputs",
    "LotUsed",
    "Period",
    "PriceUsed",
    "Rules",
    "Target",
    "TaxProfile",
    "canonical",
]


class Cause(StrEnum):
    """Why there is something to plan."""

    DEPOSIT = "DEPOSIT"
    """Money came in; nothing is sold."""
    REBALANCE = "REBALANCE"
    """The portfolio may be too far from its target."""
    WITHDRAWAL = "WITHDRAWAL"
    """Money is to be paid out that cash does not cover."""
    DIVIDEND = "DIVIDEND"
    """A dividend is invested again, like a deposit."""
    FEE = "FEE"
    """A fee is due that cash does not cover."""


BUYING = frozenset({Cause.DEPOSIT, Cause.DIVIDEND})
"""Causes that only buy."""
RAISING = frozenset({Cause.WITHDRAWAL, Cause.FEE})
"""Causes that only sell."""


class Band(StrEnum):
    """When a portfolio counts as too far from its target."""

    PORTFOLIO = "PORTFOLIO"
    """Half the sum of all distances exceeds ``portfolio_bp``."""
    ABSOLUTE = "ABSOLUTE"
    """One weight, cash included, is off by more than ``absolute_bp``."""
    RELATIVE = "RELATIVE"
    """One weight is off by more than ``relative_bp`` of its target."""
    FIVE_25 = "FIVE_25"
    """One weight is off by more than the smaller one of the two."""


class Period(StrEnum):
    """Parts of a calendar: in each one a portfolio is brought to its target once."""

    MONTH = "MONTH"
    QUARTER = "QUARTER"
    YEAR = "YEAR"


class Target(Frozen):
    """The model portfolio that a plan aims for."""

    id: str
    version: int
    score: int
    weights: Mapping[str, int]
    """Basis points by symbol, after the glide path and the person's exclusions."""


class PriceUsed(Frozen):
    """A price as it was known."""

    price: Decimal
    as_of: datetime
    source: str


class AssetUsed(Frozen):
    """What matters of an asset for planning."""

    type: AssetType
    buyable: bool
    """Whether it may be bought at all: it trades, and nobody restricted it."""
    sellable: bool = True
    """Whether it may be sold: it trades and is not halted."""
    fractional: bool = True
    """Whether it trades in parts of shares; if not, only whole shares are bought."""


class LotUsed(Frozen):
    """Shares that were bought together: ``nanos`` nano-shares for ``cost_minor`` cents."""

    acquired: date
    reference: str
    nanos: int
    cost_minor: int
    tag: str = ""
    """Of the goal that bought them; empty for the general one."""


class GoalUsed(Frozen):
    """Which of a person's goals it is about, and what of the rest matters."""

    id: str = ""
    """Empty for the general one."""
    tag: str = ""
    """By which its lots and its cash are told apart."""
    closes: tuple[str, ...] = ("",)
    """Tags of the lots that its sales close."""
    beside: Mapping[str, int] = {}
    """Nano-shares by symbol that are not its own: nothing of them is held, or sold, here."""


class TaxProfile(Frozen):
    """How the person's sales are taxed; without rates no tax is estimated."""

    method: LotMethod = LotMethod.FIFO
    """Which lots a sale closes first."""
    short_bp: int = 0
    """Of a gain on what was held for up to one year."""
    long_bp: int = 0
    """Of a gain on what was held longer."""
    wash_days: int = 0
    """Days around a sale at a loss in which a purchase makes it a wash sale; 0 for none."""


class Rules(Frozen):
    """Parameters of planning, stored with each plan."""

    version: int = 2
    minimum_order_minor: int = 100
    buffer_bp: int = 25
    """Cash kept back, of the whole portfolio: market orders may cost a little more."""
    cushion_bp: int = 25
    """Sold in addition when cash is raised: market orders may bring a little less."""
    max_price_age_seconds: int = 120
    caps_bp: Mapping[AssetType, int] = {
        AssetType.BOND: 9000,
        AssetType.ETF: 4000,
        AssetType.STOCK: 1000,
    }
    caps_from_minor: int = 10_000
    """Caps bind from this portfolio value on: less cannot be spread over minimum orders."""
    band: Band = Band.FIVE_25
    portfolio_bp: int = 500
    absolute_bp: int = 500
    relative_bp: int = 2500
    every: Period | None = None
    """Also without a breach, once in each period."""
    cooldown_days: int = 30
    """Calendar days after a completed run without another one."""


_LATER = ("untargeted", "goal", "risk", "everything")


class Inputs(Frozen):
    """Everything that a decision depends on. Amounts in cents, quantities in nano-shares."""

    cause: Cause = Cause.DEPOSIT
    cause_id: str
    amount_minor: int = 0
    """What came in, or is to go out; 0 for a rebalance."""
    funded: bool = True
    """Whether what came in is in the person's own account at the broker."""
    person_active: bool
    identity_approved: bool
    score: int | None
    account_active: bool
    available_minor: int
    """Free cash, with what sales brought that have not settled."""
    unsettled_minor: int = 0
    """The part of it that settles later: nothing is bought with it."""
    open_orders: int
    held: Mapping[str, int]
    lots: Mapping[str, tuple[LotUsed, ...]] = {}
    """Open lots by symbol; only where something may be sold."""
    goal: GoalUsed | None = None
    """Cash, shares and lots are this goal's alone; None where all is the general one's."""
    tax: TaxProfile = TaxProfile()
    target: Target | None
    untargeted: str = ""
    """Why there is no target, where it is known: ``NOTHING_LEFT`` by the person's exclusions."""
    prices: Mapping[str, PriceUsed]
    assets: Mapping[str, AssetUsed]
    breakers: Mapping[str, str]
    """State by name, of those that are not closed."""
    market_open: bool
    business_now: datetime | None
    last_rebalanced: date | None = None
    """When the last run of rebalancing was completed."""
    continues: bool = False
    """A run that has begun: its sales have settled, bands and cooldown were judged before."""
    everything: bool = False
    """All of it is to be sold, whatever it brings; ``amount_minor`` says nothing then."""
    rules: Rules = Rules()
    risk: Risk | None = None
    """The rules in force; None in plans that were stored before rules had dates."""

    @property
    def settled_minor(self) -> int:
        """Cash that may be spent today."""
        return max(0, self.available_minor - max(0, self.unsettled_minor))

    @property
    def cash_after_cause_minor(self) -> int:
        """Free cash once what is asked has left; negative when cash does not cover it."""
        leaving = self.amount_minor if self.cause in RAISING else 0
        return self.available_minor - leaving

    def canonical(self) -> str:
        """As JSON with sorted keys: the same inputs always give the same text."""
        content = self.model_dump(mode="json")
        for name in _LATER:
            # Plans were stored before there was such a thing: their text stays what was hashed.
            if not content[name]:
                del content[name]
        if not content["tax"]["wash_days"]:
            del content["tax"]["wash_days"]
        for lots in content["lots"].values():
            for lot in lots:
                if not lot["tag"]:
                    del lot["tag"]
        return canonical(content)

    @property
    def beside(self) -> Mapping[str, int]:
        """Nano-shares by symbol that are another goal's."""
        return {} if self.goal is None else self.goal.beside

    @classmethod
    def read(cls, text: str) -> Self:
        """From ``canonical``."""
        return cls.model_validate_json(text)

    @model_validator(mode="before")
    @classmethod
    def _of_the_first_version(cls, content: Any) -> Any:
        """Plans that were stored when only deposits were planned can still be read."""
        if not isinstance(content, Mapping) or "deposit_id" not in content:
            return content
        known = dict(content)
        known["cause_id"] = known.pop("deposit_id")
        known["amount_minor"] = known.pop("deposit_minor")
        known["funded"] = known.pop("deposit_funded")
        return known
