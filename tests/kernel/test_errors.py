"""The error catalogue is whole: each code that can leave the platform, readable and documented."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest

from shared.kernel import edge_errors, webhook_errors
from shared.kernel.edge_errors import RateLimited
from shared.kernel.errors import BaobabError, NotFound, Retry, TemporarilyUnavailable
from tools.contracts import DOCS, RETRIES, errors, load_contexts

load_contexts()
ROOT = DOCS.parent
PLACES = ("functions", "graphql/graphql_api", "shared")
CODE = re.compile(r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+|BAD_[A-Z]+|MALFORMED|FORBIDDEN")
TEXTS = ("template", "template_sw", "advice", "advice_sw")
PROMISED = [
    "BAD_REQUEST",
    "NOT_FOUND",
    "FORBIDDEN",
    "NOT_SIGNED_IN",
    "STEP_UP_REQUIRED",
    "GRAPHQL_PARSE_FAILED",
    "GRAPHQL_VALIDATION_FAILED",
    "BAD_USER_INPUT",
    "OPERATION_RESOLUTION_FAILURE",
    "DOCUMENT_TOO_COMPLEX",
    "PERSISTED_QUERY_NOT_FOUND",
    "PERSISTED_QUERY_REQUIRED",
    "METHOD_NOT_ALLOWED",
    "NOT_ACCEPTABLE",
    "UNSUPPORTED_MEDIA_TYPE",
    "BODY_TOO_LARGE",
    "RATE_LIMITED",
    "INTERNAL_ERROR",
    "TEMPORARILY_UNAVAILABLE",
    "BAD_SIGNATURE",
    "MALFORMED",
    "WRONG_MODE",
    "NOT_JSON",
    "TOO_LARGE",
    "TRY_AGAIN",
]


def _sources() -> Iterator[tuple[Path, ast.Module]]:
    for place in PLACES:
        for path in sorted((ROOT / place).rglob("*.py")):
            yield path, ast.parse(path.read_text())


def _placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


@pytest.mark.parametrize("error", errors().values(), ids=errors().keys())
def test_a_code_has_all_its_texts(error: type[BaobabError]) -> None:
    lacking = [name for name in (*TEXTS, "__doc__") if not getattr(error, name)]
    assert lacking == []
    for name in TEXTS:
        text = getattr(error, name)
        assert text == text.strip()
        assert text.endswith((".", "}", ":", "?")), text
        # A line of the page is a row of a table.
        assert "|" not in text
        assert "\n" not in text
    assert error.advice_sw != error.advice
    assert error.template_sw != error.template


@pytest.mark.parametrize("error", errors().values(), ids=errors().keys())
def test_both_languages_tell_the_same_values(error: type[BaobabError]) -> None:
    assert _placeholders(error.template) == _placeholders(error.template_sw)
    assert _placeholders(error.advice) | _placeholders(error.advice_sw) == set()


@pytest.mark.parametrize("error", errors().values(), ids=errors().keys())
def test_what_a_queue_tries_again_a_client_may_try_again(error: type[BaobabError]) -> None:
    again = {Retry.LATER, Retry.SAME_KEY, Retry.AFTER_SECONDS}
    if error.retryable:
        assert error.retry in again
    if error.status in (429, 503):
        assert error.retryable


def test_what_is_answered_with_a_status_has_a_fitting_one() -> None:
    statuses = {code: error.status for code, error in errors().items() if error.status is not None}
    assert set(statuses.values()) <= {400, 401, 403, 404, 405, 406, 413, 415, 429, 500, 503}
    assert [code for code, status in statuses.items() if status == 500] == ["INTERNAL_ERROR"]
    for module in (edge_errors, webhook_errors):
        own = [one for one in errors().values() if one.__module__ == module.__name__]
        assert [one.code for one in own if one.status is None] == []


def test_the_codes_that_clients_were_promised_are_there() -> None:
    assert [code for code in PROMISED if code not in errors()] == []


def test_every_kind_of_retry_is_used_and_explained() -> None:
    assert set(RETRIES) == set(Retry)
    assert {error.retry for error in errors().values()} == set(Retry)


def test_every_error_class_of_the_sources_is_in_the_catalogue() -> None:
    """Also one that is defined where the catalogue's page does not look for it."""
    classes = {error.__name__ for error in errors().values()} | {"BaobabError"}
    missing = [
        f"{path.relative_to(ROOT)}: {node.name}"
        for path, tree in _sources()
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
        and any(isinstance(base, ast.Name) and base.id in classes for base in node.bases)
        and node.name not in classes
    ]
    assert missing == []


def test_every_code_that_is_answered_as_a_word_is_in_the_catalogue() -> None:
    """Codes written out, as an argument of what refuses or as a member named code or error."""
    unknown = [
        f"{path.relative_to(ROOT)}:{line} {word}"
        for path, tree in _sources()
        for line, word in _written_codes(tree)
        if word not in errors()
    ]
    assert unknown == []


def _written_codes(tree: ast.Module) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        values: list[ast.expr | None] = []
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            if node.func.id in {"Refused", "BadRequest", "_with_code", "refuse", "_answer"}:
                values += node.args
            values += [given.value for given in node.keywords if given.arg == "code"]
        if isinstance(node, ast.Dict):
            values += [
                value
                for key, value in zip(node.keys, node.values, strict=True)
                if isinstance(key, ast.Constant) and key.value in ("code", "error")
            ]
        for value in values:
            word = value.value if isinstance(value, ast.Constant) else None
            if value is not None and isinstance(word, str) and CODE.fullmatch(word):
                yield value.lineno, word


def test_a_person_reads_their_language_and_english_where_there_is_none() -> None:
    limited = RateLimited(seconds=7)
    assert limited.message() == "Too many requests. Try again in 7 seconds."
    assert limited.message("sw") == "Maombi ni mengi mno. Jaribu tena baada ya sekunde 7."
    assert limited.what_to_do("sw").startswith("Subiri")
    assert NotFound(what="X").what_to_do("fr") == "Check the identifier."
    assert TemporarilyUnavailable.retry is Retry.SAME_KEY


def test_the_page_names_every_code() -> None:
    page = (DOCS / "errors.md").read_text()
    assert [code for code in errors() if f"| `{code}` |" not in page] == []
