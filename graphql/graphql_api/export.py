"""Writes the contracts beside this package: ``python -m graphql_api.export [--allow-breaking]``.

These are the schemas, and the list of persisted operations, to which new ones are added at the
end. What breaks clients is refused unless it is allowed; then the list is made anew.
"""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from graphql_api import operations
from graphql_api.compatibility import broken_changes
from graphql_api.persisted import FILE, read
from graphql_api.schema import graphql_schema, session_schema

FOLDER = Path(__file__).resolve().parents[1]
ALLOW = "--allow-breaking"


def texts() -> Mapping[str, str]:
    """Each schema's text by file name."""
    return {
        "schema.graphql": f"{graphql_schema(introspection=False).as_str()}\n",
        "session.graphql": f"{session_schema(introspection=False).as_str()}\n",
    }


def write(folder: Path, now: Mapping[str, str], *, allow_breaking: bool) -> list[str]:
    """Write them, unless something breaks that is not allowed to: then what, and nothing else."""
    found = [] if allow_breaking else broken_changes(folder, now)
    if found:
        return found
    place = folder / FILE
    kept = () if allow_breaking else read(place.read_text(encoding="utf-8"))
    for name, text in now.items():
        (folder / name).write_text(text, encoding="utf-8")
    listed = operations.appended(kept, operations.sources(folder / operations.FOLDER))
    place.write_text(operations.as_text(listed), encoding="utf-8")
    return []


def main(arguments: Sequence[str]) -> int:
    """0 when they were written."""
    if not {ALLOW}.issuperset(arguments):
        sys.stderr.write(f"usage: python -m graphql_api.export [{ALLOW}]\n")
        return 2
    found = write(FOLDER, texts(), allow_breaking=ALLOW in arguments)
    sys.stderr.writelines(f"{each}\n" for each in found)
    if found:
        sys.stderr.write(f"this breaks clients; {ALLOW} does it all the same\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
