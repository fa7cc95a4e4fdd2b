"""Somebody who asks what may become of a goal."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest

from graphql_api.application import Application
from tests.graphql_api.goals import seen, told
from tests.graphql_api.steps import approved
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
