"""From the gateway's word to the wallet: exactly once, whatever arrives, repeats or is lost."""

import threading
from datetime import timedelta

import pytest

from shared.cases.model import CaseKind, CaseStatus
from shared.kernel.errors import TemporarilyUnavailable
from shared.kernel.money import Currency, Money
from shared.ledger.model import EntryKind
from shared.payments.errors import GatewayUnavailable
from shared.payments.events import DepositFailedV1, DepositSettledV1
from shared.payments.model import DepositStatus, Gateway
from shared.payments.ports import Failed, Lapsed, Paid, Waiting
from shared.payments.reasons import Reason
from shared.payments.rows import ExternalPaymentRow
from shared.payments.settlement import Hint

USD_100 = Money(10_000, Currency.USD)


def pay_card(world, deposit, amount=USD_100, payment="pi_1"):
    world.gateways[Gateway.STRIPE].set(deposit, Paid(payment, amount, 320))


def pay_mpesa(world, deposit):
    mpesa = world.gateways[Gateway.MPESA]
    (reference,) = [ref for ref, owner in mpesa.owners.items() if owner == deposit.deposit_id]
    mpesa.set(deposit, Paid(reference, None))
    return reference


def test_a_paid_card_credits_the_wallet_and_holds_it(world):
    deposit = world.card()
    pay_card(world, deposit)
    world.signal(deposit)
    settled = world.now(deposit)
    assert settled.status is DepositStatus.SETTLED
    assert settled.payment == "pi_1"
    assert settled.redirect_url is None
    wallet = world.wallet()
    assert (wallet.posted, wallet.held, wallet.available) == (10_000, 10_000, 0)
    assert world.books() == {
        ("house:gateway_clearing:stripe:USD", "USD/2"): 10_000 - 320,
        ("house:fees:stripe", "USD/2"): 320,
        (f"customer:{world.user_id}:cash", "USD/2"): -10_000,
    }
    (event,) = world.facts.published
    assert event == DepositSettledV1(
        user_id=world.user_id,
        deposit_id=deposit.deposit_id,
        gateway="STRIPE",
        currency="USD",
        amount_minor=10_000,
        credited_currency="USD",
        credited_minor=10_000,
    )
    fee, entry = world.ledger.entries(world.user_id, Currency.USD).entries
    assert entry.entry.draft.memo == {"payment": "pi_1", "gateway_fee_minor": "320"}
    assert (fee.entry.draft.kind, fee.entry.draft.reference) == (
        EntryKind.GATEWAY_FEE,
        deposit.deposit_id,
    )
    assert fee.entry.draft.memo == {"gateway": "STRIPE", "payment": "pi_1"}


@pytest.mark.parametrize("fee_minor", [None, 0])
def test_a_fee_that_is_not_told_or_not_taken_is_not_booked(world, fee_minor):
    deposit = world.card()
    gateway = world.gateways[Gateway.STRIPE]
    gateway.set(deposit, Paid("pi_1", Money(10_000, Currency.USD), fee_minor))
    world.signal(deposit)
    assert world.wallet().seq == 1
    assert world.books()["house:gateway_clearing:stripe:USD", "USD/2"] == 10_000


def test_shillings_pass_through_the_fx_position(world):
    deposit = world.mpesa("13000")
    reference = pay_mpesa(world, deposit)
    hint = Hint(reference, Money(1_300_000, Currency.KES), "LHG31AA5TX")
    world.signal(deposit, hint)
    assert world.now(deposit).receipt == "LHG31AA5TX"
    assert world.wallet().posted == 9860
    assert world.books() == {
        ("house:gateway_clearing:mpesa:KES", "KES/2"): 1_300_000,
        ("house:fx_position", "KES/2"): -1_300_000,
        ("house:fx_position", "USD/2"): 9860,
        (f"customer:{world.user_id}:cash", "USD/2"): -9860,
    }
    (entry,) = world.ledger.entries(world.user_id, Currency.USD).entries
    assert entry.entry.draft.memo == {
        "payment": reference,
        "receipt": "LHG31AA5TX",
        "paid": "13000.00 KES",
        "quote": deposit.quote_id,
        "rate": "0.0075845",
        "mid": "0.0077",
        "spread_basis_points": "150",
        "rate_source": "test",
        "rate_as_of": "2026-03-02T15:30:00.000000Z",
    }


