"""Rules about the person, the account, the model and the market, before any order. Pure."""

from datetime import timedelta

from shared.investing.inputs import RAISING
from shared.investing.plan import Check, Outcome
from shared.investing.rules.facts import Parameters
from shared.investing.rules.judging import Proposed, checked, named, share_of, shown, told
from shared.investing.rules.names import Rule
from shared.kernel.clock import to_text
from shared.market_data.model import AssetType, BreakerState
from shared.portfolio.valuation import WHOLE_BP


def deposit_funded(proposed: Proposed, parameters: Parameters) -> Check:
    """The money of the cause is in the person's own account."""
    inputs = proposed.inputs
    return checked(Rule.DEPOSIT_FUNDED, inputs.funded, amount_minor=inputs.amount_minor)


def person_active(proposed: Proposed, parameters: Parameters) -> Check:
    """The person may use the platform."""
    return checked(Rule.PERSON_ACTIVE, proposed.inputs.person_active)


def identity_approved(proposed: Proposed, parameters: Parameters) -> Check:
    """The identity check is approved."""
    return checked(Rule.IDENTITY_APPROVED, proposed.inputs.identity_approved)


def account_active(proposed: Proposed, parameters: Parameters) -> Check:
    """The broker lets the account trade."""
    return checked(Rule.ACCOUNT_ACTIVE, proposed.inputs.account_active)


def account_flags(proposed: Proposed, parameters: Parameters) -> Check:
    """Nobody stopped automatic trading of the account."""
    hold = proposed.risk.hold
    return checked(Rule.ACCOUNT_FLAGS, not hold, hold=hold or "none")


def no_orders_in_flight(proposed: Proposed, parameters: Parameters) -> Check:
    """No earlier order is open."""
    count = proposed.inputs.open_orders
    return checked(Rule.NO_ORDERS_IN_FLIGHT, count == 0, open=count)


def model_published(proposed: Proposed, parameters: Parameters) -> Check:
    """There is a model for the person's score."""
    inputs = proposed.inputs
    why = {"missing": inputs.untargeted} if inputs.untargeted else {}
    return checked(Rule.MODEL_PUBLISHED, inputs.target is not None or inputs.score is None, **why)


def suitability(proposed: Proposed, parameters: Parameters) -> Check:
    """The model is not bolder than the person; nor is its share of equity, since version 1 has
    limits for that: ``equity_<score>_bp``."""
    target, score = proposed.inputs.target, proposed.inputs.score
    suitable = target is not None and score is not None and target.score <= score
    values: dict[str, object] = {
        "score": "none" if score is None else score,
        "model": "none" if target is None else target.score,
    }
    if target is not None and score is not None and f"equity_{score}_bp" in parameters:
        limit = share_of(parameters, f"equity_{score}_bp")
        equity = WHOLE_BP - sum(
            points for symbol, points in target.weights.items() if _is_bond(proposed, symbol)
        )
        suitable = suitable and equity <= limit * WHOLE_BP
        values |= {"equity_bp": equity, "limit": shown(limit)}
    # A score without a model waits for the model: that is another rule's word.
    passed = suitable or (target is None and score is not None)
    return checked(Rule.SUITABILITY, passed, **values)


def _is_bond(proposed: Proposed, symbol: str) -> bool:
    asset = proposed.inputs.assets.get(symbol)
    return asset is not None and asset.type is AssetType.BOND


def market_open(proposed: Proposed, parameters: Parameters) -> Check:
    """The market trades now, by its own clock."""
    now = proposed.inputs.business_now
    text = "unknown" if now is None else to_text(now)
    return checked(Rule.MARKET_OPEN, proposed.inputs.market_open, now=text)


def price_fresh(proposed: Proposed, parameters: Parameters) -> Check:
    """Prices of all that is aimed for and all that is held are young enough."""
    inputs = proposed.inputs
    limit = timedelta(seconds=inputs.rules.max_price_age_seconds)
    needed = set(inputs.held) | set(inputs.target.weights if inputs.target else ())
    now, bad, oldest = inputs.business_now, [], timedelta(0)
    for symbol in needed:
        price = inputs.prices.get(symbol)
        if price is None or now is None or now - price.as_of > limit:
            bad.append(symbol)
        else:
            oldest = max(oldest, now - price.as_of)
    return checked(
        Rule.PRICE_FRESH,
        not bad,
        limit_seconds=inputs.rules.max_price_age_seconds,
        oldest_seconds=int(oldest.total_seconds()),
        stale=named(bad),
    )


def breaker_closed(proposed: Proposed, parameters: Parameters) -> Check:
    """No breaker of automatic orders is open."""
    states = proposed.inputs.breakers.items()
    blocking = [name for name, state in states if state == BreakerState.OPEN.value]
    return checked(Rule.BREAKER_CLOSED, not blocking, open=named(blocking))


def not_planned_before(proposed: Proposed, parameters: Parameters) -> Check:
    """The row of the plan makes sure of it: a cause that has its plan is not judged again."""
    inputs = proposed.inputs
    return checked(Rule.NOT_PLANNED_BEFORE, True, cause=inputs.cause.value, id=inputs.cause_id)


def covered(proposed: Proposed, parameters: Parameters) -> Check:
    """Cash and what can be sold pay what is asked."""
    inputs, missing = proposed.inputs, proposed.proposal.missing_minor
    asked = inputs.amount_minor if inputs.cause in RAISING else 0
    outcome = Outcome.FAIL if missing else Outcome.PASS
    return told(Rule.COVERED, outcome, asked_minor=asked, missing_minor=missing)
