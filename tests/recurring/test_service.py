"""What a person does about standing orders: each act once per key, nothing kept in clear."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from shared.kernel.errors import (
    BaobabError,
    IdempotencyKeyReused,
    IllegalTransition,
    InvalidValue,
    NotFound,
)
from shared.kernel.ids import Kind
from shared.kernel.money import Currency, Money
from shared.payments.errors import (
    AmountOutOfRange,
    CurrencyNotAccepted,
    IdentityNotApproved,
    MethodNotOffered,
    RiskProfileMissing,
    WholeShillingsOnly,
)
from shared.payments.methods import Method
from shared.payments.states import DepositStatus
from shared.platform.memory import MemoryDatabase
from shared.recurring.dates import Frequency, Rule, Zone
from shared.recurring.errors import CardNotKept, ScheduleNotActive, TooManySchedules
from shared.recurring.model import OccurrenceStatus, Schedule, ScheduleStatus
from shared.recurring.reasons import SkipReason
from shared.recurring.service import LIVE_MAX, Wish
from tests.payments.twins import Crash
from tests.recurring.conftest import Orders

SATURDAYS = Rule(Frequency.WEEKLY, 6)


def rows(orders: Orders) -> dict[str, str]:
    database = orders.world.database
    assert isinstance(database, MemoryDatabase)
    return {f"{key.pk}|{key.sk}": repr(item) for key, item in database._items.items()}


def test_an_order_waits_for_its_first_day(orders: Orders) -> None:
    order = orders.order()
    assert order == orders.now(order)
    assert (order.status, order.next_on) == (ScheduleStatus.ACTIVE, date(2026, 1, 31))
    assert order.due == datetime(2026, 1, 31, 6, 0, tzinfo=UTC)
    assert (order.amount, order.method) == (Money.parse("5000", Currency.KES), Method.MPESA)
    assert order.shown_as == "2547*****678"


def test_the_number_is_kept_sealed_and_in_no_row_in_clear(orders: Orders) -> None:
    order = orders.order()
    assert order.sealed
    assert not any("712345678" in text for text in rows(orders).values())
    opened = orders.service.instruments.open(orders.user_id, order.sealed)
    assert opened == {"phone": "254712345678"}


def test_without_a_first_day_it_begins_tomorrow_or_later(
    orders_at: Callable[[datetime], Orders],
) -> None:
    late = orders_at(datetime(2026, 1, 30, 22, 0, tzinfo=UTC))
    # It is the 31st in Nairobi already, so that the 31st of January is no more to be had.
    assert late.order(starts_on=None).next_on == date(2026, 2, 28)
    lagos = late.order(key="k-2", starts_on=None, zone=Zone.LAGOS)
    assert lagos.next_on == date(2026, 1, 31)


@pytest.mark.parametrize("days", [-1, 367])
def test_the_first_day_is_today_or_within_a_year(orders: Orders, days: int) -> None:
    with pytest.raises(InvalidValue) as refused:
        orders.order(starts_on=date(2026, 1, 31) + timedelta(days=days))
    assert refused.value.values["field"] == "starts_on"
    assert orders.service.orders(orders.user_id) == []


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"amount": Money.parse("5", Currency.KES)}, AmountOutOfRange),
        ({"amount": Money.parse("250001", Currency.KES)}, AmountOutOfRange),
        ({"amount": Money.parse("100.50", Currency.KES)}, WholeShillingsOnly),
        ({"amount": Money.parse("50", Currency.USD)}, CurrencyNotAccepted),
        ({"phone": "+49 151 12345678"}, InvalidValue),
        ({"phone": None}, InvalidValue),
        ({"method": Method.BANK_DEBIT}, MethodNotOffered),
        ({"method": Method.BANK_TRANSFER}, MethodNotOffered),
        ({"method": Method.PAYBILL}, MethodNotOffered),
        ({"method": Method.CARD}, CardNotKept),
    ],
)
def test_what_deposits_refuse_is_refused_here_and_uses_no_key(
    orders: Orders, changes: dict[str, object], error: type[BaobabError]
) -> None:
    before = rows(orders)
    with pytest.raises(error):
        orders.service.create(orders.user_id, key="k-1", wish=replaced_wish(orders, **changes))
    assert rows(orders) == before
    assert orders.order().status is ScheduleStatus.ACTIVE


def replaced_wish(orders: Orders, **changes: Any) -> Wish:
    return replace(orders.wish(), **changes)


def test_people_without_identity_or_profile_are_refused(orders: Orders) -> None:
    for changes, error in (
        ({"kyc_status": "REJECTED"}, IdentityNotApproved),
        ({"risk_score": None}, RiskProfileMissing),
    ):
        orders.world.person(**orders.sealed, **changes)
        with pytest.raises(error):
            orders.order()
    assert orders.service.orders(orders.user_id) == []


def test_a_handful_is_enough_and_cancelled_ones_do_not_count(orders: Orders) -> None:
    made = [orders.order(key=f"k-{each}") for each in range(LIVE_MAX)]
    with pytest.raises(TooManySchedules):
        orders.order(key="one-more")
    orders.service.cancel(orders.user_id, made[0].schedule_id, key="c")
    assert orders.order(key="one-more").status is ScheduleStatus.ACTIVE
    assert len(orders.service.orders(orders.user_id)) == LIVE_MAX + 1


def test_the_same_key_gives_the_same_order_and_another_wish_an_error(orders: Orders) -> None:
    first = orders.order()
    again = orders.order(phone="+254712345678")
    assert again == first
    for changes in (
        {"amount": "5001"},
        {"phone": "0712345679"},
        {"rule": SATURDAYS},
        {"rule": Rule(Frequency.MONTHLY, 30)},
        {"zone": Zone.LAGOS},
        {"starts_on": date(2026, 2, 1)},
        {"starts_on": None},
    ):
        with pytest.raises(IdempotencyKeyReused):
            orders.order(**changes)
    assert orders.service.orders(orders.user_id) == [first]


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_crash_while_it_is_made_leaves_one(orders: Orders, moment: str) -> None:
    orders.world.facts.script = [moment]
    with pytest.raises(Crash):
        orders.order()
    first = orders.order()
    assert orders.order() == first
    assert orders.service.orders(orders.user_id) == [first]
    assert len(orders.told("recurring.schedule_created")) == 1


def test_a_card_that_was_kept_is_charged_by_the_names_of_its_gateway(orders: Orders) -> None:
    order = orders.card_order()
    assert (order.method, order.shown_as) == (Method.CARD, "**** 4242")
    opened = orders.service.instruments.open(orders.user_id, order.sealed)
    assert opened == {"customer": "cus_1", "payment_method": "pm_1"}
    assert not any("cus_1" in text or "pm_1" in text for text in rows(orders).values())


@pytest.mark.parametrize("what", ["other", "unsettled", "not_kept", "push", "missing"])
def test_only_ones_own_settled_payment_with_a_kept_card_gives_one(
    orders: Orders, what: str
) -> None:
    deposit = orders.world.card(key="first")
    named = deposit.deposit_id
    if what == "unsettled":
        orders.keeper.cards[deposit.reference or ""] = type("Kept", (), {})()
    elif what == "not_kept":
        orders.pays(deposit)
    elif what == "push":
        named = orders.world.mpesa(key="second").deposit_id
    elif what == "missing":
        named = orders.world.ids.new(Kind.DEPOSIT)
    elif what == "other":
        orders.pays(deposit)
        orders.world.user_id = orders.user_id = "usr_t1_01ARZ3NDEKTSV4RRFFQ69G5FAV"
        orders.world.person(**orders.sealed)
    with pytest.raises(CardNotKept):
        orders.service.create(
            orders.user_id,
            key="k-1",
            wish=replaced_wish(
                orders,
                method=Method.CARD,
                phone=None,
                card_of=named,
                amount=Money.parse("50", Currency.USD),
            ),
        )
    assert orders.service.orders(orders.user_id) == []
    assert deposit.status is DepositStatus.ACTION_REQUIRED


def test_paused_nothing_is_collected_and_resumed_nothing_is_made_up_for(orders: Orders) -> None:
    order = orders.order(rule=SATURDAYS)
    orders.service.pause_order(orders.user_id, order.schedule_id, key="p")
    for weeks in range(4):
        orders.at(date(2026, 1, 31) + timedelta(weeks=weeks), 9.5)
        orders.run()
    assert (orders.made(), orders.swept()) == ([], [])
    resumed = orders.service.resume(orders.user_id, order.schedule_id, key="r")
    assert (resumed.status, resumed.next_on) == (ScheduleStatus.ACTIVE, date(2026, 2, 28))
    orders.at(date(2026, 2, 28), 9)
    orders.run()
    assert len(orders.made()) == 1


def test_resumed_before_its_time_the_day_still_counts(orders: Orders) -> None:
    order = orders.order(rule=SATURDAYS)
    orders.service.pause_order(orders.user_id, order.schedule_id, key="p")
    orders.at(date(2026, 2, 7), 8.9)
    resumed = orders.service.resume(orders.user_id, order.schedule_id, key="r")
    assert resumed.next_on == date(2026, 2, 7)


def test_a_day_that_was_collected_is_not_collected_again_by_pausing_and_resuming(
    orders: Orders,
) -> None:
    order = orders.order(rule=SATURDAYS)
    orders.at(date(2026, 1, 31), 9)
    orders.run()
    for act in ("pause_order", "resume"):
        getattr(orders.service, act)(orders.user_id, order.schedule_id, key=act)
    assert orders.now(order).next_on == date(2026, 2, 7)
    orders.run()
    assert len(orders.made()) == 1


def test_the_next_occurrence_is_left_out_once_per_key(orders: Orders) -> None:
    order = orders.order(rule=SATURDAYS)
    for _ in range(3):
        after = orders.service.skip_next(orders.user_id, order.schedule_id, key="s")
        assert after.next_on == date(2026, 2, 7)
    left_out = orders.occurrence(order, date(2026, 1, 31))
    assert left_out is not None
    assert (left_out.status, left_out.reason) == (OccurrenceStatus.SKIPPED, SkipReason.BY_PERSON)
    orders.at(date(2026, 1, 31), 12)
    orders.run()
    assert orders.made() == []
    assert orders.told("recurring.occurrence") == []
    again = orders.service.skip_next(orders.user_id, order.schedule_id, key="s-2")
    assert again.next_on == date(2026, 2, 14)


def test_of_an_order_that_does_not_run_nothing_can_be_left_out(orders: Orders) -> None:
    order = orders.order()
    orders.service.pause_order(orders.user_id, order.schedule_id, key="p")
    with pytest.raises(ScheduleNotActive):
        orders.service.skip_next(orders.user_id, order.schedule_id, key="s")


def test_another_amount_holds_from_the_next_occurrence_on(orders: Orders) -> None:
    order = orders.order(rule=SATURDAYS)
    orders.at(date(2026, 1, 31), 9)
    orders.run()
    more = Money.parse("7500", Currency.KES)
    for _ in range(2):
        orders.service.change(orders.user_id, order.schedule_id, key="a", amount=more)
    orders.fails(orders.made()[0])
    orders.checks()
    orders.at(date(2026, 1, 31), 10.2)
    orders.run()
    orders.pays(orders.made()[0])
    orders.at(date(2026, 2, 7), 9)
    orders.run()
    amounts = [one.amount.amount for one in orders.made()]
    assert amounts == ["7500.00", "5000.00", "5000.00"]
    changes = [one["change"] for one in orders.told("recurring.schedule_changed")]
    assert changes == ["AMOUNT_CHANGED"]


def test_an_amount_that_deposits_refuse_changes_nothing(orders: Orders) -> None:
    order = orders.order()
    for amount in (Money.parse("5", Currency.KES), Money.parse("50", Currency.USD)):
        with pytest.raises(BaobabError):
            orders.service.change(orders.user_id, order.schedule_id, key="a", amount=amount)
    assert orders.now(order) == order


def test_a_cancelled_order_stays_cancelled(orders: Orders) -> None:
    order = orders.order()
    where = (orders.user_id, order.schedule_id)
    for _ in range(2):
        assert orders.service.cancel(*where, key="c").status is ScheduleStatus.CANCELLED
    assert orders.service.cancel(*where, key="c-2").status is ScheduleStatus.CANCELLED
    with pytest.raises(IllegalTransition):
        orders.service.pause_order(*where, key="p")
    with pytest.raises(IllegalTransition):
        orders.service.resume(*where, key="r")
    with pytest.raises(ScheduleNotActive):
        orders.service.change(*where, key="a", amount=Money.parse("9000", Currency.KES))
    orders.at(date(2026, 1, 31), 12)
    orders.run()
    assert orders.made() == []
    assert [one["change"] for one in orders.told("recurring.schedule_changed")] == ["CANCELLED"]


ACTS: list[Callable[[Orders, Schedule, str], Schedule]] = [
    lambda orders, order, key: orders.service.pause_order(
        orders.user_id, order.schedule_id, key=key
    ),
    lambda orders, order, key: orders.service.resume(orders.user_id, order.schedule_id, key=key),
    lambda orders, order, key: orders.service.skip_next(orders.user_id, order.schedule_id, key=key),
    lambda orders, order, key: orders.service.cancel(orders.user_id, order.schedule_id, key=key),
    lambda orders, order, key: orders.service.change(
        orders.user_id, order.schedule_id, key=key, amount=Money.parse("6000", Currency.KES)
    ),
]


@pytest.mark.parametrize("act", ACTS, ids=["pause", "resume", "skip", "cancel", "amount"])
def test_an_act_beside_the_worker_is_done_on_what_is_there_then(
    orders: Orders, act: Callable[[Orders, Schedule, str], Schedule]
) -> None:
    order = orders.order(rule=SATURDAYS)
    orders.at(date(2026, 1, 31), 9)
    inner, calls = orders.store.get, []

    def slow(user_id: str, schedule_id: str) -> Schedule | None:
        found = inner(user_id, schedule_id)
        calls.append(1)
        if len(calls) == 1:
            # While the person's request has read the order, its day is begun.
            orders.run()
        return found

    orders.store.get = slow  # a race, made to happen
    after = act(orders, order, "a")
    orders.store.get = inner  # as it was
    assert len(orders.made()) == 1
    assert orders.now(order).next_on >= date(2026, 2, 7)
    if act is not ACTS[1]:
        # To resume what runs changes nothing, whatever happens beside it.
        assert orders.now(order) == after


@pytest.mark.parametrize("act", ACTS, ids=["pause", "resume", "skip", "cancel", "amount"])
def test_others_orders_are_not_there(
    orders: Orders, act: Callable[[Orders, Schedule, str], Schedule]
) -> None:
    order = orders.order()
    before = rows(orders)
    orders.user_id = "usr_t1_01ARZ3NDEKTSV4RRFFQ69G5FAV"
    with pytest.raises(NotFound):
        act(orders, order, "a")
    assert rows(orders) == before
    assert orders.service.orders(orders.user_id) == []


def test_history_is_newest_first_in_pages(orders: Orders) -> None:
    order = orders.order(rule=SATURDAYS)
    for number in range(5):
        orders.service.skip_next(orders.user_id, order.schedule_id, key=f"s-{number}")
    days, after = [], None
    for _ in range(3):
        page = orders.service.history(orders.user_id, order.schedule_id, limit=2, after=after)
        days += [one.on for one in page.occurrences]
        after = page.after
    assert days == [date(2026, 1, 31) + timedelta(weeks=each) for each in (4, 3, 2, 1, 0)]
    assert after is None
