"""Both engines answer alike: conditions, changes, order, atomicity, concurrency."""

import threading
from typing import Any, ClassVar

import pytest
from botocore.exceptions import ClientError
from pynamodb.attributes import NumberAttribute, UnicodeAttribute, UnicodeSetAttribute

from shared.kernel.errors import TemporarilyUnavailable
from shared.platform import memory
from shared.platform.dynamo import DynamoDatabase
from shared.platform.indexes import (
    SEGMENTS,
    attention_bucket,
    attention_buckets,
    pending_bucket,
    segment_name,
    segment_of,
)
from shared.platform.tables import Check, Database, Delete, Key, Put, Row, Table, Update
from shared.platform.work import ConditionFailed


class Thing(Row):
    """A row of the tests."""

    KIND: ClassVar[str] = "thing"

    amount = NumberAttribute(default=0)
    label = UnicodeAttribute(null=True)
    attention = UnicodeAttribute(null=True)
    waits_at = UnicodeAttribute(null=True)
    marks = UnicodeSetAttribute(null=True)
    pending = UnicodeAttribute(null=True)
    due = UnicodeAttribute(null=True)
    segment = UnicodeAttribute(null=True)
    symbols = UnicodeAttribute(null=True)


class Other(Row):
    """Another row in the same partition."""

    KIND: ClassVar[str] = "other"

    text = UnicodeAttribute()


def amount_of(database: Database, sk: str) -> int:
    """The stored amount; fails when the row is absent."""
    row = database.get(Thing, "p", sk)
    assert row is not None
    return int(row.amount)


def add(sk: str, amount: int, floor: int | None = None) -> Update:
    """An addition that may demand a least amount before it."""
    condition = None if floor is None else Thing.amount >= floor
    return Update(sk, Thing, "p", sk, (Thing.amount.add(amount),), condition)


def test_a_new_row_is_read_back_as_it_was_written(database: Database) -> None:
    database.transact([Put.new("new", Thing(pk="p", sk="a", amount=7, marks={"x", "y"}))])
    row = database.get(Thing, "p", "a")
    assert row is not None
    assert (row.amount, row.label, row.marks) == (7, None, {"x", "y"})
    assert database.get(Thing, "p", "b") is None


def test_a_second_new_row_fails_by_name_and_shows_what_was_there(database: Database) -> None:
    database.transact([Put.new("new", Thing(pk="p", sk="a", amount=7))])
    with pytest.raises(ConditionFailed) as refused:
        database.transact([Put.new("again", Thing(pk="p", sk="a", amount=9))])
    found = refused.value.found["again"]
    assert found is not None
    assert (found["amount"], found["kind"]) == (7, "thing")
    assert amount_of(database, "a") == 7


def test_nothing_is_written_when_one_condition_fails(database: Database) -> None:
    database.transact([Put.new("a", Thing(pk="p", sk="a", amount=5))])
    with pytest.raises(ConditionFailed) as refused:
        database.transact(
            [
                add("a", -3, floor=3),
                Put.new("b", Thing(pk="p", sk="b")),
                add("c", -1, floor=1),
                Check("d", Thing, "p", "d", Thing.amount == 1),
            ]
        )
    assert set(refused.value.found) == {"c", "d"}
    assert amount_of(database, "a") == 5
    assert database.get(Thing, "p", "b") is None


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (Thing.amount == 5, True),
        (Thing.amount != 5, False),
        (Thing.amount > 4, True),
        (Thing.amount.between(6, 9), False),
        (Thing.label.does_not_exist(), True),
        (Thing.label.exists(), False),
        (Thing.label == "x", False),
        (Thing.label != "x", True),
        (Thing.label < "x", False),
        (Thing.marks.contains("m"), True),
        (~Thing.marks.contains("m"), False),
        (~Thing.marks.contains("n"), True),
        (Thing.sk.startswith("a"), True),
        (Thing.amount.is_in(1, 5), True),
        ((Thing.amount == 5) & Thing.label.exists(), False),
        ((Thing.amount == 5) | Thing.label.exists(), True),
    ],
)
def test_conditions_mean_the_same(database: Database, condition: Any, expected: bool) -> None:
    database.transact([Put.new("a", Thing(pk="p", sk="a", amount=5, marks={"m"}))])
    check = Check("check", Thing, "p", "a", condition)
    if expected:
        database.transact([check])
    else:
        with pytest.raises(ConditionFailed):
            database.transact([check])


