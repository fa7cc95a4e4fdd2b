"""Used keys: one effect per person, operation and key, over both engines."""

import threading
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any, ClassVar

import pytest
from pynamodb.attributes import UnicodeAttribute

from shared.kernel.clock import FixedClock
from shared.kernel.errors import IdempotencyKeyReused, InvalidValue
from shared.kernel.events import REGISTRY, Event
from shared.kernel.ids import SequentialIds
from shared.platform.idempotency import IdempotencyKeys, IdempotencyRow, Intent, once
from shared.platform.outbox import Facts
from shared.platform.tables import Database, Put, Row
from shared.platform.work import ConditionFailed, Write
from tests.conftest import NOW

INTENT = Intent("usr_t1_A", "withdraw", "k-1", ("USD", 100, None))


class Thing(Row):
    KIND: ClassVar[str] = "thing"

    text = UnicodeAttribute()


class Happened(Event):
    type: ClassVar[str] = "tests.happened"

    name: str


# It is no event of the platform: what goes through all of them must not meet it.
del REGISTRY[Happened.detail_type()]


def made(name: str) -> tuple[str, str, Sequence[Write]]:
    return name, name, [Put.new("thing", Thing(pk=f"THING#{name}", sk="-", text=name))]


def do(facts: Facts, database: Database, intent: Intent, name: str) -> tuple[str, bool]:
    return once(
        IdempotencyKeys(database), facts, intent, make=lambda: made(name), read=lambda found: found
    )


@pytest.mark.parametrize("key", ["", " ", "a b", "x" * 256, "ñ", "a\n", "\x00", "\uff11"])
def test_a_key_of_another_form_is_no_intent(key: str) -> None:
    with pytest.raises(InvalidValue) as refused:
        replace(INTENT, key=key)
    assert refused.value.values["field"] == "idempotencyKey"


def test_the_first_makes_it_and_the_others_read_it(facts: Facts, database: Database) -> None:
    assert do(facts, database, INTENT, "first") == ("first", True)
    assert do(facts, database, INTENT, "second") == ("first", False)
    assert database.get(Thing, "THING#second", "-") is None


@pytest.mark.parametrize(
    "changes", [{"user_id": "usr_t1_B"}, {"operation": "deposit"}, {"key": "k-2"}]
)
def test_another_person_operation_or_key_is_another_intent(
    facts: Facts, database: Database, changes: dict[str, Any]
) -> None:
    do(facts, database, INTENT, "first")
    assert do(facts, database, replace(INTENT, **changes), "second") == ("second", True)


@pytest.mark.parametrize("content", [("USD", 101, None), ("USD", 100), ("USD", "100", None)])
def test_another_content_is_refused_before_and_at_the_commit(
    facts: Facts, database: Database, content: tuple[str | int | None, ...]
) -> None:
    do(facts, database, INTENT, "first")
    other = replace(INTENT, content=content)
    with pytest.raises(IdempotencyKeyReused):
        do(facts, database, other, "second")

    class Blind(IdempotencyKeys):
        def result_of(self, intent: Intent) -> str | None:
            return None

    with pytest.raises(IdempotencyKeyReused):
        once(Blind(database), facts, other, make=lambda: made("third"), read=lambda found: found)
    assert once(
        Blind(database), facts, INTENT, make=lambda: made("third"), read=lambda found: found
    ) == ("first", False)
    assert database.get(Thing, "THING#third", "-") is None


def test_a_refusal_uses_no_key_up(facts: Facts, database: Database) -> None:
    def refuse() -> tuple[str, str, Sequence[Write]]:
        raise InvalidValue(field="amount", reason="is too small")

    with pytest.raises(InvalidValue):
        once(IdempotencyKeys(database), facts, INTENT, make=refuse, read=str)
    assert IdempotencyKeys(database).result_of(INTENT) is None
    assert do(facts, database, INTENT, "first") == ("first", True)


def test_a_failed_condition_of_the_thing_itself_is_not_taken_for_a_used_key(
    facts: Facts, database: Database
) -> None:
    do(facts, database, INTENT, "first")
    with pytest.raises(ConditionFailed) as failure:
        do(facts, database, replace(INTENT, key="k-2"), "first")
    assert set(failure.value.found) == {"thing"}
    assert IdempotencyKeys(database).result_of(replace(INTENT, key="k-2")) is None


def test_of_twenty_at_once_one_makes_it(
    database: Database, clock: FixedClock, ids: SequentialIds
) -> None:
    results: list[tuple[str, bool]] = []
    strange: list[Exception] = []
    start = threading.Barrier(20)
    facts = Facts(database, clock, ids)

    def run(number: int) -> None:
        start.wait()
        try:
            results.append(do(facts, database, INTENT, f"thing-{number}"))
        except Exception as error:  # noqa: BLE001 - whatever it is, no thread may see it
            strange.append(error)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert strange == []
    assert sorted(made for _, made in results) == [False] * 19 + [True]
    assert len({name for name, _ in results}) == 1


def test_neither_key_nor_content_can_be_read_from_the_row(facts: Facts, database: Database) -> None:
    intent = replace(INTENT, key="4242424242424242", content=("254712345678",))
    do(facts, database, intent, "first")
    row = database.get(IdempotencyRow, intent.partition, "GUARD")
    assert row is not None
    stored = str(row.to_item())
    assert "4242424242424242" not in stored
    assert "254712345678" not in stored


def test_events_are_told_with_the_record_and_once(facts: Facts, database: Database) -> None:
    told: list[Event] = []

    class Telling(Facts):
        def commit(self, writes: Sequence[Write], *events: Event) -> None:
            super().commit(writes, *events)
            told.extend(events)

    telling = Telling(database, FixedClock(NOW), SequentialIds("t1"))
    for name in ("first", "second"):
        once(
            IdempotencyKeys(database),
            telling,
            INTENT,
            make=partial(made, name),
            read=lambda found: found,
            tell=lambda thing: [Happened(name=thing)],
        )
    assert told == [Happened(name="first")]
