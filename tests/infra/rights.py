"""Statements of a function's role, and which stage they are read from."""

from typing import Any

from tests.infra.templates import Synthesised


def the_stage(local: Synthesised, prod: Synthesised, function: str) -> Synthesised:
    """The scanner of our own runs locally only; everything else is asked of production."""
    return local if function == "scan_upload" else prod


def resources_of(statements: list[dict[str, Any]], action: str) -> list[object]:
    return [
        resource
        for statement in statements
        if action in statement["Action"]
        for resource in statement["Resource"]
    ]
