"""From inputs to a decision: a pure function, so that a stored plan can be replayed."""

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction

from shared.investing import checks as rules_of
from shared.investing.plan import (
    WAITS,
    Check,
    Decision,
    Inputs,
    LeftOut,
    Outcome,
    PlanOutcome,
    Target,
    Wait,
)
from shared.investing.rebalancing import Buys, budget_of, distribute
from shared.kernel.money import Price, Quantity
from shared.portfolio.model import BASE
from shared.portfolio.valuation import as_decimal, drift

CASH = "CASH"


def decide(inputs: Inputs) -> Decision | Wait:
    """What to buy, why nothing is bought, or what must come first."""
    checks = rules_of.before_planning(inputs)
    waiting = tuple(each for each in checks if _fails(each) and each.rule in WAITS)
    if waiting:
        return Wait(checks=waiting)
    if any(_fails(each) for each in checks) or inputs.target is None:
        return Decision(
            outcome=PlanOutcome.REFUSED, checks=checks, left_minor=inputs.available_minor
        )
    return _planned(inputs, inputs.target, checks)


def _fails(check: Check) -> bool:
    return check.outcome is Outcome.FAIL


def _planned(inputs: Inputs, target: Target, checks: tuple[Check, ...]) -> Decision:
    values = worths(inputs)
    budget = budget_of(inputs.available_minor, values, inputs.rules.buffer_bp)
    buys = distribute(values, target.weights, budget, inputs.rules.minimum_order_minor)
    orders, left_out = _tradable(inputs, buys)
    after = {
        symbol: values.get(symbol, 0) + orders.get(symbol, 0) for symbol in values.keys() | orders
    }
    cash = inputs.available_minor - sum(orders.values())
    capped = rules_of.concentration(after, cash, orders, inputs.assets, inputs.rules)
    refused = _fails(capped)
    if refused:
        orders, after, cash = {}, values, inputs.available_minor
    return Decision(
        outcome=PlanOutcome.REFUSED
        if refused
        else PlanOutcome.PLANNED
        if orders
        else PlanOutcome.NOTHING_TO_BUY,
        orders=dict(sorted(orders.items())),
        checks=(*checks, capped),
        before=_weights(values, inputs.available_minor),
        after=_weights(after, cash),
        drift_before=as_decimal(drift(values, target.weights, inputs.available_minor)),
        drift_after=as_decimal(drift(after, target.weights, cash)),
        left_out=left_out,
        left_minor=cash,
    )


def worths(inputs: Inputs) -> dict[str, int]:
    """What is held, in cents at the prices of the inputs."""
    return {
        symbol: Price(inputs.prices[symbol].price, BASE).value_of(Quantity(nanos)).minor
        for symbol, nanos in sorted(inputs.held.items())
        if nanos
    }


def _tradable(inputs: Inputs, buys: Buys) -> tuple[dict[str, int], tuple[LeftOut, ...]]:
    """Orders that the broker can take; the money of the others stays cash for a later plan."""
    orders, left_out = {}, []
    for symbol, amount in sorted(buys.orders.items()):
        asset = inputs.assets.get(symbol)
        if asset is not None and asset.buyable:
            orders[symbol] = amount
        else:
            left_out.append(LeftOut(symbol=symbol, amount_minor=amount, reason="NOT_TRADABLE"))
    left_out += [
        LeftOut(symbol=each.symbol, amount_minor=each.amount_minor, reason="BELOW_MIN")
        for each in buys.merged
    ]
    return orders, tuple(left_out)


def _weights(values: Mapping[str, int], cash: int) -> dict[str, Decimal]:
    whole = sum(values.values()) + cash
    shares = {**values, CASH: cash}
    return {name: as_decimal(Fraction(worth, whole or 1)) for name, worth in sorted(shares.items())}
