"""What a person can do about their round-ups."""

import pytest

from shared.kernel.errors import IdempotencyKeyReused, InvalidValue, NotFound
from shared.kernel.money import Currency, Money
from shared.payments.errors import (
    AmountOutOfRange,
    BrokerAccountRefused,
    CurrencyNotAccepted,
    IdentityNotApproved,
    MethodNotOffered,
    RiskProfileMissing,
    WholeShillingsOnly,
)
from shared.payments.methods import Method
from shared.recurring.errors import CardNotKept
from shared.roundups.errors import RoundUpsNotRunning, RoundUpsRunning
from shared.roundups.model import Habits, RoundUpsStatus
from shared.strategies.errors import GoalArchived
from shared.strategies.goals import general_goal_id
from tests.roundups.conftest import PHONE, Coins, dollars


def test_who_never_had_any_has_none(coins: Coins) -> None:
    assert coins.service.of_person(coins.user_id) is None
    assert coins.service.transfers(coins.user_id, limit=5).transfers == ()
    for act in (coins.service.pause_all, coins.service.resume, coins.service.stop):
        with pytest.raises(RoundUpsNotRunning):
            act(coins.user_id, key="k")
    with pytest.raises(RoundUpsNotRunning):
        coins.service.change(coins.user_id, key="k", habits=Habits())


def test_they_are_started_with_an_empty_pool_and_the_usual_terms(coins: Coins) -> None:
    made = coins.start(habits=Habits(multiplier=2))
    assert (made.status, made.pool, made.due) == (RoundUpsStatus.ACTIVE, 0, None)
    assert (made.threshold, made.whole) == (dollars("5.00"), dollars("1.00"))
    assert (made.source.shown_as, made.habits) == ("**** 4242", Habits(multiplier=2))
    assert coins.now() == made
    assert coins.told() == [
        {
            "type": "roundups.round_ups_started.v1",
            "user_id": coins.user_id,
            "round_ups_id": made.round_ups_id,
            "method": "CARD",
            "multiplier": 2,
            "currency": "USD",
            "amount_minor": 500,
        }
    ]


def test_the_instrument_is_kept_as_ciphertext_only(coins: Coins) -> None:
    made = coins.start_phone()
    assert made.source.shown_as == "2547*****678"
    assert b"712345678" not in made.source.sealed
    opened = coins.orders.service.instruments.open(coins.user_id, made.source.sealed)
    assert opened == {"phone": "254712345678"}


def test_a_person_may_name_another_threshold_within_the_limits_of_a_payment(coins: Coins) -> None:
    assert coins.start(threshold=dollars("20.00")).threshold == dollars("20.00")
    coins.buys(*["1.01"] * 20)
    assert coins.now().due is None
    coins.buys("1.80")
    assert coins.now().due is not None


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"threshold": dollars("0.99")}, AmountOutOfRange),
        ({"threshold": dollars("10000.01")}, AmountOutOfRange),
        ({"method": Method.BANK_DEBIT}, MethodNotOffered),
        ({"method": Method.PAYBILL}, MethodNotOffered),
        ({"method": Method.MPESA, "phone": PHONE}, CurrencyNotAccepted),
        (
            {
                "method": Method.MPESA,
                "phone": PHONE,
                "currency": Currency.KES,
                "threshold": Money(50_050, Currency.KES),
            },
            WholeShillingsOnly,
        ),
        ({"method": Method.MPESA, "currency": Currency.KES}, InvalidValue),
        ({"card_of": None}, CardNotKept),
        ({"card_of": "dep_t1_01KG96R6400000000000000009"}, CardNotKept),
        ({"habits": Habits(goal_id="gol_t1_01KG96R6400000000000000009")}, NotFound),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_recorded(
    coins: Coins, changes: dict[str, object], error: type[Exception]
) -> None:
    with pytest.raises(error):
        coins.start(**changes)
    assert coins.store.get(coins.user_id) is None
    assert coins.told() == []
    assert coins.start().status is RoundUpsStatus.ACTIVE


@pytest.mark.parametrize(
    ("standing", "error"),
    [
        ({"kyc_status": "REJECTED"}, IdentityNotApproved),
        ({"risk_score": None}, RiskProfileMissing),
        ({"broker_status": "REJECTED"}, BrokerAccountRefused),
    ],
)
def test_only_who_may_pay_in_starts_them(
    coins: Coins, standing: dict[str, object], error: type[Exception]
) -> None:
    wish = coins.wish()
    coins.world.person(**coins.orders.sealed, **standing)
    with pytest.raises(error):
        coins.service.start(coins.user_id, key="k", wish=wish)
    assert coins.store.get(coins.user_id) is None


