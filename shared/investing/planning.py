"""From inputs to a decision: a pure function, so that a stored plan can be replayed."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from shared.investing import checks as rules_of
from shared.investing.bands import CASH
from shared.investing.inputs import BUYING, RAISING
from shared.investing.model import Side
from shared.investing.plan import (
    WAITS,
    Check,
    Decision,
    Inputs,
    Outcome,
    PlannedOrder,
    PlanOutcome,
    Rule,
    Wait,
)
from shared.investing.proposing import Proposal, propose
from shared.portfolio.valuation import as_decimal, drift

_NEVER_BLOCK_RAISING = frozenset(
    {Rule.SUITABILITY, Rule.CONCENTRATION, Rule.BREAKER_CLOSED, Rule.MODEL_PUBLISHED}
)
"""Rules about buying: a person gets their money back also where these do not hold."""


@dataclass(frozen=True, slots=True)
class Judged:
    """What would be done, and the rules that must hold first."""

    decision: Decision
    waits_for: tuple[Check, ...]


def decide(inputs: Inputs) -> Decision | Wait:
    """What to buy and sell, why nothing is done, or what must come first."""
    judged = judge(inputs)
    return Wait(checks=judged.waits_for) if judged.waits_for else judged.decision


def judge(inputs: Inputs) -> Judged:
    """As ``decide``, also while something must come first: previews show what is to come.

    Without the prices of all that is held or aimed for there are no orders.
    """
    proposal = propose(inputs) if _priced(inputs) else Proposal(due=False)
    checks = tuple(_for_cause(inputs, each) for each in _checked(inputs, proposal))
    failed = tuple(each for each in checks if each.outcome is Outcome.FAIL)
    waiting = tuple(each for each in failed if each.rule in WAITS)
    refused = len(failed) > len(waiting)
    return Judged(_decision(inputs, proposal, checks, refused=refused), waiting)


def _priced(inputs: Inputs) -> bool:
    needed = {symbol for symbol, nanos in inputs.held.items() if nanos}
    needed |= set(inputs.target.weights if inputs.target else ())
    return needed <= inputs.prices.keys()


def _checked(inputs: Inputs, proposal: Proposal) -> tuple[Check, ...]:
    bought = {each.symbol: each.notional_minor for each in proposal.orders if each.notional_minor}
    cash = _cash(inputs, proposal)
    capped = rules_of.concentration(
        proposal.after, max(0, cash), bought, inputs.assets, inputs.rules
    )
    asked = inputs.amount_minor if inputs.cause in RAISING else 0
    covered = Check(
        rule=Rule.COVERED,
        outcome=Outcome.FAIL if proposal.missing_minor else Outcome.PASS,
        values={"asked_minor": str(asked), "missing_minor": str(proposal.missing_minor)},
    )
    return (*rules_of.before_planning(inputs), covered, capped)


def _for_cause(inputs: Inputs, check: Check) -> Check:
    failed = check.outcome is Outcome.FAIL
    if failed and inputs.cause in RAISING and check.rule in _NEVER_BLOCK_RAISING:
        return check.model_copy(update={"outcome": Outcome.WARN})
    return check


def _cash(inputs: Inputs, proposal: Proposal) -> int:
    """Cents of cash once the orders are done and what is asked for has left."""
    return inputs.cash_after_cause_minor + proposal.flow_minor


def _decision(
    inputs: Inputs, proposal: Proposal, checks: tuple[Check, ...], *, refused: bool
) -> Decision:
    values, done = proposal.values, proposal.orders and not refused
    if refused:
        outcome = PlanOutcome.REFUSED
    elif proposal.orders:
        outcome = PlanOutcome.PLANNED
    else:
        nothing = PlanOutcome.NOTHING_TO_BUY if inputs.cause in BUYING else PlanOutcome.ON_TARGET
        outcome = nothing
    after = proposal.after if done else values
    cash = inputs.available_minor if refused else _cash(inputs, proposal)
    weights = inputs.target.weights if inputs.target else {}
    return Decision(
        outcome=outcome,
        orders=tuple(sorted(proposal.orders, key=_sells_first)) if done else (),
        sales=dict(sorted(proposal.sales.items())) if done else {},
        checks=checks,
        trace=proposal.trace,
        before=_weights(values, inputs.available_minor),
        after=_weights(after, cash),
        drift_before=_distance(values, weights, inputs.available_minor),
        drift_after=_distance(after, weights, cash),
        left_out=proposal.left_out,
        left_minor=cash,
    )


def _sells_first(order: PlannedOrder) -> tuple[bool, str]:
    return order.side is not Side.SELL, order.symbol


def _distance(values: Mapping[str, int], weights: Mapping[str, int], cash: int) -> Decimal | None:
    return as_decimal(drift(values, weights, cash)) if weights else None


def _weights(values: Mapping[str, int], cash: int) -> dict[str, Decimal]:
    whole = sum(values.values()) + cash
    shares = {**values, CASH: cash}
    return {name: as_decimal(Fraction(worth, whole or 1)) for name, worth in sorted(shares.items())}
