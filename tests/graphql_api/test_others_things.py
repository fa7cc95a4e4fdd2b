"""What belongs to somebody else is not there: the same answer, by the same reads, and no effect."""

import copy
import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
from graphql import GraphQLInputObjectType, get_named_type, is_list_type

from graphql_api.application import Application
from graphql_api.schema import graphql_schema
from shared.disputes.model import dispute_id_of
from shared.kernel.ids import Kind
from shared.kernel.money import Currency, Money
from shared.notifications.model import Notice
from shared.payments.methods import Gateway, Method
from shared.recurring.dates import Frequency, Rule
from shared.recurring.service import Wish
from tests.graphql_api.goals import saved_for
from tests.graphql_api.money_out import ready, withdrawn
from tests.graphql_api.samples import KINDS, VALUES, Place, places, value_of
from tests.graphql_api.steps import approved, pay_in
from tests.graphql_api.test_staff_orders import order_of
from tests.graphql_api.unlimited import unlimited

SCHEMA = graphql_schema(introspection=False)._schema
NAMING = {*KINDS, "Cursor", "ChallengeId"}


def _places_with_ids() -> Iterator[tuple[Place, str, str | None]]:
    """Fields that take an id: the argument, and the field of the input that it is in."""
    for place in places(SCHEMA):
        for name, argument in place.field.args.items():
            kind = get_named_type(argument.type)
            if kind.name in NAMING:
                yield place, name, None
            if isinstance(kind, GraphQLInputObjectType):
                for inner, field in kind.fields.items():
                    if get_named_type(field.type).name in NAMING:
                        yield place, name, inner


TAKING = list(_places_with_ids())


def ordered(app: Application, user_id: str) -> str:
    wish = Wish(
        rule=Rule(Frequency.MONTHLY, 31),
        amount=Money.parse("5000", Currency.KES),
        method=Method.MPESA,
        phone="+254712345678",
    )
    return app.recurring.create(user_id, key="k-order", wish=wish).schedule_id


@pytest.fixture
def owned(amina: Any, app: Application) -> Mapping[str, str]:
    """Ids of things that Amina has, by their scalar."""
    unlimited(app)
    approved(app, amina)
    deposit = pay_in(amina)["deposit"]["depositId"]
    notice = app.ids.new(Kind.NOTICE)
    app.notices.add(Notice(notice, amina.user_id, "users.user_registered", {}, app.clock.now()))
    shown = amina.graphql("""{ viewer { deposits { edges { cursor } } sessions { sessionId } } }""")
    account = ready(app, amina)
    payout = withdrawn(app, amina, account)
    return {
        "ScheduleId": ordered(app, amina.user_id),
        "GoalId": saved_for(amina),
        "PayoutAccountId": account.account_id,
        "PayoutId": payout.payout_id,
        "DepositId": deposit,
        "OrderId": order_of(app, amina.user_id).order_id,
        "DisputeId": dispute_id_of(deposit, Gateway.STRIPE, "dp_1"),
        "NotificationId": notice,
        "UserId": amina.user_id,
        "SessionId": shown.data["viewer"]["sessions"][0]["sessionId"],
        "Cursor": shown.data["viewer"]["deposits"]["edges"][0]["cursor"],
    }


