"""Every operation in the documentation is valid against the committed schemas."""

import json
import re
from pathlib import Path

import pytest
from graphql import build_schema, parse, validate

from graphql_api.export import FOLDER

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "api.md").read_text()
BODIES = re.findall(r"'(\{\"query\":.*?\})'\n", PAGE)
SCHEMAS = [
    build_schema((FOLDER / name).read_text()) for name in ("schema.graphql", "session.graphql")
]


def test_the_page_has_operations() -> None:
    assert len(BODIES) == len(re.findall(r'\{"query":', PAGE)) >= 20


@pytest.mark.parametrize("body", BODIES)
def test_a_documented_operation_is_valid(body: str) -> None:
    content = json.loads(body)
    document = parse(content["query"])
    complaints = [validate(schema, document) for schema in SCHEMAS]
    assert [] in complaints, complaints
