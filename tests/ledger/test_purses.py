"""Cash of named goals inside one wallet: to the cent, never more than there is, and race-proof."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.kernel.ids import Kind
from shared.kernel.money import Currency
from shared.ledger import accounts
from shared.ledger.model import Draft, EntryKind, Posting
from shared.ledger.purses import Purse, PurseMove, moved, purses_from, purses_text
from shared.ledger.store import LedgerStore
from shared.platform.work import ConditionFailed

USD = Currency.USD
HOUSE, SCHOOL = "H0USE1", "SCH001"
MONDAY, TUESDAY = date(2026, 3, 2), date(2026, 3, 3)
NOW = datetime(2026, 3, 2, 15, tzinfo=UTC)


@pytest.fixture
def ledger(database: Any) -> LedgerStore:
    return LedgerStore(database)


@pytest.fixture
def amina(ledger: LedgerStore, facts: Any, ids: Any) -> str:
    user_id: str = ids.new(Kind.USER)
    facts.commit(ledger.open(user_id))
    return user_id


def paid_in(ledger: LedgerStore, facts: Any, user_id: str, cents: int, *moves: PurseMove) -> None:
    legs = (
        Posting(accounts.customers_cash_at_broker(), "USD/2", cents),
        Posting(accounts.customer_cash(user_id), "USD/2", -cents),
    )
    draft = Draft(EntryKind.DEPOSIT_FUNDED, "dep_x", NOW, legs)
    facts.commit(ledger.post(ledger.wallet(user_id, USD), draft, posted=cents, purses=moves))


def test_money_of_a_goal_is_its_own_until_it_is_reserved(
    ledger: LedgerStore, facts: Any, amina: str
) -> None:
    paid_in(ledger, facts, amina, 10_000)
    paid_in(ledger, facts, amina, 5_000, PurseMove(HOUSE, 5_000))
    wallet = ledger.wallet(amina, USD)
    assert (wallet.available, wallet.purses) == (15_000, {HOUSE: Purse(5_000)})
    moves = [PurseMove(HOUSE, -4_900)]
    facts.commit([ledger.reserve(wallet, 4_900, orders=2, purses=moves)])
    wallet = ledger.wallet(amina, USD)
    assert (wallet.available, wallet.purses) == (10_100, {HOUSE: Purse(100)})
    facts.commit([ledger.release(wallet, 900, orders=1, purses=[PurseMove(HOUSE, 900)])])
    wallet = ledger.wallet(amina, USD)
    assert (wallet.available, wallet.purses) == (11_000, {HOUSE: Purse(1_000)})


def test_a_withdrawal_takes_what_is_nobodys_first_and_then_of_all_goals_alike(
    ledger: LedgerStore, facts: Any, amina: str
) -> None:
    paid_in(ledger, facts, amina, 10_000, PurseMove(HOUSE, 6_000), PurseMove(SCHOOL, 3_000))
    facts.commit(
        [ledger.reserve(ledger.wallet(amina, USD), 1_000, orders=0, to_leave=True, on=MONDAY)]
    )
    assert ledger.wallet(amina, USD).purses == {HOUSE: Purse(6_000), SCHOOL: Purse(3_000)}
    facts.commit(
        [ledger.reserve(ledger.wallet(amina, USD), 4_501, orders=0, to_leave=True, on=MONDAY)]
    )
    after = ledger.wallet(amina, USD)
    assert after.purses == {HOUSE: Purse(2_999), SCHOOL: Purse(1_500)}
    assert sum(one.minor for one in after.purses.values()) == after.available


def test_the_attribute_goes_with_the_last_cent(
    ledger: LedgerStore, facts: Any, amina: str, database: Any
) -> None:
    paid_in(ledger, facts, amina, 100, PurseMove(HOUSE, 100))
    wallet = ledger.wallet(amina, USD)
    facts.commit([ledger.reserve(wallet, 100, orders=1, purses=[PurseMove(HOUSE, -100)])])
    assert ledger.wallet(amina, USD).purses == {}
    paid_in(ledger, facts, amina, 7, PurseMove(HOUSE, 7))
    assert ledger.wallet(amina, USD).purses == {HOUSE: Purse(7)}


def test_purses_that_somebody_else_changed_are_read_again(
    ledger: LedgerStore, facts: Any, amina: str
) -> None:
    """A release changes neither the chain's end nor what a posting compares besides."""
    paid_in(ledger, facts, amina, 1_000, PurseMove(HOUSE, 1_000))
    wallet = ledger.wallet(amina, USD)
    facts.commit([ledger.reserve(wallet, 400, orders=0, purses=[PurseMove(HOUSE, -400)])])
    legs = (
        Posting(accounts.customers_cash_at_broker(), "USD/2", 50),
        Posting(accounts.customer_cash(amina), "USD/2", -50),
    )
    draft = Draft(EntryKind.SELL, "ord_x", NOW, legs)
    late = ledger.post(wallet, draft, posted=50, purses=[PurseMove(HOUSE, 50)])
    with pytest.raises(ConditionFailed) as failed:
        facts.commit(late)
    assert set(failed.value.found) == {"wallet"}
    assert ledger.wallet(amina, USD).purses == {HOUSE: Purse(600)}


