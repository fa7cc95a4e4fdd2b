"""What is remembered: bounded, and the same whatever the order and however often it is heard."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from shared.money_monitoring.judging import hits
from shared.money_monitoring.names import Rule
from shared.money_monitoring.patterns import Seen
from shared.money_monitoring.table import rule_table
from shared.money_monitoring.window import KEPT, MOST, Payer, Window
from tests.money_monitoring.conftest import DAY, HOUR, NOW, USER, account, deposit, withdrawal

MOMENTS = st.integers(0, 24 * 200).map(lambda hours: NOW + hours * HOUR)
PEOPLE = st.sampled_from(Payer)
DEPOSITS = st.builds(
    lambda number, at, minor, payer: deposit(number, minor, at, payer=payer),
    st.integers(0, 6),
    MOMENTS,
    st.integers(1, 1_200_000),
    PEOPLE,
)
WITHDRAWALS = st.builds(
    lambda number, at, minor, void: withdrawal(number, minor, at, void=void, bought_minor=0),
    st.integers(0, 6),
    MOMENTS,
    st.integers(1, 1_200_000),
    st.booleans(),
)
ACCOUNTS = st.builds(
    lambda number, at: account(number, at, instrument=f"**** 300{number}"),
    st.integers(0, 6),
    MOMENTS,
)
MOVEMENTS = st.lists(st.one_of(DEPOSITS, WITHDRAWALS, ACCOUNTS), min_size=1, max_size=25)


@given(MOVEMENTS, st.randoms(use_true_random=False))
def test_any_order_and_any_repetition_give_the_same_window_and_the_same_patterns(movements, random):
    straight = Window(USER)
    for one in movements:
        straight = straight.heard(one)
    shuffled = [*movements, *random.sample(movements, len(movements) // 2)]
    random.shuffle(shuffled)
    mixed = Window(USER)
    for one in shuffled:
        mixed = mixed.heard(one)
    assert mixed == straight == Window(USER).heard(*movements)
    for rule in Rule:
        assert list(hits(Seen(mixed), rule, rule_table())) == list(
            hits(Seen(straight), rule, rule_table())
        )


@given(MOVEMENTS)
def test_what_was_heard_is_heard_again_without_any_change(movements):
    window = Window(USER).heard(*movements)
    assert window.heard(*movements) == window


def test_what_is_old_leaves_only_the_moment_at_which_it_was():
    old, new = deposit(1, 100, NOW), deposit(2, 100, NOW + KEPT)
    for order in ((old, new), (new, old)):
        window = Window(USER).heard(*order)
        assert (window.movements, window.last_before) == ((new,), NOW)
    kept = Window(USER).heard(old, deposit(2, 100, NOW + KEPT - timedelta(seconds=1)))
    assert (len(kept.movements), kept.last_before) == (2, None)


def test_of_very_many_the_newest_stay():
    many = [deposit(n, 100, NOW + n * timedelta(minutes=1)) for n in range(MOST + 5)]
    window = Window(USER).heard(*many)
    assert window.movements == tuple(many[5:])
    assert window.last_before == many[4].at


def test_what_was_undone_stays_undone_whichever_news_comes_first():
    asked, undone = withdrawal(1, 100, left_minor=7), withdrawal(1, 100, void=True)
    for order in ((asked, undone), (undone, asked)):
        (one,) = Window(USER).heard(*order).movements
        assert (one.void, one.left_minor) == (True, 7)


def test_two_looks_at_one_movement_join_to_what_either_knows():
    first = deposit(1, 100, NOW, countries=frozenset({"TAX"}))
    second = replace(first, at=NOW + DAY, payer=Payer.OTHER, countries=frozenset({"RESIDENCE"}))
    joined = first.joined(second)
    assert joined == second.joined(first)
    assert (joined.at, joined.payer, joined.countries) == (
        NOW,
        Payer.OTHER,
        frozenset({"TAX", "RESIDENCE"}),
    )
