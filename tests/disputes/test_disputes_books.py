"""The worked examples of disputes: what is held, owed and booked at each step."""

from dataclasses import replace
from datetime import timedelta

import pytest

from shared.cases.model import CaseKind
from shared.disputes.asking import Asking
from shared.disputes.conceding import Conceding
from shared.disputes.errors import GatewayDecides, NothingToCollect
from shared.disputes.model import DisputeStatus
from shared.kernel.errors import NotFound
from shared.kernel.money import Currency, Money
from shared.payments.methods import Gateway, Method
from shared.payments.model import DepositStatus
from shared.platform.work import ConditionFailed

D, S = DisputeStatus, DepositStatus
USD, KES = Currency.USD, Currency.KES
OPENED, WON, LOST = (f"disputes.dispute_{each}.v1" for each in ("opened", "won", "lost"))

START = {
    "gateway_clearing:stripe:USD": 10_000,
    "cash:USD": -10_000,
    "customers_cash_at_broker:USD": 10_000,
    "firm_cash_at_broker:USD": -10_000,
}


def test_money_that_is_there_is_held_and_withdrawals_are_refused(world):
    deposit = world.deposit()
    world.tell(world.reading())
    assert world.purse() == (10_000, 10_000, 1, 0)
    assert world.books() == {
        "disputed:stripe:USD": 10_000,
        "cash:USD": -10_000,
        "customers_cash_at_broker:USD": 10_000,
        "firm_cash_at_broker:USD": -10_000,
    }
    assert world.now(deposit).status is S.DISPUTED
    assert world.events() == [OPENED]
    assert world.case_kinds() == [CaseKind.DISPUTE]
    with pytest.raises(ConditionFailed):
        world.commit(world.ledger.reserve(world.wallet(), 0, orders=0, to_leave=True))


def test_a_dispute_that_is_won_leaves_everything_as_it_was(world):
    deposit = world.deposit()
    world.tell(world.reading())
    world.tell(world.reading(D.UNDER_REVIEW))
    world.tell(world.reading(D.WON, taken=False))
    assert world.purse() == (10_000, 0, 0, 0)
    assert world.books() == START
    assert world.now(deposit).status is S.FUNDED
    assert world.now(deposit).before is None
    assert [one.status for one in world.dispute(deposit).moves] == [D.OPEN, D.UNDER_REVIEW, D.WON]
    assert world.dispute(deposit).look_at is None
    assert world.events() == [OPENED, WON]


def test_a_dispute_that_is_lost_takes_the_money_that_was_held(world):
    deposit = world.deposit()
    world.tell(world.reading())
    world.tell(world.reading(D.LOST))
    assert world.purse() == (0, 0, 0, 0)
    assert world.books() == {
        "customers_cash_at_broker:USD": 10_000,
        "firm_cash_at_broker:USD": -10_000,
    }
    assert world.now(deposit).status is S.DISPUTED
    assert world.events() == [OPENED, LOST]
    assert world.last(LOST).owed_minor == 0
    assert CaseKind.RECEIVABLE not in world.case_kinds()


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


def test_before_it_is_forwarded_the_deposits_own_hold_stands_in(world):
    deposit = world.deposit(S.SETTLED)
    world.tell(world.reading())
    assert world.purse() == (10_000, 10_000, 1, 0)
    assert world.now(deposit).status is S.DISPUTED
    assert world.now(deposit).due is None
    world.tell(world.reading(D.LOST))
    assert (world.purse(), world.books()) == ((0, 0, 0, 0), {})


def test_a_deposit_that_was_not_forwarded_goes_on_when_the_dispute_is_won(world):
    deposit = world.deposit(S.SETTLED)
    world.tell(world.reading())
    world.tell(world.reading(D.WON))
    assert world.purse() == (10_000, 10_000, 0, 0)
    assert world.now(deposit).status is S.SETTLED
    assert world.now(deposit).due is not None
    world.forward(deposit)
    assert world.purse() == (10_000, 0, 0, 0)
    assert world.books() == START