def test_repeated_signals_and_checks_credit_once(world):
    deposit = world.card()
    pay_card(world, deposit)
    for _ in range(3):
        world.signal(deposit)
        world.check(deposit)
    assert world.wallet().posted == 10_000
    assert world.events() == ["payments.deposit_settled.v1"]
    assert world.gateways[Gateway.STRIPE].looked == 1


def test_settling_takes_one_read_and_one_write(world, monkeypatch):
    deposit = world.card()
    pay_card(world, deposit)
    calls = []
    for name in ("get", "get_many", "query", "write", "transact"):
        original = getattr(world.database, name)

        def counted(*args, _name=name, _original=original, **kwargs):
            calls.append(_name)
            return _original(*args, **kwargs)

        monkeypatch.setattr(world.database, name, counted)
    world.signal(deposit)
    assert calls == ["get_many", "transact"]
    monkeypatch.undo()
    assert world.wallet().posted == 10_000


@pytest.mark.parametrize(
    "paid", [Money(9_999, Currency.USD), Money(10_001, Currency.USD), Money(10_000, Currency.EUR)]
)
def test_another_amount_than_asked_for_is_held_for_a_person_and_not_credited(world, paid):
    deposit = world.card()
    pay_card(world, deposit, paid)
    world.signal(deposit)
    world.check(deposit)
    held = world.now(deposit)
    assert (held.status, held.reason, held.review) == (
        DepositStatus.ACTION_REQUIRED,
        Reason.AMOUNT_MISMATCH,
        True,
    )
    assert (world.wallet().posted, world.wallet().held) == (0, 0)
    assert "payments.deposit_settled.v1" not in world.events()
    clearing = f"house:gateway_clearing:stripe:{paid.currency.value}"
    assert world.books() == {
        (clearing, paid.currency.asset): paid.minor - 320,
        ("house:fees:stripe", paid.currency.asset): 320,
        ("house:suspense", paid.currency.asset): -paid.minor,
    }
    (case,) = world.cases.listed(CaseStatus.OPEN)
    assert (case.kind, case.subject) == (CaseKind.AMOUNT_MISMATCH, deposit.deposit_id)
    assert dict(case.facts)["paid"] == str(paid)


def test_a_callback_that_claims_another_amount_stops_even_the_checks(world):
    deposit = world.mpesa("13000")
    reference = pay_mpesa(world, deposit)
    world.gateways[Gateway.MPESA].look_script = ["silent"]
    world.signal(deposit, Hint(reference, Money(100, Currency.KES), "LHG31AA5TX"))
    world.check(deposit)
    assert world.now(deposit).review is True
    assert world.wallet().posted == 0


def test_a_callback_that_claims_success_alone_credits_nothing(world):
    deposit = world.mpesa("13000")
    hint = Hint(deposit.reference, Money(1_300_000, Currency.KES), "LHG31AA5TX")
    world.signal(deposit, hint)
    assert world.now(deposit).status is DepositStatus.ACTION_REQUIRED
    assert world.wallet().posted == 0
    pay_mpesa(world, deposit)
    world.check(deposit)
    settled = world.now(deposit)
    assert (settled.status, settled.receipt) == (DepositStatus.SETTLED, "LHG31AA5TX")


def test_a_callback_that_names_another_payment_is_no_hint(world):
    deposit = world.mpesa("13000")
    other = world.mpesa("500", key="key-2")
    reference = pay_mpesa(world, other)
    world.signal(deposit, Hint(reference, Money(1_300_000, Currency.KES), "LHG31AA5TX"))
    world.signal(deposit, Hint(reference, Money(50_000, Currency.KES)))
    assert world.now(deposit) == deposit
    assert world.wallet().posted == 0


