"""What people do about their goals through the API."""

from typing import Any

SHOWN = """goalId general name status target { amount currency } until path style score
  effectiveScore strategy equityBp targetWeights { symbol weightBp }
  progress { worth { amount } fraction reached asOf stale }"""
_ERRORS = "... on UserError { code message } ... on InvalidInputError { field }"
_GOAL = f"... on GoalPayload {{ goal {{ {SHOWN} }} }} {_ERRORS}"
DOCUMENTS = {
    "createGoal": f"mutation($i: CreateGoalInput!) {{ createGoal(input: $i) {{ {_GOAL} }} }}",
    "changeGoal": f"mutation($i: ChangeGoalInput!) {{ changeGoal(input: $i) {{ {_GOAL} }} }}",
    "archiveGoal": f"mutation($i: ArchiveGoalInput!) {{ archiveGoal(input: $i) {{ {_GOAL} }} }}",
    "setExclusions": f"""mutation($i: SetExclusionsInput!) {{ setExclusions(input: $i) {{
      ... on ExclusionsPayload {{ exclusions goals {{ {SHOWN} }} }} {_ERRORS} }} }}""",
}
SCHOOL = {
    "idempotencyKey": "goal-1",
    "name": "School fees",
    "target": "5000.00",
    "until": "2032-01-15",
    "path": "SPENDING",
}


def told(client: Any, mutation: str, **given: Any) -> Any:
    """The answer of a mutation."""
    answer = client.graphql(DOCUMENTS[mutation], {"i": given})
    assert "errors" not in answer.body, answer.body
    return answer.data[mutation]


def made(client: Any, **changes: Any) -> Any:
    """A new goal."""
    return told(client, "createGoal", **SCHOOL | changes)["goal"]


def saved_for(client: Any) -> str:
    """The id of a new goal."""
    return str(made(client)["goalId"])


def seen(client: Any, *, archived: bool = False) -> list[Any]:
    """All goals of a person."""
    query = f"query($a: Boolean!) {{ viewer {{ goals(archived: $a) {{ {SHOWN} }} }} }}"
    found: list[Any] = client.graphql(query, {"a": archived}).data["viewer"]["goals"]
    return found