def test_a_bank_debit_that_bounces_is_lost_at_once(world):
    world.deposit(method=Method.BANK_DEBIT)
    world.invest(10_000)
    world.tell(world.reading(D.LOST, fee_minor=400))
    assert world.purse() == (0, 0, 0, 10_000)
    assert world.books() == {
        "receivable:USD": 10_000,
        "firm_cash_at_broker:USD": -10_000,
        "fees:stripe:USD": 400,
        "gateway_clearing:stripe:USD": -400,
    }
    assert world.events() == [LOST]


def test_shillings_are_taken_at_the_deposits_own_rate(world):
    world.deposit(amount=Money(1_300_000, KES), rate="0.0077")
    world.invest(4_010)
    assert world.purse() == (6_000, 0, 0, 0)
    world.tell(world.reading(amount=Money(1_300_000, KES)))
    assert world.purse() == (6_000, 6_000, 1, 4_010)
    world.tell(world.reading(D.LOST, amount=Money(1_300_000, KES)))
    assert world.purse() == (0, 0, 0, 4_010)
    assert world.books() == {
        "receivable:USD": 4_010,
        "customers_cash_at_broker:USD": 6_000,
        "firm_cash_at_broker:USD": -10_010,
    }


def test_a_part_of_a_payment_is_worth_its_part(world):
    world.deposit(amount=Money(1_300_000, KES), rate="0.0077")
    world.tell(world.reading(amount=Money(333_300, KES)))
    assert world.purse() == (10_010, 2_566, 1, 0)
    world.tell(world.reading(D.LOST, amount=Money(333_300, KES)))
    assert world.purse() == (7_444, 0, 0, 0)
    assert world.books()["fx_position:USD"] == 10_010 - 2_566
    assert world.books()["fx_position:KES"] == -1_300_000 + 333_300
    assert world.books()["gateway_clearing:stripe:KES"] == 1_300_000 - 333_300


def test_a_bank_that_speaks_another_currency_disputes_the_whole(world):
    world.deposit(amount=Money(1_300_000, KES), rate="0.0077")
    world.tell(world.reading(D.LOST, amount=Money(10_050, USD)))
    assert world.purse() == (0, 0, 0, 0)
    # The 40 cents between our rate and the bank's stay in the position.
    assert world.books()["fx_position:USD"] == 10_010 - 10_010 + 10_050
    assert world.books()["gateway_clearing:stripe:USD"] == -10_050


def test_the_gateways_fee_is_booked_once_and_as_it_grows(world):
    world.deposit()
    world.tell(world.reading(fee_minor=1_500))
    world.tell(world.reading(fee_minor=1_500))
    world.tell(world.reading(fee_minor=0))
    world.tell(world.reading(D.LOST, fee_minor=2_000))
    assert world.books()["fees:stripe:USD"] == 2_000
    assert world.books()["gateway_clearing:stripe:USD"] == -2_000


def test_the_fee_of_a_dispute_that_is_won_is_given_back_once_and_older_news_charge_it_no_more(
    world,
):
    world.deposit()
    world.tell(world.reading(fee_minor=1_500))
    world.tell(world.reading(D.WON, fee_minor=1_500))
    assert world.books()["fees:stripe:USD"] == 1_500
    world.tell(world.reading(D.WON, fee_minor=0))
    world.tell(world.reading(D.UNDER_REVIEW, fee_minor=1_500))
    world.tell(world.reading(D.WON, fee_minor=0))
    assert (world.purse(), world.books()) == ((10_000, 0, 0, 0), START)
    world.tell(world.reading(D.LOST, fee_minor=1_500))
    assert world.books()["fees:stripe:USD"] == 1_500
    world.tell(world.reading(D.WON, fee_minor=0))
    assert "fees:stripe:USD" not in world.books()


