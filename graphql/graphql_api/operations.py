"""The operations that clients of our own use: their sources, and the list that is made of them."""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path

from graphql import GraphQLSchema, OperationDefinitionNode, parse, validate
from graphql.error import GraphQLError

from graphql_api.persisted import PersistedOperation, SchemaName, id_of

FOLDER = "operations"
SUFFIX = ".graphql"


def sources(folder: Path) -> tuple[PersistedOperation, ...]:
    """One operation for each file ``<schema>/<Name>.graphql``, by schema and name."""
    return tuple(
        PersistedOperation(path.stem, id_of(text), schema, text)
        for schema in SchemaName
        for path in sorted((folder / schema.value).glob(f"*{SUFFIX}"))
        for text in (path.read_text(encoding="utf-8"),)
    )


def appended(
    kept: Iterable[PersistedOperation], current: Iterable[PersistedOperation]
) -> tuple[PersistedOperation, ...]:
    """The list with what is new at its end: pages and apps that are out there keep their ids.

    A name means its newest document, so that one that came back moves to the end.
    """
    found = {(each.schema, each.id): each for each in kept}
    newest = {(each.schema, each.name): each.id for each in found.values()}
    for each in current:
        if newest.get((each.schema, each.name)) != each.id:
            found.pop((each.schema, each.id), None)
            found[each.schema, each.id] = each
    return tuple(found.values())


def as_text(operations: Iterable[PersistedOperation]) -> str:
    """The list as it is committed."""
    content = {"operations": [each.as_json() for each in operations]}
    return f"{json.dumps(content, indent=2, ensure_ascii=False)}\n"


def faults(operation: PersistedOperation, schema: GraphQLSchema) -> Iterator[str]:
    """Why this is no operation that can be persisted; nothing when it is one."""
    where = f"{operation.schema}/{operation.name}"
    try:
        document = parse(operation.document)
    except GraphQLError as error:
        yield f"{where}: {error.message}"
        return
    names = [
        each.name.value if each.name is not None else None
        for each in document.definitions
        if isinstance(each, OperationDefinitionNode)
    ]
    if names != [operation.name]:
        yield f"{where}: holds the operations {names}, not one of its name"
    for complaint in validate(schema, document):
        yield f"{where}: {complaint.message}"
