"""State machines as data: a map of legal moves per status enum."""

from collections.abc import Mapping
from enum import StrEnum

from shared.kernel.errors import IllegalTransition

type Transitions[S: StrEnum] = Mapping[S, frozenset[S]]


def advance[S: StrEnum](transitions: Transitions[S], source: S, target: S) -> S:
    """``target`` when the machine allows the move, else IllegalTransition."""
    if target not in transitions[source]:
        raise IllegalTransition(
            what=type(source).__name__, source=source.value, target=target.value
        )
    return target


def sources[S: StrEnum](transitions: Transitions[S], target: S) -> frozenset[S]:
    """All states from which ``target`` may be entered: the condition a store writes with."""
    return frozenset(source for source, targets in transitions.items() if target in targets)


def is_final[S: StrEnum](transitions: Transitions[S], state: S) -> bool:
    """Whether no move leaves ``state``."""
    return not transitions[state]
