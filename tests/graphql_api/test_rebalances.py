"""Runs of rebalancing as people see them: of which goal, how far, and a page after the other."""

from datetime import date, timedelta
from typing import Any

from graphql_api.application import Application
from shared.kernel.ids import Kind
from shared.rebalancing.model import Run, RunStatus
from shared.rebalancing.store import RunStore
from shared.strategies.goals import general_goal_id

SEEN = """query($after: Cursor) { viewer { rebalances(first: 1, after: $after) {
  nodes { goalId status why reason planIds beganOn nextOn endedOn }
  pageInfo { hasNextPage endCursor } } } }"""


def seen(client: Any, after: str | None = None) -> Any:
    answer = client.graphql(SEEN, {"after": after})
    assert "errors" not in answer.body, answer.body
    return answer.data["viewer"]["rebalances"]


def run_of(app: Application, user: str, goal_id: str, status: RunStatus, **more: Any) -> Run:
    """One as the follower leaves it."""
    now, day = app.clock.now(), date(2026, 3, 2)
    run_id, plan = app.ids.new(Kind.RUN), app.ids.new(Kind.PLAN)
    run = Run(run_id, user, goal_id, status, "BAND", run_id, (plan,), day, now, now, **more)
    app.facts.commit([RunStore(app.database).save(None, run)])
    return run


def test_runs_are_seen_with_their_goals_newest_first(app: Application, amina: Any) -> None:
    goal_id = app.ids.new(Kind.GOAL)
    first = run_of(
        app, amina.user_id, "", RunStatus.STOPPED, ended_on=date(2026, 3, 2), reason="HALTED"
    )
    app.clock.advance(timedelta(seconds=1))
    run_of(app, amina.user_id, goal_id, RunStatus.SETTLING, next_on=date(2026, 3, 3))
    page = seen(amina)
    (named,) = page["nodes"]
    assert (named["goalId"], named["status"], named["why"]) == (goal_id, "SETTLING", "BAND")
    assert (named["nextOn"], named["endedOn"], named["reason"]) == ("2026-03-03", None, None)
    assert page["pageInfo"]["hasNextPage"]
    rest = seen(amina, page["pageInfo"]["endCursor"])
    assert rest["nodes"] == [
        {
            "goalId": general_goal_id(amina.user_id),
            "status": "STOPPED",
            "why": "BAND",
            "reason": "HALTED",
            "planIds": list(first.plan_ids),
            "beganOn": "2026-03-02",
            "nextOn": None,
            "endedOn": "2026-03-02",
        }
    ]
    assert not rest["pageInfo"]["hasNextPage"]


def test_nobody_sees_the_runs_of_others(app: Application, amina: Any, join: Any) -> None:
    run_of(app, amina.user_id, "", RunStatus.TRADING)
    assert seen(join("brian@example.com"))["nodes"] == []
    assert len(seen(amina)["nodes"]) == 1
