"""The in-memory twin of the DynamoDB engine: same rows, same conditions, same atomicity."""

import threading
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from decimal import Decimal
from typing import Any

from pynamodb.expressions import condition as conditions
from pynamodb.expressions import operand as operands
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action, AddAction, DeleteAction, RemoveAction, SetAction

from shared.platform.indexes import HOLDERS_KEEP, segment_name
from shared.platform.items import plain
from shared.platform.tables import (
    Change,
    Delete,
    Item,
    Key,
    Page,
    Put,
    Row,
    Table,
    Update,
    Waiting,
    Walked,
)
from shared.platform.work import ConditionFailed

type Attributes = dict[str, Any]

_MISSING = object()
_WALKED = frozenset({"pk", "sk", "segment", *HOLDERS_KEEP})
_INDEXED = frozenset({"pending", "due", "attention", "waits_at", "segment"})
_PEOPLE_PER_PAGE = 500
"""About as many as fit into a page of DynamoDB."""


def _place(entry: tuple[str, str, Attributes]) -> tuple[str, str]:
    return entry[0], entry[1]


def _value(operand: Any, item: Attributes) -> Any:
    """An operand's typed value, such as ("N", Decimal(3)), or _MISSING for an absent path."""
    if isinstance(operand, operands.Value):
        return _typed(operand.value)
    if isinstance(operand, operands.Path):
        current: Any = {"M": item}
        for segment in operand.path:
            if segment not in current.get("M", {}):
                return _MISSING
            current = current["M"][segment]
        return _typed(current)
    left, right = (_value(part, item) for part in operand.values)
    if isinstance(operand, operands._IfNotExists):
        return right if left is _MISSING else left
    if isinstance(operand, operands._Increment):
        return ("N", left[1] + right[1])
    if isinstance(operand, operands._Decrement):
        return ("N", left[1] - right[1])
    raise NotImplementedError(f"operand {operand!r}")


def _typed(attribute: Mapping[str, Any]) -> tuple[str, Any]:
    ((kind, value),) = attribute.items()
    if kind == "N":
        return kind, Decimal(value)
    if kind in ("SS", "NS", "BS"):
        return kind, frozenset(value)
    return kind, value


def _untyped(typed: tuple[str, Any]) -> Attributes:
    kind, value = typed
    if kind == "N":
        return {"N": format(value, "f")}
    if kind in ("SS", "NS", "BS"):
        return {kind: sorted(value)}
    return {kind: value}


_ORDER: dict[str, Callable[[Any, Any], bool]] = {
    "<": lambda left, right: left < right,
    "<=": lambda left, right: left <= right,
    ">": lambda left, right: left > right,
    ">=": lambda left, right: left >= right,
}


def _compare(operator: str, left: Any, right: Any) -> bool:
    if operator == "=":
        return left is not _MISSING and right is not _MISSING and bool(left == right)
    if operator == "<>":
        return bool(left != right)
    if left is _MISSING or right is _MISSING or left[0] != right[0]:
        return False
    return _ORDER[operator](left[1], right[1])


def holds(condition: Condition, item: Attributes) -> bool:
    """Whether a pynamodb condition holds for an attribute map (empty when there is no item)."""
    parts = condition.values
    match condition:
        case conditions.And():
            return holds(parts[0], item) and holds(parts[1], item)
        case conditions.Or():
            return holds(parts[0], item) or holds(parts[1], item)
        case conditions.Not():
            return not holds(parts[0], item)
    values = [_value(part, item) for part in parts]
    match condition:
        case conditions.Exists():
            return values[0] is not _MISSING
        case conditions.NotExists():
            return values[0] is _MISSING
        case conditions.Comparison():
            return _compare(condition.operator, values[0], values[1])
        case conditions.In():
            return values[0] is not _MISSING and values[0] in values[1:]
        case conditions.Between():
            low, high = _compare(">=", values[0], values[1]), _compare("<=", values[0], values[2])
            return low and high
        case conditions.BeginsWith():
            return values[0] is not _MISSING and values[0][1].startswith(values[1][1])
        case conditions.Contains():
            return values[0] is not _MISSING and values[1][1] in values[0][1]
    raise NotImplementedError(f"condition {condition!r}")


def _apply(action: Action, before: Attributes, after: Attributes) -> None:
    name = action.values[0].path[0]  # type: ignore[attr-defined]  # the first operand is a Path
    if len(action.values[0].path) > 1:  # type: ignore[attr-defined]
        raise NotImplementedError("nested paths are not used in updates")
    if isinstance(action, RemoveAction):
        after.pop(name, None)
        return
    new = _value(action.values[1], before)
    old = _typed(before[name]) if name in before else _MISSING
    if isinstance(action, SetAction):
        after[name] = _untyped(new)
    elif isinstance(action, AddAction):
        if new[0] == "N":
            after[name] = _untyped(("N", new[1] + (Decimal(0) if old is _MISSING else old[1])))  # type: ignore[index]
        else:
            joined = new[1] | (frozenset() if old is _MISSING else old[1])  # type: ignore[index]
            after[name] = _untyped((new[0], joined))
    elif isinstance(action, DeleteAction) and old is not _MISSING:
        left = old[1] - new[1]  # type: ignore[index]
        after.pop(name) if not left else after.update({name: _untyped((new[0], left))})


