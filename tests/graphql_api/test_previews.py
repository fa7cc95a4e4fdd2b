"""Previews: what would be traded, by the code that trades, and nothing is written."""

from typing import Any

from graphql_api.application import Application
from shared.platform.tables import Table

PREVIEW = """... on PlanPreview { outcome summary waitsFor left { amount }
  orders { symbol side amount { amount } quantity exit gain { tax { amount } } }
  weights { name before after target } driftBefore driftAfter checks { rule outcome } }
  ... on UserError { code message }"""


def rows(app: Application, user_id: str) -> list[Any]:
    page = app.database.query(Table.CORE, f"USER#{user_id}", "A", "~")
    return [(item.sk, dict(item.attributes)) for item in page.items]


def test_a_preview_writes_nothing_and_names_what_comes_first(amina: Any, app: Application) -> None:
    before = rows(app, amina.user_id)
    found = amina.graphql(f'{{ depositPreview(amount: "250.00") {{ {PREVIEW} }} }}').data
    preview = found["depositPreview"]
    # Nobody knows this person's identity or risk score yet: no orders, and the reasons are told.
    assert preview["orders"] == []
    assert {one["outcome"] for one in preview["checks"]} >= {"FAIL"}
    assert preview["left"] == {"amount": "250.00"}
    assert rows(app, amina.user_id) == before


def test_bad_amounts_are_refused_with_a_type(amina: Any) -> None:
    for name in ("depositPreview", "withdrawalPreview"):
        found = amina.graphql(f'{{ {name}(amount: "0.00") {{ {PREVIEW} }} }}').data[name]
        assert found["code"] == "INVALID_VALUE"