def test_changes_mean_the_same(database: Database) -> None:
    row = Thing(pk="p", sk="a", amount=5, label="old", marks={"m", "n"})
    database.transact([Put.new("a", row)])
    actions = (
        Thing.amount.add(-2),
        Thing.label.set("new"),
        Thing.marks.delete({"m"}),
    )
    database.transact([Update("a", Thing, "p", "a", actions)])
    changed = database.get(Thing, "p", "a")
    assert changed is not None
    assert (changed.amount, changed.label, changed.marks) == (3, "new", {"n"})
    database.transact([Update("a", Thing, "p", "a", (Thing.label.remove(), Thing.amount.set(1)))])
    changed = database.get(Thing, "p", "a")
    assert changed is not None
    assert (changed.amount, changed.label) == (1, None)
    database.transact([Delete("a", Thing, "p", "a", Thing.amount == 1)])
    assert database.get(Thing, "p", "a") is None


def test_an_update_creates_its_row_with_its_kind(database: Database) -> None:
    database.transact([Update("a", Thing, "p", "a", (Thing.amount.add(4),))])
    page = database.query(Table.CORE, "p", "a", "a")
    assert [item.kind for item in page.items] == ["thing"]
    assert page.rows(Thing)[0].amount == 4


def test_a_single_write_keeps_its_condition(database: Database) -> None:
    database.write(Put.new("a", Thing(pk="p", sk="a", amount=1)))
    with pytest.raises(ConditionFailed) as refused:
        database.write(Put.new("a", Thing(pk="p", sk="a", amount=2)))
    assert refused.value.found["a"] is not None
    database.write(Update("a", Thing, "p", "a", (Thing.amount.add(1),), Thing.amount == 1))
    database.write(Delete("a", Thing, "p", "a", Thing.amount == 2))
    assert database.get(Thing, "p", "a") is None


def test_queries_page_in_both_directions_and_tell_kinds_apart(database: Database) -> None:
    rows = [Put.new(f"r{number}", Thing(pk="p", sk=f"k{number}")) for number in range(5)]
    database.transact([*rows, Put.new("o", Other(pk="p", sk="k9", text="t"))])
    everything = database.query(Table.CORE, "p", "k", "k~")
    assert [item.sk for item in everything.items] == ["k0", "k1", "k2", "k3", "k4", "k9"]
    assert (len(everything.rows(Thing)), len(everything.rows(Other))) == (5, 1)
    assert everything.after is None
    first = database.query(Table.CORE, "p", "k", "k~", newest_first=True, limit=4)
    assert [item.sk for item in first.items] == ["k9", "k4", "k3", "k2"]
    rest = database.query(Table.CORE, "p", "k", "k~", newest_first=True, limit=4, after=first.after)
    assert [item.sk for item in rest.items] == ["k1", "k0"]
    assert rest.after is None
    assert database.query(Table.CORE, "q", "k", "k~").items == ()


def test_items_of_several_tables_come_in_one_read(database: Database) -> None:
    class Shelf(Row):
        TABLE: ClassVar[Table] = Table.MARKET
        KIND: ClassVar[str] = "shelf"

    database.transact([Put.new("a", Thing(pk="p", sk="a")), Put.new("m", Shelf(pk="m", sk="m"))])
    thing, shelf = Key(Table.CORE, "p", "a"), Key(Table.MARKET, "m", "m")
    missing = Key(Table.MARKET, "m", "n")
    found = database.get_many([thing, shelf, missing])
    assert {key: item.kind for key, item in found.items()} == {thing: "thing", shelf: "shelf"}


