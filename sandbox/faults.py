"""Faults that were ordered by a test and wait to be used."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

ANY_OPERATION = "*"


@dataclass(slots=True)
class Fault:
    """One order: `kind` shall happen the next `times` times that `operation` runs."""

    vendor: str
    operation: str
    kind: str
    times: int = 1
    params: Mapping[str, Any] = field(default_factory=dict)


class Faults:
    """The orders of all vendors, used first in, first out."""

    def __init__(self) -> None:
        self._waiting: list[Fault] = []

    def add(self, fault: Fault) -> None:
        """Orders a fault."""
        self._waiting.append(fault)

    def take(self, vendor: str, operation: str, kind: str) -> Mapping[str, Any] | None:
        """Uses one of the ordered faults up and returns its parameters (perhaps an empty
        mapping); None if there is none. A fault for operation `*` fits every operation."""
        for fault in self._waiting:
            if (
                fault.vendor == vendor
                and fault.kind == kind
                and fault.operation in {operation, ANY_OPERATION}
            ):
                fault.times -= 1
                if fault.times <= 0:
                    self._waiting.remove(fault)
                return fault.params
        return None

    def listed(self) -> list[dict[str, Any]]:
        """What waits, oldest first, in the shape in which it was ordered."""
        return [asdict(fault) for fault in self._waiting]

    def clear(self) -> None:
        """Forgets every order."""
        self._waiting.clear()
