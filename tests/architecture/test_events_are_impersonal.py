"""Events say what happened by identifiers, codes, amounts and times; people are in none of them."""

import re
from typing import Any

import pytest

from shared.kernel.events import REGISTRY
from tools.contracts import load_contexts

load_contexts()
PERSONAL = re.compile(
    r"name|mail|phone|msisdn|address|birth|passport|document_number|iban|account_number|routing"
    r"|card|holder|payer|payee|shown|masked|destination|note|text|words|description|content|body",
    re.IGNORECASE,
)
EVENTS = sorted(name for name, event in REGISTRY.items() if event.__module__.startswith("shared."))
OPEN = {"ledger.entry_posted.v1": {"memo"}}
"""Fields without fixed names inside: a journal entry's identifiers and rates."""


def fields(schema: Any) -> dict[str, Any]:
    """Every property of a schema and of what it is made of, by name."""
    found = dict(schema.get("properties", {}))
    for part in schema.get("$defs", {}).values():
        found |= part.get("properties", {})
    return found


@pytest.mark.parametrize("name", EVENTS)
def test_no_field_is_for_what_people_are_called_or_where_they_are(name: str) -> None:
    told = fields(REGISTRY[name].model_json_schema())
    assert [field for field in told if PERSONAL.search(field)] == []


@pytest.mark.parametrize("name", EVENTS)
def test_no_field_takes_whatever_is_given(name: str) -> None:
    told = fields(REGISTRY[name].model_json_schema())
    loose = {field for field, kind in told.items() if kind.get("type") == "object" or not kind}
    assert loose == OPEN.get(name, set())
