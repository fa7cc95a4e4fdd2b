"""The pre-trade checks: each states its rule, its result and the numbers. Pure."""

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction

from shared.investing.plan import AssetUsed, Check, Inputs, Outcome, Rule, Rules
from shared.kernel.clock import to_text
from shared.market_data.model import AssetType, BreakerState
from shared.portfolio.valuation import WHOLE_BP, as_decimal


def _check(rule: Rule, passed: bool, **values: object) -> Check:
    outcome = Outcome.PASS if passed else Outcome.FAIL
    return Check(rule=rule, outcome=outcome, values={name: str(v) for name, v in values.items()})


def before_planning(inputs: Inputs) -> tuple[Check, ...]:
    """Every check that does not need to know the orders."""
    target, score = inputs.target, inputs.score
    suitable = target is not None and score is not None and target.score <= score
    return (
        _check(Rule.DEPOSIT_FUNDED, inputs.funded, amount_minor=inputs.amount_minor),
        _check(Rule.PERSON_ACTIVE, inputs.person_active),
        _check(Rule.IDENTITY_APPROVED, inputs.identity_approved),
        _check(Rule.ACCOUNT_ACTIVE, inputs.account_active),
        _check(Rule.NO_ORDERS_IN_FLIGHT, inputs.open_orders == 0, open=inputs.open_orders),
        _check(Rule.MODEL_PUBLISHED, target is not None or score is None),
        _check(
            Rule.SUITABILITY,
            suitable or (target is None and score is not None),
            score="none" if score is None else score,
            model="none" if target is None else target.score,
        ),
        _check(Rule.MARKET_OPEN, inputs.market_open, now=_moment(inputs)),
        _prices(inputs),
        _breakers(inputs),
        _check(Rule.NOT_PLANNED_BEFORE, True, cause=inputs.cause.value, id=inputs.cause_id),
    )


def _moment(inputs: Inputs) -> str:
    return "unknown" if inputs.business_now is None else to_text(inputs.business_now)


def _prices(inputs: Inputs) -> Check:
    """Prices of all that is aimed for and all that is held."""
    limit = timedelta(seconds=inputs.rules.max_price_age_seconds)
    needed = set(inputs.held) | set(inputs.target.weights if inputs.target else ())
    now, bad, oldest = inputs.business_now, [], timedelta(0)
    for symbol in sorted(needed):
        price = inputs.prices.get(symbol)
        if price is None or now is None or now - price.as_of > limit:
            bad.append(symbol)
        else:
            oldest = max(oldest, now - price.as_of)
    return _check(
        Rule.PRICE_FRESH,
        not bad,
        limit_seconds=inputs.rules.max_price_age_seconds,
        oldest_seconds=int(oldest.total_seconds()),
        stale=" ".join(bad) or "none",
    )


def _breakers(inputs: Inputs) -> Check:
    blocking = [name for name, state in inputs.breakers.items() if state == BreakerState.OPEN.value]
    return _check(Rule.BREAKER_CLOSED, not blocking, open=" ".join(sorted(blocking)) or "none")


def concentration(
    after: Mapping[str, int],
    cash: int,
    bought: Mapping[str, int],
    assets: Mapping[str, AssetUsed],
    rules: Rules,
) -> Check:
    """Whether a bought asset outgrows its cap. ``after`` are worths in cents with the orders.

    What was too large before and is not bought only warns, and so does a portfolio that is too
    small to be spread: nobody is forced to sell.
    """
    whole = sum(after.values()) + cash
    worst = Outcome.PASS
    values = {}
    for symbol, worth in sorted(after.items()):
        kind = assets[symbol].type if symbol in assets else AssetType.STOCK
        share, cap = Fraction(worth, whole or 1), Fraction(rules.caps_bp[kind], WHOLE_BP)
        if share <= cap:
            continue
        values[symbol] = f"{as_decimal(share)} over {Decimal(rules.caps_bp[kind]) / WHOLE_BP}"
        binding = symbol in bought and whole >= rules.caps_from_minor
        worst = Outcome.FAIL if binding or worst is Outcome.FAIL else Outcome.WARN
    return Check(rule=Rule.CONCENTRATION, outcome=worst, values=values)
