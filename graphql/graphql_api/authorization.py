"""Judges the rules of an operation between its validation and its execution."""

from collections.abc import Iterator

from graphql import get_operation_ast
from strawberry.extensions import SchemaExtension

from graphql_api.required_rules import required_rules
from graphql_api.rules import authorize


class Authorization(SchemaExtension):
    """Once per request, before any variable is looked at and any resolver runs."""

    def on_execute(self) -> Iterator[None]:
        """See the class."""
        asked = self.execution_context
        document = asked.graphql_document
        operation = document and get_operation_ast(document, asked.operation_name)
        # Without one of this name there is nothing to judge, and nothing will be executed.
        if document is not None and operation:
            rules = required_rules(asked.schema._schema, document, operation)
            authorize(asked.context, rules)
        yield