def test_one_payment_never_settles_two_deposits(world):
    first, second = world.card(key="a"), world.card(key="b")
    pay_card(world, first, payment="pi_same")
    pay_card(world, second, payment="pi_same")
    world.signal(first)
    world.signal(second)
    assert world.now(first).status is DepositStatus.SETTLED
    held = world.now(second)
    assert (held.status, held.reason, held.review) == (
        DepositStatus.ACTION_REQUIRED,
        Reason.PAYMENT_REUSED,
        True,
    )
    assert world.wallet().posted == 10_000


def test_a_receipt_that_comes_after_the_money_is_kept_once(world):
    deposit = world.mpesa()
    reference = pay_mpesa(world, deposit)
    world.check(deposit)
    assert world.now(deposit).receipt is None
    hint = Hint(reference, deposit.amount, "LHG31AA5TX")
    world.signal(deposit, hint)
    world.signal(deposit, hint)
    assert world.now(deposit).receipt == "LHG31AA5TX"
    guard = world.database.get(ExternalPaymentRow, "EXT#MPESA#LHG31AA5TX", "GUARD")
    assert guard.deposit_id == deposit.deposit_id
    assert world.wallet().posted == deposit.credited.minor


def test_a_receipt_of_another_deposit_is_not_taken(world):
    first, second = world.mpesa(key="a"), world.mpesa(key="b")
    world.signal(first, Hint(pay_mpesa(world, first), first.amount, "LHG31AA5TX"))
    reference = pay_mpesa(world, second)
    world.check(second)
    world.signal(second, Hint(reference, second.amount, "LHG31AA5TX"))
    assert world.now(second).receipt is None
    assert world.wallet().posted == first.credited.minor + second.credited.minor


def test_a_failure_ends_the_deposit_with_its_reason(world):
    deposit = world.mpesa()
    world.gateways[Gateway.MPESA].set(deposit, Failed(Reason.CANCELLED_BY_PAYER))
    world.check(deposit)
    world.check(deposit)
    failed = world.now(deposit)
    assert (failed.status, failed.reason) == (
        DepositStatus.FAILED,
        Reason.CANCELLED_BY_PAYER,
    )
    assert world.facts.published == [
        DepositFailedV1(
            user_id=world.user_id,
            deposit_id=deposit.deposit_id,
            gateway="MPESA",
            reason="CANCELLED_BY_PAYER",
        )
    ]
    assert world.wallet().posted == 0
    assert world.checks_sent() == [("payment", 0, 2)]


def test_a_payment_after_a_failure_or_an_expiry_still_settles(world):
    failed, expired = world.mpesa(key="a"), world.mpesa(key="b")
    world.gateways[Gateway.MPESA].set(failed, Failed(Reason.NO_RESPONSE))
    world.check(failed)
    world.clock.advance(timedelta(minutes=10))
    world.check(expired)
    assert world.now(failed).status is DepositStatus.FAILED
    assert world.now(expired).status is DepositStatus.EXPIRED
    for deposit in (failed, expired):
        world.signal(deposit, Hint(pay_mpesa(world, deposit)))
        assert world.now(deposit).status is DepositStatus.SETTLED
        assert world.now(deposit).reason is None
    assert world.wallet().posted == failed.credited.minor + expired.credited.minor


def test_an_open_payment_is_checked_again_and_again_with_growing_pauses(world):
    deposit = world.card()
    for attempt in range(6):
        world.check(deposit, attempt)
    assert world.checks_sent() == [
        ("payment", 0, 2),
        ("payment", 1, 5),
        ("payment", 2, 15),
        ("payment", 3, 60),
        ("payment", 4, 300),
        ("payment", 5, 900),
        ("payment", 6, 900),
    ]


def test_a_signal_does_not_start_a_second_chain_for_an_open_payment(world):
    deposit = world.card()
    world.signal(deposit)
    assert world.checks_sent() == [("payment", 0, 2)]


