"""Why an order was made, in words: rendered from the plan's stored inputs and decision. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from shared.investing.plan import Check, Outcome, Plan, PlanOutcome, Rule
from shared.kernel.money import Money
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


_ORDER: Mapping[str, str] = {
    "en": "This order buys {name} ({symbol}) for {amount} because your plan for risk level "
    "{score} of 5 aims for {target} % in it and it was at {actual} %; with this plan "
    "it comes to {after} %.",
    "sw": "Agizo hili linanunua {name} ({symbol}) kwa {amount} kwa sababu mpango wako wa kiwango "
    "cha hatari {score} kati ya 5 unalenga {target} % na ulikuwa na {actual} %; "
    "kwa mpango huu inafika {after} %.",
}
_PLAN: Mapping[PlanOutcome, Mapping[str, str]] = {
    PlanOutcome.PLANNED: {
        "en": "{amount} is invested in {count} orders; {left} stays cash.",
        "sw": "{amount} imewekezwa kwa maagizo {count}; {left} inabaki taslimu.",
    },
    PlanOutcome.NOTHING_TO_BUY: {
        "en": "There is too little for one order. {left} stays cash for your next deposit.",
        "sw": "Kiasi ni kidogo mno kwa agizo moja. {left} inabaki taslimu kwa amana ijayo.",
    },
    PlanOutcome.REFUSED: {
        "en": "Nothing was bought, because: {reasons}. {left} stays cash.",
        "sw": "Hakuna kilichonunuliwa, kwa sababu: {reasons}. {left} inabaki taslimu.",
    },
}
_CHECKS: Mapping[Rule, Mapping[str, str]] = {
    Rule.DEPOSIT_FUNDED: {
        "en": "The money of the deposit is in your account at the broker.",
        "sw": "Pesa za amana ziko kwenye akaunti yako kwa dalali.",
    },
    Rule.ACCOUNT_ACTIVE: {
        "en": "Your account at the broker may trade.",
        "sw": "Akaunti yako kwa dalali inaweza kufanya biashara.",
    },
    Rule.NO_ORDERS_IN_FLIGHT: {
        "en": "No earlier order was open.",
        "sw": "Hakukuwa na agizo la awali lililo wazi.",
    },
    Rule.MODEL_PUBLISHED: {
        "en": "There is a model portfolio for your risk level.",
        "sw": "Kuna mpango wa uwekezaji wa kiwango chako cha hatari.",
    },
    Rule.MARKET_OPEN: {
        "en": "The market was open at {now}.",
        "sw": "Soko lilikuwa wazi saa {now}.",
    },
    Rule.PRICE_FRESH: {
        "en": "The oldest price was {oldest_seconds} s old; {limit_seconds} s are allowed. "
        "Too old: {stale}.",
        "sw": "Bei ya zamani zaidi ilikuwa na sekunde {oldest_seconds}; {limit_seconds} "
        "zinaruhusiwa. Zilizopitwa na wakati: {stale}.",
    },
    Rule.BREAKER_CLOSED: {
        "en": "Automatic orders are not stopped. Stopped by: {open}.",
        "sw": "Maagizo ya kiotomatiki hayajasimamishwa. Yamesimamishwa na: {open}.",
    },
    Rule.PERSON_ACTIVE: {
        "en": "Your access is active.",
        "sw": "Ufikiaji wako unafanya kazi.",
    },
    Rule.IDENTITY_APPROVED: {
        "en": "Your identity is approved.",
        "sw": "Utambulisho wako umeidhinishwa.",
    },
    Rule.SUITABILITY: {
        "en": "The model's risk level ({model}) is not above yours ({score}).",
        "sw": "Kiwango cha hatari cha mpango ({model}) hakizidi chako ({score}).",
    },
    Rule.CONCENTRATION: {
        "en": "No bought asset outgrows the cap of its kind. {over}",
        "sw": "Hakuna rasilimali iliyonunuliwa inayozidi kikomo chake. {over}",
    },
    Rule.NOT_PLANNED_BEFORE: {
        "en": "This deposit was not planned before.",
        "sw": "Amana hii haikupangwa hapo awali.",
    },
}
_FAILED = {"en": "Not so: ", "sw": "Si hivyo: "}


def explain(plan: Plan, symbol: str, language: str = "en") -> Explanation:
    """Why the plan's order for ``symbol`` exists; KeyError when there is none."""
    amount = Money(plan.decision.orders[symbol], BASE)
    weights = plan.inputs.target.weights if plan.inputs.target else {}
    target = Decimal(weights.get(symbol, 0)) / WHOLE_BP
    actual = plan.decision.before.get(symbol, Decimal(0))
    after = plan.decision.after.get(symbol, Decimal(0))
    listing = UNIVERSE.get(symbol)
    summary = _in(_ORDER, language).format(
        name=listing.name if listing else symbol,
        symbol=symbol,
        amount=amount,
        score=plan.inputs.target.score if plan.inputs.target else "?",
        target=_percent(target),
        actual=_percent(actual),
        after=_percent(after),
    )
    return Explanation(summary, target, actual, after, explain_checks(plan, language))


def explain_plan(plan: Plan, language: str = "en") -> str:
    """What a plan came to, in one or two sentences."""
    decision = plan.decision
    failed = [each for each in decision.checks if each.outcome is Outcome.FAIL]
    return _in(_PLAN[decision.outcome], language).format(
        amount=Money(decision.notional_minor, BASE),
        count=len(decision.orders),
        left=Money(decision.left_minor, BASE),
        reasons=" ".join(_detail(each, language) for each in failed).rstrip("."),
    )


def explain_checks(plan: Plan, language: str = "en") -> tuple[ExplainedCheck, ...]:
    """Every check of a plan with a sentence."""
    return tuple(
        ExplainedCheck(each.rule, each.outcome, _detail(each, language))
        for each in plan.decision.checks
    )


def _detail(check: Check, language: str) -> str:
    over = "; ".join(f"{symbol}: {text}" for symbol, text in sorted(check.values.items()))
    values = {**check.values, "over": over}
    text = _in(_CHECKS[check.rule], language).format_map(values).strip()
    return text if check.outcome is not Outcome.FAIL else _in(_FAILED, language) + text


def _in(texts: Mapping[str, str], language: str) -> str:
    return texts.get(language, texts["en"])


def _percent(share: Decimal) -> str:
    return format((share * 100).quantize(_PERCENT), "f")
