"""Rows of fees on both engines: what comes back is what was written, and the conditions hold."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from shared.kernel.clock import FixedClock
from shared.kernel.ids import SequentialIds
from shared.kernel.money import Currency, Price
from shared.management_fees.closing_prices import StoredCloses
from shared.management_fees.model import Charge, ChargeStatus, FeeAccount, charge_id_of
from shared.management_fees.ports import Stretch
from shared.management_fees.rows import charge_row
from shared.management_fees.store import WalkStore
from shared.market_data.bars import Adjustment, Bar
from shared.market_data.history_store import HistoryStore
from shared.platform.tables import Database
from shared.platform.work import ConditionFailed, LostRace
from tests.management_fees.world import SHARE, World

AT = datetime(2026, 3, 2, 15, 30, tzinfo=UTC)
LAST = date(2026, 2, 28)


@pytest.fixture
def world(database: Database, clock: FixedClock, ids: SequentialIds) -> World:
    """On both engines."""
    return World(database, clock, ids)


def charge_of(user: str, last: date = LAST, **changes: object) -> Charge:
    made = Charge(
        charge_id=charge_id_of(user, last),
        user_id=user,
        status=ChargeStatus.DUE,
        amount_minor=191,
        first=last.replace(day=1),
        last=last,
        annual_bp=25,
        terms_version=1,
        units=700_000_000,
        before_units=7,
        left_units=2_850_007,
        created_at=AT,
        updated_at=AT,
        days=28,
        waived_days=3,
        unpriced_days=2,
        carried_minor=11,
    )
    return replace(made, **changes)


def test_a_charge_comes_back_as_it_was_written(world: World) -> None:
    user = world.person()
    made = charge_of(
        user,
        status=ChargeStatus.CHARGED,
        closing=True,
        account_id="a",
        journal_id="j",
        refusals=2,
        charged_at=AT,
    )
    world.plain.commit([world.fees.save(None, made)])
    assert world.charge(user) == replace(made, version=1)


def test_a_charge_that_was_changed_meanwhile_is_not_overwritten(world: World) -> None:
    user = world.person()
    made = charge_of(user)
    world.plain.commit([world.fees.save(None, made)])
    with pytest.raises(ConditionFailed):
        world.plain.commit([world.fees.save(None, made)])
    known = world.charge(user)
    world.plain.commit([world.fees.save(known, known.noted(AT))])
    with pytest.raises(ConditionFailed):
        world.plain.commit([world.fees.save(known, known.noted(AT))])


def test_charges_are_listed_newest_first_page_by_page(world: World) -> None:
    user = world.person()
    days = [date(2026, 1, 31), LAST, date(2026, 3, 12), date(2026, 3, 31)]
    for day in days:
        world.plain.commit([world.fees.save(None, charge_of(user, day))])
    first = world.fees.of_person(user, 3)
    assert [one.last for one in first.charges] == list(reversed(days))[:3]
    rest = world.fees.of_person(user, 3, first.after)
    assert ([one.last for one in rest.charges], rest.after) == ([days[0]], None)
    assert world.fees.newest(user).last == days[-1]


def test_what_is_final_or_was_given_up_is_not_looked_for() -> None:
    user = "usr_t1_01KDWPVNG00000000000000001"
    due = charge_row(charge_of(user))
    assert due.due == "2026-03-03T03:30:00.000000Z"
    collecting = charge_row(charge_of(user, status=ChargeStatus.COLLECTING))
    assert (collecting.due, collecting.pending) == ("2026-03-02T16:00:00.000000Z", due.pending)
    for changes in ({"status": ChargeStatus.CHARGED}, {"refusals": 3}):
        row = charge_row(charge_of(user, **changes))
        assert (row.pending, row.due) == (None, None)


def test_how_far_somebody_is_accrued_is_kept_under_a_condition(world: World) -> None:
    user = world.person()
    before = world.fees.books(user, LAST).account
    assert before == FeeAccount(user)
    after = replace(before, through=LAST, units=123_456_789, charge_id=charge_id_of(user, LAST))
    world.plain.commit([world.fees.keep(before, after)])
    found = world.fees.books(user, date(2026, 3, 31))
    assert found.account == replace(after, version=1)
    assert found.first == date(2026, 3, 1)
    assert found.newest is None
    with pytest.raises(ConditionFailed):
        world.plain.commit([world.fees.keep(before, after)])


def test_books_are_those_of_one_moment(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    user = world.person()
    world.pay_in(user, 1_000, date(2026, 2, 3))
    world.buy(user, "AAAB", SHARE, 400, date(2026, 2, 5))
    books = world.fees.books(user, LAST)
    assert (books.held.cash_minor, dict(books.held.nanos)) == (600, {"AAAB": SHARE})
    assert [draft.kind.value for draft in books.moved] == ["BUY", "DEPOSIT_FUNDED"]
    assert books.wallet == world.wallet(user)

    entries = world.fees._ledger.entries

    def late(*args, **named):
        monkeypatch.undo()
        world.pay_in(user, 5, date(2026, 2, 6))
        return entries(*args, **named)

    monkeypatch.setattr(world.fees._ledger, "entries", late)
    with pytest.raises(LostRace):
        world.fees.books(user, LAST)
    assert world.fees.books(user, LAST).held.cash_minor == 605


def test_entries_are_read_back_to_ten_days_before_the_first_day(world: World) -> None:
    user = world.person()
    days = [date(2026, 1, 2), date(2026, 1, 20), date(2026, 1, 25), date(2026, 2, 20)]
    for day in days:
        world.pay_in(user, 100, day)
    world.fees._ledger.entries, whole = (
        lambda *args, limit, **named: whole(*args, limit=1, **named),
        world.fees._ledger.entries,
    )
    books = world.fees.books(user, LAST)
    assert [draft.at.date() for draft in books.moved] == [days[3], days[2], days[1]]


def test_somebody_without_an_active_account_has_none(world: World) -> None:
    assert world.fees.books(world.person(account=None), LAST).account_id is None


def test_a_stretch_comes_back_as_it_was_written(world: World) -> None:
    store = WalkStore(world.database)
    store.keep(LAST, Stretch(7, "usr", False, 12), AT)
    assert store.stretch(LAST, 7) == Stretch(7, "usr", False, 12, AT)
    assert store.stretches(LAST) == {7: Stretch(7, "usr", False, 12, AT)}
    assert store.stretch(LAST, 8) == Stretch(8)


def bar(day: date, close: str) -> Bar:
    price = Decimal(close)
    return Bar("AAAB", day, price, price, price, price, 0, price)


def test_the_last_known_close_holds_until_the_next_one(
    database: Database, clock: FixedClock
) -> None:
    book = HistoryStore(database)
    made = [bar(date(2025, 12, 31), "98"), bar(date(2026, 2, 27), "100.25")]
    book.keep_bars("AAAB", Adjustment.RAW, made)
    book.keep_bars("AAAB", Adjustment.ALL, [bar(date(2026, 2, 27), "50")])
    closes = StoredCloses(database, clock)
    assert closes.load(["AAAB", "MTUM"]) == 1
    assert closes.close("AAAB", date(2026, 1, 15)) == Price(Decimal(98), Currency.USD)
    assert closes.close("AAAB", date(2026, 2, 28)) == Price(Decimal("100.25"), Currency.USD)
    assert closes.close("AAAB", date(2025, 12, 30)) is None
    assert closes.close("MTUM", LAST) is None
    assert closes.load(["AAAB", "MTUM"]) == 0
    book.keep_bars("AAAB", Adjustment.RAW, [bar(date(2026, 2, 28), "101")])
    assert closes.close("AAAB", LAST) == Price(Decimal("100.25"), Currency.USD)
    clock.advance(timedelta(hours=1))
    assert closes.close("AAAB", LAST) == Price(Decimal(101), Currency.USD)
