"""A log line stays one line of bounded JSON, whatever somebody puts into it."""

import json
import logging
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.platform.correlation import set_correlation_id
from shared.platform.log_lines import JsonLines, Output
from shared.platform.observability import logger, metric
from tests.platform.lines import lines_of

LINE_MAX = 20_000

HOSTILE = [
    'done\r\n{"level":"ERROR","message":"forged"}',
    "done\n2026-03-02 ERROR forged",
    "\x1b[2J\x1b[31mred\x1b[0m",
    "\x1b]0;title\x07",
    "null\x00byte",
    "line\u2028separator\u2029",
    "next\x85line\x0bvertical\x0cform",
    "\u202etxet desrever",
    "\ud800 alone",
    "${jndi:ldap://127.0.0.1/a}",
    "{{7*7}} ${7*7} #{7*7}",
    "%s%n%x%p",
    "' OR 1=1 --",
    "<script>alert(1)</script>",
    "=cmd|' /C calc'!A0",
    "../../../../etc/passwd",
    "$(touch /tmp/x) `id`",
    "\\",
    '"',
    "{",
    "",
    "Z\u0351\u036b\u0343\u036a\u0302a\u0363\u034f\u036b" * 50,
    "0x" + "F" * 100_000,
    "[" * 100_000,
]


@pytest.fixture
def library() -> Iterator[logging.Logger]:
    """A logger of somebody else, as it is heard inside a function."""
    root = logging.getLogger()
    output = Output()
    output.setFormatter(JsonLines())
    kept, root.handlers = root.handlers, [output]
    yield logging.getLogger("some.library")
    root.handlers = kept


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_a_text_cannot_begin_a_line_or_steer_a_terminal(text: str, capsys: Any) -> None:
    set_correlation_id("c-1")
    logger("tests").info("words", extra={"text": text, "table": {text: [text]}})
    raw = capsys.readouterr().out
    assert raw.endswith("}\n")
    assert raw.count("\n") == 1
    assert raw.isascii()
    assert all(char.isprintable() for char in raw[:-1])
    assert len(raw) < LINE_MAX
    line = json.loads(raw)
    assert (line["level"], line["message"], line["correlation_id"]) == ("INFO", "words", "c-1")


@pytest.mark.parametrize("text", HOSTILE[:16], ids=range(16))
def test_a_metric_is_one_line_too(text: str, capsys: Any) -> None:
    metric("Counted", kind=text)
    (line,) = lines_of(capsys)
    assert line["Counted"] == [1]
    assert line["_aws"]["CloudWatchMetrics"][0]["Dimensions"] == [["kind"]]


def test_a_metric_has_the_form_that_cloudwatch_reads(capsys: Any) -> None:
    set_correlation_id("c-1")
    metric("Counted", 3, vendor="stripe", code="X")
    (line,) = lines_of(capsys)
    stamp = line["_aws"].pop("Timestamp")
    assert stamp > 1_700_000_000_000
    assert line == line | {"vendor": "stripe", "code": "X", "Counted": [3], "correlation_id": "c-1"}
    assert line["_aws"] == {
        "CloudWatchMetrics": [
            {
                "Namespace": "Baobab",
                "Dimensions": [["vendor", "code"]],
                "Metrics": [{"Name": "Counted", "Unit": "Count"}],
            }
        ]
    }


def test_what_is_added_takes_the_place_of_nothing(capsys: Any) -> None:
    set_correlation_id("c-1")
    fields = {"correlation_id": "forged", "level": "DEBUG", "service": "x", "timestamp": "never"}
    logger("tests").warning("words", extra=fields)
    (line,) = lines_of(capsys)
    assert (line["correlation_id"], line["level"], line["service"]) == ("c-1", "WARNING", "tests")
    assert line["timestamp"] != "never"


def test_an_exception_is_its_type_and_its_places(capsys: Any) -> None:
    def inner() -> None:
        raise ValueError("4242424242424242 of Wanjiru Kamau, password hunter2")

    try:
        inner()
    except ValueError:
        logger("tests").exception("it failed")
    printed = capsys.readouterr().out
    line = json.loads(printed)
    assert line["exception"] == "ValueError"
    assert [frame.rsplit(" ", 1)[1] for frame in line["frames"]] == [
        "test_an_exception_is_its_type_and_its_places",
        "inner",
    ]
    for text in ("4242", "Wanjiru", "hunter2", "raise ValueError"):
        assert text not in printed


def test_of_a_library_the_words_stay_and_the_values_go(
    library: logging.Logger, capsys: Any
) -> None:
    library.warning("Request to %s failed for %s", "https://host/?key=abc", "Wanjiru")
    library.error(ValueError("Wanjiru"), exc_info=ValueError("Wanjiru"), extra={"name2": "Wanjiru"})
    words, thing = lines_of(capsys)
    assert words["message"] == "Request to %s failed for %s"
    assert words["logger"] == "some.library"
    assert (thing["message"], thing["exception"]) == ("[ValueError]", "ValueError")
    assert "Wanjiru" not in json.dumps([words, thing])


def test_a_line_that_cannot_be_written_ends_no_work(
    capsys: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> str:
        raise RuntimeError("hunter2")

    monkeypatch.setattr(Output, "format", broken)
    logger("tests").error("words %s", "hunter2")
    (line,) = lines_of(capsys)
    assert line == {"level": "ERROR", "message": "a log line of ERROR was lost"}


def test_lines_go_where_the_output_is_now(monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    logger("tests").info("first")
    with monkeypatch.context() as patched:
        patched.setattr(sys, "stdout", sys.stderr)
        logger("tests").info("second")
    printed = capsys.readouterr()
    assert "first" in printed.out
    assert "second" in printed.err
    assert "second" not in printed.out


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
@given(
    value=st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        max_leaves=20,
    )
)
def test_any_value_makes_one_line(value: object, capsys: Any) -> None:
    logger("tests").info("words", extra={"value": value})
    assert len(lines_of(capsys)) == 1
