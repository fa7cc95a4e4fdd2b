"""A withdrawal that settled cash does not cover: allowed as far as sales reach, with all checks."""

from datetime import date, timedelta

import pytest

from shared.kernel.money import Currency, Money
from shared.ledger.accounts import customer_cash, firm_cash_at_broker
from shared.ledger.model import Draft, EntryKind, Posting
from shared.payouts.model import PayoutStatus
from shared.payouts.reasons import PayoutReason
from shared.platform.tables import as_changes
from shared.withdrawals.deciding import Wanted
from shared.withdrawals.errors import NotEnoughMoney, PayoutsBlocked, TooOften
from shared.withdrawals.model import Verdict
from shared.withdrawals.offers import settled_if_sold
from shared.withdrawals.screening import Activity, Movement, Rule, Wish, findings
from tests.withdrawals.conftest import AMERICAN, NOW, World

REQUESTED = ["payouts.payout_requested.v1", "withdrawals.withdrawal_requested.v1"]


def bank_of(world: World) -> object:
    """An account that was added long ago."""
    account = world.bank(AMERICAN)
    world.clock.advance(timedelta(days=30))
    return account


def test_what_cash_does_not_cover_is_raised_and_what_there_is_is_held(world: World) -> None:
    account = bank_of(world)
    world.cash(10_000)
    world.sales.worth, world.sales.free = 100_000, 10_000
    payout = world.withdraw(account, "150.00")
    assert (payout.status, payout.reason) == (PayoutStatus.RAISING, PayoutReason.CASH_RAISED)
    assert (payout.debited, payout.amount) == (Money(15_000, Currency.USD),) * 2
    assert (payout.lacks_minor, payout.held_minor) == (5_000, 10_000)
    assert world.sales.asked == [(world.user_id, 15_000)]
    assert (world.wallet().held, world.wallet().available) == (10_000, 0)
    assert world.events()[1:] == REQUESTED
    assert world.withdraw(account, "150.00") == payout


def test_what_cash_covers_asks_nobody_what_could_be_sold(memory: World) -> None:
    account = bank_of(memory)
    memory.cash(10_000)
    payout = memory.withdraw(account, "100.00")
    assert (payout.status, payout.lacks_minor) == (PayoutStatus.READY, 0)
    assert memory.sales.asked == []


def test_sales_reach_as_far_as_what_is_held_less_the_cushion(memory: World) -> None:
    account = bank_of(memory)
    memory.cash(10_000)
    memory.sales.worth, memory.sales.free = 100_250, 10_000
    with pytest.raises(NotEnoughMoney) as much:
        memory.withdraw(account, "1100.01")
    assert much.value.values == {"available": "1100.00 USD"}
    assert memory.wallet().held == 0
    assert memory.withdraw(account, "1100.00").lacks_minor == 100_000


def test_cash_that_has_not_settled_is_waited_for(memory: World) -> None:
    account = bank_of(memory)
    memory.cash(10_000)
    tomorrow = memory.clock.now().date() + timedelta(days=1)
    legs = (
        Posting(firm_cash_at_broker(), "USD/2", 5_000),
        Posting(customer_cash(memory.user_id), "USD/2", -5_000),
    )
    draft = Draft(EntryKind.SELL, "test", memory.clock.now(), legs)
    more = memory.ledger.post(memory.wallet(), draft, posted=5_000, settling={tomorrow: 5_000})
    memory.database.transact(as_changes(more))
    memory.sales.free = 15_000
    payout = memory.withdraw(account, "150.00")
    assert (payout.status, payout.lacks_minor) == (PayoutStatus.RAISING, 5_000)


def test_the_preview_is_what_the_sale_is_for(memory: World) -> None:
    account = bank_of(memory)
    memory.cash(10_000)
    memory.sales.worth, memory.sales.free = 100_000, 10_000
    offer = memory.withdrawals.preview(
        memory.user_id, Wanted(account.account_id, Money(15_000, Currency.USD))
    )
    assert memory.wallet().held == 0
    payout = memory.withdraw(account, "150.00")
    assert (offer.lacks_minor, offer.sold_minor) == (payout.lacks_minor, 5_000)
    assert offer.expected_on == settled_if_sold(memory.clock.now())


def test_all_other_refusals_come_as_before(memory: World) -> None:
    account = bank_of(memory)
    memory.sales.worth = 10_000_000
    for number in range(5):
        memory.withdraw(account, "10.00", key=f"key-{number}")
    with pytest.raises(TooOften):
        memory.withdraw(account, "10.00", key="key-9")
    memory.database.transact(as_changes([memory.ledger.block(memory.wallet(), 1)]))
    with pytest.raises(PayoutsBlocked):
        memory.withdraw(account, "10.00", key="key-9")


def test_staff_agree_first_and_then_it_is_sold(memory: World) -> None:
    account = bank_of(memory)
    memory.cash(10_000)
    memory.sales.worth, memory.sales.free = 10_000_000, 10_000
    payout = memory.withdraw(account, "5000.00")
    assert (payout.status, payout.lacks_minor) == (PayoutStatus.IN_REVIEW, 490_000)
    assert memory.wallet().held == 10_000
    agreed = memory.reviewing.decide(
        memory.user_id, payout.payout_id, Verdict.APPROVE, "staff", lambda *_: []
    )
    assert (agreed.status, agreed.lacks_minor) == (PayoutStatus.RAISING, 490_000)
    assert memory.wallet().held == 10_000


def test_who_does_not_agree_frees_what_was_held_and_nothing_more(memory: World) -> None:
    account = bank_of(memory)
    memory.cash(10_000)
    memory.sales.worth, memory.sales.free = 10_000_000, 10_000
    payout = memory.withdraw(account, "5000.00")
    memory.reviewing.decide(
        memory.user_id, payout.payout_id, Verdict.REJECT, "staff", lambda *_: []
    )
    assert (memory.wallet().held, memory.wallet().available) == (0, 10_000)


def test_a_new_account_gets_nothing_earlier_because_something_is_sold(memory: World) -> None:
    account = memory.bank(AMERICAN)
    memory.sales.worth = 10_000_000
    payout = memory.withdraw(account, "100.00")
    assert (payout.status, payout.not_before) == (PayoutStatus.RAISING, account.usable_at)


def test_purchases_that_are_sold_again_excuse_nothing() -> None:
    came = Movement(NOW - timedelta(hours=5), 100_000)
    bought = Movement(NOW - timedelta(hours=4), 99_000)
    activity = Activity(NOW - timedelta(days=400), [came], [bought], NOW - timedelta(days=90))

    def hits(raised: int) -> tuple[Rule, ...]:
        wish = Wish(NOW, 95_000, 100_000, NOW - timedelta(days=300), raised)
        return findings(wish, activity, [], approval_minor=200_000)

    assert hits(94_000) == (Rule.IN_AND_OUT,)
    assert hits(0) == ()


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        ("2026-03-02T15:00:00+00:00", date(2026, 3, 3)),
        ("2026-03-02T22:00:00+00:00", date(2026, 3, 4)),
        ("2026-03-06T22:00:00+00:00", date(2026, 3, 10)),
        ("2026-04-02T15:00:00+00:00", date(2026, 4, 6)),
        ("2199-01-01T15:00:00+00:00", None),
    ],
)
def test_when_a_sale_of_the_next_session_has_settled(moment: str, day: date | None) -> None:
    assert settled_if_sold(type(NOW).fromisoformat(moment)) == day
