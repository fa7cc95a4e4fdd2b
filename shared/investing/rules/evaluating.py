"""All rules that were in force, on the orders that the inputs lead to. Pure."""

from collections.abc import Mapping

from shared.investing.inputs import RAISING, Inputs
from shared.investing.plan import Check, Outcome
from shared.investing.proposing import Proposal
from shared.investing.rules import concentration, gates, limits, settlement, sizes, taxes
from shared.investing.rules.judging import Judge, Proposed
from shared.investing.rules.names import FIRST, NEVER_BLOCK_RAISING, ORDER, Rule

JUDGES: Mapping[tuple[Rule, int], Judge] = {
    (Rule.DEPOSIT_FUNDED, 1): gates.deposit_funded,
    (Rule.PERSON_ACTIVE, 1): gates.person_active,
    (Rule.IDENTITY_APPROVED, 1): gates.identity_approved,
    (Rule.ACCOUNT_ACTIVE, 1): gates.account_active,
    (Rule.NO_ORDERS_IN_FLIGHT, 1): gates.no_orders_in_flight,
    (Rule.MODEL_PUBLISHED, 1): gates.model_published,
    (Rule.SUITABILITY, 1): gates.suitability,
    (Rule.MARKET_OPEN, 1): gates.market_open,
    (Rule.PRICE_FRESH, 1): gates.price_fresh,
    (Rule.BREAKER_CLOSED, 1): gates.breaker_closed,
    (Rule.ACCOUNT_FLAGS, 1): gates.account_flags,
    (Rule.RESTRICTED_LIST, 1): sizes.restricted_list,
    (Rule.NOT_PLANNED_BEFORE, 1): gates.not_planned_before,
    (Rule.DUPLICATE_ORDER, 1): sizes.duplicate_order,
    (Rule.ORDER_SIZE, 1): sizes.order_size,
    (Rule.ORDER_VOLUME, 1): sizes.order_volume,
    (Rule.SETTLED_FUNDS, 1): settlement.settled_funds,
    (Rule.GOOD_FAITH, 1): settlement.good_faith,
    (Rule.PATTERN_DAY_TRADING, 1): settlement.pattern_day_trading,
    (Rule.WASH_SALE, 1): taxes.wash_sale,
    (Rule.DAILY_LOSS, 1): limits.daily_loss,
    (Rule.TURNOVER, 1): limits.turnover,
    (Rule.ISSUER_CONCENTRATION, 1): concentration.by_issuer,
    (Rule.SECTOR_CONCENTRATION, 1): concentration.by_sector,
    (Rule.CURRENCY_CONCENTRATION, 1): concentration.by_currency,
    (Rule.COVERED, 1): gates.covered,
    (Rule.CONCENTRATION, 1): concentration.by_symbol,
}
"""How each version of a rule judges. A version that was ever in force stays, so that the plans of
its time replay to the same bytes."""


def evaluate(inputs: Inputs, proposal: Proposal) -> tuple[Check, ...]:
    """What each rule in force says. Rules about buying only warn where cash is raised.

    Inputs that were stored before rules had dates are judged by the first thirteen, with the
    parameters that were stored among those of planning.
    """
    proposed = Proposed(inputs, proposal)
    if inputs.risk is None:
        found = [JUDGES[rule, 1](proposed, {}) for rule in FIRST]
    else:
        rules = inputs.risk.rules
        chosen = [(rule, rules[rule]) for rule in ORDER if rule in rules]
        found = [JUDGES[rule, given["version"]](proposed, given) for rule, given in chosen]
    return tuple(_for_cause(inputs, each) for each in found)


def _for_cause(inputs: Inputs, check: Check) -> Check:
    failed = check.outcome is Outcome.FAIL
    if failed and inputs.cause in RAISING and check.rule in NEVER_BLOCK_RAISING:
        return check.model_copy(update={"outcome": Outcome.WARN})
    return check