def test_a_page_that_stripe_closed_expires_the_deposit(world):
    deposit = world.card()
    world.gateways[Gateway.STRIPE].set(deposit, Lapsed())
    world.signal(deposit)
    expired = world.now(deposit)
    assert (expired.status, expired.reason) == (DepositStatus.EXPIRED, Reason.EXPIRED)
    assert expired.redirect_url is None
    assert world.events() == ["payments.deposit_failed.v1"]


def test_a_page_that_stripe_keeps_open_does_not_expire_here(world):
    deposit = world.card()
    world.clock.advance(timedelta(hours=1, minutes=1))
    world.check(deposit, 5)
    assert world.now(deposit).status is DepositStatus.ACTION_REQUIRED
    assert world.checks_sent()[-1] == ("payment", 6, 900)
    world.clock.advance(timedelta(minutes=5))
    world.check(deposit, 6)
    assert world.checks_sent()[-1] == ("payment", 6, 900)


def test_a_push_without_any_word_expires_and_is_watched_for_a_day(world):
    deposit = world.mpesa()
    world.gateways[Gateway.MPESA].look_script = ["silent"] * 9
    world.clock.advance(timedelta(minutes=10))
    world.check(deposit, 4)
    assert world.now(deposit).status is DepositStatus.EXPIRED
    assert world.checks_sent()[-1] == ("payment", 5, 900)
    world.clock.advance(timedelta(hours=24))
    world.check(deposit, 99)
    assert world.checks_sent()[-1] == ("payment", 5, 900)


def test_a_lost_push_answer_is_mended_by_the_callback(world):
    world.gateways[Gateway.MPESA].start_script = ["no_word"]
    deposit = world.mpesa()
    assert deposit.reference is None
    world.signal(deposit, Hint(pay_mpesa(world, deposit)))
    assert world.now(deposit).status is DepositStatus.SETTLED
    assert world.wallet().posted == deposit.credited.minor


def test_a_callback_whose_query_is_silent_leaves_its_name_for_the_checks(world):
    mpesa = world.gateways[Gateway.MPESA]
    mpesa.start_script, mpesa.look_script = ["no_word"], ["silent"]
    deposit = world.mpesa()
    reference = pay_mpesa(world, deposit)
    world.signal(deposit, Hint(reference, deposit.amount, "LHG31AA5TX"))
    known = world.now(deposit)
    assert (known.status, known.reference) == (DepositStatus.ACTION_REQUIRED, reference)
    world.check(deposit)
    assert world.now(deposit).status is DepositStatus.SETTLED
    assert world.now(deposit).receipt == "LHG31AA5TX"


def test_a_late_callback_with_a_silent_query_starts_the_checks_again(world):
    mpesa = world.gateways[Gateway.MPESA]
    mpesa.start_script = ["no_word"]
    deposit = world.mpesa()
    world.clock.advance(timedelta(minutes=11))
    world.check(deposit, 4)
    assert world.now(deposit).status is DepositStatus.EXPIRED
    assert world.checks_sent() == [("payment", 0, 2)]
    mpesa.look_script = ["silent"]
    world.signal(deposit, Hint(pay_mpesa(world, deposit)))
    assert world.checks_sent() == [("payment", 0, 2), ("payment", 0, 2)]
    world.check(deposit)
    assert world.now(deposit).status is DepositStatus.SETTLED


def test_a_gateway_that_is_down_changes_nothing_and_is_asked_again(world):
    deposit = world.card()
    pay_card(world, deposit)
    world.gateways[Gateway.STRIPE].look_script = ["down"]
    with pytest.raises(GatewayUnavailable):
        world.signal(deposit)
    assert world.now(deposit) == deposit
    world.signal(deposit)
    assert world.wallet().posted == 10_000