def test_a_warning_moves_nothing_and_asks_for_evidence(world):
    deposit = world.deposit()
    due = world.clock.now() + timedelta(days=7)
    world.tell(world.reading(D.WARNING, taken=False, evidence_due=due))
    assert (world.purse(), world.books()) == ((10_000, 0, 0, 0), START)
    assert world.now(deposit) == deposit
    assert world.events() == []
    (case,) = world.open_cases()
    assert dict(case.facts)["evidence_due"] == "2026-03-09T15:30:00.000000Z"
    world.tell(world.reading(D.CLOSED, taken=False))
    assert (world.purse(), world.books()) == ((10_000, 0, 0, 0), START)
    assert world.dispute(deposit).look_at is None


def test_money_is_taken_by_the_gateway_later_than_it_is_set_aside(world):
    world.deposit()
    world.tell(world.reading(taken=False))
    assert (world.purse(), world.books()) == ((10_000, 10_000, 1, 0), START)
    world.tell(world.reading(taken=True))
    assert world.books()["disputed:stripe:USD"] == 10_000
    world.tell(world.reading(taken=False))
    assert world.books()["disputed:stripe:USD"] == 10_000
    world.tell(world.reading(D.WON))
    assert (world.purse(), world.books()) == ((10_000, 0, 0, 0), START)


def test_what_is_lost_was_taken_even_if_nobody_said_so(world):
    world.deposit()
    world.tell(world.reading(taken=False))
    world.tell(world.reading(D.LOST, taken=False))
    assert world.purse() == (0, 0, 0, 0)
    assert world.books() == {
        "customers_cash_at_broker:USD": 10_000,
        "firm_cash_at_broker:USD": -10_000,
    }


def test_a_bank_may_take_back_a_second_time_what_was_won(world):
    deposit = world.deposit()
    world.tell(world.reading())
    world.tell(world.reading(D.WON))
    world.invest(10_000)
    world.tell(world.reading(D.LOST))
    assert world.purse() == (0, 0, 0, 10_000)
    assert world.books() == {"receivable:USD": 10_000, "firm_cash_at_broker:USD": -10_000}
    assert world.now(deposit).status is S.DISPUTED


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


def test_staff_ask_only_for_what_is_there(world):
    seen = []
    asking = Asking(world.disputes, world.facts)

    def ask():
        return asking.collect(world.user_id, lambda *minor: seen.append(minor) or [])

    with pytest.raises(NothingToCollect):
        ask()
    world.deposit()
    world.invest(10_000)
    world.tell(world.reading(D.LOST))
    with pytest.raises(NothingToCollect):
        ask()
    world.sell(2_500)
    assert (ask(), seen) == (Money(2_500, USD), [(10_000, 7_500)])
    assert world.events()[-1] == "disputes.collection_asked.v1"
    assert world.purse() == (2_500, 0, 0, 10_000)
    world.collecting.freed(world.user_id, world.user_id)
    assert world.purse() == (0, 0, 0, 7_500)


def test_a_dispute_is_given_up_once_and_only_where_the_gateway_is_silent(world):
    asking, conceding = Asking(world.disputes, world.facts), Conceding(world.recording)
    deposit = world.deposit()
    world.tell(world.reading())
    named = (world.user_id, deposit.deposit_id, world.dispute(deposit).dispute_id)
    with pytest.raises(GatewayDecides):
        asking.concede(*named, lambda _: [])
    conceding.concede(*named)
    assert world.dispute(deposit).status is D.OPEN
    other = replace(world.deposit(payment="PSP1"), gateway=Gateway.ADYEN)
    world.commit(world.deposits.save(other, other), *world.deposits.claim_payment(other, "PSP1"))
    world.disputing.proved(world.reading(gateway=Gateway.ADYEN, payment="PSP1"))
    silent = (world.user_id, other.deposit_id, world.dispute(other).dispute_id)
    assert asking.concede(*silent, lambda _: []).status is D.OPEN
    for _ in range(2):
        conceding.concede(*silent)
    assert world.dispute(other).status is D.LOST
    assert world.events().count(LOST) == 1
    told = len(world.facts.published)
    assert asking.concede(*silent, lambda _: []).status is D.LOST
    assert len(world.facts.published) == told
    with pytest.raises(NotFound):
        asking.concede(world.user_id, other.deposit_id, named[2], lambda _: [])
