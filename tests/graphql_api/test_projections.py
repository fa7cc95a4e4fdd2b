"""Projections through the API: ranges of one's own goals and their chances."""

from decimal import Decimal
from typing import Any

from graphql import parse

from graphql_api.application import Application
from graphql_api.cost import Costs
from graphql_api.limits import Limits
from graphql_api.projections import WORK
from graphql_api.rates import DEFAULTS, OperationClass, tokens
from graphql_api.schema import graphql_schema
from shared.kernel.money import Currency, Money
from shared.payments.methods import Method
from shared.recurring.dates import Frequency, Rule
from shared.recurring.service import Wish
from tests.graphql_api.goals import made, told
from tests.graphql_api.money_out import rate
from tests.graphql_api.projecting import cents, general, projected, saver
from tests.graphql_api.test_goals import hold_cash

__all__ = ["saver"]


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


def test_what_is_excluded_changes_the_ranges_alone(
    saver: Any,
) -> None:
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
