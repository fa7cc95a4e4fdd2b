"""Projections that cannot be made are refused with a type, and nothing is guessed."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from graphql_api.application import Application
from shared.kernel.clock import FixedClock
from shared.portfolio.model import Position
from shared.portfolio.store import PortfolioStore
from shared.strategies.goal_store import SavingStore
from tests.graphql_api.goals import made, told
from tests.graphql_api.projecting import general, projected, saver
from tests.graphql_api.steps import open_market
from tests.graphql_api.test_goals import DAY
from tests.graphql_api.unlimited import unlimited

__all__ = ["saver"]


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