def _copy(item: Attributes) -> Attributes:
    """As deep as readers can change it: most values are texts, which nobody can."""
    return {
        name: {
            kind: deepcopy(value) if isinstance(value, list | dict | set) else value
            for kind, value in typed.items()
        }
        for name, typed in item.items()
    }


class MemoryDatabase:
    """All tables in one dictionary behind one lock."""

    def __init__(self) -> None:
        self._items: dict[Key, Attributes] = {}
        self._partitions: defaultdict[tuple[Table, str], set[str]] = defaultdict(set)
        self._lock = threading.RLock()

    def get[R: Row](self, row: type[R], pk: str, sk: str) -> R | None:
        """See Database."""
        found = self.get_many([Key(row.TABLE, pk, sk)])
        return next((item.to(row) for item in found.values()), None)

    def get_many(self, keys: Sequence[Key]) -> dict[Key, Item]:
        """See Database."""
        with self._lock:
            present = [key for key in keys if key in self._items]
            return {key: Item(_copy(self._items[key])) for key in present}

    def query(
        self,
        table: Table,
        pk: str,
        first: str,
        last: str,
        *,
        newest_first: bool = False,
        limit: int | None = None,
        after: str | None = None,
    ) -> Page:
        """See Database."""
        with self._lock:
            known = self._partitions.get((table, pk), ())
            places = sorted((sk for sk in known if first <= sk <= last), reverse=newest_first)
            if after is not None:
                places = [sk for sk in places if (sk < after if newest_first else sk > after)]
            page = places if limit is None else places[:limit]
            items = tuple(Item(_copy(self._items[Key(table, pk, sk)])) for sk in page)
            return Page(items, page[-1] if len(page) < len(places) else None)

    def pending(self, bucket: int, until: str, limit: int) -> Page:
        """See Database."""
        with self._lock:
            due = [
                item
                for item in self._items.values()
                if item.get("pending") == {"S": f"PENDING#{bucket}"} and item["due"]["S"] <= until
            ]
            due.sort(key=lambda item: item["due"]["S"])
            return Page(tuple(Item(_copy(item)) for item in due[:limit]))

    def waiting(self, bucket: str, after: str, limit: int) -> tuple[Waiting, ...]:
        """See Database."""
        with self._lock:
            listed = [
                Waiting(key, str(item["waits_at"]["S"]))
                for key, item in self._items.items()
                if item.get("attention") == {"S": bucket} and item["waits_at"]["S"] > after
            ]
        return tuple(sorted(listed, key=lambda each: each.place)[:limit])

    def segment(self, number: int, after: str | None = None) -> Walked:
        """See Database."""
        place = {"S": segment_name(number)}
        with self._lock:
            known = [
                (key.pk, key.sk, item)
                for key, item in self._items.items()
                if item.get("segment") == place and key.pk > (after or "0")
            ]
            people = sorted({pk for pk, _, _ in known})[:_PEOPLE_PER_PAGE]
            listed = sorted((entry for entry in known if entry[0] in set(people)), key=_place)
            items = tuple(
                Item(_copy({name: item[name] for name in item if name in _WALKED}))
                for _, _, item in listed
            )
        more = people and max(pk for pk, _, _ in known) > people[-1]
        return Walked(items, people[-1] if more else None)

    def write(self, change: Change) -> None:
        """See Database."""
        self.transact([change])

    def transact(self, changes: Sequence[Change]) -> None:
        """See Database."""
        if len({change.key for change in changes}) != len(changes) or len(changes) > 100:
            raise ValueError("a transaction names each item once, at most 100")
        with self._lock:
            found: dict[str, Mapping[str, Any] | None] = {}
            for change in changes:
                item = self._items.get(change.key)
                if change.condition is not None and not holds(change.condition, item or {}):
                    found[change.name] = None if item is None else plain(item)
            if found:
                raise ConditionFailed(found)
            for change in changes:
                self._carry_out(change)

    def _carry_out(self, change: Change) -> None:
        key = change.key
        if isinstance(change, Put):
            item = change.row.to_item()
            indexed = _INDEXED & item.keys() if key.table is Table.CORE else ()
            if any("S" not in item[name] for name in indexed):
                raise ValueError("keys of indexes are texts: DynamoDB refuses all others")
            self._items[key] = item
        elif isinstance(change, Delete):
            self._items.pop(key, None)
            self._partitions[key.table, key.pk].discard(key.sk)
            return
        elif isinstance(change, Update):
            before = self._items.get(key, {})
            kind = {"kind": {"S": change.row.KIND}}
            after = {"pk": {"S": change.pk}, "sk": {"S": change.sk}} | kind | before
            for action in change.actions:
                _apply(action, before, after)
            self._items[key] = after
        self._partitions[key.table, key.pk].add(key.sk)
