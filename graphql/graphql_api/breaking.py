"""Fails when the code breaks clients of committed schemas: ``python -m graphql_api.breaking``."""

import sys

from graphql_api.compatibility import broken_changes, lacking
from graphql_api.export import FOLDER, texts


def main() -> int:
    """0 when nothing breaks and the list of persisted operations is complete."""
    found = [*broken_changes(FOLDER, texts()), *lacking(FOLDER)]
    sys.stderr.writelines(f"{each}\n" for each in found)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
