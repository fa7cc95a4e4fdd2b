"""Committed contracts equal what the code says; `python -m tools.contracts` rewrites them."""

from shared.kernel.errors import CATALOGUE
from tools.contracts import DOCS, error_page, event_schemas, load_contexts


def test_event_schemas_are_the_committed_ones() -> None:
    load_contexts()
    committed = {path.name: path.read_text() for path in (DOCS / "events").glob("*.json")}
    assert committed == event_schemas()


def test_the_error_catalogue_is_the_committed_one() -> None:
    load_contexts()
    assert (DOCS / "errors.md").read_text() == error_page()


def test_every_error_can_be_read_in_both_languages_and_says_what_to_do() -> None:
    load_contexts()
    lacking = [
        code
        for code, error in CATALOGUE.items()
        if error.__module__.startswith("shared.")
        and not (error.template and error.template_sw and error.advice and error.__doc__)
    ]
    assert lacking == []
