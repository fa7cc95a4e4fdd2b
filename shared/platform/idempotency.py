"""One effect per idempotency key: the key is a condition in the business transaction itself.

A key belongs to one person and one operation. Its row is written with the effect and is never
removed: whatever was done under a key stays findable by it, and cannot be done again.
"""

import hashlib
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from pynamodb.attributes import UnicodeAttribute

from shared.kernel.errors import IdempotencyKeyReused, InvalidValue
from shared.kernel.events import Event
from shared.platform.tables import Database, Put, Row
from shared.platform.work import ConditionFailed, UnitOfWork, Write

_KEY = re.compile(r"[\x21-\x7e]{1,255}", re.ASCII)
_SK = "GUARD"
_WRITE = "idempotency"
UNNAMED = ""
"""The operation that had keys before operations were named: deposits. Its rows keep their place
and their form, so that a key is found by every version of this code that ever took it."""


@dataclass(frozen=True, slots=True)
class Intent:
    """What a person asks for under a key. ``content`` is what was asked in one canonical form:
    the same wish spelled in another way has the same content. InvalidValue for a key that is
    not 1 to 255 visible ASCII characters."""

    user_id: str
    operation: str
    key: str
    content: tuple[str | int | None, ...]

    def __post_init__(self) -> None:
        if not _KEY.fullmatch(self.key):
            raise InvalidValue(
                field="idempotencyKey", reason="must be 1 to 255 visible ASCII characters"
            )

    @property
    def partition(self) -> str:
        """Where the key lies. Of the key itself only a hash is kept."""
        digest = hashlib.sha256(self.key.encode()).hexdigest()
        if self.operation == UNNAMED:
            return f"IDEM#{self.user_id}#{digest}"
        return f"IDEM#{self.user_id}#{self.operation}#{digest}"

    @property
    def fingerprint(self) -> str:
        """SHA-256 of what is asked for. The key, unknown to others, keeps a phone number in
        it from being guessed."""
        named = [] if self.operation == UNNAMED else [self.operation]
        asked = [*named, self.key, *self.content]
        return hashlib.sha256(json.dumps(asked).encode()).hexdigest()


class IdempotencyRow(Row):
    """A used key: what was asked for, and the identifier of what came of it."""

    KIND: ClassVar[str] = "idempotency"

    fingerprint = UnicodeAttribute()
    result = UnicodeAttribute(null=True)
    deposit_id = UnicodeAttribute(null=True)
    """The result of an unnamed operation."""


class IdempotencyKeys:
    """All used keys."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def result_of(self, intent: Intent) -> str | None:
        """What came of this intent before, None when nothing did.

        Raises IdempotencyKeyReused when the key was used for something else.
        """
        row = self._database.get(IdempotencyRow, intent.partition, _SK)
        if row is None:
            return None
        return _same(intent, row.fingerprint, getattr(row, _result_name(intent)))

    def use(self, intent: Intent, result: str) -> Write:
        """The write ``idempotency``: the key must be new."""
        row = IdempotencyRow(pk=intent.partition, sk=_SK, fingerprint=intent.fingerprint)
        setattr(row, _result_name(intent), result)
        return Put.new(_WRITE, row)


def once[T](
    keys: IdempotencyKeys,
    facts: UnitOfWork,
    intent: Intent,
    *,
    make: Callable[[], tuple[T, str, Sequence[Write]]],
    read: Callable[[str], T],
    tell: Callable[[T], Sequence[Event]] = lambda _: (),
) -> tuple[T, bool]:
    """The one thing that comes of an intent, and whether it was made just now.

    ``make`` gives the thing, its identifier and the writes that record it, and raises whatever
    refuses it: a refusal uses no key up. ``read`` gives a thing that was made before. ``tell``
    gives the events that are told with the record. Of many at once one makes it and the others
    read it. What follows from the thing, such as calls to
    others, begins after it is recorded, under keys derived from its identifier.
    """
    known = keys.result_of(intent)
    if known is not None:
        return read(known), False
    thing, result, writes = make()
    try:
        facts.commit([keys.use(intent, result), *writes], *tell(thing))
    except ConditionFailed as failure:
        found = failure.found.get(_WRITE)
        if found is None:
            raise
        known = _same(intent, found["fingerprint"], found[_result_name(intent)])
        return read(known), False
    return thing, True


def _result_name(intent: Intent) -> str:
    return "deposit_id" if intent.operation == UNNAMED else "result"


def _same(intent: Intent, fingerprint: str, result: str) -> str:
    if fingerprint != intent.fingerprint:
        raise IdempotencyKeyReused()
    return result
