"""The story of an id is told from the lines that really carry it."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from tools import trace
from tools.trace import main, story

SINCE = datetime(2026, 3, 2, tzinfo=UTC)


def line(at: int, trace_id: str, message: str, **more: object) -> str:
    fields = {"level": "INFO", "message": message, "correlation_id": trace_id}
    return json.dumps({**fields, "timestamp": f"2026-03-02T15:30:{at:02}.000+00:00", **more})


class Missing(Exception):
    """There is no such log group."""


class Logs:
    """Log groups whose search finds too much, as that of a service may."""

    class exceptions:
        ResourceNotFoundException = Missing

    def __init__(self, groups: dict[str, list[str]]) -> None:
        self.groups, self.asked = groups, list[dict[str, Any]]()

    def get_paginator(self, name: str) -> "Logs":
        assert name == "filter_log_events"
        return self

    def paginate(self, **asked: Any) -> Any:
        self.asked.append(asked)
        if asked["logGroupName"] not in self.groups:
            raise Missing
        found = [{"message": text, "timestamp": 0} for text in self.groups[asked["logGroupName"]]]
        return [{"events": found[:1]}, {"events": found[1:]}]


class Functions:
    """What is deployed."""

    def get_paginator(self, name: str) -> "Functions":
        assert name == "list_functions"
        return self

    def paginate(self) -> Any:
        own = {"FunctionName": "baobab-local-notify"}
        named = {"FunctionName": "baobab-local-api", "LoggingConfig": {"LogGroup": "api-group"}}
        silent = {"FunctionName": "baobab-local-silent"}
        other = {"FunctionName": "somebody-elses"}
        return [{"Functions": [own, named]}, {"Functions": [silent, other]}]


@pytest.fixture
def clients() -> dict[str, Any]:
    return {
        "lambda": Functions(),
        "logs": Logs(
            {
                "api-group": [
                    line(1, "click-1", "deposit recorded", deposit_id="dep_1"),
                    "START RequestId: click-1",
                    line(2, "other", "words with click-1 in them"),
                    "[]",
                ],
                "/aws/lambda/baobab-local-notify": [
                    line(5, "click-1", "message handled", caused_by="poll-1"),
                    line(4, "poll-1", "read"),
                    line(6, "poll-1", "again", caused_by="click-1"),
                    json.dumps({"_aws": {"Timestamp": 1772465403000}, "correlation_id": "click-1"}),
                ],
                "somebody-elses": [line(3, "click-1", "not ours")],
            }
        ),
    }


def test_lines_of_the_id_and_of_what_led_to_it_come_in_order(clients: dict[str, Any]) -> None:
    told = story(clients, "baobab-local-", "click-1", SINCE)
    assert [(one.function, one.fields.get("message")) for one in told] == [
        ("api", "deposit recorded"),
        ("notify", None),
        ("notify", "read"),
        ("notify", "message handled"),
        ("notify", "again"),
    ]
    assert told[0].line() == (
        "2026-03-02T15:30:01.000+00:00  api                  INFO    deposit recorded  "
        "deposit_id=dep_1"
    )
    (first, *_) = clients["logs"].asked
    assert first["filterPattern"] == '"click-1"'
    assert first["startTime"] == int(SINCE.timestamp() * 1000)


def test_the_command_says_when_nothing_is_known(
    clients: dict[str, Any], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(trace, "_clients", lambda stage: clients)
    assert main(["click-1", "--json"]) == 0
    assert json.loads(capsys.readouterr().out.splitlines()[0])["deposit_id"] == "dep_1"
    assert main(["nothing"]) == 1
    assert capsys.readouterr().err == "trace: no line of nothing in 24 hours\n"


def test_without_a_stack_the_command_says_how_to_start_one(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Any
) -> None:
    monkeypatch.setattr(trace, "TOOLS", tmp_path)
    assert main(["click-1"]) == 1
    assert capsys.readouterr().err == "trace: nothing runs here; start it with: make up\n"
