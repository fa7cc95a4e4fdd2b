"""Money at the gateway that no deposit took: one case as long as it is there, however it comes."""

import json
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest

from shared.cases.model import CaseKind, CaseStatus, case_id_of, new_case
from shared.kernel.ids import Kind, UlidIds
from shared.kernel.money import Currency, Money
from shared.payments.cash_balances import (
    ASKED_FOR,
    CHECK,
    PATIENCE,
    CashLeft,
    LeftBehind,
    case_subject,
    customer_in,
)
from shared.payments.errors import GatewayUnavailable
from shared.payments.methods import Gateway, Method
from shared.payments.ports import Lapsed, Paid, Waiting
from shared.payments.states import DepositStatus
from shared.platform.queues import CheckMessage, Checks
from shared.reconciliation.breaks import Breaks
from shared.reconciliation.model import Book, Party
from tests.payments.twins import Crash

CUSTOMER = "cus_1"
CASE = case_id_of(CaseKind.UNMATCHED_MONEY, case_subject(CUSTOMER))
HUNDRED = Money(10_000, Currency.USD)


@dataclass
class Balances:
    """The gateway: what is there, and what happens while it is asked."""

    now: CashLeft | None = None
    script: list = field(default_factory=list)
    asked: int = 0

    def customer_behind(self, reference):
        return CUSTOMER if reference == "ref_1" else None

    def left(self, customer):
        assert customer == CUSTOMER
        self.asked += 1
        if not self.script:
            return self.now
        step = self.script.pop(0)
        if step == "down":
            raise GatewayUnavailable
        found = self.now
        step()
        return found


@pytest.fixture
def balances(world):
    return Balances(CashLeft(world.user_id))


@pytest.fixture
def left_behind(world, balances):
    return LeftBehind(
        balances=balances,
        deposits=world.deposits,
        cases=world.cases,
        facts=world.facts,
        checks=Checks(world.queue),
        clock=world.clock,
        cell="t1",
        pause=lambda _: None,
    )


def money(world, text="300.00 USD", payment="ccsbtxn_1"):
    return CashLeft(world.user_id, (text,), (text[-3:],), payment)


def transfer(world, amount=HUNDRED, key="key-1"):
    return world.service.create_deposit(
        world.user_id, idempotency_key=key, method=Method.BANK_TRANSFER, amount=amount
    )


def open_cases(world):
    return [(one.case_id, dict(one.facts)["left"]) for one in world.cases.listed(CaseStatus.OPEN)]


def cash_checks(world):
    sent = [one for one, _ in world.queue.sent if isinstance(one, CheckMessage)]
    return [(dict(one.subject), one.attempt) for one in sent if one.check == CHECK]


def test_money_that_no_deposit_waits_for_is_one_case_that_says_whose_and_how_much(
    world, balances, left_behind
):
    balances.now = money(world)
    for _ in range(3):
        left_behind.heard(CUSTOMER)
    (case,) = world.cases.listed(CaseStatus.OPEN)
    assert (case.case_id, case.user_id, case.version) == (CASE, world.user_id, 1)
    assert dict(case.facts) == {
        "customer": CUSTOMER,
        "gateway": "STRIPE",
        "left": "300.00 USD",
        "payment": "ccsbtxn_1",
        "why": "CASH_BALANCE",
    }
    # It is not in our balance there: neither the books nor anybody are told of it.
    assert world.books() == {}
    assert world.events() == []
    assert cash_checks(world) == [({"customer": CUSTOMER}, 1)] * 3


def test_where_nothing_is_left_nothing_happens(world, left_behind):
    left_behind.heard(CUSTOMER)
    assert open_cases(world) == []
    assert cash_checks(world) == []


def test_the_case_ends_by_itself_when_the_money_is_gone_and_only_then(world, balances, left_behind):
    balances.now = money(world)
    left_behind.heard(CUSTOMER)
    balances.now = money(world, "120.00 USD")
    left_behind.heard(CUSTOMER)
    assert open_cases(world) == [(CASE, "120.00 USD")]
    balances.now = CashLeft(world.user_id)
    left_behind.heard(CUSTOMER)
    left_behind.heard(CUSTOMER)
    assert open_cases(world) == []
    case = world.cases.get(CASE)
    assert (case.status, case.resolved_by) == (CaseStatus.RESOLVED, "settle_deposit")


def test_money_that_comes_again_opens_the_case_again(world, balances, left_behind):
    for payment in ("ccsbtxn_1", "ccsbtxn_2"):
        balances.now = money(world, payment=payment)
        left_behind.heard(CUSTOMER)
        assert open_cases(world) == [(CASE, "300.00 USD")]
        balances.now = CashLeft(world.user_id)
        left_behind.heard(CUSTOMER)
        assert open_cases(world) == []
        world.clock.advance(timedelta(days=1))


