"""Writes what others rely on: event schemas and the error catalogue, from the classes themselves.

`python -m tools.contracts` rewrites docs/events and docs/errors.md; the tests compare.
"""

import importlib
import json
import pkgutil
from pathlib import Path

import shared
from shared.kernel.errors import CATALOGUE, BaobabError
from shared.kernel.events import REGISTRY

DOCS = Path(__file__).resolve().parents[1] / "docs"

_HEADER = """# Errors

Every failure that the business foresees has a stable code. In GraphQL it is a member of the
mutation's result union with `code`, `message` (in the person's language) and `advice`; anything
unforeseen is answered as `INTERNAL_ERROR` with a correlation id and nothing else. Generated from
the classes by `python -m tools.contracts`.

| code | meaning | what people read (English · Swahili) | what to do | may be retried |
|---|---|---|---|---|
"""


def load_contexts() -> None:
    """Import every context's events and errors, which register themselves."""
    for context in pkgutil.iter_modules(shared.__path__):
        package = importlib.import_module(f"shared.{context.name}")
        for module in pkgutil.iter_modules(package.__path__):
            if module.name in {"edge_errors", "errors", "events", "reasons"}:
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


def error_page() -> str:
    """The error catalogue as Markdown."""
    return _HEADER + "".join(
        _line(code, error)
        for code, error in sorted(CATALOGUE.items())
        if error.__module__.startswith("shared.")
    )


def _line(code: str, error: type[BaobabError]) -> str:
    meaning = " ".join((error.__doc__ or "").split("\n\n")[0].split())
    texts = f"{error.template} · {error.template_sw}"
    again = "yes" if error.retryable else "no"
    return f"| `{code}` | {meaning} | {texts} | {error.advice} | {again} |\n"


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
