"""Making deposits: idempotency, limits, refusals, crashes and silence."""

import threading
from contextlib import suppress
from datetime import timedelta

import pytest

from shared.kernel.clock import to_text
from shared.kernel.errors import IdempotencyKeyReused, InvalidValue, NotFound
from shared.kernel.money import Currency, Money
from shared.payments.errors import (
    AmountOutOfRange,
    BrokerAccountRefused,
    CurrencyNotAccepted,
    DepositLapsed,
    GatewayUnavailable,
    IdentityNotApproved,
    PaymentRefused,
    RateUnavailable,
    RiskProfileMissing,
    WholeShillingsOnly,
)
from shared.payments.methods import Gateway, Method
from shared.payments.ports import Paid
from shared.payments.reasons import TEXTS, Reason
from shared.payments.routing import TRIES
from shared.payments.settlement import Hint
from shared.payments.states import DepositStatus
from shared.platform.circuits import SHORTEST
from shared.platform.queues import MemoryQueue


class DeadQueue(MemoryQueue):
    def send(self, message, delay_seconds=0):
        raise ConnectionError


def test_a_card_deposit_waits_for_the_payer_on_a_page(world):
    deposit = world.card("100.00")
    assert deposit.status is DepositStatus.ACTION_REQUIRED
    assert deposit.redirect_url == "https://pay.example/ref_1"
    assert deposit.credited == Money(10_000, Currency.USD)
    assert deposit.quote is None
    assert world.now(deposit) == deposit
    assert world.checks_sent() == [("payment", 0, 2)]
    assert world.wallet().posted == 0


def test_an_mpesa_deposit_locks_its_rate_less_the_spread(world):
    deposit = world.mpesa("13000")
    assert deposit.status is DepositStatus.ACTION_REQUIRED
    assert deposit.pushed_to == "2547*****678"
    # 13 000 * 0.0077 * 0.985 = 98.5985
    assert deposit.credited == Money(9860, Currency.USD)
    assert deposit.quote.spread == 150
    assert deposit.quote.mid.source == "test"
    assert deposit.quote.expires_at == world.clock.now() + timedelta(minutes=5)
    world.rate("0.0050")
    assert world.now(deposit).credited == Money(9860, Currency.USD)


def test_the_same_key_gives_the_same_deposit_and_asks_the_gateway_once(world):
    first = world.card()
    second = world.card()
    assert second == first
    assert world.gateways[Gateway.STRIPE].asked == 1
    assert len(world.service.page(world.user_id, limit=10).deposits) == 1


def test_the_same_key_with_another_amount_is_refused_and_changes_nothing(world):
    first = world.card("100.00")
    with pytest.raises(IdempotencyKeyReused):
        world.card("100.01")
    assert world.now(first) == first
    assert world.gateways[Gateway.STRIPE].asked == 1


def test_another_phone_under_the_same_key_is_another_request(world):
    world.mpesa(phone="0712345678")
    with pytest.raises(IdempotencyKeyReused):
        world.mpesa(phone="0712345679")
    assert world.mpesa(phone="+254 712 345 678").status is DepositStatus.ACTION_REQUIRED
    assert world.gateways[Gateway.MPESA].asked == 1


def test_another_persons_same_key_is_another_deposit(world, world_of):
    mine = world.card(key="k")
    other = world_of(world.database, first_id=1000)
    theirs = other.card(key="k")
    assert theirs.deposit_id != mine.deposit_id
    with pytest.raises(NotFound):
        world.service.deposit(world.user_id, theirs.deposit_id)


