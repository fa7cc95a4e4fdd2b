"""Purchases fill the pool: each once for ever, in any order, and refunds empty it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.kernel.errors import BaobabError, IdempotencyKeyReused, InvalidValue, NotFound
from shared.kernel.money import Currency
from shared.roundups.errors import PurchaseDiffers, PurchaseInOtherCurrency, RoundUpsNotRunning
from shared.roundups.model import Habits, PurchaseStatus
from shared.roundups.purchases import Reported
from tests.roundups.conftest import Coins

FOUR = ("30.45", "25.00", "3.99", "12.10")


def test_the_four_purchases_of_the_reference_are_pooled(coins: Coins) -> None:
    coins.start()
    found = coins.buys(*FOUR)
    assert [one.round_up.amount for one in found.purchases] == ["0.55", "0.00", "0.01", "0.90"]
    assert coins.now().pooled.amount == "1.46"
    assert coins.now().due is None


def test_an_exact_amount_counts_one_where_the_person_wishes_so(coins: Coins) -> None:
    coins.start(habits=Habits(whole_units=True))
    coins.buys("25.00", "3.99")
    assert coins.now().pooled.amount == "1.01"


@pytest.mark.parametrize(("multiplier", "pooled"), [(1, "1.46"), (3, "4.38"), (10, "14.60")])
def test_a_multiplier_counts_each_so_often(coins: Coins, multiplier: int, pooled: str) -> None:
    coins.start(habits=Habits(multiplier=multiplier))
    coins.buys(*FOUR)
    assert coins.now().pooled.amount == pooled


@pytest.mark.parametrize("multiplier", [0, -1, 11, 100])
def test_a_multiplier_is_one_to_ten(coins: Coins, multiplier: int) -> None:
    with pytest.raises(InvalidValue):
        coins.start(habits=Habits(multiplier=multiplier))
    assert coins.store.get(coins.user_id) is None


def test_shillings_are_rounded_to_the_next_hundred(coins: Coins) -> None:
    coins.start_phone()
    found = coins.buys("1250", "300", "99.50")
    assert [one.round_up.amount for one in found.purchases] == ["50.00", "0.00", "0.50"]


def test_a_purchase_counts_once_whoever_reports_it_again(coins: Coins) -> None:
    coins.start()
    one = coins.bought("30.45", "card-1")
    coins.reports(one)
    for _ in range(3):
        assert coins.reports(one).purchases[0].round_up.amount == "0.55"
    coins.reports(one, coins.bought("3.99", "card-2"), one)
    later = replace(one, at=one.at + timedelta(seconds=30))
    coins.reports(later)
    assert coins.now().pooled.amount == "0.56"


def test_another_amount_under_a_known_name_is_a_conflict_and_nothing_is_counted(
    coins: Coins,
) -> None:
    coins.start()
    coins.reports(coins.bought("30.45", "card-1"))
    with pytest.raises(PurchaseDiffers):
        coins.reports(coins.bought("3.99", "card-2"), coins.bought("30.46", "card-1"))
    with pytest.raises(PurchaseDiffers):
        coins.reports(coins.bought("3.99", "card-3"), coins.bought("3.98", "card-3"))
    assert coins.now().pooled.amount == "0.55"
    assert coins.store.purchases(coins.user_id, ["card-2", "card-3"]) == {}


@pytest.mark.parametrize(
    "back", [timedelta(days=60, seconds=1), timedelta(days=400), timedelta(minutes=-6)]
)
def test_what_lies_ahead_or_far_back_is_refused_with_all_that_came_with_it(
    coins: Coins, back: timedelta
) -> None:
    coins.start()
    odd = Reported("odd", "3.99", coins.clock.now() - back)
    with pytest.raises(InvalidValue) as refused:
        coins.reports(coins.bought("30.45", "fine"), odd)
    assert refused.value.values["field"] == "at"
    assert coins.now().pool == 0
    assert coins.store.purchases(coins.user_id, ["fine", "odd"]) == {}


@pytest.mark.parametrize("back", [timedelta(days=60), timedelta(), timedelta(minutes=-5)])
def test_what_lies_within_sixty_days_is_counted(coins: Coins, back: timedelta) -> None:
    coins.start()
    coins.reports(Reported("edge", "3.99", coins.clock.now() - back))
    assert coins.now().pooled.amount == "0.01"


def test_one_that_is_known_is_success_also_when_it_has_become_old(coins: Coins) -> None:
    coins.start()
    one = coins.bought("30.45", "card-1")
    coins.reports(one)
    coins.clock.advance(timedelta(days=90))
    assert coins.reports(one, key="months-later").purchases[0].round_up.amount == "0.55"
    assert coins.now().pooled.amount == "0.55"


@pytest.mark.parametrize("amount", ["0", "0.00", "-3.99", "1.234", "1e3", "x", ""])
def test_an_amount_that_is_none_is_refused(coins: Coins, amount: str) -> None:
    coins.start()
    with pytest.raises(InvalidValue):
        coins.reports(coins.bought(amount, "odd"))
    assert coins.now().pool == 0


@pytest.mark.parametrize("name", ["", " ", "a b", "a#b", "x" * 65, "ñ", "-a", "a\n"])
def test_a_name_that_is_none_is_refused(coins: Coins, name: str) -> None:
    coins.start()
    with pytest.raises(InvalidValue):
        coins.reports(coins.bought("3.99", name))
    with pytest.raises(InvalidValue):
        coins.refunds(name, key="r")


def test_another_currency_is_refused_by_the_name_of_the_purchase(coins: Coins) -> None:
    coins.start()
    with pytest.raises(PurchaseInOtherCurrency) as refused:
        coins.reports(coins.bought("3.99", "abroad", Currency.EUR))
    assert refused.value.values == {"purchase_id": "abroad", "currency": "USD"}
    coins.reports(coins.bought("3.99", "home", Currency.USD))
    assert coins.now().pooled.amount == "0.01"


def test_a_report_has_one_to_fifty(coins: Coins) -> None:
    coins.start()
    many = [coins.bought("3.99", f"p{number}") for number in range(51)]
    for told in ([], many):
        with pytest.raises(InvalidValue):
            coins.reports(*told)
    coins.reports(*many[:50])
    assert coins.now().pooled.amount == "0.50"


def test_nobody_without_round_ups_reports_anything(coins: Coins) -> None:
    with pytest.raises(RoundUpsNotRunning):
        coins.buys("3.99")
    with pytest.raises(RoundUpsNotRunning):
        coins.refunds("p-1")
    coins.start()
    coins.service.stop(coins.user_id, key="stop")
    with pytest.raises(RoundUpsNotRunning):
        coins.buys("3.99")


def test_while_paused_purchases_are_known_and_not_counted(coins: Coins) -> None:
    coins.start()
    coins.buys("30.45")
    coins.service.pause_all(coins.user_id, key="pause")
    one = coins.bought("3.99", "meanwhile")
    assert coins.reports(one).purchases[0].status is PurchaseStatus.NOT_COUNTED
    coins.service.resume(coins.user_id, key="resume")
    coins.reports(one)
    coins.buys("12.10")
    assert coins.now().pooled.amount == "1.45"


def test_a_refund_of_what_was_not_counted_claims_nothing_was_saved(coins: Coins) -> None:
    coins.start()
    coins.buys("30.45")
    coins.service.pause_all(coins.user_id, key="pause")
    coins.reports(coins.bought("3.99", "meanwhile"))
    coins.service.resume(coins.user_id, key="resume")
    assert coins.refunds("meanwhile").purchases[0].status is PurchaseStatus.NOT_COUNTED
    assert coins.now().pooled.amount == "0.55"


def test_a_refund_takes_its_round_up_out_of_the_pool_once(coins: Coins) -> None:
    coins.start()
    coins.reports(coins.bought("30.45", "a"), coins.bought("12.10", "b"))
    assert coins.refunds("a").purchases[0].status is PurchaseStatus.REMOVED
    coins.refunds("a")
    again = coins.refunds("a", key="once-more")
    assert again.purchases[0].status is PurchaseStatus.REMOVED
    assert coins.now().pooled.amount == "0.90"
    coins.reports(coins.bought("30.45", "a"))
    assert coins.now().pooled.amount == "0.90"


def test_a_refund_below_the_threshold_leaves_nothing_to_be_collected(coins: Coins) -> None:
    coins.start()
    coins.reports(*[coins.bought("1.01", f"p{number}") for number in range(6)])
    assert coins.now().due is not None
    coins.refunds("p0")
    assert (coins.now().pooled.amount, coins.now().due) == ("4.95", None)


def test_what_was_never_recorded_is_not_refunded(coins: Coins) -> None:
    coins.start()
    with pytest.raises(NotFound):
        coins.refunds("never")


def test_one_key_has_one_content(coins: Coins) -> None:
    coins.start()
    one, other = coins.bought("30.45", "a"), coins.bought("12.10", "b")
    coins.reports(one, other, key="k")
    assert [each.purchase_id for each in coins.reports(other, one, key="k").purchases] == ["b", "a"]
    with pytest.raises(IdempotencyKeyReused):
        coins.reports(one, key="k")
    assert coins.now().pooled.amount == "1.45"


@given(
    cents=st.lists(st.integers(min_value=1, max_value=10_000), min_size=1, max_size=12),
    seed=st.randoms(use_true_random=False),
    multiplier=st.integers(min_value=1, max_value=10),
    whole_units=st.booleans(),
)
@settings(max_examples=40, deadline=None)
def test_the_order_in_which_purchases_come_and_repetitions_do_not_matter(
    cents: list[int], seed: Any, multiplier: int, whole_units: bool
) -> None:
    told = [(f"p{number}", f"{each // 100}.{each % 100:02d}") for number, each in enumerate(cents)]
    pools = []
    for shuffled in (False, True):
        coins = Coins()
        coins.start(habits=Habits(multiplier, whole_units))
        reports = [coins.bought(amount, name) for name, amount in told]
        if shuffled:
            reports += seed.sample(reports, len(reports) // 2)
            seed.shuffle(reports)
        while reports:
            size = seed.randint(1, 4) if shuffled else len(reports)
            coins.reports(*reports[:size])
            reports = reports[size:]
        pools.append(coins.now().pool)
    exact = sum((-each % 100) or 100 * whole_units for each in cents) * multiplier
    assert pools == [exact, exact]


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_crash_around_the_record_counts_all_of_a_report_once(coins: Coins, moment: str) -> None:
    coins.start()
    told = [coins.bought("30.45", "a"), coins.bought("12.10", "b")]
    coins.world.facts.script = [moment]
    with pytest.raises(RuntimeError):
        coins.reports(*told, key="k")
    for _ in range(2):
        coins.reports(*told, key="k")
    assert coins.now().pooled.amount == "1.45"


def test_two_reports_at_once_lose_nothing(coins: Coins) -> None:
    coins.start()
    reported: list[Callable[[], object]] = [lambda: coins.reports(coins.bought("12.10", "b"))]
    commit = coins.world.facts.inner.commit

    def meanwhile(writes: Any, *events: Any) -> None:
        if reported:
            reported.pop()()
        commit(writes, *events)

    coins.world.facts.inner = replace_commit(meanwhile)
    coins.reports(coins.bought("30.45", "a"))
    assert coins.now().pooled.amount == "1.45"


def replace_commit(commit: Callable[..., None]) -> Any:
    return type("Raced", (), {"commit": staticmethod(commit)})()


def test_every_refusal_is_told_in_both_languages() -> None:
    for error in (
        RoundUpsNotRunning(),
        PurchaseDiffers(purchase_id="a"),
        PurchaseInOtherCurrency(purchase_id="a", currency="USD"),
    ):
        assert isinstance(error, BaobabError)
        assert error.message("sw") != error.message("en")