def test_unfinished_things_are_found_by_their_due_time(database: Database) -> None:
    bucket = pending_bucket("dep_t1_01ARZ3NDEKTSV4RRFFQ69G5FAV")
    number = int(bucket.partition("#")[2])
    for sk, due in (("late", "2026-01-02"), ("now", "2026-01-01"), ("later", "2026-02-01")):
        database.write(Put.new(sk, Thing(pk="p", sk=sk, pending=bucket, due=due)))
    database.write(Put.new("done", Thing(pk="p", sk="done")))
    page = database.pending(number, "2026-01-31", 10)
    assert [item.sk for item in page.items] == ["now", "late"]
    finish = Update("now", Thing, "p", "now", (Thing.pending.remove(), Thing.due.remove()))
    database.write(finish)
    assert [item.sk for item in database.pending(number, "2026-01-31", 10).items] == ["late"]


def test_a_list_of_staff_comes_in_order_and_in_pages(database: Database) -> None:
    bucket = attention_bucket("LIST", "usr_t1_01ARZ3NDEKTSV4RRFFQ69G5FAV")
    assert bucket in attention_buckets("LIST")
    assert len(set(attention_buckets("LIST"))) == 4
    for sk, place in (("c", "2026-01-03#c"), ("a", "2026-01-01#a"), ("b", "2026-01-02#b")):
        database.write(Put.new(sk, Thing(pk="p", sk=sk, attention=bucket, waits_at=place)))
    other = Thing(pk="p", sk="x", attention="OTHER#0", waits_at="2026-01-01#x")
    database.transact([Put.new("x", other), Put.new("y", Thing(pk="p", sk="y"))])
    first = database.waiting(bucket, "", 2)
    assert [(each.key.sk, each.place) for each in first] == [
        ("a", "2026-01-01#a"),
        ("b", "2026-01-02#b"),
    ]
    assert first[0].key == Key(Table.CORE, "p", "a")
    assert [each.key.sk for each in database.waiting(bucket, first[-1].place, 2)] == ["c"]
    database.write(Put("b", Thing(pk="p", sk="b")))
    assert [each.key.sk for each in database.waiting(bucket, "", 9)] == ["a", "c"]