def test_fields_that_take_ids_are_these() -> None:
    assert sorted(
        f"{place.name}({argument}{'.' + inner if inner else ''})"
        for place, argument, inner in TAKING
    ) == [
        "ManagementFees.charges(after)",
        "Mutation.acceptWithdrawalOffer(input.payoutId)",
        "Mutation.archiveGoal(input.goalId)",
        "Mutation.cancelDeposit(input.depositId)",
        "Mutation.cancelOrder(input.orderId)",
        "Mutation.cancelOrder(input.userId)",
        "Mutation.cancelRecurringDeposit(input.scheduleId)",
        "Mutation.cancelWithdrawal(input.payoutId)",
        "Mutation.changeGoal(input.goalId)",
        "Mutation.changeRecurringDeposit(input.goalId)",
        "Mutation.changeRecurringDeposit(input.scheduleId)",
        "Mutation.changeRoundUps(input.goalId)",
        "Mutation.concedeDispute(input.depositId)",
        "Mutation.concedeDispute(input.disputeId)",
        "Mutation.concedeDispute(input.userId)",
        "Mutation.createDeposit(input.goalId)",
        "Mutation.createRecurringDeposit(input.cardOf)",
        "Mutation.createRecurringDeposit(input.goalId)",
        "Mutation.decideIdentityCase(input.userId)",
        "Mutation.decideWithdrawal(input.payoutId)",
        "Mutation.decideWithdrawal(input.userId)",
        "Mutation.endSessions(input.userId)",
        "Mutation.markNotificationsRead(input.notificationIds)",
        "Mutation.matchSuspense(input.userId)",
        "Mutation.pauseRecurringDeposit(input.scheduleId)",
        "Mutation.refundDeposit(input.depositId)",
        "Mutation.refundDeposit(input.userId)",
        "Mutation.reinstatePerson(input.userId)",
        "Mutation.releaseDeposit(input.depositId)",
        "Mutation.releaseDeposit(input.userId)",
        "Mutation.releasePayout(input.payoutId)",
        "Mutation.releasePayout(input.userId)",
        "Mutation.remedyPayout(input.payoutAccountId)",
        "Mutation.remedyPayout(input.payoutId)",
        "Mutation.remedyPayout(input.userId)",
        "Mutation.removePayoutAccount(input.payoutAccountId)",
        "Mutation.requestRefund(input.depositId)",
        "Mutation.requestWithdrawal(input.goalId)",
        "Mutation.requestWithdrawal(input.payoutAccountId)",
        "Mutation.resumeRecurringDeposit(input.scheduleId)",
        "Mutation.revokeSession(input.sessionId)",
        "Mutation.setRole(input.userId)",
        "Mutation.settlePayout(input.payoutId)",
        "Mutation.settlePayout(input.userId)",
        "Mutation.settleReceivable(input.userId)",
        "Mutation.skipRecurringDeposit(input.scheduleId)",
        "Mutation.startRoundUps(input.cardOf)",
        "Mutation.startRoundUps(input.goalId)",
        "Mutation.suspendPerson(input.userId)",
        "Person.deposits(after)",
        "Person.orders(after)",
        "Person.riskDecisions(after)",
        "Person.withdrawals(after)",
        "Query.assets(after)",
        "Query.depositPreview(goalId)",
        "Query.goalProjection(goalId)",
        "Query.realisedGains(after)",
        "Query.rebalancePreview(goalId)",
        "Query.reconciliationReports(after)",
        "Query.recurringDeposit(scheduleId)",
        "Query.recurringOccurrences(after)",
        "Query.recurringOccurrences(scheduleId)",
        "Query.roundUpTransfers(after)",
        "Query.withdrawalPreview(goalId)",
        "Staff.auditTrail(after)",
        "Staff.auditTrail(userId)",
        "Staff.brokerReports(after)",
        "Staff.corporateActionRuns(after)",
        "Staff.heldForReview(after)",
        "Staff.heldPayouts(after)",
        "Staff.heldWithdrawals(after)",
        "Staff.moneyAlerts(after)",
        "Staff.person(userId)",
        "Strategies.proposals(after)",
        "Treasury.movements(after)",
        "Treasury.suspendedPayments(after)",
        "Treasury.trail(after)",
        "Viewer.corporateActions(after)",
        "Viewer.deposit(depositId)",
        "Viewer.deposits(after)",
        "Viewer.journal(after)",
        "Viewer.notifications(after)",
        "Viewer.orders(after)",
        "Viewer.plans(after)",
        "Viewer.rebalances(after)",
        "Viewer.riskDecisions(after)",
        "Viewer.transactions(after)",
        "Viewer.withdrawal(payoutId)",
        "Viewer.withdrawalPreview(goalId)",
        "Viewer.withdrawalPreview(payoutAccountId)",
        "Viewer.withdrawals(after)",
    ]


def _asked(place: Place, argument: str, inner: str | None, names: Mapping[str, str]) -> Any:
    kind = place.field.args[argument].type
    if inner is None:
        return place.asked({argument: names[get_named_type(kind).name]})
    field = get_named_type(kind).fields[inner].type
    name = names[get_named_type(field).name]
    unwrapped = getattr(field, "of_type", field)
    value = value_of(kind) | {inner: [name] if is_list_type(unwrapped) else name}
    return place.asked({argument: value})


@pytest.mark.parametrize(
    ("place", "argument", "inner"),
    [pytest.param(*each, id=f"{each[0].name}-{each[2] or each[1]}") for each in TAKING],
)
def test_somebody_elses_id_is_answered_as_one_that_names_nothing(
    place: Place,
    argument: str,
    inner: str | None,
    owned: Mapping[str, str],
    join: Callable[[str], Any],
    database: Any,
) -> None:
    juma = join("juma@example.com")
    before, seen = copy.deepcopy(database._items), []
    for names in (owned, VALUES):
        asked = _asked(place, argument, inner, names)
        database.requests.clear()
        answer = juma.graphql(asked.document, asked.variables)
        seen.append((answer.status, answer.body, list(database.requests)))
    theirs, nothing = seen
    assert theirs == nothing
    assert database._items == before
    assert not any(name in json.dumps(theirs[1]) for name in owned.values())


def test_an_id_answers_its_owner(owned: Mapping[str, str], amina: Any) -> None:
    document = """query($d: DepositId!, $a: Cursor!) { viewer { deposit(depositId: $d) { depositId }
      deposits(after: $a) { nodes { depositId } } } }"""
    answer = amina.graphql(document, {"d": owned["DepositId"], "a": owned["Cursor"]})
    assert answer.data["viewer"]["deposit"] == {"depositId": owned["DepositId"]}
    ended = amina.graphql(
        "mutation($i: RevokeSessionInput!) { revokeSession(input: $i) { __typename } }",
        {"i": {"sessionId": owned["SessionId"]}},
    )
    assert ended.data["revokeSession"]["__typename"] == "RevokeSessionPayload"


def test_somebody_elses_cursor_shows_ones_own_things_only(
    owned: Mapping[str, str], app: Application, join: Callable[[str], Any]
) -> None:
    juma = join("juma@example.com")
    approved(app, juma)
    own = pay_in(juma)["deposit"]["depositId"]
    for field in ("deposits { nodes { depositId } }", "transactions { nodes { transactionId } }"):
        name, _, rest = field.partition(" ")
        for after in (owned["Cursor"], VALUES["Cursor"]):
            page = juma.graphql(
                f"query($a: Cursor!) {{ viewer {{ {name}(after: $a) {rest} }} }}", {"a": after}
            )
            ids = {next(iter(node.values())) for node in page.data["viewer"][name]["nodes"]}
            assert ids <= {own}
