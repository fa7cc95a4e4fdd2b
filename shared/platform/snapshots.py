"""Before AWS freezes a process that has begun, and after it has thawed a copy of it.

Where nobody freezes processes, as on a stage without snapshots and in tests, nothing is called.
"""

import random
from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from typing import Any

_HOOKS = "snapshot_restore_py"
"""A module of AWS's own runtime; no archive carries it."""


def before_snapshot(work: Callable[[], None]) -> Callable[[], None]:
    """Have something done once, before the process is frozen; a failure stops the deployment."""
    hooks = _hooks()
    if hooks is not None:
        hooks.register_before_snapshot(work)
    return work


def after_restore(work: Callable[[], None]) -> None:
    """Have something done in each thawed copy before its first event; it is waited for."""
    hooks = _hooks()
    if hooks is not None:
        hooks.register_after_restore(work)


def differ_after_restore() -> None:
    """Give each copy random numbers of its own.

    The interpreter's generator, which spreads retries, is seeded before the process is frozen:
    all copies would wait for the same times. Identifiers, tokens, keys and nonces come from the
    operating system and differ anyway.
    """
    after_restore(random.seed)


def _hooks() -> Any | None:
    return import_module(_HOOKS) if find_spec(_HOOKS) is not None else None
