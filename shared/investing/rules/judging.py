"""What a rule looks at, and how it says what it found. Pure."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cached_property

from shared.investing.inputs import Inputs
from shared.investing.model import Side
from shared.investing.plan import Check, Outcome, PlannedOrder
from shared.investing.proposing import Proposal
from shared.investing.rules.facts import Parameters, Risk
from shared.investing.rules.names import Rule
from shared.portfolio.valuation import WHOLE_BP, as_decimal

type Judge = Callable[["Proposed", Parameters], Check]
"""A rule: what is proposed, and the rule's own parameters."""


@dataclass(frozen=True)
class Proposed:
    """Inputs with the orders that they lead to. Amounts in cents."""

    inputs: Inputs
    proposal: Proposal

    @property
    def risk(self) -> Risk:
        """What the rules alone look at; ValueError for inputs that were stored without it."""
        if self.inputs.risk is None:
            raise ValueError("these inputs are older than the rules that look at more")
        return self.inputs.risk

    @cached_property
    def after(self) -> Mapping[str, int]:
        """Worths with all orders done."""
        return self.proposal.after

    @property
    def cash_after(self) -> int:
        """Cash once the orders are done and what is asked for has left; never negative."""
        return max(0, self.inputs.cash_after_cause_minor + self.proposal.flow_minor)

    @property
    def whole_after(self) -> int:
        """Everything, then."""
        return sum(self.after.values()) + self.cash_after

    @property
    def whole_before(self) -> int:
        """Everything, now."""
        return sum(self.proposal.values.values()) + self.inputs.available_minor

    @cached_property
    def bought(self) -> Mapping[str, int]:
        """What is bought, by symbol."""
        orders = self.proposal.orders
        return {each.symbol: each.notional_minor for each in orders if each.side is Side.BUY}

    @cached_property
    def sold(self) -> Mapping[str, int]:
        """What sales are expected to bring, by symbol."""
        return {name: sale.proceeds_minor for name, sale in self.proposal.sales.items()}

    @property
    def sales(self) -> tuple[PlannedOrder, ...]:
        """The orders that sell."""
        return tuple(each for each in self.proposal.orders if each.side is Side.SELL)

    @property
    def today(self) -> date:
        """The day on the market's clock; by ours while that is not known."""
        now = self.inputs.business_now
        return (self.risk.asked_at if now is None else now).date()


def checked(rule: Rule, passed: bool, **values: object) -> Check:
    """Passed or failed, with the numbers behind it."""
    return told(rule, Outcome.PASS if passed else Outcome.FAIL, **values)


def told(rule: Rule, outcome: Outcome, **values: object) -> Check:
    """An outcome with the numbers behind it."""
    return Check(rule=rule, outcome=outcome, values={name: str(v) for name, v in values.items()})


def graded(number: Fraction, warn: Fraction, limit: Fraction) -> Outcome:
    """By two limits, of which neither is passed by what equals it."""
    if number > limit:
        return Outcome.FAIL
    return Outcome.WARN if number > warn else Outcome.PASS


def share_of(parameters: Parameters, name: str) -> Fraction:
    """A parameter in basis points as a share."""
    return Fraction(parameters[name], WHOLE_BP)


def shown(share: Fraction) -> Decimal:
    """A share with six decimals."""
    return as_decimal(share)


def named(symbols: Iterable[str]) -> str:
    """Names in one text; ``none`` when there are none."""
    return " ".join(sorted(symbols)) or "none"
