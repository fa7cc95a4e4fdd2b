"""Executes what was prepared, through Strawberry, without its parser and its validation."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

import strawberry
from strawberry.extensions import SchemaExtension
from strawberry.types import ExecutionResult
from strawberry.types.graphql import OperationType

from graphql_api.context import Context
from graphql_api.documents import Operation
from graphql_api.errors import presentable

_PREPARED: Final = "baobab-prepared"
_TAKEN: Final = (OperationType.QUERY, OperationType.MUTATION)


class PreparedDocument(SchemaExtension):
    """Hands Strawberry the document that the endpoint has parsed, counted and validated."""

    def on_operation(self) -> Iterator[None]:
        """Before parsing: with a document there is none, and without complaints no validation."""
        asked = self.execution_context
        operation: Operation | None = (asked.operation_extensions or {}).get(_PREPARED)
        if operation is not None:
            asked.graphql_document = operation.document
            asked.pre_execution_errors = []
        yield


def execute(
    schema: strawberry.Schema,
    operation: Operation,
    variables: Mapping[str, Any],
    context: Context,
) -> ExecutionResult:
    """The result of an operation whose rules were judged; ``variables`` as the client sent them.

    Its errors say what a client may know, in the person's language.
    """
    result = schema.execute_sync(
        None,
        variable_values=dict(variables),
        context_value=context,
        operation_name=operation.name,
        allowed_operation_types=_TAKEN,
        operation_extensions={_PREPARED: operation},
    )
    if result.errors:
        result.errors = [presentable(each, context.language) for each in result.errors]
    return result