def test_a_person_has_one_pool(coins: Coins) -> None:
    made = coins.start()
    assert coins.start() == made
    with pytest.raises(RoundUpsRunning):
        coins.start(key="other")
    with pytest.raises(IdempotencyKeyReused):
        coins.start(habits=Habits(multiplier=2))
    coins.service.pause_all(coins.user_id, key="p")
    with pytest.raises(RoundUpsRunning):
        coins.start(key="third")


def test_another_goal_and_multiplier_hold_for_what_comes_from_now_on(coins: Coins) -> None:
    coins.start()
    coins.buys("12.10")
    house = coins.goal("House")
    habits = Habits(multiplier=3, whole_units=True, goal_id=house)
    assert coins.service.change(coins.user_id, key="c", habits=habits).habits == habits
    coins.buys("12.10", "25.00")
    assert coins.now().pooled.amount == "6.60"
    assert coins.told()[-1]["change"] == "SETTINGS_CHANGED"
    before = coins.told()
    coins.service.change(coins.user_id, key="d", habits=habits)
    assert coins.told() == before
    for wrong in (Habits(multiplier=11), Habits(goal_id="gol_t1_01KG96R6400000000000000009")):
        with pytest.raises((InvalidValue, NotFound)):
            coins.service.change(coins.user_id, key="e", habits=wrong)
    assert coins.now().habits == habits


def test_nothing_is_saved_for_a_goal_that_was_given_up(coins: Coins) -> None:
    house = coins.goal("House", archived=True)
    with pytest.raises(GoalArchived):
        coins.start(habits=Habits(goal_id=house))
    assert coins.store.get(coins.user_id) is None


def test_the_general_goal_is_none_by_its_name_too(coins: Coins) -> None:
    general = general_goal_id(coins.user_id)
    assert coins.start(habits=Habits(goal_id=general)).habits == Habits()
    same = coins.service.change(coins.user_id, key="c", habits=Habits(goal_id=general))
    assert same.habits == Habits()
    assert [one for one in coins.told() if "change" in one] == []


def test_pausing_resuming_and_stopping_are_told_once_each(coins: Coins) -> None:
    coins.start()
    coins.buys("30.45")
    service, user_id = coins.service, coins.user_id
    for number in range(2):
        assert service.pause_all(user_id, key=f"p{number}").status is RoundUpsStatus.PAUSED
    for number in range(2):
        assert service.resume(user_id, key=f"r{number}").status is RoundUpsStatus.ACTIVE
    for number in range(2):
        ended = service.stop(user_id, key=f"s{number}")
        assert (ended.status, ended.pool) == (RoundUpsStatus.STOPPED, 0)
    changes = [(one["change"], one["amount_minor"]) for one in coins.told() if "change" in one]
    assert changes == [("PAUSED", 55), ("RESUMED", 55), ("STOPPED", 0)]
    for act in (service.pause_all, service.resume):
        with pytest.raises(RoundUpsNotRunning):
            act(user_id, key="late")


def test_a_new_start_has_an_empty_pool_and_its_own_currency(coins: Coins) -> None:
    first = coins.start()
    coins.buys("30.45")
    coins.service.stop(coins.user_id, key="stop")
    again = coins.start_phone(key="again")
    assert (again.pool, again.currency, again.round_ups_id) == (
        0,
        Currency.KES,
        first.round_ups_id,
    )
    coins.buys("50")
    assert coins.now().pooled == Money(5_000, Currency.KES)
    assert coins.refunds("p-1-0").round_ups.pool == 5_000


def test_what_is_still_collected_of_an_ended_pool_keeps_its_currency(coins: Coins) -> None:
    coins.start()
    coins.buys(*["1.01"] * 6)
    coins.tomorrow()
    coins.run()
    coins.service.stop(coins.user_id, key="stop")
    coins.start_phone(key="again")
    coins.buys("50")
    stored = coins.now()
    assert (stored.under_way, stored.pooled) == (
        Money(594, Currency.USD),
        Money(5_000, Currency.KES),
    )
    coins.pays(coins.made()[0])
    coins.checks()
    stored = coins.now()
    assert (stored.under_way, stored.pooled) == (
        Money(0, Currency.KES),
        Money(5_000, Currency.KES),
    )


def test_collections_are_read_in_pages_newest_first(coins: Coins) -> None:
    coins.start()
    for _ in range(3):
        coins.buys(*["1.01"] * 6)
        coins.tomorrow()
        coins.run()
        coins.pays(coins.made()[0])
        coins.checks()
    page = coins.service.transfers(coins.user_id, limit=2)
    assert [one.number for one in page.transfers] == [3, 2]
    rest = coins.service.transfers(coins.user_id, limit=2, after=page.after)
    assert [one.number for one in rest.transfers] == [1]
