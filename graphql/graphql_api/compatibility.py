"""What of the committed contracts a changed schema would break.

Clients rely on the committed schemas, on the sources of the operations beside them, and on every
entry of the list of persisted operations, the old ones included.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path

from graphql import GraphQLSchema, build_schema, find_breaking_changes

from graphql_api.operations import FOLDER, appended, faults, sources
from graphql_api.persisted import FILE, SchemaName, read

FILES: Mapping[SchemaName, str] = {
    SchemaName.GRAPHQL: "schema.graphql",
    SchemaName.SESSION: "session.graphql",
}


def schema_changes(before: str, after: str) -> list[str]:
    """What breaks between two schemas, such as a field that is gone or an argument now needed."""
    changes = find_breaking_changes(build_schema(before), build_schema(after))
    return [f"{each.type.name}: {each.description}" for each in changes]


def broken_operations(folder: Path, schemas: Mapping[SchemaName, GraphQLSchema]) -> Iterator[str]:
    """Operations of the sources or of the list that these schemas do not answer any more."""
    for each in sources(folder / FOLDER):
        yield from (f"operation {fault}" for fault in faults(each, schemas[each.schema]))
    for each in read((folder / FILE).read_text(encoding="utf-8")):
        yield from (f"persisted {fault}" for fault in faults(each, schemas[each.schema]))


def broken_changes(folder: Path, now: Mapping[str, str]) -> list[str]:
    """Everything in the folder that ``now``, the code's schemas by file name, would break."""
    found = []
    for name in FILES.values():
        changes = schema_changes((folder / name).read_text(encoding="utf-8"), now[name])
        found += [f"{name}: {change}" for change in changes]
    schemas = {schema: build_schema(now[name]) for schema, name in FILES.items()}
    return [*found, *broken_operations(folder, schemas)]


def lacking(folder: Path) -> list[str]:
    """Whether the list of persisted operations lacks the newest text of a source."""
    listed = read((folder / FILE).read_text(encoding="utf-8"))
    if appended(listed, sources(folder / FOLDER)) == listed:
        return []
    return [f"{FILE} lacks an operation: python -m graphql_api.export adds it"]