def test_what_a_person_has_closed_stays_closed_until_the_money_changes(
    world, balances, left_behind
):
    balances.now = money(world)
    left_behind.heard(CUSTOMER)
    case = world.cases.get(CASE)
    world.facts.commit([world.cases.resolve(case, case.resolved(world.clock.now(), "usr", "Ok"))])
    left_behind.heard(CUSTOMER)
    assert open_cases(world) == []
    balances.now = money(world, "310.00 USD", "ccsbtxn_2")
    left_behind.heard(CUSTOMER)
    assert open_cases(world) == [(CASE, "310.00 USD")]


def test_money_that_an_open_deposit_is_about_to_take_wakes_nobody(world, balances, left_behind):
    transfer(world)
    balances.now = money(world, "100.00 USD")
    for attempt in range(PATIENCE):
        left_behind.checked({"customer": CUSTOMER}, attempt)
    assert open_cases(world) == []
    assert [attempt for _, attempt in cash_checks(world)] == [1, 2, 3, 4, 5]
    # Six minutes later it was not taken: somebody should know.
    left_behind.checked({"customer": CUSTOMER}, PATIENCE)
    assert open_cases(world) == [(CASE, "100.00 USD")]
    assert len(cash_checks(world)) == 5


def test_an_open_deposit_of_another_currency_or_method_takes_nothing(world, balances, left_behind):
    transfer(world)
    world.card(key="key-2")
    balances.now = money(world, "20.00 EUR")
    left_behind.heard(CUSTOMER)
    assert open_cases(world) == [(CASE, "20.00 EUR")]


@pytest.mark.parametrize("ended", ["expired", "cancelled"])
def test_money_that_comes_after_the_end_of_its_deposit_is_a_case_at_once(
    world, balances, left_behind, ended
):
    deposit = transfer(world)
    after = getattr(deposit, ended)(world.clock.now())
    world.facts.commit([world.deposits.save(deposit, after)])
    balances.now = money(world, "60.00 USD")
    left_behind.heard(CUSTOMER)
    assert open_cases(world) == [(CASE, "60.00 USD")]


def test_of_two_who_look_at_once_the_older_answer_closes_nothing(world, balances, left_behind):
    def meanwhile():
        balances.now = money(world, "50.00 USD", "ccsbtxn_2")
        left_behind.heard(CUSTOMER)

    balances.now = money(world)
    left_behind.heard(CUSTOMER)
    balances.now, balances.script = CashLeft(world.user_id), [meanwhile]
    left_behind.heard(CUSTOMER)
    assert open_cases(world) == [(CASE, "50.00 USD")]


def test_an_older_answer_that_opens_a_case_is_put_right_by_the_next_check(
    world, balances, left_behind
):
    def meanwhile():
        balances.now = CashLeft(world.user_id)
        left_behind.heard(CUSTOMER)

    balances.now, balances.script = money(world), [meanwhile]
    left_behind.heard(CUSTOMER)
    assert open_cases(world) == [(CASE, "300.00 USD")]
    ((subject, attempt),) = cash_checks(world)
    left_behind.checked(subject, attempt)
    assert open_cases(world) == []


@pytest.mark.parametrize("moment", ["before", "after"])
def test_who_dies_on_the_way_leaves_a_message_that_ends_in_the_same(
    world, balances, left_behind, moment
):
    balances.now = money(world)
    world.facts.script = [moment]
    with pytest.raises(Crash):
        left_behind.heard(CUSTOMER)
    left_behind.heard(CUSTOMER)
    assert open_cases(world) == [(CASE, "300.00 USD")]
    balances.now = CashLeft(world.user_id)
    world.facts.script = [moment]
    with pytest.raises(Crash):
        left_behind.heard(CUSTOMER)
    left_behind.heard(CUSTOMER)
    assert open_cases(world) == []
    assert world.cases.get(CASE).version == 2


def test_a_gateway_that_is_down_is_asked_again_for_days(world, balances, left_behind):
    balances.now, balances.script = money(world), ["down"] * 3
    left_behind.heard(CUSTOMER)
    left_behind.checked({"customer": CUSTOMER}, 399)
    assert [attempt for _, attempt in cash_checks(world)] == [1, 400]
    with pytest.raises(GatewayUnavailable):
        left_behind.checked({"customer": CUSTOMER}, ASKED_FOR)
    assert open_cases(world) == []
    # After a long silence the first answer counts.
    left_behind.checked({"customer": CUSTOMER}, 300)
    assert open_cases(world) == [(CASE, "300.00 USD")]


def test_customers_of_nobody_or_of_another_cell_are_only_counted(world, balances, left_behind):
    stranger = UlidIds("t2").new(Kind.USER)
    for found in (None, replace(money(world), owner="u1"), replace(money(world), owner=stranger)):
        balances.now = found
        left_behind.heard(CUSTOMER)
    assert open_cases(world) == []
    assert cash_checks(world) == []