def test_the_checks_outlive_an_outage_of_the_gateway(world):
    deposit = world.card()
    pay_card(world, deposit)
    world.gateways[Gateway.STRIPE].look_script = ["down"] * 2
    world.check(deposit, 0)
    world.check(deposit, 1)
    assert world.checks_sent() == [("payment", 0, 2), ("payment", 1, 5), ("payment", 2, 15)]
    world.check(deposit, 2)
    assert world.now(deposit).status is DepositStatus.SETTLED
    assert len(world.checks_sent()) == 3


def test_once_the_sweep_asks_an_outage_starts_no_chain_beside_it(world):
    deposit = world.card()
    world.clock.advance(deposit.due - world.clock.now())
    world.gateways[Gateway.STRIPE].look_script = ["down"]
    with pytest.raises(GatewayUnavailable):
        world.check(deposit, 0)
    assert world.checks_sent() == [("payment", 0, 2)]


def test_an_expired_push_is_watched_through_an_outage_but_not_for_ever(world):
    deposit = world.mpesa()
    world.gateways[Gateway.MPESA].look_script = ["silent", "down", "down"]
    world.clock.advance(timedelta(minutes=10))
    world.check(deposit, 4)
    assert world.now(deposit).status is DepositStatus.EXPIRED
    world.clock.advance(timedelta(minutes=15))
    world.check(deposit, 5)
    assert world.checks_sent()[-1] == ("payment", 6, 900)
    world.clock.advance(timedelta(hours=24))
    with pytest.raises(GatewayUnavailable):
        world.check(deposit, 99)


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_crash_around_the_settlement_credits_once(world, moment):
    deposit = world.card()
    pay_card(world, deposit)
    world.facts.script = [moment]
    with pytest.raises(RuntimeError, match="crashed"):
        world.signal(deposit)
    world.signal(deposit)
    assert world.wallet().posted == 10_000
    assert world.events() == ["payments.deposit_settled.v1"]


def test_a_wallet_that_moved_in_between_is_read_again(world, monkeypatch):
    deposit, other = world.card(key="a"), world.card("20.00", key="b")
    pay_card(world, deposit)
    pay_card(world, other, Money(2_000, Currency.USD), "pi_2")
    gateway = world.gateways[Gateway.STRIPE]
    look = gateway.look_up
    raced = []

    def racing(one, reference):
        if one.deposit_id == deposit.deposit_id and not raced:
            raced.append(True)
            world.signal(other)
        return look(one, reference)

    monkeypatch.setattr(gateway, "look_up", racing)
    world.signal(deposit)
    assert world.wallet().posted == 12_000
    # Each with its fee.
    assert world.wallet().seq == 4
    assert len(world.events()) == 2


def test_a_payment_of_an_unknown_deposit_is_left_alone(world):
    deposit = world.card()
    world.settlement.signalled(world.user_id, deposit.deposit_id[:-1] + "9", Hint())
    assert world.facts.published == []


def test_waiting_means_waiting(world):
    deposit = world.card()
    world.gateways[Gateway.STRIPE].set(deposit, Waiting())
    world.signal(deposit)
    assert world.now(deposit) == deposit


def test_many_deliveries_at_once_credit_each_deposit_once(world):
    deposits = [world.card("10.00", key=f"k{number}") for number in range(4)]
    for number, deposit in enumerate(deposits):
        pay_card(world, deposit, deposit.amount, f"pi_{number}")
    errors = []

    def run(deposit):
        for _ in range(20):
            try:
                world.signal(deposit)
            except TemporarilyUnavailable:
                continue  # the queue delivers it again
            except Exception as error:  # noqa: BLE001 - the main thread shall see it
                errors.append(error)
            return

    threads = [threading.Thread(target=run, args=(one,)) for one in deposits * 4]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert {world.now(one).status for one in deposits} == {DepositStatus.SETTLED}
    assert (world.wallet().posted, world.wallet().seq) == (4_000, 8)
    assert world.books()["house:gateway_clearing:stripe:USD", "USD/2"] == 4_000 - 4 * 320
    assert world.events() == ["payments.deposit_settled.v1"] * 4
