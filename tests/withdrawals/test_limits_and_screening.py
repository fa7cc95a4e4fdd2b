"""Limits refuse by their numbers; rules for staff hit at their edges and nowhere else."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from shared.kernel.clock import FixedClock
from shared.kernel.ids import Kind, SequentialIds
from shared.kernel.money import Currency, Money
from shared.withdrawals.errors import AmountNotPaidOut, TooOften
from shared.withdrawals.limits import DEBITED, VELOCITIES, Velocity, check_velocity
from shared.withdrawals.model import AccountKind, Asked, Desk, approvals_needed
from shared.withdrawals.screening import Activity, Movement, Rule, Wish, findings

NOW = datetime(2026, 3, 2, 15, 30, tzinfo=UTC)
LONG_AGO = NOW - timedelta(days=400)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
APPROVAL = 200_000


def asked(minor: int, ago: timedelta) -> Asked:
    ids = SequentialIds("t1", FixedClock(NOW - ago))
    return Asked(ids.new(Kind.PAYOUT), "pac_1", minor)


def dollars(minor: int) -> Money:
    return Money(minor, Currency.USD)


@pytest.mark.parametrize(
    ("kind", "minor"),
    [
        (AccountKind.MPESA, 99),
        (AccountKind.MPESA, 2_500_001),
        (AccountKind.BANK, 999),
        (AccountKind.BANK, 0),
        (AccountKind.BANK, -5_000),
    ],
)
def test_an_amount_outside_of_the_range_is_refused(kind: AccountKind, minor: int) -> None:
    with pytest.raises(AmountNotPaidOut):
        DEBITED[kind].check(dollars(minor))


@pytest.mark.parametrize("kind", AccountKind)
def test_the_ends_of_the_range_are_in_it(kind: AccountKind) -> None:
    DEBITED[kind].check(DEBITED[kind].minimum)
    DEBITED[kind].check(DEBITED[kind].maximum)


TWICE = [Velocity(DAY, 2, dollars(1_000))]


@pytest.mark.parametrize(
    ("before", "minor", "refused"),
    [
        ([], 1_000, False),
        ([], 1_001, True),
        ([(400, HOUR)], 600, False),
        ([(400, HOUR)], 601, True),
        ([(1, HOUR), (1, HOUR)], 1, True),
        ([(1, HOUR), (1, DAY)], 1, False),
        ([(1_000, DAY)], 1_000, False),
        ([(1_000, DAY - timedelta(seconds=1))], 1, True),
    ],
)
def test_count_and_sum_hold_within_the_window(
    before: list[tuple[int, timedelta]], minor: int, *, refused: bool
) -> None:
    made = [asked(*each) for each in before]
    if not refused:
        check_velocity(made, dollars(minor), NOW, TWICE)
        return
    with pytest.raises(TooOften) as error:
        check_velocity(made, dollars(minor), NOW, TWICE)
    assert error.value.values == {"days": 1, "count": 2, "sum": "10.00 USD"}


def test_longer_windows_allow_more_in_all() -> None:
    for shorter, longer in pairwise(VELOCITIES):
        assert shorter.window < longer.window
        assert shorter.count < longer.count
        assert shorter.total < longer.total


def test_the_desk_forgets_what_came_to_nothing_or_is_long_past() -> None:
    old, failed, under_way, recent = (
        asked(1, 31 * DAY),
        asked(2, HOUR),
        asked(3, 60 * DAY),
        asked(4, 29 * DAY),
    )
    # Ids of the same number have the same random part, and other times.
    desk = Desk("usr_t1_1", 7, (old, failed, under_way, recent))
    new = asked(5, timedelta())
    after = desk.with_withdrawal(new, NOW, {failed.payout_id}, {under_way.payout_id})
    assert after.asked == (under_way, recent, new)
    assert (after.version, after.user_id) == (7, "usr_t1_1")


@pytest.mark.parametrize(
    ("minor", "needed"),
    [(1, 0), (199_999, 0), (200_000, 1), (1_999_999, 1), (2_000_000, 2), (9_999_999, 2)],
)
def test_large_amounts_need_one_more_and_very_large_ones_two(minor: int, needed: int) -> None:
    assert approvals_needed(minor, APPROVAL) == needed


WISH = Wish(NOW, 10_000, 1_000_000, LONG_AGO)
QUIET = Activity(LONG_AGO, last_before=NOW - 20 * DAY)


def hits(
    wish: Wish = WISH, activity: Activity = QUIET, withdrawals: Sequence[Movement] = ()
) -> tuple[Rule, ...]:
    return findings(wish, activity, withdrawals, approval_minor=APPROVAL)


def moves(*each: tuple[int, timedelta]) -> list[Movement]:
    return [Movement(NOW - ago, minor) for minor, ago in each]


def test_an_ordinary_withdrawal_hits_nothing() -> None:
    assert hits() == ()
    saver = replace(QUIET, deposits=moves((100_000, DAY)), purchases=moves((99_000, HOUR)))
    assert hits(replace(WISH, minor=90_000), saver) == ()


@pytest.mark.parametrize(
    ("deposits", "hit"),
    [
        ([800_000, 900_000, 999_999], True),
        ([800_000, 900_000], False),
        ([799_999, 900_000, 999_999], False),
        ([800_000, 900_000, 1_000_000], False),
    ],
)
def test_deposits_just_below_the_threshold(deposits: list[int], *, hit: bool) -> None:
    came = moves(*((minor, DAY * number) for number, minor in enumerate(deposits, start=1)))
    bought = moves((1, HOUR))
    found = hits(activity=replace(QUIET, deposits=came, purchases=bought))
    assert (Rule.STRUCTURED_DEPOSITS in found) is hit


def test_deposits_of_six_days_are_no_pattern_of_five() -> None:
    came = moves((900_000, DAY), (900_000, 2 * DAY), (900_000, 5 * DAY + HOUR))
    assert Rule.STRUCTURED_DEPOSITS not in hits(activity=replace(QUIET, deposits=came))


@pytest.mark.parametrize(
    ("minor", "before", "hit"),
    [
        (199_999, [160_000, 160_000], True),
        (160_000, [160_000, 199_999], True),
        (159_999, [160_000, 160_000], False),
        (200_000, [160_000, 160_000], False),
        (160_000, [160_000], False),
    ],
)
def test_withdrawals_just_below_the_second_persons_amount(
    minor: int, before: list[int], *, hit: bool
) -> None:
    found = hits(replace(WISH, minor=minor), withdrawals=moves(*((one, DAY) for one in before)))
    assert (Rule.STRUCTURED_WITHDRAWALS in found) is hit


@pytest.mark.parametrize(
    ("deposits", "purchases", "before", "minor", "hit"),
    [
        ([(100_000, DAY)], [], [], 80_000, True),
        ([(100_000, DAY)], [], [], 79_999, False),
        ([(100_000, DAY)], [], [(40_000, HOUR)], 40_000, True),
        ([(100_000, DAY)], [], [(40_000, 2 * DAY)], 40_000, False),
        ([(100_000, DAY)], [(50_000, HOUR)], [], 100_000, False),
        ([(100_000, DAY)], [(50_000, 2 * DAY)], [], 100_000, True),
        ([(100_000, DAY)], [(100, HOUR)], [], 100_000, True),
        ([(100_000, DAY)], [(20_000, HOUR)], [], 80_000, True),
        ([(100_000, DAY)], [(20_001, HOUR)], [], 80_000, False),
        ([(100_000, 72 * HOUR)], [], [], 100_000, True),
        ([(100_000, 73 * HOUR)], [], [], 100_000, False),
        ([(49_999, DAY)], [], [], 49_999, False),
        ([(25_000, DAY), (25_000, HOUR)], [], [], 40_000, True),
    ],
)
def test_what_came_in_leaves_and_next_to_nothing_was_bought(
    deposits: list[tuple[int, timedelta]],
    purchases: list[tuple[int, timedelta]],
    before: list[tuple[int, timedelta]],
    minor: int,
    *,
    hit: bool,
) -> None:
    activity = replace(QUIET, deposits=moves(*deposits), purchases=moves(*purchases))
    found = hits(replace(WISH, minor=minor), activity, moves(*before))
    assert (Rule.IN_AND_OUT in found) is hit


@pytest.mark.parametrize(
    ("minor", "available", "added", "hit"),
    [
        (90_000, 100_000, DAY, True),
        (89_999, 100_000, DAY, False),
        (90_000, 100_000, 7 * DAY, False),
        (49_999, 49_999, DAY, False),
        (50_000, 50_000, timedelta(), True),
    ],
)
def test_nearly_everything_goes_to_a_new_account(
    minor: int, available: int, added: timedelta, *, hit: bool
) -> None:
    found = hits(Wish(NOW, minor, available, NOW - added))
    assert (Rule.NEW_ACCOUNT_EMPTIED in found) is hit


@pytest.mark.parametrize(
    ("last", "deposits", "added", "hit"),
    [
        (200, [(1_000, DAY)], 300, True),
        (200, [], 1, True),
        (200, [], 300, False),
        (186, [(1_000, DAY)], 300, False),
        (187, [(1_000, DAY)], 300, True),
        (None, [(1_000, DAY)], 300, True),
    ],
)
def test_an_account_that_slept_for_half_a_year_wakes(
    last: int | None, deposits: list[tuple[int, timedelta]], added: int, *, hit: bool
) -> None:
    before = None if last is None else NOW - last * DAY
    activity = Activity(LONG_AGO, deposits=moves(*deposits), last_before=before)
    found = hits(replace(WISH, account_added_at=NOW - added * DAY), activity)
    assert (Rule.DORMANT_THEN_ACTIVE in found) is hit


def test_somebody_who_just_came_has_not_slept() -> None:
    newcomer = Activity(NOW - 3 * DAY, deposits=moves((1_000, DAY)))
    assert hits(activity=newcomer) == ()


def test_several_rules_are_named_in_one_order() -> None:
    activity = Activity(LONG_AGO, deposits=moves(*[(900_000, DAY)] * 3))
    wish = Wish(NOW, 2_700_000, 2_700_000, NOW - DAY)
    assert hits(wish, activity) == (
        Rule.STRUCTURED_DEPOSITS,
        Rule.IN_AND_OUT,
        Rule.NEW_ACCOUNT_EMPTIED,
        Rule.DORMANT_THEN_ACTIVE,
    )