def test_the_report_of_the_day_names_what_waits_at_the_gateway_and_not_what_is_in_suspense(
    world, balances, left_behind
):
    def listed(party, day):
        breaks = Breaks(world.cases, world.facts, world.clock)
        found = breaks.unknown(Book(party, Currency.USD), day)
        return [(one.subject, one.opened_on) for one in found]

    today = world.clock.now().date()
    of_the_menu = new_case(
        CaseKind.UNMATCHED_MONEY, "mov_1", world.clock.now(), gateway="STRIPE", why="NO_ACCOUNT"
    )
    world.facts.commit([world.cases.open(of_the_menu)])
    balances.now = money(world)
    left_behind.heard(CUSTOMER)
    assert listed(Party.STRIPE, today) == [(case_subject(CUSTOMER), today)]
    assert listed(Party.STRIPE, today - timedelta(days=1)) == []
    assert listed(Party.ADYEN, today) == []
    balances.now = CashLeft(world.user_id)
    left_behind.heard(CUSTOMER)
    assert listed(Party.STRIPE, today) == []
    # Money that came again waits since then, and not since the first time.
    world.clock.advance(timedelta(days=30))
    balances.now = money(world, payment="ccsbtxn_2")
    left_behind.heard(CUSTOMER)
    later = world.clock.now().date()
    assert listed(Party.STRIPE, later) == [(case_subject(CUSTOMER), later)]


def event(**changes):
    kind = "customer_cash_balance_transaction"
    subject = {"id": "ccsbtxn_1", "object": kind, "customer": CUSTOMER, **changes}
    return json.dumps({"type": f"{kind}.created", "data": {"object": subject}}).encode()


def test_of_a_message_only_the_customer_counts():
    assert customer_in(event(net_amount=10**9, ending_balance=10**9)) == CUSTOMER


@pytest.mark.parametrize(
    "body",
    [
        event(customer=None),
        event(customer={"id": CUSTOMER}),
        event(customer="cus_1/../../accounts"),
        event(customer="cus_"),
        event(object="payment_intent"),
        b'{"data": {"object": []}}',
        b'{"data": null}',
        b"null",
        b"[]",
        b"{",
        b"\xff",
    ],
)
def test_other_messages_name_no_customer(body):
    assert customer_in(body) is None


def looked_for(world):
    return [subject for subject, _ in cash_checks(world)]


def test_a_transfer_that_has_its_end_is_looked_behind_though_no_message_came(
    world, balances, left_behind
):
    deposit = transfer(world)
    world.check(deposit)
    assert looked_for(world) == []
    world.gateways[Gateway.STRIPE].set(deposit, Paid("pi_1", HUNDRED))
    world.check(deposit)
    assert world.now(deposit).status is DepositStatus.SETTLED
    assert looked_for(world) == [{"payment": "ref_1"}]
    balances.now = money(world, "30.00 USD")
    left_behind.checked({"payment": "ref_1"}, 0)
    assert open_cases(world) == [(CASE, "30.00 USD")]
    assert looked_for(world)[1:] == [{"payment": "ref_1"}]


def test_a_transfer_that_ran_out_is_looked_behind_when_it_is_closed(world):
    deposit = transfer(world)
    world.clock.advance(deposit.lapses_at - world.clock.now() + timedelta(minutes=1))
    world.check(deposit)
    assert world.now(deposit).status is DepositStatus.EXPIRED
    assert world.gateways[Gateway.STRIPE].attempts["ref_1"] == Lapsed()
    world.check(deposit, 1)
    assert looked_for(world) == [{"payment": "ref_1"}]


@pytest.mark.parametrize("moment", ["before", "after"])
def test_who_dies_while_a_transfer_settles_looks_behind_it_all_the_same(world, moment):
    deposit = transfer(world)
    world.gateways[Gateway.STRIPE].set(deposit, Paid("pi_1", HUNDRED))
    world.facts.script = [moment]
    with pytest.raises(Crash):
        world.check(deposit)
    assert looked_for(world) == []
    world.check(deposit)
    assert looked_for(world) == [{"payment": "ref_1"}]
    assert world.wallet().posted == 10_000


def test_payments_without_a_balance_are_not_looked_behind(world, left_behind, balances):
    deposit = world.card()
    world.gateways[Gateway.STRIPE].set(deposit, Paid("pi_1", HUNDRED))
    world.check(deposit)
    assert world.now(deposit).status is DepositStatus.SETTLED
    waits = transfer(world, key="key-2")
    world.gateways[Gateway.STRIPE].set(waits, Waiting())
    world.check(waits)
    assert looked_for(world) == []
    left_behind.checked({"payment": "pi_of_a_card"}, 0)
    assert balances.asked == 0
    assert looked_for(world) == []
