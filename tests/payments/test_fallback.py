"""A gateway that is down, the one that takes its place, and what the first says later."""

from datetime import timedelta

import pytest

from shared.cases.model import CaseKind, CaseStatus
from shared.kernel.money import Currency, Money
from shared.payments.errors import GatewayUnavailable
from shared.payments.methods import Gateway
from shared.payments.ports import Failed, Paid, Waiting
from shared.payments.reasons import Reason
from shared.payments.routing import TRIES, circuit_of
from shared.payments.settlement import Hint
from shared.payments.states import DepositStatus
from shared.platform.circuits import THRESHOLD, CircuitState

HUNDRED = Money(10_000, Currency.USD)


@pytest.fixture(params=["not_sent", "no_word"])
def silence(request):
    return request.param


@pytest.fixture
def stripe(world):
    return world.gateways[Gateway.STRIPE]


@pytest.fixture
def adyen(world):
    return world.gateways[Gateway.ADYEN]


def begun_at_both(world):
    """The page at Stripe exists, its answer was lost, and Adyen has taken its place."""
    world.gateways[Gateway.STRIPE].start_script = ["no_word"] * TRIES
    deposit = world.card()
    assert deposit.gateway is Gateway.ADYEN
    return deposit


def paid_at(world, gateway, deposit, amount=HUNDRED):
    (reference,) = world.gateways[gateway].attempts
    payment = f"payment_at_{gateway.value}"
    world.gateways[gateway].set(deposit, Paid(payment, amount))
    return reference


def signal(world, deposit, gateway, hint=None):
    world.settlement.signalled(world.user_id, deposit.deposit_id, hint or Hint(), gateway)


def surpluses(world):
    return [one for one in world.facts.published if one.type == "payments.surplus_received"]


def test_a_silent_gateway_is_asked_again_and_then_replaced_under_the_same_deposit(
    world, stripe, adyen, silence
):
    stripe.start_script = [silence] * TRIES
    deposit = world.card()
    assert (deposit.status, deposit.gateway) == (DepositStatus.ACTION_REQUIRED, Gateway.ADYEN)
    assert deposit.redirect_url == "https://pay.example/adyen_1"
    assert [(one.gateway, one.reference) for one in deposit.attempts] == [(Gateway.STRIPE, None)]
    assert (stripe.asked, adyen.asked) == (TRIES, 1)
    assert world.card() == deposit
    assert (stripe.asked, adyen.asked) == (TRIES, 1)
    assert len(world.service.page(world.user_id, limit=5).deposits) == 1


def test_one_that_answers_at_the_second_try_is_not_replaced(world, stripe, adyen, silence):
    stripe.start_script = [silence]
    assert world.card().gateway is Gateway.STRIPE
    assert (stripe.asked, adyen.asked, len(stripe.attempts)) == (2, 0, 1)


def test_an_open_circuit_is_passed_over_without_a_call(world, stripe, adyen):
    for _ in range(THRESHOLD):
        world.circuits.failed(circuit_of(Gateway.STRIPE))
    assert world.card().gateway is Gateway.ADYEN
    assert (stripe.asked, adyen.asked) == (0, 1)
    assert world.circuits.read(circuit_of(Gateway.STRIPE)).state is CircuitState.OPEN


def test_when_nobody_answers_the_same_key_goes_on_where_it_was(world, stripe, adyen, silence):
    world.nobody_answers(silence)
    with pytest.raises(GatewayUnavailable):
        world.card()
    (left,) = world.service.page(world.user_id, limit=5).deposits
    assert (left.status, left.gateway) == (DepositStatus.CREATED, Gateway.ADYEN)
    assert world.card().gateway is Gateway.ADYEN
    assert (stripe.asked, adyen.asked) == (TRIES, TRIES + 1)


def test_a_refusal_is_no_reason_to_ask_another_gateway(world, stripe, adyen):
    stripe.start_script = ["refused"]
    with pytest.raises(Exception, match="not accepted"):
        world.card()
    assert adyen.asked == 0


def test_a_push_has_no_other_gateway(world):
    world.gateways[Gateway.MPESA].start_script = ["not_sent"] * TRIES
    with pytest.raises(GatewayUnavailable):
        world.mpesa()
    assert world.gateways[Gateway.STRIPE].asked == world.gateways[Gateway.ADYEN].asked == 0


def test_the_payment_at_the_second_gateway_settles_the_deposit(world):
    deposit = begun_at_both(world)
    paid_at(world, Gateway.ADYEN, deposit)
    signal(world, deposit, Gateway.ADYEN)
    settled = world.now(deposit)
    assert (settled.status, settled.gateway) == (DepositStatus.SETTLED, Gateway.ADYEN)
    assert world.books()["house:gateway_clearing:adyen:USD", "USD/2"] == 10_000
    assert surpluses(world) == []


def test_the_payment_at_the_first_gateway_settles_it_too_and_the_second_page_is_closed(
    world, stripe, adyen
):
    deposit = begun_at_both(world)
    page = paid_at(world, Gateway.STRIPE, deposit)
    signal(world, deposit, Gateway.STRIPE, Hint(page))
    settled = world.now(deposit)
    assert (settled.status, settled.gateway) == (DepositStatus.SETTLED, Gateway.STRIPE)
    assert settled.payment == "payment_at_STRIPE"
    assert [one.gateway for one in settled.open_attempts] == [Gateway.ADYEN]
    world.check(deposit)
    assert adyen.cancels == ["adyen_1"]
    assert world.now(deposit).open_attempts == ()
    assert world.wallet().posted == 10_000
    assert surpluses(world) == []


