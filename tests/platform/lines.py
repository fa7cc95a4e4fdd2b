"""Reading what a test logged."""

import json
from typing import Any


def lines_of(capsys: Any) -> list[dict[str, Any]]:
    """Every line on the standard output since the last look, each one JSON object."""
    printed = capsys.readouterr()
    assert printed.err == ""
    lines = [json.loads(line) for line in printed.out.splitlines()]
    assert all(isinstance(line, dict) for line in lines)
    return lines
