"""Somebody asks what may become of a goal, of the deployed API with numpy in its function."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from tests.journeys.money_staff import new_key
from tools.journey import operations as op
from tools.journey.client import Refused
from tools.journey.person import Person

pytestmark = pytest.mark.journey

UNTIL = f"{datetime.now(UTC).year + 10}-12-31"


def saving_for(person: Person, **wanted: str) -> str:
    """The id of a new goal."""
    wish = {"idempotencyKey": new_key(), "name": "House", **wanted}
    return str(person.client.graphql(op.CREATE_GOAL, input=wish)["goal"]["goalId"])


def projected(person: Person, goal_id: str, **asked: object) -> Any:
    return person.client.graphql(op.GOAL_PROJECTION, goalId=goal_id, **asked)


def refusal(person: Person, goal_id: str, **asked: object) -> str:
    with pytest.raises(Refused) as refused:
        projected(person, goal_id, **asked)
    return refused.value.code


def amount(shown: Mapping[str, str]) -> Decimal:
    return Decimal(shown["amount"])


def test_a_goal_becomes_likelier_with_what_is_added_and_is_nobody_elses(
    newcomer: Callable[..., Person],
) -> None:
    person, stranger = newcomer(), newcomer()
    house = saving_for(person, target="30000.00", until=UNTIL)

    low, high = (projected(person, house, monthlyAmount=each) for each in ("150.00", "350.00"))
    assert 0 <= Decimal(low["probability"]) < Decimal(high["probability"]) <= 1
    assert (low["standing"], high["standing"]) == ("SHORTFALL", "SURPLUS")
    required = low["requiredMonthlyAmount"]
    assert required == high["requiredMonthlyAmount"]
    assert 150 < amount(required) < 350
    assert projected(person, house, monthlyAmount=required["amount"])["standing"] == "JUST_NICE"
    assert projected(person, house, monthlyAmount="150.00") == low
    last = low["years"][-1]
    assert last["on"] == UNTIL
    assert amount(last["low"]) < amount(last["middle"]) < amount(last["high"])
    assert amount(last["paidIn"]) == 150 * last["months"]

    sure = projected(person, house, monthlyAmount="150.00", probability=90, method="HISTORY")
    assert amount(sure["requiredMonthlyAmount"]) > amount(required)
    assert (sure["method"], sure["wishedProbability"]) == ("HISTORY", 90)

    open_end = projected(person, saving_for(person, until=UNTIL), monthlyAmount="150.00")
    assert (open_end["probability"], open_end["standing"]) == (None, None)
    assert open_end["years"] == low["years"]

    assert refusal(person, saving_for(person, target="100.00")) == "PROJECTION_DATE_MISSING"
    assert refusal(person, house, monthlyAmount="-1.00") == "INVALID_VALUE"
    assert refusal(person, house, probability=99) == "INVALID_VALUE"
    assert refusal(stranger, house) == "NOT_FOUND"
