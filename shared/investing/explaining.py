"""Why an order was made, in words: rendered from the plan's stored inputs and decision. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from shared.investing import wordings
from shared.investing.inputs import RAISING, Inputs
from shared.investing.model import Side
from shared.investing.plan import Check, Decision, Outcome, Plan, Rule, Sale
from shared.investing.rules.wordings import CHECKS
from shared.kernel.money import Money, Quantity
from shared.market_data.universe import UNIVERSE
from shared.portfolio.model import BASE
from shared.portfolio.valuation import WHOLE_BP

_PERCENT = Decimal("0.1")


@dataclass(frozen=True, slots=True)
class ExplainedCheck:
    """A rule with its result and a sentence."""

    rule: Rule
    outcome: Outcome
    detail: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why an order exists. Weights are shares of the whole portfolio, cash included."""

    summary: str
    target: Decimal
    actual: Decimal
    """Before the order."""
    after: Decimal
    """With all orders of the plan, at the prices of the plan."""
    checks: tuple[ExplainedCheck, ...]


_FAILED = {"en": "Not so: ", "sw": "Si hivyo: "}


def explain(plan: Plan, symbol: str, language: str = "en") -> Explanation:
    """Why the plan's order for ``symbol`` exists; KeyError when there is none."""
    order, sale = plan.decision.order(symbol), plan.decision.sales.get(symbol)
    if order is None:
        raise KeyError(symbol)
    weights = plan.inputs.target.weights if plan.inputs.target else {}
    target = Decimal(weights.get(symbol, 0)) / WHOLE_BP
    actual = plan.decision.before.get(symbol, Decimal(0))
    after = plan.decision.after.get(symbol, Decimal(0))
    listing = UNIVERSE.get(symbol)
    worth = order.notional_minor if sale is None else sale.proceeds_minor
    closes = plan.inputs.everything and order.side is Side.SELL
    texts = wordings.CLOSES if closes else wordings.ORDERS[plan.cause, order.side]
    summary = _in(texts, language).format(
        name=listing.name if listing else symbol,
        symbol=symbol,
        shares=Quantity(order.nanos),
        amount=Money(worth, BASE),
        asked=Money(plan.inputs.amount_minor, BASE),
        score=plan.inputs.target.score if plan.inputs.target else "?",
        target=_percent(target),
        actual=_percent(actual),
        after=_percent(after),
    )
    return Explanation(
        summary + _gain(sale, language), target, actual, after, explain_checks(plan, language)
    )


def _gain(sale: Sale | None, language: str) -> str:
    """What a sale is expected to gain or lose; nothing where the cost is not known."""
    if sale is None or (gain := sale.short_minor + sale.long_minor) == 0:
        return ""
    text = wordings.GAIN if gain > 0 else wordings.LOSS
    return _in(text, language).format(gain=Money(abs(gain), BASE))


def explain_plan(plan: Plan, language: str = "en") -> str:
    """What a plan came to, in one or two sentences."""
    return explain_decision(plan.inputs, plan.decision, language)


def explain_decision(inputs: Inputs, decision: Decision, language: str = "en") -> str:
    """What a decision comes to, in one or two sentences."""
    failed = [each for each in decision.checks if each.outcome is Outcome.FAIL]
    sells = sum(each.side is Side.SELL for each in decision.orders)
    buys = len(decision.orders) - sells
    text = wordings.of_plan(
        decision.outcome,
        raising=inputs.cause in RAISING,
        sells=sells,
        buys=buys,
        everything=inputs.everything,
    )
    return _in(text, language).format(
        amount=Money(decision.notional_minor, BASE),
        count=buys,
        sold=Money(decision.proceeds_minor, BASE),
        sells=sells,
        asked=Money(inputs.amount_minor, BASE),
        left=Money(decision.left_minor, BASE),
        reasons=" ".join(_detail(each, language) for each in failed).rstrip("."),
    )


def explain_checks(plan: Plan, language: str = "en") -> tuple[ExplainedCheck, ...]:
    """Every check of a plan with a sentence."""
    return told(plan.decision.checks, language)


def told(checks: Sequence[Check], language: str = "en") -> tuple[ExplainedCheck, ...]:
    """Checks with a sentence each."""
    return tuple(
        ExplainedCheck(each.rule, each.outcome, _detail(each, language)) for each in checks
    )


def _detail(check: Check, language: str) -> str:
    over = "; ".join(f"{symbol}: {text}" for symbol, text in sorted(check.values.items()))
    values = {**check.values, "over": over}
    text = _in(CHECKS[check.rule], language).format_map(values).strip()
    return text if check.outcome is not Outcome.FAIL else _in(_FAILED, language) + text


def _in(texts: Mapping[str, str], language: str) -> str:
    return texts.get(language, texts["en"])


def _percent(share: Decimal) -> str:
    return format((share * 100).quantize(_PERCENT), "f")
