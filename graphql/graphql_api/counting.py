"""How much a document holds, counted in one walk over it: no fragment is ever expanded."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from graphql import (
    DirectiveNode,
    DocumentNode,
    ExecutableDefinitionNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
)

from graphql_api.limits import Limits
from shared.kernel.edge_errors import DocumentTooComplex, ParseFailed, ValidationFailed


@dataclass(slots=True)
class _Part:
    """What one operation or fragment says itself."""

    depth: int = 0
    spreads: list[tuple[str, int]] = field(default_factory=list)
    """Names of fragments with the depth at which they are spread."""
    roots: int = 0
    """Fields of its first level."""
    root_spreads: list[str] = field(default_factory=list)
    """Fragments spread at its first level."""


@dataclass(slots=True)
class Counted:
    """What a document holds; ``visited`` is the number of nodes that were looked at for it."""

    operations: int = 0
    fragments: int = 0
    spreads: int = 0
    root_fields: int = 0
    aliases: int = 0
    directives: int = 0
    depth: int = 0
    repetitions: int = 0
    visited: int = 0

    def check(self, limits: Limits) -> None:
        """DocumentTooComplex names the first limit that is exceeded."""
        for name in _CHECKED:
            allowed = getattr(limits, name)
            if getattr(self, name) > allowed:
                raise DocumentTooComplex(limit=name, allowed=allowed)


_CHECKED = (
    "operations",
    "fragments",
    "spreads",
    "aliases",
    "directives",
    "repetitions",
    "depth",
    "root_fields",
)


def count(document: DocumentNode) -> Counted:
    """Everything that has a limit, in time linear in the document.

    Raises:
        ParseFailed: braces without a field, which the grammar forbids and the parser takes.
        ValidationFailed: fragments form a cycle, so that depth has no meaning.
    """
    counted, operations, fragments = Counted(), list[_Part](), dict[str, _Part]()
    repeated = _Repetitions()
    for each in document.definitions:
        if isinstance(each, OperationDefinitionNode):
            counted.operations += 1
            operations.append(_walk(each, counted, repeated.in_operation(counted.operations)))
            for variable in each.variable_definitions or ():
                counted.visited += 1
                counted.directives += len(variable.directives or ())
        elif isinstance(each, FragmentDefinitionNode):
            counted.fragments += 1
            fragments[each.name.value] = _walk(each, counted, repeated.in_fragment())
    counted.repetitions = repeated.pairs
    depths, order = _depths(fragments, counted)
    for part in operations:
        counted.depth = max(counted.depth, _depth(part, depths))
    counted.depth = max([counted.depth, *(depths[name] for name in order)])
    for part in operations:
        counted.root_fields = max(counted.root_fields, _roots(part, fragments, counted))
    return counted


class _Repetitions:
    """Pairs of fields with one name that validation may have to compare, never fewer.

    Outside of fragments only fields at the same place can meet. A fragment's fields may meet any
    field of their name, wherever the fragment is spread.
    """

    def __init__(self) -> None:
        self.pairs = 0
        self._outside: Counter[str] = Counter()
        self._inside: Counter[str] = Counter()
        self._places: dict[tuple[int, str], int] = {}
        self._at: Counter[int] = Counter()

    def in_operation(self, number: int) -> "_Place":
        return _Place(self, -number)

    def in_fragment(self) -> "_Place":
        return _Place(self, 0)

    def add(self, place: int, name: str) -> int:
        """Count a field; the place of what is below it."""
        self.pairs += self._inside[name]
        if place == 0:
            self.pairs += self._outside[name]
            self._inside[name] += 1
            return 0
        here = self._places.setdefault((place, name), len(self._places) + 1)
        self.pairs += self._at[here]
        self._at[here] += 1
        self._outside[name] += 1
        return here


@dataclass(frozen=True, slots=True)
class _Place:
    """Where in an answer a selection set lies; 0 is anywhere."""

    all: _Repetitions
    number: int

    def below(self, node: FieldNode) -> "_Place":
        name = (node.alias or node.name).value
        return _Place(self.all, self.all.add(self.number, name))


def _walk(definition: ExecutableDefinitionNode, counted: Counted, top: _Place) -> _Part:
    part = _Part()
    counted.visited += 1
    counted.directives += len(definition.directives or ())
    todo: list[tuple[SelectionSetNode, int, bool, _Place]] = [
        (definition.selection_set, 1, True, top)
    ]
    while todo:
        selected, depth, first, place = todo.pop()
        if not selected.selections:
            raise ParseFailed(reason="Braces need at least one field between them.")
        part.depth = max(part.depth, depth)
        for each in selected.selections:
            counted.visited += 1
            counted.directives += len(_directives(each))
            match each:
                case FieldNode():
                    part.roots += first
                    counted.aliases += each.alias is not None
                    below = place.below(each)
                    if each.selection_set is not None:
                        todo.append((each.selection_set, depth + 1, False, below))
                case InlineFragmentNode():
                    todo.append((each.selection_set, depth + 1, first, place))
                case FragmentSpreadNode():
                    counted.spreads += 1
                    part.spreads.append((each.name.value, depth))
                    if first:
                        part.root_spreads.append(each.name.value)
    return part


def _directives(node: object) -> tuple[DirectiveNode, ...]:
    return getattr(node, "directives", None) or ()


def _depth(part: _Part, depths: Mapping[str, int]) -> int:
    return max([part.depth, *(at + depths.get(name, 0) for name, at in part.spreads)])


def _depths(fragments: Mapping[str, _Part], counted: Counted) -> tuple[dict[str, int], list[str]]:
    """The depth of each fragment with all that it spreads, and the order that they need.

    Walks without recursion: a chain may be as long as the document.
    """
    depths: dict[str, int] = {}
    for start in fragments:
        if start in depths:
            continue
        path: list[tuple[str, Iterator[tuple[str, int]]]] = [
            (start, iter(fragments[start].spreads))
        ]
        on_path = {start}
        while path:
            name, left = path[-1]
            for spread, _ in left:
                counted.visited += 1
                if spread in on_path:
                    raise ValidationFailed(reason="Fragments must not spread themselves.")
                if spread in fragments and spread not in depths:
                    path.append((spread, iter(fragments[spread].spreads)))
                    on_path.add(spread)
                    break
            else:
                path.pop()
                on_path.remove(name)
                depths[name] = _depth(fragments[name], depths)
    return depths, list(depths)


def _roots(part: _Part, fragments: Mapping[str, _Part], counted: Counted) -> int:
    """Fields of an operation's first level; each fragment counts once, as it merges with itself."""
    total, seen, todo = part.roots, set[str](), list(part.root_spreads)
    while todo:
        name = todo.pop()
        counted.visited += 1
        if name in seen or name not in fragments:
            continue
        seen.add(name)
        total += fragments[name].roots
        todo.extend(fragments[name].root_spreads)
    return total