def test_of_two_who_take_what_is_nobodys_at_once_the_second_looks_again(
    ledger: LedgerStore, facts: Any, amina: str
) -> None:
    """Neither of them alone would touch the goal's cash, and neither changes the chain's end."""
    paid_in(ledger, facts, amina, 10_000, PurseMove(HOUSE, 8_000))
    wallet = ledger.wallet(amina, USD)
    facts.commit([ledger.reserve(wallet, 2_000, orders=0, to_leave=True, on=MONDAY)])
    with pytest.raises(ConditionFailed) as failed:
        facts.commit([ledger.reserve(wallet, 2_000, orders=2, on=MONDAY)])
    assert set(failed.value.found) == {"wallet"}
    after = ledger.wallet(amina, USD)
    assert (after.available, after.open_orders) == (8_000, 0)
    assert after.purses == {HOUSE: Purse(8_000)}
    facts.commit([ledger.reserve(after, 2_000, orders=0, to_leave=True, on=MONDAY)])
    after = ledger.wallet(amina, USD)
    assert (after.available, after.purses) == (6_000, {HOUSE: Purse(6_000)})


def test_who_takes_cash_sees_purses_that_grew_meanwhile(
    ledger: LedgerStore, facts: Any, amina: str
) -> None:
    """Cash came and went: there is as much as was read, but more of it is a goal's."""
    paid_in(ledger, facts, amina, 10_000, PurseMove(HOUSE, 8_000))
    wallet = ledger.wallet(amina, USD)
    facts.commit([ledger.reserve(wallet, 2_000, orders=0)])
    other = ledger.wallet(amina, USD)
    facts.commit([ledger.release(other, 2_000, orders=0, purses=[PurseMove(HOUSE, 2_000)])])
    with pytest.raises(ConditionFailed):
        facts.commit([ledger.reserve(wallet, 2_000, orders=0, to_leave=True, on=MONDAY)])
    assert ledger.wallet(amina, USD).purses == {HOUSE: Purse(10_000)}


def test_what_a_sale_brought_counts_as_unsettled_for_its_goal_until_its_day() -> None:
    purses = moved({}, [PurseMove(HOUSE, 500, {TUESDAY: 500})], 9_000)
    purses = moved(purses, [PurseMove(HOUSE, 200)], 9_000)
    assert purses[HOUSE].unsettled(MONDAY) == 500
    assert purses[HOUSE].unsettled(TUESDAY) == 0
    spent = moved(purses, [PurseMove(HOUSE, -400)], 9_000)
    assert spent[HOUSE].unsettled(MONDAY) == 300


purse = st.builds(
    Purse,
    st.integers(1, 10**9),
    st.dictionaries(st.dates(date(2020, 1, 1), date(2030, 1, 1)), st.integers(1, 10**6)).map(
        lambda days: dict(sorted(days.items()))
    ),
)
tags = st.text("0123456789ABCDEFGHJKMNPQRSTVWXYZ", min_size=6, max_size=6)


@given(st.dictionaries(tags, purse, max_size=10))
def test_packing_loses_nothing(purses: dict[str, Purse]) -> None:
    assert purses_from(purses_text(purses)) == purses


@given(
    st.dictionaries(tags, purse, max_size=10),
    st.lists(st.builds(PurseMove, tags, st.integers(-(10**9), 10**9)), max_size=4),
    st.integers(-(10**6), 10**10),
)
def test_goals_never_have_more_than_there_is_and_lose_nothing_while_there_is_enough(
    purses: dict[str, Purse], moves: list[PurseMove], available: int
) -> None:
    plain = moved(purses, moves, 10**12)
    after = moved(purses, moves, available)
    total = sum(one.minor for one in plain.values())
    assert sum(one.minor for one in after.values()) == min(total, max(available, 0))
    assert all(one.minor > 0 for one in after.values())
    assert all(after[tag].minor <= plain[tag].minor for tag in after)