@pytest.mark.parametrize("first", [Gateway.ADYEN, Gateway.STRIPE])
def test_the_second_payment_is_booked_as_owed_and_sent_back_once(world, first):
    second = Gateway.STRIPE if first is Gateway.ADYEN else Gateway.ADYEN
    deposit = begun_at_both(world)
    pages = {one: paid_at(world, one, deposit) for one in (first, second)}
    for gateway in (first, second, second, first, second):
        signal(world, deposit, gateway, Hint(pages[gateway]))
        world.check(deposit)
    settled = world.now(deposit)
    assert (settled.status, settled.gateway) == (DepositStatus.SETTLED, first)
    assert world.wallet().posted == world.wallet().held == 10_000
    (event,) = surpluses(world)
    assert (event.gateway, event.payment) == (second.value, f"payment_at_{second.value}")
    assert (event.currency, event.amount_minor) == ("USD", 10_000)
    assert world.books() == {
        ("house:gateway_clearing:stripe:USD", "USD/2"): 10_000,
        ("house:gateway_clearing:adyen:USD", "USD/2"): 10_000,
        (f"customer:{world.user_id}:cash", "USD/2"): -10_000,
        ("house:suspense", "USD/2"): -10_000,
    }
    (case,) = world.cases.listed(CaseStatus.OPEN)
    assert (case.kind, case.subject) == (CaseKind.SECOND_PAYMENT, deposit.deposit_id)
    assert world.events().count("payments.deposit_settled.v1") == 1


def test_the_first_payment_comes_after_the_money_went_to_the_broker(world):
    deposit = begun_at_both(world)
    paid_at(world, Gateway.ADYEN, deposit)
    signal(world, deposit, Gateway.ADYEN)
    world.fund(deposit)
    assert world.now(deposit).status is DepositStatus.FUNDED
    page = paid_at(world, Gateway.STRIPE, deposit)
    signal(world, deposit, Gateway.STRIPE, Hint(page))
    assert world.now(deposit).status is DepositStatus.FUNDED
    assert world.wallet().available == 10_000
    assert len(surpluses(world)) == 1


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_crash_around_the_second_payment_sends_it_back_once_all_the_same(world, moment):
    deposit = begun_at_both(world)
    paid_at(world, Gateway.ADYEN, deposit)
    signal(world, deposit, Gateway.ADYEN)
    page = paid_at(world, Gateway.STRIPE, deposit)
    world.facts.script = [moment]
    with pytest.raises(RuntimeError, match="crashed"):
        signal(world, deposit, Gateway.STRIPE, Hint(page))
    signal(world, deposit, Gateway.STRIPE, Hint(page))
    assert len(surpluses(world)) == 1
    assert world.books()["house:suspense", "USD/2"] == -10_000


def test_a_crash_before_the_next_gateway_is_asked_is_mended_by_the_same_key(world, stripe, adyen):
    stripe.start_script = ["no_word"] * TRIES
    world.facts.script = ["ok", "after"]
    with pytest.raises(RuntimeError, match="crashed"):
        world.card()
    assert adyen.asked == 0
    deposit = world.card()
    assert (deposit.gateway, deposit.status) == (Gateway.ADYEN, DepositStatus.ACTION_REQUIRED)
    assert (len(stripe.attempts), len(adyen.attempts)) == (1, 1)


def test_a_first_gateway_that_says_no_changes_nothing_for_the_second(world, stripe, adyen):
    deposit = begun_at_both(world)
    stripe.set(deposit, Failed(Reason.DECLINED))
    signal(world, deposit, Gateway.STRIPE, Hint("ref_1"))
    assert world.now(deposit).status is DepositStatus.ACTION_REQUIRED
    assert world.now(deposit).open_attempts == ()
    assert isinstance(adyen.attempts["adyen_1"], Waiting)


def test_a_lookup_that_fails_counts_for_the_circuit_and_an_answer_costs_no_write(world):
    from shared.payments.watching import Watched

    deposit = world.card()
    stripe = world.gateways[Gateway.STRIPE]
    watched = Watched(Gateway.STRIPE, stripe, world.circuits)
    assert watched.look_up(deposit, "ref_1") == Waiting()
    assert world.circuits.read(circuit_of(Gateway.STRIPE)).version == 0
    stripe.look_script = ["down"] * THRESHOLD
    for _ in range(THRESHOLD):
        with pytest.raises(GatewayUnavailable):
            watched.look_up(deposit, "ref_1")
    assert world.circuits.read(circuit_of(Gateway.STRIPE)).state is CircuitState.OPEN


def test_what_nobody_paid_at_either_gateway_expires_and_both_are_closed(world, stripe, adyen):
    deposit = begun_at_both(world)
    world.clock.advance(timedelta(hours=1, minutes=1))
    stripe.attempts["ref_1"] = adyen.attempts["adyen_1"] = Failed(Reason.EXPIRED)
    world.check(deposit)
    assert world.now(deposit).status is DepositStatus.FAILED
    assert world.books() == {}