def test_money_is_conserved_when_many_threads_move_it(database: Database) -> None:
    names = ("a", "b", "c", "d")
    database.transact([Put.new(sk, Thing(pk="p", sk=sk, amount=100)) for sk in names])
    refused: list[int] = []

    def move(seed: int) -> None:
        for step in range(12):
            source, target = names[(seed + step) % 4], names[(seed * 3 + step * 2 + 1) % 4]
            if source == target:
                continue
            try:
                database.transact([add(source, -30, floor=30), add(target, 30)])
            except ConditionFailed:
                refused.append(1)

    threads = [threading.Thread(target=move, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    amounts = [amount_of(database, sk) for sk in names]
    assert sum(amounts) == 400
    assert min(amounts) >= 0


class Conflicting:
    """A client whose first transactions are cancelled as the real service does under load."""

    def __init__(self, client: Any, conflicts: int) -> None:
        self._client, self.left, self.calls = client, conflicts, 0

    def transact_write_items(self, **request: Any) -> Any:
        self.calls += 1
        if self.left:
            self.left -= 1
            reasons = [{"Code": "TransactionConflict"}] + [
                {"Code": "None"} for _ in request["TransactItems"][1:]
            ]
            answer: Any = {
                "Error": {"Code": "TransactionCanceledException", "Message": "conflict"},
                "CancellationReasons": reasons,
            }
            raise ClientError(answer, "TransactWriteItems")
        return self._client.transact_write_items(**request)


@pytest.mark.emulator
def test_a_conflicting_transaction_is_sent_again_and_happens_once(
    dynamo_database: DynamoDatabase, dynamodb: Any
) -> None:
    pauses: list[int] = []
    client = Conflicting(dynamodb, conflicts=3)
    database = DynamoDatabase(dynamo_database._tables, client, pauses.append)
    database.transact([add("a", 5), add("b", 7)])
    assert (client.calls, pauses) == (4, [0, 1, 2])
    assert (amount_of(dynamo_database, "a"), amount_of(dynamo_database, "b")) == (5, 7)


@pytest.mark.emulator
def test_a_transaction_that_conflicts_for_ever_changes_nothing(
    dynamo_database: DynamoDatabase, dynamodb: Any
) -> None:
    client = Conflicting(dynamodb, conflicts=99)
    database = DynamoDatabase(dynamo_database._tables, client, lambda attempt: None)
    with pytest.raises(TemporarilyUnavailable):
        database.transact([add("a", 5)])
    assert client.calls == 8
    assert dynamo_database.get(Thing, "p", "a") is None


def in_segment(number: int, user: str, sk: str, amount: int) -> Thing:
    """A row that the index of holders has."""
    return Thing(pk=user, sk=sk, amount=amount, label="not kept", segment=segment_name(number))


def test_a_segment_is_walked_person_by_person_without_what_the_index_does_not_keep(
    database: Database,
) -> None:
    for user in ("USER#b", "USER#a"):
        for sk in ("POSITION#Y", "POSITION#X"):
            database.write(Put.new(sk, in_segment(7, user, sk, 5)))
    database.write(Put.new("other", in_segment(8, "USER#c", "POSITION#X", 5)))
    database.write(Put.new("none", Thing(pk="USER#d", sk="POSITION#X", amount=5)))
    walked = database.segment(7)
    assert [item.pk for item in walked.items] == ["USER#a", "USER#a", "USER#b", "USER#b"]
    assert {item.sk for item in walked.items} == {"POSITION#X", "POSITION#Y"}
    assert {name for item in walked.items for name in item.attributes} == {
        *("pk", "sk", "segment", "kind")
    }
    assert walked.after is None
    assert [item.pk for item in database.segment(7, "USER#a").items] == ["USER#b", "USER#b"]
    assert database.segment(9).items == ()


def test_a_row_leaves_its_segment_with_its_mark(database: Database) -> None:
    database.write(Put.new("first", in_segment(7, "USER#a", "POSITION#X", 5)))
    database.write(Put("again", Thing(pk="USER#a", sk="POSITION#X", amount=0)))
    assert database.segment(7).items == ()


def test_nobody_is_cut_in_two_where_a_segment_has_several_pages(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory, "_PEOPLE_PER_PAGE", 3)
    people = [f"USER#{number}" for number in range(5)]
    for user in people:
        for sk in ("POSITION#X", "POSITION#Y", "POSITION#Z"):
            thing = in_segment(7, user, sk, 5)
            # A page holds at most a megabyte.
            thing.symbols = "S" * 150_000
            database.write(Put.new(sk, thing))
    seen: list[str] = []
    pages: int = 0
    after: str | None = None
    while pages == 0 or after is not None:
        walked = database.segment(7, after)
        assert len(walked.items) % 3 == 0
        seen += [item.pk for item in walked.items]
        pages, after = pages + 1, walked.after
    assert seen == [user for user in people for _ in range(3)]
    assert pages > 1


@pytest.mark.parametrize("number", range(5))
def test_a_segment_is_the_same_in_every_process(number: int) -> None:
    user = f"usr_t1_01ARZ3NDEKTSV4RRFFQ69G5F{number:02}"
    assert segment_of(user) == segment_name(sum(user.encode()[-8:]) % SEGMENTS)


class Misplaced(Row):
    """Its place in a run is named like a key of the index of holders."""

    KIND: ClassVar[str] = "misplaced"

    segment = NumberAttribute()


def test_what_would_be_a_number_among_the_keys_of_an_index_is_refused(database: Database) -> None:
    # Each engine in its own words: it is a mistake in the code and nobody catches it.
    with pytest.raises((ValueError, ClientError)):
        database.write(Put.new("thing", Misplaced(pk="P", sk="1", segment=3)))
    assert database.get(Misplaced, "P", "1") is None
