"""Two of staff publish a strategy, somebody saves by it without what they do not want."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.journeys.money_staff import decides, new_key, second_officer
from tests.journeys.test_market_hours import Market, market
from tools.journey import operations as op
from tools.journey.client import Refused
from tools.journey.person import Person
from tools.stack import Endpoints

__all__ = ["market", "second_officer"]
pytestmark = pytest.mark.journey


def goals_of(person: Person) -> list[Any]:
    goals: list[Any] = person.client.graphql(op.GOALS)["goals"]
    return goals


def weights_of(goal: Any) -> dict[str, int]:
    return {one["symbol"]: one["weightBp"] for one in goal["targetWeights"]}


def otherwise(weights: dict[str, int]) -> list[dict[str, Any]]:
    """One point more of the bonds; so it fits beside all others."""
    changed = {**weights, "AAAB": weights["AAAB"] + 1, "USMV": weights["USMV"] - 1}
    return [{"symbol": name, "weightBp": points} for name, points in changed.items()]


def today() -> date:
    """In UTC, and not one that is over before it is decided."""
    now = datetime.now(UTC)
    return (now + timedelta(minutes=2)).date()


def test_a_strategy_of_two_people_reaches_a_deposit_without_what_is_excluded(
    investor: Callable[..., Person],
    officer: Person,
    second_officer: Person,
    market: Market,
    endpoints: Endpoints,
    aws: Callable[[str], Any],
    eventually: Callable[..., Any],
) -> None:
    person = investor()
    (general,) = goals_of(person)
    # By income nobody else saves on this stack: others do not see what happens here.
    general = person.client.graphql(
        op.CHANGE_GOAL, input={"goalId": general["goalId"], "path": "SPENDING", "style": "INCOME"}
    )["goal"]
    name, _, before = general["strategy"].partition(" v")
    asked = {
        "idempotencyKey": new_key(),
        "style": "INCOME",
        "score": general["effectiveScore"],
        "weights": otherwise(weights_of(general)),
        "validFrom": today().isoformat(),
    }
    proposal = decides(officer, op.PROPOSE_STRATEGY, asked)["proposal"]
    which = {"proposalId": proposal["proposalId"], "agreed": True}
    with pytest.raises(Refused) as refused:
        decides(officer, op.DECIDE_STRATEGY_PROPOSAL, which)
    assert refused.value.code == "STRATEGY_SECOND_PERSON_NEEDED"
    second_officer.refresh()
    seen = second_officer.client.graphql(op.STRATEGY_PROPOSAL, proposalId=proposal["proposalId"])
    assert [(one["symbol"], one["afterBp"] - one["beforeBp"]) for one in seen["changes"]] == [
        ("AAAB", 1),
        ("USMV", -1),
    ]
    # The person has an account at the broker and saves by it; nothing is held yet.
    assert (seen["impact"]["sampled"], seen["impact"]["peopleAffected"]) == (1, 1)
    assert seen["impact"]["withIt"]["ordersCount"] == 0
    agreed = decides(second_officer, op.DECIDE_STRATEGY_PROPOSAL, which)["proposal"]
    assert (agreed["status"], agreed["decidedBy"]) == ("APPROVED", second_officer.user_id)
    assert agreed["version"] == int(before) + 1

    def in_force() -> bool:
        # The schedule does this once a minute; who asks again within two seconds is not heard.
        market.refresh()
        key = {"pk": {"S": "MODELS"}, "sk": {"S": f"{name}#current"}}
        table = endpoints.outputs["MarketTable"]
        row = aws("dynamodb").get_item(TableName=table, Key=key, ConsistentRead=True)["Item"]
        return int(row["version"]["N"]) == agreed["version"]

    eventually("the version in force on its day", in_force)
    wished = {"name": "School fees", "target": "20000.00", "until": "2040-01-15", "score": 1}
    goal = person.client.graphql(op.CREATE_GOAL, input={"idempotencyKey": new_key(), **wished})
    assert (goal["goal"]["name"], goal["goal"]["effectiveScore"]) == ("School fees", 1)
    excluded = person.client.graphql(op.SET_EXCLUSIONS, input={"symbols": ["QUAL"]})
    assert excluded["exclusions"] == ["QUAL"]
    assert all("QUAL" not in weights_of(one) for one in excluded["goals"])
    deposit = person.create_deposit("STRIPE", "500.00")
    person.pay_by_card(deposit).raise_for_status()
    screen = person.wait_until_invested([deposit["depositId"]])
    (plan,) = person.client.graphql(op.PLANS)["plans"]["nodes"]
    assert plan["model"] == f"{name} v{agreed['version']}"
    bought = {one["symbol"] for one in screen["orders"]["nodes"]}
    assert bought == {"AAAB", "MTUM", "SIZE", "USMV", "VLUE"}
    shown = {one["general"]: one["progress"] for one in goals_of(person)}
    assert Decimal(shown[False]["fraction"] or 0) == 0
