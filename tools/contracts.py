"""Writes what others rely on: event schemas and the error catalogue, from the classes themselves.

`python -m tools.contracts` rewrites docs/events and docs/errors.md; the tests compare.
"""

import importlib
import json
import pkgutil
from collections.abc import Iterable, Mapping
from pathlib import Path

import shared
from shared.kernel.errors import CATALOGUE, BaobabError, Retry
from shared.kernel.events import REGISTRY
from shared.kyc.reasons import MEANINGS, NOT_CONFIRMED, public, told_of
from shared.kyc.reasons import Reason as KycReason
from shared.payments.reasons import TEXTS

DOCS = Path(__file__).resolve().parents[1] / "docs"

RETRIES: Mapping[Retry, str] = {
    Retry.NEVER: "The answer stays the same.",
    Retry.AFTER_CORRECTION: "Never as it is: the request, or what is known of the person, changes.",
    Retry.AFTER_SIGN_IN: "With the access token of a new or refreshed session.",
    Retry.AFTER_STEP_UP: "After the second factor was proved once more.",
    Retry.AFTER_SECONDS: "After the `seconds` of the error and the header `Retry-After`.",
    Retry.LATER: "In a while, unchanged.",
    Retry.SAME_KEY: "In a moment, with the same idempotency key.",
    Retry.NEW_KEY: "With a new idempotency key only.",
}

_HEADER = """# Errors

Every failure that leaves the platform has a stable code. What the business refuses is a member of
the mutation's result union, with `code`, `message` and `advice` in the person's language
(`Accept-Language`); what concerns the whole request is in `errors`, with the code in
`extensions.code` and the HTTP status below. Anything unforeseen is `INTERNAL_ERROR` with
`extensions.correlationId`, which finds its log line ([observability](observability.md)), and
nothing else. `retry` says the same to a program: a member of `UserError`, and of `extensions` in
lower case. Generated from the classes by `python -m tools.contracts`.

## When to send a request again

| retry | meaning |
|---|---|
"""
_TABLE = """
| code | meaning | what people read (English · Swahili) | what to do (English · Swahili) | {more} |
|---|---|---|---|{line}|
"""
_EDGE = """
## The request as a whole

The status is the one of the HTTP answer; with `application/json` an error of a well-formed
GraphQL request comes with 200.
"""
_BUSINESS = """
## What the business refuses, and what workers meet
"""
_WEBHOOKS = """
## Deliveries of vendors

The answer of a webhook is `{"error": "<code>"}` with this status.
"""
_REASONS = """
## Why a payment did not go through

`Deposit.reason`, and the text of `PAYMENTS_REFUSED`.

| reason | English | Swahili |
|---|---|---|
"""
_KYC = """
## Why a document was not accepted

The codes that a person may see; everything that could help a forger, and everything about watch
lists, is told as one neutral sentence without a code.

| reason | English | Swahili |
|---|---|---|
"""


def load_contexts() -> None:
    """Import every context's events and errors, which register themselves."""
    for context in pkgutil.iter_modules(shared.__path__):
        package = importlib.import_module(f"shared.{context.name}")
        for module in pkgutil.iter_modules(package.__path__):
            if module.name.endswith(("errors", "events", "reasons")):
                importlib.import_module(f"shared.{context.name}.{module.name}")


def event_schemas() -> dict[str, str]:
    """JSON Schema text of each event by file name."""
    return {
        f"{name}.json": json.dumps(
            {"title": name, **event.model_json_schema()}, indent=2, sort_keys=True
        )
        + "\n"
        for name, event in sorted(REGISTRY.items())
        if event.__module__.startswith("shared.")
    }


def errors() -> dict[str, type[BaobabError]]:
    """The product's error classes by code."""
    return {
        code: error
        for code, error in sorted(CATALOGUE.items())
        if error.__module__.startswith("shared.")
    }


def error_page() -> str:
    """The error catalogue as Markdown."""
    of_webhooks = [e for e in errors().values() if e.__module__ == "shared.kernel.webhook_errors"]
    others = [error for error in errors().values() if error not in of_webhooks]
    return "".join(
        [
            _HEADER,
            *(f"| `{retry.value}` | {meaning} |\n" for retry, meaning in RETRIES.items()),
            _EDGE,
            _table([error for error in others if error.status is not None], status=True),
            _BUSINESS,
            _table([error for error in others if error.status is None], status=False),
            _WEBHOOKS,
            _table(of_webhooks, status=True),
            _REASONS,
            *(f"| `{reason}` | {en} | {sw} |\n" for reason, (en, sw) in TEXTS.items()),
            _KYC,
            *(_told(reason.value) for reason in MEANINGS if public(reason) is not None),
            f"| - | {told_of(NOT_CONFIRMED, 'en')} | {told_of(NOT_CONFIRMED, 'sw')} |\n",
        ]
    )


def _told(code: str) -> str:
    reason = KycReason(code)
    return f"| `{code}` | {told_of(reason.value, 'en')} | {told_of(reason.value, 'sw')} |\n"


def _table(rows: Iterable[type[BaobabError]], *, status: bool) -> str:
    more = "retry | status" if status else "retry | a queue tries again"
    lines = (_line(error, status=status) for error in rows)
    return _TABLE.format(more=more, line="---|---") + "".join(lines)


def _line(error: type[BaobabError], *, status: bool) -> str:
    meaning = " ".join((error.__doc__ or "").split("\n\n")[0].split())
    texts = f"{error.template} · {error.template_sw}"
    advice = f"{error.advice} · {error.advice_sw}"
    again = "yes" if error.retryable else "no"
    last = str(error.status) if status else again
    return f"| `{error.code}` | {meaning} | {texts} | {advice} | `{error.retry.value}` | {last} |\n"


def main() -> None:
    """Rewrite the committed contracts."""
    load_contexts()
    folder = DOCS / "events"
    folder.mkdir(parents=True, exist_ok=True)
    schemas = event_schemas()
    for stale in folder.glob("*.json"):
        if stale.name not in schemas:
            stale.unlink()
    for name, text in schemas.items():
        (folder / name).write_text(text)
    (DOCS / "errors.md").write_text(error_page())


if __name__ == "__main__":
    main()
