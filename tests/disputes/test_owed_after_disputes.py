"""Money that a dispute takes and that is not there is owed, and comes from what becomes free."""

import pytest

from shared.cases.model import CaseKind
from shared.disputes.model import DisputeStatus
from shared.kernel.money import Currency, Money
from shared.payments.model import DepositStatus
from shared.platform.work import ConditionFailed
from tests.disputes.worked import LOST

D, S = DisputeStatus, DepositStatus
USD = Currency.USD


def test_what_was_invested_is_owed_and_cash_never_negative(world):
    world.deposit()
    world.invest(7_000)
    world.tell(world.reading())
    assert world.purse() == (3_000, 3_000, 1, 7_000)
    assert world.books() == {
        "disputed:stripe:USD": 10_000,
        "cash:USD": -3_000,
        "receivable:USD": 7_000,
        "contested:USD": -7_000,
        "customers_cash_at_broker:USD": 3_000,
        "firm_cash_at_broker:USD": -10_000,
    }
    world.tell(world.reading(D.LOST))
    assert world.purse() == (0, 0, 0, 7_000)
    assert world.books() == {
        "receivable:USD": 7_000,
        "customers_cash_at_broker:USD": 3_000,
        "firm_cash_at_broker:USD": -10_000,
    }
    assert world.last(LOST).owed_minor == 7_000
    assert sorted(world.case_kinds()) == [CaseKind.DISPUTE, CaseKind.RECEIVABLE]
    with pytest.raises(ConditionFailed):
        world.commit(world.ledger.reserve(world.wallet(), 0, orders=0, to_leave=True))


def test_cash_of_a_lost_dispute_comes_to_the_firm_at_the_broker(world):
    world.deposit()
    world.invest(7_000)
    world.tell(world.reading())
    assert world.claimed() == []
    for _ in range(2):
        world.tell(world.reading(D.LOST))
    assert world.claimed() == [3_000]
    world.sell(5_000)
    for _ in range(2):
        world.collecting.freed(world.user_id, "order")
    assert world.claimed() == [3_000, 5_000]
    world.fetch()
    assert world.books() == {"receivable:USD": 2_000, "firm_cash_at_broker:USD": -2_000}


def test_nothing_is_fetched_of_money_that_never_was_at_the_broker(world):
    world.deposit(S.SETTLED)
    world.tell(world.reading(D.LOST))
    assert world.claimed() == []


def test_what_was_owed_is_forgiven_when_the_dispute_is_won(world):
    world.deposit()
    world.invest(7_000)
    world.tell(world.reading())
    world.tell(world.reading(D.WON))
    assert world.purse() == (3_000, 0, 0, 0)
    assert world.books() == {
        "gateway_clearing:stripe:USD": 10_000,
        "cash:USD": -3_000,
        "customers_cash_at_broker:USD": 3_000,
        "firm_cash_at_broker:USD": -10_000,
    }


def test_cash_that_becomes_free_stands_in_and_is_given_back_when_won(world):
    world.deposit()
    world.invest(10_000)
    world.tell(world.reading())
    world.sell(4_000)
    world.collecting.freed(world.user_id, "order")
    world.collecting.freed(world.user_id, "order")
    assert world.purse() == (4_000, 4_000, 1, 6_000)
    assert world.books()["contested:USD"] == -6_000
    world.tell(world.reading(D.WON))
    assert world.purse() == (4_000, 0, 0, 0)
    assert "contested:USD" not in world.books()


def test_cash_that_becomes_free_pays_what_is_owed_for_good(world):
    world.deposit()
    world.invest(10_000)
    world.tell(world.reading(D.LOST))
    world.deposit(payment="pi_2", amount=Money(4_000, USD))
    world.collecting.freed(world.user_id, "deposit")
    assert world.purse() == (0, 0, 0, 6_000)
    world.deposit(payment="pi_3", amount=Money(9_000, USD))
    for _ in range(2):
        world.collecting.freed(world.user_id, "deposit")
    assert world.purse() == (3_000, 0, 0, 0)
    assert "receivable:USD" not in world.books()
    paid = [one for one in world.facts.published if one.type == "disputes.receivable_paid"]
    assert [(one.amount_minor, one.left_minor) for one in paid] == [(4_000, 6_000), (6_000, 0)]


def test_debts_for_good_come_before_those_that_are_not_decided(world):
    world.deposit()
    world.deposit(payment="pi_2", amount=Money(5_000, USD))
    world.invest(15_000)
    world.tell(world.reading(D.LOST))
    world.tell(world.reading(reference="dp_2", payment="pi_2", amount=Money(5_000, USD)))
    assert world.purse() == (0, 0, 1, 15_000)
    world.sell(12_000)
    world.collecting.freed(world.user_id, "order")
    assert world.purse() == (2_000, 2_000, 1, 3_000)
    assert world.books()["receivable:USD"] == 3_000
    assert world.books()["contested:USD"] == -3_000
