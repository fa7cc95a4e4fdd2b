"""Projections through the API: ranges of one's own goals, chances, and refusals with a type."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from graphql import parse

from graphql_api.application import Application
from graphql_api.cost import Costs
from graphql_api.limits import Limits
from graphql_api.projections import WORK
from graphql_api.rates import DEFAULTS, OperationClass, tokens
from graphql_api.schema import graphql_schema
from shared.kernel.clock import FixedClock
from shared.kernel.money import Currency, Money
from shared.payments.methods import Method
from shared.portfolio.model import Position
from shared.portfolio.store import PortfolioStore
from shared.recurring.dates import Frequency, Rule
from shared.recurring.service import Wish
from shared.strategies.goal_store import SavingStore
from tests.graphql_api.goals import made, seen, told
from tests.graphql_api.money_out import rate
from tests.graphql_api.steps import approved, open_market
from tests.graphql_api.test_goals import DAY, hold_cash
from tests.graphql_api.unlimited import unlimited

PROJECTION = """query($g: GoalId!, $a: Amount, $p: Int! = 50, $m: ProjectionMethod! = MODEL) {
  goalProjection(goalId: $g, monthlyAmount: $a, probability: $p, method: $m) { __typename
    ... on GoalProjection { goalId method until wishedProbability probability standing paths stale
      worth { amount } monthlyAmount { amount } reached { amount } target { amount currency }
      requiredMonthlyAmount { amount } assumptions { version validFrom returnBp deviationBp
        inflationBp feeBp }
      years { on months low { amount } middle { amount } high { amount } paidIn { amount } } }
    ... on UserError { code message advice retry } ... on InvalidInputError { field } } }"""


@pytest.fixture
def saver(app: Application, amina: Any) -> Any:
    """Somebody whose risk score is 3."""
    unlimited(app)
    approved(app, amina)
    return amina


def projected(client: Any, goal_id: str, amount: str | None = None, **more: Any) -> Any:
    answer = client.graphql(PROJECTION, {"g": goal_id, "a": amount} | more)
    assert "errors" not in answer.body, answer.body
    return answer.data["goalProjection"]


def cents(shown: Mapping[str, str]) -> int:
    return int(Decimal(shown["amount"]) * 100)


def general(client: Any, **wanted: Any) -> str:
    """The general goal, as it is to be."""
    goal_id = str(seen(client)[0]["goalId"])
    told(client, "changeGoal", goalId=goal_id, path="SPENDING", style="GROWTH", **wanted)
    return goal_id


def test_a_projection_tells_ranges_the_chance_and_what_it_stands_on(saver: Any) -> None:
    goal = made(saver)
    found = projected(saver, goal["goalId"], "60.00")
    years = found.pop("years")
    assert found == {
        "__typename": "GoalProjection",
        "goalId": goal["goalId"],
        "method": "MODEL",
        "until": "2032-01-15",
        "wishedProbability": 50,
        "probability": found["probability"],
        "standing": "SHORTFALL",
        "paths": 40_000,
        "stale": False,
        "worth": {"amount": "0.00"},
        "monthlyAmount": {"amount": "60.00"},
        "reached": years[-1]["middle"],
        "target": {"amount": "5000.00", "currency": "USD"},
        "requiredMonthlyAmount": found["requiredMonthlyAmount"],
        # 38.88 % equity at 7 %, the rest bonds at 3.5 %.
        "assumptions": {
            "version": 1,
            "validFrom": "2026-01-01",
            "returnBp": 486,
            "deviationBp": found["assumptions"]["deviationBp"],
            "inflationBp": 250,
            "feeBp": 25,
        },
    }
    assert 0 < Decimal(found["probability"]) < Decimal("0.5")
    assert 6_000 < cents(found["requiredMonthlyAmount"]) < 7_200
    assert 600 < found["assumptions"]["deviationBp"] < 800
    assert [(one["months"], one["on"]) for one in years] == [
        (12, "2027-03-02"),
        (24, "2028-03-02"),
        (36, "2029-03-02"),
        (48, "2030-03-02"),
        (60, "2031-03-02"),
        (70, "2032-01-15"),
    ]
    assert [cents(one["paidIn"]) for one in years] == [6_000 * one["months"] for one in years]
    for one in years:
        assert cents(one["low"]) < cents(one["middle"]) < cents(one["high"])


def test_more_a_month_is_likelier_and_what_is_required_is_just_nice(saver: Any) -> None:
    goal_id = made(saver)["goalId"]
    found = [projected(saver, goal_id, amount) for amount in ("50.00", "65.00", "80.00")]
    chances = [Decimal(one["probability"]) for one in found]
    assert chances == sorted(set(chances))
    assert found[2]["standing"] == "SURPLUS"
    assert len({one["requiredMonthlyAmount"]["amount"] for one in found}) == 1
    required = found[0]["requiredMonthlyAmount"]["amount"]
    nice = projected(saver, goal_id, required)
    # A cent a month more or less is what the outcome of a handful of futures turns on.
    assert nice["standing"] == "JUST_NICE"
    assert Decimal("0.5") <= Decimal(nice["probability"]) < Decimal("0.501")
    sure = projected(saver, goal_id, required, p=90)
    assert (sure["standing"], sure["probability"]) == ("SHORTFALL", nice["probability"])
    assert cents(sure["requiredMonthlyAmount"]) > cents(nice["requiredMonthlyAmount"])
    assert sure["reached"] == sure["years"][-1]["low"]


def test_history_is_another_way_to_the_same_question(saver: Any) -> None:
    goal_id = made(saver)["goalId"]
    model, history = (projected(saver, goal_id, "60.00", m=one) for one in ("MODEL", "HISTORY"))
    assert (model["method"], history["method"]) == ("MODEL", "HISTORY")
    assert model["years"] != history["years"]
    assert model["assumptions"] == history["assumptions"]
    middles = [cents(one["years"][-1]["middle"]) for one in (model, history)]
    assert abs(middles[0] - middles[1]) < middles[0] // 20


def test_it_starts_with_what_is_saved_and_without_a_target_there_is_no_chance(
    saver: Any, app: Application
) -> None:
    hold_cash(app, saver.user_id, 300_000)
    goal_id = general(saver, until="2036-03-02")
    found = projected(saver, goal_id)
    assert found["worth"] == {"amount": "3000.00"}
    # Nothing recurring has been set up.
    assert found["monthlyAmount"] == {"amount": "0.00"}
    assert [found[name] for name in ("target", "probability", "standing")] == [None] * 3
    assert found["requiredMonthlyAmount"] is None
    assert found["reached"] == found["years"][-1]["middle"]
    assert len(found["years"]) == 10


def test_nothing_more_is_required_of_somebody_who_is_there(saver: Any, app: Application) -> None:
    hold_cash(app, saver.user_id, 1_000_000)
    found = projected(saver, general(saver, until="2030-03-02", target="1000.00"), "0.00", p=95)
    assert found["requiredMonthlyAmount"] == {"amount": "0.00"}
    assert (found["probability"], found["standing"]) == ("1.000000", "SURPLUS")


def recurs(
    app: Application, user_id: str, key: str, rule: Rule, amount: Money, goal_id: str | None = None
) -> None:
    wish = Wish(
        rule=rule, amount=amount, method=Method.MPESA, phone="+254712345678", goal_id=goal_id
    )
    app.recurring.create(user_id, key=key, wish=wish)


def test_recurring_deposits_count_where_no_amount_is_named_and_for_their_goal_only(
    saver: Any, app: Application
) -> None:
    goal_id, named = general(saver, until="2036-03-02"), made(saver)["goalId"]
    monthly, weekly = Rule(Frequency.MONTHLY, 31), Rule(Frequency.WEEKLY, 1)
    recurs(app, saver.user_id, "k-1", monthly, Money.parse("5000", Currency.KES))
    recurs(app, saver.user_id, "k-2", weekly, Money.parse("1200", Currency.KES))
    unknown = projected(saver, goal_id)
    assert (unknown["__typename"], unknown["code"]) == (
        "UnavailableError",
        "PAYMENTS_RATE_UNAVAILABLE",
    )
    rate(app, "0.0080")
    # 5,000 a month and 1,200 a week, which is 5,200 a month, as a deposit of today is converted.
    quote = """{ fxQuote(amount: "10200.00", currency: KES, to: USD) {
      ... on Conversion { credited { amount } } } }"""
    credited = saver.graphql(quote).data["fxQuote"]["credited"]
    assert 8_000 < cents(credited) < 8_160
    assert projected(saver, goal_id)["monthlyAmount"] == credited
    assert projected(saver, named)["monthlyAmount"] == {"amount": "0.00"}
    assert projected(saver, goal_id, "7.00")["monthlyAmount"] == {"amount": "7.00"}
    for one in app.recurring.orders(saver.user_id):
        app.recurring.pause_order(saver.user_id, one.schedule_id, key=f"p-{one.schedule_id}")
    assert projected(saver, goal_id)["monthlyAmount"] == {"amount": "0.00"}


def test_what_recurs_for_a_named_goal_is_its_own_until_it_is_archived(
    saver: Any, app: Application
) -> None:
    goal_id, named = general(saver, until="2036-03-02"), made(saver)["goalId"]
    other = made(saver, idempotencyKey="goal-2")["goalId"]
    rate(app, "0.0080")
    rule, amount = Rule(Frequency.MONTHLY, 31), Money.parse("10000", Currency.KES)
    recurs(app, saver.user_id, "k-1", rule, amount, named)
    recurs(app, saver.user_id, "k-2", rule, amount)

    def monthly(of: str) -> int:
        return cents(projected(saver, of)["monthlyAmount"])

    one = monthly(goal_id)
    assert 7_800 < one < 8_000
    assert [monthly(each) for each in (named, other)] == [one, 0]
    told(saver, "archiveGoal", goalId=named)
    assert abs(monthly(goal_id) - 2 * one) <= 1
    assert monthly(other) == 0


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"a": "-1.00"}, "monthlyAmount"),
        ({"a": "1000000.01"}, "monthlyAmount"),
        ({"p": 49}, "probability"),
        ({"p": 96}, "probability"),
    ],
    ids=str,
)
def test_what_cannot_be_asked_is_refused_by_its_field(
    saver: Any, wrong: dict[str, Any], field: str
) -> None:
    refused = projected(saver, made(saver)["goalId"], **wrong)
    assert (refused["__typename"], refused["code"], refused["field"]) == (
        "InvalidInputError",
        "INVALID_VALUE",
        field,
    )


@pytest.mark.parametrize(
    ("until", "code"),
    [
        (None, "PROJECTION_DATE_MISSING"),
        ("2026-04-01", "PROJECTION_DATE_TOO_NEAR"),
        ("2086-04-02", "PROJECTION_TOO_FAR"),
    ],
)
def test_a_day_that_cannot_be_looked_at_is_refused_with_a_type(
    saver: Any, until: str | None, code: str
) -> None:
    refused = projected(saver, made(saver, until=until)["goalId"])
    assert (refused["__typename"], refused["code"], refused["retry"]) == (
        "RefusedError",
        code,
        "AFTER_CORRECTION",
    )


def test_a_day_that_came_is_refused_too(saver: Any, app: Application) -> None:
    goal_id = made(saver)["goalId"]
    store = SavingStore(app.database)
    before = store.get(saver.user_id, goal_id)
    assert before is not None
    # As it is when nobody has looked at it since 2025.
    after = before.changed(replace(before.terms, until=date(2025, 12, 31)), before.sealed)
    app.facts.commit([store.save(before, after)])
    assert projected(saver, goal_id)["code"] == "PROJECTION_DATE_TOO_NEAR"


def test_before_the_risk_questions_nothing_is_projected(amina: Any, app: Application) -> None:
    unlimited(app)
    refused = projected(amina, made(amina)["goalId"], "10.00")
    assert refused["code"] == "PROJECTION_RISK_PROFILE_MISSING"


def test_a_worth_that_is_not_known_is_not_guessed(
    saver: Any, app: Application, clock: FixedClock
) -> None:
    open_market(app, clock)
    goal_id = general(saver, until="2036-03-02", target="1000.00")
    position = Position(saver.user_id, "MTUM").buy("ord-00001", DAY, 10 * 10**9, 40_000)
    app.facts.commit([PortfolioStore(app.database).save(position)])
    refused = projected(saver, goal_id)
    assert (refused["__typename"], refused["code"], refused["retry"]) == (
        "UnavailableError",
        "PROJECTION_WORTH_UNKNOWN",
        "LATER",
    )


def test_a_refusal_is_told_in_the_persons_language(saver: Any) -> None:
    saver.graphql(
        "mutation($i: UpdateProfileInput!) { updateProfile(input: $i) { __typename } }",
        {"i": {"language": "SW"}},
    )
    goal_id = made(saver, until=None)["goalId"]
    assert projected(saver, goal_id)["message"].startswith("Lengo hili halina tarehe")
    refused = projected(saver, made(saver, idempotencyKey="goal-2")["goalId"], p=10)
    assert "lazima iwe asilimia 50 hadi 95" in refused["message"]


def test_an_archived_goal_and_one_that_is_nobodys_are_not_projected(saver: Any) -> None:
    goal_id = made(saver)["goalId"]
    told(saver, "archiveGoal", goalId=goal_id)
    assert projected(saver, goal_id)["code"] == "GOAL_ARCHIVED"
    nobodys = f"{goal_id[:-6]}ZZZZZZ"
    refused = projected(saver, nobodys)
    assert refused["__typename"] == "NotFoundError"
    assert refused["message"] == "The goal was not found."


def test_exclusions_that_became_too_many_are_refused_as_elsewhere(saver: Any) -> None:
    goal_id = made(saver)["goalId"]
    narrow = projected(saver, goal_id, "60.00")
    told(saver, "setExclusions", symbols=["VLUE"])
    other = projected(saver, goal_id, "60.00")
    assert other["assumptions"]["returnBp"] == narrow["assumptions"]["returnBp"]
    assert other["years"] != narrow["years"]


def test_a_projection_is_read_in_one_request_and_writes_nothing(saver: Any, database: Any) -> None:
    goal_id = made(saver)["goalId"]
    before = repr(database._items)
    database.requests.clear()
    projected(saver, goal_id, "60.00")
    assert [each.partition(" ")[0] for each in database.requests].count("query") == 1
    assert len(database.requests) <= 3, database.requests
    assert repr(database._items) == before


def test_a_request_holds_a_handful_of_projections_and_a_minute_some_fifty() -> None:
    schema = graphql_schema(introspection=False)._schema
    one = 'goalProjection(goalId: "gol") { __typename }'

    def cost(count: int) -> int:
        document = parse("{ " + " ".join(f"p{n}: {one}" for n in range(count)) + " }")
        (operation,) = document.definitions
        return Costs(schema, document, {}).of(operation)

    assert [cost(count) for count in (1, 2)] == [WORK + 3, 2 * (WORK + 3)]
    assert cost(4) <= Limits().cost < cost(5)
    assert DEFAULTS[OperationClass.READ].per_minute // tokens(cost(1)) == 48


def test_more_projections_than_that_at_once_are_refused_before_any_is_computed(
    saver: Any, database: Any
) -> None:
    goal_id = made(saver)["goalId"]

    def asked(count: int) -> Any:
        one = f'goalProjection(goalId: "{goal_id}") {{ __typename }}'
        database.requests.clear()
        return saver.graphql("{ " + " ".join(f"p{n}: {one}" for n in range(count)) + " }").body

    assert set(asked(4)["data"]) == {"p0", "p1", "p2", "p3"}
    (refused,) = asked(5)["errors"]
    assert refused["extensions"]["code"] == "DOCUMENT_TOO_COMPLEX"
    assert [each.partition(" ")[0] for each in database.requests].count("query") == 0
