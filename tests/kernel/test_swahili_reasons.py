"""Why a value is refused is told in Swahili as a whole, not by half."""

import ast
from pathlib import Path

import pytest

from shared.kernel.errors import InvalidValue
from shared.kernel.swahili import REASONS

ROOT = Path(__file__).parents[2]
PLACES = ("functions", "graphql/graphql_api", "shared")


def _reasons() -> list[str]:
    """Of every InvalidValue of the sources, with ``{}`` for what varies."""
    calls = [
        node
        for place in PLACES
        for path in (ROOT / place).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("InvalidValue")
    ]
    return [
        _template(keyword.value)
        for call in calls
        for keyword in call.keywords
        if keyword.arg == "reason"
    ]


def _template(node: ast.expr) -> str:
    if isinstance(node, ast.JoinedStr):
        return "".join(
            str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values
        )
    assert isinstance(node, ast.Constant), f"not written out: {ast.unparse(node)}"
    return str(node.value)


def test_every_reason_of_a_refused_value_has_swahili_and_no_other_is_kept() -> None:
    assert set(_reasons()) == REASONS.keys()


def test_what_varies_has_its_place_in_both_languages() -> None:
    assert [en for en, sw in REASONS.items() if en.count("{}") != sw.count("{}")] == []


@pytest.mark.parametrize(
    ("reason", "shown"),
    [
        ("must be a date in the past", "lazima iwe tarehe iliyopita"),
        ("must have 1 to 80 characters", "lazima iwe na herufi 1 hadi 80"),
        (
            "must be 10 to 500 characters of plain text",
            "lazima iwe na herufi 10 hadi 500 za maandishi ya kawaida",
        ),
        ("must be one of A, B", "lazima iwe mojawapo ya A, B"),
        ("must be {braces}", "must be {braces}"),
    ],
)
def test_a_refused_value_is_told_in_either_language(reason: str, shown: str) -> None:
    error = InvalidValue(field="city", reason=reason)
    assert error.message() == f"city {reason}."
    assert error.message("sw") == f"Thamani ya city si sahihi: {shown}."