@pytest.mark.parametrize("gateway", ["card", "mpesa"])
def test_many_at_once_with_one_key_make_one_payment(world, gateway):
    results, errors = [], []
    barrier = threading.Barrier(8)

    def run():
        barrier.wait()
        try:
            results.append(getattr(world, gateway)())
        except Exception as error:  # noqa: BLE001 - the main thread shall see it
            errors.append(error)

    threads = [threading.Thread(target=run) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert len({one.deposit_id for one in results}) == 1
    (deposit,) = world.service.page(world.user_id, limit=10).deposits
    assert deposit.status is DepositStatus.ACTION_REQUIRED
    used = world.gateways[Gateway.STRIPE if gateway == "card" else Gateway.MPESA]
    assert len(used.attempts) == 1


@pytest.mark.parametrize("key", ["", "x" * 256, "with space", "tab\t", "ufunguo-ñ"])
def test_a_malformed_key_is_refused(world, key):
    with pytest.raises(InvalidValue):
        world.card(key=key)
    assert world.service.page(world.user_id, limit=10).deposits == ()


@pytest.mark.parametrize("amount", ["0.99", "0.00", "-5.00", "10000.01"])
def test_card_amounts_outside_the_range_are_refused(world, amount):
    with pytest.raises(AmountOutOfRange) as error:
        world.card(amount)
    assert error.value.message() == "The amount must be between 1.00 USD and 10000.00 USD."
    assert world.gateways[Gateway.STRIPE].asked == 0


@pytest.mark.parametrize("amount", ["1.00", "10000.00"])
def test_card_amounts_at_the_bounds_are_taken(world, amount):
    assert world.card(amount).status is DepositStatus.ACTION_REQUIRED


@pytest.mark.parametrize(
    ("amount", "refusal"),
    [
        ("9", AmountOutOfRange),
        ("250001", AmountOutOfRange),
        ("10.50", WholeShillingsOnly),
    ],
)
def test_mpesa_amounts_outside_the_rules_are_refused(world, amount, refusal):
    with pytest.raises(refusal):
        world.mpesa(amount)
    assert world.gateways[Gateway.MPESA].asked == 0


@pytest.mark.parametrize("phone", ["", "712345678", "254812345678", "25471234567", "254x12345678"])
def test_a_number_that_is_not_kenyan_mobile_is_refused(world, phone):
    with pytest.raises(InvalidValue) as error:
        world.mpesa(phone=phone)
    assert error.value.values["field"] == "phone"


def test_each_method_takes_its_own_currencies_only(world):
    with pytest.raises(CurrencyNotAccepted):
        world.service.create_deposit(
            world.user_id,
            idempotency_key="k",
            method=Method.BANK_DEBIT,
            amount=Money(10_000, Currency.KES),
        )
    assert world.service.page(world.user_id, limit=10).deposits == ()
    assert all(gateway.asked == 0 for gateway in world.gateways.values())


@pytest.mark.parametrize(
    ("person", "refusal"),
    [
        ({"kyc_status": "PROCESSING"}, IdentityNotApproved),
        ({"kyc_status": "REJECTED"}, IdentityNotApproved),
        ({"status": "SUSPENDED"}, IdentityNotApproved),
        ({"risk_score": None}, RiskProfileMissing),
        ({"broker_status": "REJECTED"}, BrokerAccountRefused),
        ({"broker_status": "ACCOUNT_CLOSED"}, BrokerAccountRefused),
    ],
)
def test_who_may_not_invest_may_not_pay_in(world, person, refusal):
    world.person(**person)
    with pytest.raises(refusal):
        world.card()
    assert world.service.page(world.user_id, limit=10).deposits == ()
    world.person()
    assert world.card().status is DepositStatus.ACTION_REQUIRED


def test_without_a_young_rate_no_shillings_are_taken(world):
    world.rate(age=timedelta(days=1, seconds=1))
    with pytest.raises(RateUnavailable):
        world.mpesa()
    assert world.gateways[Gateway.MPESA].asked == 0
    world.rate()
    assert world.mpesa().status is DepositStatus.ACTION_REQUIRED


def test_a_rate_that_makes_nothing_of_the_money_takes_none(world):
    world.rate("0.00001")
    with pytest.raises(RateUnavailable):
        world.mpesa("10")
    assert world.service.page(world.user_id, limit=10).deposits == ()
    assert world.gateways[Gateway.MPESA].asked == 0


def test_a_card_page_that_was_not_answered_is_asked_for_again_by_the_same_key(world):
    world.nobody_answers("no_word")
    with pytest.raises(GatewayUnavailable):
        world.card()
    (left,) = world.service.page(world.user_id, limit=10).deposits
    assert left.status is DepositStatus.CREATED
    deposit = world.card()
    assert deposit.deposit_id == left.deposit_id
    assert deposit.status is DepositStatus.ACTION_REQUIRED
    assert len(world.gateways[deposit.gateway].attempts) == 1


def test_a_push_that_may_have_arrived_is_never_sent_again(world):
    mpesa = world.gateways[Gateway.MPESA]
    mpesa.start_script = ["no_word"]
    deposit = world.mpesa()
    assert deposit.status is DepositStatus.UNKNOWN
    assert world.mpesa() == deposit
    assert mpesa.asked == 1


@pytest.mark.parametrize("moment", ["crash_before", "crash_after"])
def test_a_crash_around_the_push_leaves_it_unknown_and_unrepeated(world, moment):
    mpesa = world.gateways[Gateway.MPESA]
    mpesa.start_script = [moment]
    with pytest.raises(RuntimeError, match="crashed"):
        world.mpesa()
    deposit = world.mpesa()
    assert deposit.status is DepositStatus.UNKNOWN
    assert mpesa.asked == 1


def test_a_push_that_certainly_never_left_is_sent_by_the_same_key(world):
    mpesa = world.gateways[Gateway.MPESA]
    mpesa.start_script = ["not_sent"] * 2 * TRIES
    for _ in range(2):
        with pytest.raises(GatewayUnavailable):
            world.mpesa()
    (left,) = world.service.page(world.user_id, limit=10).deposits
    assert left.status is DepositStatus.CREATED
    with pytest.raises(GatewayUnavailable):
        world.mpesa()
    assert mpesa.asked == 2 * TRIES  # its circuit is open by now: nobody was asked
    world.clock.advance(SHORTEST)
    assert world.mpesa().status is DepositStatus.ACTION_REQUIRED
    assert len(mpesa.attempts) == 1


@pytest.mark.parametrize("moment", ["no_word", "crash_after", "crash_before"])
def test_a_continued_push_is_not_repeated_either(world, moment):
    mpesa = world.gateways[Gateway.MPESA]
    mpesa.start_script = [*["not_sent"] * TRIES, moment]
    with pytest.raises(GatewayUnavailable):
        world.mpesa()
    with suppress(RuntimeError):
        world.mpesa()
    assert world.mpesa().status is DepositStatus.UNKNOWN
    assert mpesa.asked == TRIES + 1


def test_who_loses_the_claim_of_a_push_does_not_send_it(world, monkeypatch):
    mpesa = world.gateways[Gateway.MPESA]
    mpesa.start_script = ["not_sent"] * TRIES
    with pytest.raises(GatewayUnavailable):
        world.mpesa()
    commit, faster = world.facts.commit, []

    def beaten(writes, *events):
        if not faster:
            faster.append("begun")
            faster.append(world.mpesa())
        commit(writes, *events)

    monkeypatch.setattr(world.facts, "commit", beaten)
    assert world.mpesa() == faster[1]
    assert faster[1].status is DepositStatus.ACTION_REQUIRED
    assert len(mpesa.attempts) == 1


def test_many_that_continue_one_push_send_it_once(world):
    mpesa = world.gateways[Gateway.MPESA]
    mpesa.start_script = ["not_sent"] * TRIES
    with pytest.raises(GatewayUnavailable):
        world.mpesa()
    barrier = threading.Barrier(8)

    def run():
        barrier.wait()
        world.mpesa()

    threads = [threading.Thread(target=run) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(mpesa.attempts) == 1
    assert world.mpesa().status is DepositStatus.ACTION_REQUIRED


def test_a_push_is_not_sent_at_a_rate_that_holds_no_more(world):
    world.gateways[Gateway.MPESA].start_script = ["not_sent"] * TRIES
    with pytest.raises(GatewayUnavailable):
        world.mpesa()
    world.clock.advance(timedelta(minutes=5))
    with pytest.raises(DepositLapsed):
        world.mpesa()
    assert world.gateways[Gateway.MPESA].attempts == {}


def test_a_page_is_not_asked_for_when_it_could_not_live_long_enough(world):
    world.nobody_answers("no_word")
    with pytest.raises(GatewayUnavailable):
        world.card()
    world.clock.advance(timedelta(minutes=25))
    with pytest.raises(DepositLapsed):
        world.card()


def test_a_refusal_of_the_gateway_is_final_for_its_key(world):
    mpesa = world.gateways[Gateway.MPESA]
    mpesa.start_script = ["refused"]
    for _ in range(2):
        with pytest.raises(PaymentRefused) as error:
            world.mpesa()
        english, swahili = TEXTS[Reason.INVALID_PHONE]
        assert error.value.message() == f"The payment was not accepted. {english}"
        assert error.value.message("sw") == f"Malipo hayakukubaliwa. {swahili}"
        assert error.value.values["reason"] == "INVALID_PHONE"
    assert mpesa.asked == 1
    assert world.events() == ["payments.deposit_failed.v1"]
    assert world.mpesa(key="key-2").status is DepositStatus.ACTION_REQUIRED


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_crash_around_the_first_commit_is_mended_by_the_same_key(world, moment):
    world.facts.script = [moment]
    with pytest.raises(RuntimeError, match="crashed"):
        world.card()
    deposit = world.card()
    assert deposit.status is DepositStatus.ACTION_REQUIRED
    assert len(world.service.page(world.user_id, limit=10).deposits) == 1
    assert len(world.gateways[Gateway.STRIPE].attempts) == 1


def test_a_dead_queue_does_not_stop_a_deposit_that_the_sweep_will_find(world):
    object.__setattr__(world.service, "checks", type(world.service.checks)(DeadQueue()))
    deposit = world.card()
    assert deposit.status is DepositStatus.ACTION_REQUIRED
    due = to_text(world.clock.now() + timedelta(hours=1, minutes=5))
    found = [item for bucket in range(16) for item in world.database.pending(bucket, due, 10).items]
    assert [item.attributes["check"]["S"] for item in found] == ["payment"]


def test_a_gateway_that_is_faster_than_its_own_answer_is_not_overwritten(world):
    mpesa = world.gateways[Gateway.MPESA]
    begin = mpesa.start

    def start(deposit, phone, *, save_card=False):
        answer = begin(deposit, phone)
        mpesa.set(deposit, Paid(answer.reference, None))
        world.signal(deposit, Hint(answer.reference))
        return answer

    mpesa.start = start
    deposit = world.mpesa()
    assert deposit.status is DepositStatus.SETTLED
    assert world.wallet().posted == deposit.credited.minor


def test_every_reason_has_words_in_both_languages():
    assert set(TEXTS) == set(Reason)
    assert all(english and swahili for english, swahili in TEXTS.values())
