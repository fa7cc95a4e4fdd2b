"""Plans that rules refused or warned of: explained to the person, and replayed for staff."""

from datetime import datetime

import strawberry

from graphql_api.orders import CheckValue, TradeCheck, checks_of
from graphql_api.pages import Connection, Reader, connection_of, feed_slice
from graphql_api.plans import read_plan
from graphql_api.rules import INHERITED, SIGNED_IN, STAFF, Info, field, object_type
from graphql_api.scalars import Cursor, PlanId, Symbol
from shared.investing.explaining import explain_plan
from shared.investing.plan import Cause, LeftOut, Outcome, Plan, PlanOutcome, Rule
from shared.platform.tables import Item


@object_type(description="An asset that a plan left out.")
class LeftOutAsset:
    """See the description."""

    symbol: Symbol = field(INHERITED, "Which.")
    reason: str = field(INHERITED, "Why, as a stable code such as `RESTRICTED`.")


@object_type(description="A plan of which a rule said more than that it holds.")
class RiskDecision:
    """See the description."""

    plan_id: PlanId = field(INHERITED, "Which plan.")
    cause: Cause = field(INHERITED, "Why there was something to plan.")
    outcome: PlanOutcome = field(INHERITED, "What it came to.")
    verdict: Outcome = field(INHERITED, "The worst that a rule said: `FAIL`, or `WARN`.")
    summary: str = field(INHERITED, "In words, in the person's language.")
    findings: list[TradeCheck] = field(
        INHERITED, "The rules that did not simply hold, with the numbers that they looked at."
    )
    left_out: list[LeftOutAsset] = field(INHERITED, "What the plan left out.")
    rule_table: int | None = field(
        INHERITED, "Version of the table of rules; null for plans from before there was one."
    )
    inputs_hash: str = field(INHERITED, "SHA-256 of everything that the decision rested on.")
    created_at: datetime = field(INHERITED, "When it was decided.")


@object_type(description="The same for staff: with whether it can be decided again.")
class StaffRiskDecision:
    """See the description."""

    decision: RiskDecision = field(INHERITED, "What the person sees.")
    parameters: list[CheckValue] = field(
        INHERITED, "Parameters of the rules that did not simply hold, as `<rule>.<name>`."
    )
    stored: strawberry.Private[Plan]

    @field(STAFF, "Whether the stored inputs still lead to the stored decision, byte by byte.")
    def replays(self) -> bool:
        """See the description."""
        # Few requests replay anything: a cold start does not load the planner for them.
        from shared.investing.planning import judge

        found = judge(self.stored.inputs)
        return not found.waits_for and found.decision.canonical() == (
            self.stored.decision.canonical()
        )


def worst_of(plan: Plan) -> Outcome:
    """The worst that a rule said."""
    outcomes = {each.outcome for each in plan.decision.checks}
    ranked = (Outcome.FAIL, Outcome.WARN)
    return next((each for each in ranked if each in outcomes), Outcome.PASS)


def read_remarkable(item: Item) -> Plan | None:
    """A plan among the feed's entries of which a rule said more than that it holds."""
    plan = read_plan(item)
    return None if plan is None or worst_of(plan) is Outcome.PASS else plan


def risk_decision(plan: Plan, language: str) -> RiskDecision:
    """For its owner."""
    risk = plan.inputs.risk
    return RiskDecision(
        plan_id=PlanId(plan.plan_id),
        cause=plan.cause,
        outcome=plan.decision.outcome,
        verdict=worst_of(plan),
        summary=explain_plan(plan, language),
        findings=[each for each in checks_of(plan, language) if each.outcome is not Outcome.PASS],
        left_out=[_left_out(each) for each in plan.decision.left_out],
        rule_table=None if risk is None else risk.table,
        inputs_hash=plan.inputs_hash,
        created_at=plan.created_at,
    )


def _left_out(left: LeftOut) -> LeftOutAsset:
    return LeftOutAsset(symbol=Symbol(left.symbol), reason=left.reason)


def staff_risk_decision(plan: Plan, language: str) -> StaffRiskDecision:
    """For staff."""
    said = {each.rule for each in plan.decision.checks if each.outcome is not Outcome.PASS}
    rules = {} if plan.inputs.risk is None else plan.inputs.risk.rules
    return StaffRiskDecision(
        decision=risk_decision(plan, language),
        parameters=[
            CheckValue(name=f"{rule.value}.{name}", value=str(number))
            for rule, given in sorted(rules.items(), key=_by_name)
            if rule in said
            for name, number in sorted(given.items())
        ],
        stored=plan,
    )


def _by_name(entry: tuple[Rule, object]) -> str:
    return entry[0].value


def staff_risk_decisions(
    reader: Reader, language: str, first: int, after: str | None
) -> Connection[StaffRiskDecision]:
    """A page of somebody's decisions."""
    page = feed_slice(reader, read_remarkable, first, after)
    entries = [(key, staff_risk_decision(one, language)) for key, one in page.entries]
    return connection_of(entries, page.after)


@object_type()
class RiskDecisionFields:
    """What a person reads about rules."""

    @field(
        SIGNED_IN,
        "Plans that a rule refused, or warned of, newest first, with the numbers and in words.",
    )
    def risk_decisions(
        self, info: Info, first: int = 20, after: Cursor | None = None
    ) -> Connection[RiskDecision]:
        """See the description."""
        page = feed_slice(info.context, read_remarkable, first, after)
        spoken = info.context.language
        entries = [(key, risk_decision(one, spoken)) for key, one in page.entries]
        return connection_of(entries, page.after)
