"""Documents that may be executed: parsed, counted and validated once, then kept."""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    ASTValidationRule,
    DocumentNode,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLSchema,
    NoSchemaIntrospectionCustomRule,
    OperationDefinitionNode,
    OperationType,
    get_variable_values,
    parse,
    specified_rules,
    validate,
)
from strawberry.schema.validation_rules.maybe_null import MaybeNullValidationRule
from strawberry.schema.validation_rules.one_of import OneOfInputValidationRule

from graphql_api.cost import Costs, page_variables
from graphql_api.counting import count
from graphql_api.limits import Limits, OneAction, first_fields
from graphql_api.request_errors import RequestErrors
from graphql_api.required_rules import required_rules
from graphql_api.rules import Rule
from shared.kernel.edge_errors import (
    BadUserInput,
    DocumentTooComplex,
    OperationUnresolved,
    ParseFailed,
    ValidationFailed,
)

KEPT = 200
"""Documents of clients that a process keeps, beside the persisted ones."""
ERRORS_MAX = 3
"""More than so many are not looked for."""
_COSTS_KEPT = 50
_RULES: tuple[type[ASTValidationRule], ...] = (
    *specified_rules,
    MaybeNullValidationRule,
    OneOfInputValidationRule,
    OneAction,
)
_TOO_LONG = "Parsing aborted."
_TOO_DEEP = "nested too deeply"


@dataclass(slots=True)
class Operation:
    """One operation of a document, with everything that does not depend on a request."""

    document: DocumentNode
    node: OperationDefinitionNode
    rules: frozenset[Rule]
    fields: frozenset[str]
    """Names of its root fields."""
    page_variables: tuple[str, ...]
    _costs: dict[tuple[Any, ...], int] = field(default_factory=dict)

    @property
    def name(self) -> str | None:
        """As the document calls it."""
        return None if self.node.name is None else self.node.name.value

    @property
    def is_mutation(self) -> bool:
        """Whether it changes something."""
        return self.node.operation is OperationType.MUTATION

    def cost(self, schema: GraphQLSchema, variables: Mapping[str, Any]) -> int:
        """With these coerced variables; computed once for the same lengths of pages."""
        lengths = tuple(variables.get(name) for name in self.page_variables)
        if lengths not in self._costs:
            if len(self._costs) >= _COSTS_KEPT:
                self._costs.clear()
            self._costs[lengths] = Costs(schema, self.document, variables).of(self.node)
        return self._costs[lengths]


@dataclass(frozen=True, slots=True)
class Prepared:
    """A valid document."""

    operations: Mapping[str | None, Operation]

    def select(self, name: str | None) -> Operation:
        """The operation of this name, or the only one.

        Raises:
            OperationUnresolved: there is none, or several and no name.
        """
        if name is None and len(self.operations) == 1:
            return next(iter(self.operations.values()))
        if name is None:
            raise OperationUnresolved(reason="The document has several operations.")
        if name not in self.operations:
            raise OperationUnresolved(reason="The document has no operation of this name.")
        return self.operations[name]


class Documents:
    """For one schema and stage. ``introspection``: the schema may be asked for and hinted at."""

    def __init__(self, schema: GraphQLSchema, limits: Limits, *, introspection: bool) -> None:
        self._schema = schema
        self._limits = limits
        self._hide = not introspection
        self._rules = _RULES if introspection else (*_RULES, NoSchemaIntrospectionCustomRule)
        self._kept: OrderedDict[str, Prepared] = OrderedDict()

    def get(self, text: str) -> Prepared:
        """Ready to be executed; from memory when it was asked for lately."""
        known = self._kept.get(text)
        if known is None:
            known = self._kept[text] = self.prepare(text)
            if len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        else:
            self._kept.move_to_end(text)
        return known

    def prepare(self, text: str) -> Prepared:
        """Cheap checks first: size, then counts, and only then the rules of the schema.

        Raises:
            DocumentTooComplex: a limit is exceeded.
            RequestErrors: it cannot be parsed, or is not valid.
        """
        document = self._parse(text)
        count(document).check(self._limits)
        errors = validate(
            self._schema, document, self._rules, max_errors=ERRORS_MAX, hide_suggestions=self._hide
        )
        if errors:
            raise RequestErrors(ValidationFailed, errors)
        fragments = {
            each.name.value: each
            for each in document.definitions
            if isinstance(each, FragmentDefinitionNode)
        }
        lengths = tuple(sorted(page_variables(document)))
        operations: dict[str | None, Operation] = {}
        for each in document.definitions:
            if isinstance(each, OperationDefinitionNode):
                first = first_fields(each.selection_set, fragments, set())
                operations[None if each.name is None else each.name.value] = Operation(
                    document,
                    each,
                    required_rules(self._schema, document, each),
                    frozenset(one.name.value for one in first),
                    lengths,
                )
        return Prepared(operations)

    def variables(self, operation: Operation, given: Mapping[str, Any]) -> Mapping[str, Any]:
        """Values as the schema's types read them, with defaults.

        Raises:
            RequestErrors: a value is missing or does not have its type's form.
        """
        found = get_variable_values(
            self._schema,
            operation.node.variable_definitions or (),
            dict(given),
            max_errors=ERRORS_MAX,
            hide_suggestions=self._hide,
        )
        if isinstance(found, list):
            raise RequestErrors(BadUserInput, found)
        return found.coerced

    def cost(self, operation: Operation, variables: Mapping[str, Any]) -> int:
        """Of answering it.

        Raises:
            DocumentTooComplex: it exceeds the limit.
        """
        cost = operation.cost(self._schema, variables)
        if cost > self._limits.cost:
            raise DocumentTooComplex(limit="cost", allowed=self._limits.cost)
        return cost

    def _parse(self, text: str) -> DocumentNode:
        limits = self._limits
        if text.count("\n") + text.count("\r") >= limits.lines:
            raise DocumentTooComplex(limit="lines", allowed=limits.lines)
        try:
            return parse(text, max_lexical_tokens=limits.tokens, max_comments=limits.tokens)
        except GraphQLError as error:
            if _TOO_DEEP in error.message:
                raise DocumentTooComplex(limit="depth", allowed=limits.depth) from None
            if _TOO_LONG in error.message:
                raise DocumentTooComplex(limit="tokens", allowed=limits.tokens) from None
            raise RequestErrors(ParseFailed, [error]) from None
