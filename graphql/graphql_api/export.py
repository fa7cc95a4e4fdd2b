"""Writes the schemas beside this package: ``python -m graphql_api.export``."""

from collections.abc import Mapping
from pathlib import Path

from graphql_api.schema import graphql_schema, session_schema

FOLDER = Path(__file__).resolve().parents[1]


def texts() -> Mapping[str, str]:
    """Each schema's text by file name."""
    return {
        "schema.graphql": f"{graphql_schema(introspection=False).as_str()}\n",
        "session.graphql": f"{session_schema(introspection=False).as_str()}\n",
    }


def main() -> None:
    """Write them."""
    for name, text in texts().items():
        (FOLDER / name).write_text(text)


if __name__ == "__main__":
    main()
