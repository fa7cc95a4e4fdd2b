"""Payouts to bank accounts through Stripe: money leaves once, and comes back whole."""

from dataclasses import replace

import pytest

from shared.kernel.money import Currency, Money
from shared.payments.errors import GatewayUnavailable
from shared.payouts.errors import PayoutAccountRefused
from shared.payouts.model import PayoutStatus
from shared.payouts.ports import CameBack, NeverSent, NotPaid, PaidOut, Silence, Taken
from shared.payouts.providers.stripe import BankAccounts, StripePayouts
from shared.payouts.reasons import PayoutReason
from tests.payouts.stripe.orders import US_BANK, withdrawal_of

FLOAT = 100_000
IBAN = {"account_number": "DE89370400440532013000"}


@pytest.fixture
def rail(desk):
    desk.knob("balance", currency="usd", amount=FLOAT)
    return StripePayouts(lambda: desk.client)


@pytest.fixture
def banks(desk):
    return BankAccounts(lambda: desk.client)


@pytest.fixture
def account(banks):
    return banks.register("usr_t1_1", "US", "USD", "Amina Otieno", US_BANK)


@pytest.fixture
def order():
    return withdrawal_of(20_000)


def available(desk):
    return {one.currency: one.amount for one in desk.client.v1.balance.retrieve().available}["usd"]


def payouts(desk, account):
    options = {"stripe_account": account["stripe_account"]}
    return desk.client.v1.payouts.list(options=options).data


def moved(order, outcome, status=PayoutStatus.SENT):
    return replace(order, reference=outcome.reference, status=status)


def test_a_withdrawal_goes_through_the_payees_account_to_the_bank(desk, rail, account, order):
    taken = rail.send(order, account)
    assert isinstance(taken, Taken)
    assert taken.reference.startswith(f"{account['stripe_account']}/po_")
    assert available(desk) == FLOAT - 20_000
    (payout,) = payouts(desk, account)
    assert (payout.amount, payout.currency, payout.destination) == (
        20_000,
        "usd",
        account["external_account"],
    )
    assert payout.metadata["payout_id"] == order.payout_id
    order = moved(order, taken)
    assert rail.look_up(order) == taken
    desk.knob(f"payouts/{payout.id}", status="in_transit")
    assert rail.look_up(order) == taken
    desk.knob(f"payouts/{payout.id}", status="paid")
    assert rail.look_up(order) == PaidOut(taken.reference, Money(20_000, Currency.USD))


def test_the_same_order_is_carried_out_once_even_when_its_keys_are_forgotten(
    desk, rail, account, order
):
    first = rail.send(order, account)
    assert rail.send(order, account) == first
    desk.sandbox.delete("/_control/stripe/keys").raise_for_status()
    assert rail.send(order, account) == first
    assert rail.look_up(order) == first
    assert len(payouts(desk, account)) == 1
    assert available(desk) == FLOAT - 20_000


@pytest.mark.parametrize("operation", ["transfers.create", "payouts.create"])
@pytest.mark.parametrize("forgotten", [False, True])
def test_the_effect_of_a_lost_answer_is_found(
    desk, rail, account, order, fault, operation, forgotten
):
    fault("stripe", operation, "timeout_after_effect", close=True)
    assert rail.send(order, account) == Silence()
    assert isinstance(rail.look_up(order), Silence if operation == "transfers.create" else Taken)
    if forgotten:
        desk.sandbox.delete("/_control/stripe/keys").raise_for_status()
    assert isinstance(rail.send(order, account), Taken)
    assert len(payouts(desk, account)) == 1
    assert available(desk) == FLOAT - 20_000


@pytest.mark.parametrize(
    "operation", ["transfers.list", "transfers.create", "payouts.list", "payouts.create"]
)
def test_a_gateway_that_does_not_answer_is_silence(desk, rail, account, order, fault, operation):
    fault("stripe", operation, "error", times=2, status=500)
    assert rail.send(order, account) == Silence()
    assert isinstance(rail.send(order, account), Taken)
    assert len(payouts(desk, account)) == 1
    assert available(desk) == FLOAT - 20_000


def test_too_little_money_of_our_own_is_an_order_that_was_never_sent(desk, rail, account):
    large = withdrawal_of(FLOAT + 1)
    assert rail.send(large, account) == NeverSent()
    assert rail.look_up(large) == Silence()
    assert available(desk) == FLOAT
    desk.knob("balance", currency="usd", amount=1)
    assert isinstance(rail.send(large, account), Taken)


@pytest.mark.parametrize(
    ("why", "reason"),
    [
        ("account_closed", PayoutReason.RECEIVER_NOT_ABLE),
        ("could_not_process", PayoutReason.GATEWAY_REFUSED),
    ],
)
def test_a_payout_that_fails_is_not_paid_and_its_money_is_ours_again(
    desk, rail, account, order, why, reason
):
    taken = rail.send(order, account)
    desk.knob(f"payouts/{taken.reference.partition('/')[2]}", status="failed", failure=why)
    assert rail.look_up(moved(order, taken)) == NotPaid(reason)
    assert available(desk) == FLOAT
    assert rail.look_up(moved(order, taken)) == NotPaid(reason)
    assert rail.send(order, account) == NotPaid(reason)
    assert available(desk) == FLOAT
    assert len(payouts(desk, account)) == 1


def test_a_payout_that_is_cancelled_is_not_paid(desk, rail, account, order):
    taken = rail.send(order, account)
    desk.knob(f"payouts/{taken.reference.partition('/')[2]}", status="canceled")
    assert rail.look_up(moved(order, taken)) == NotPaid(PayoutReason.GATEWAY_REFUSED)
    assert available(desk) == FLOAT


def test_a_payout_that_the_bank_sends_back_came_back(desk, rail, account, order):
    taken = rail.send(order, account)
    name = taken.reference.partition("/")[2]
    desk.knob(f"payouts/{name}", status="paid")
    paid = moved(order, taken, PayoutStatus.PAID)
    assert isinstance(rail.look_up(paid), PaidOut)
    desk.knob(f"payouts/{name}", status="failed", failure="no_account")
    assert rail.look_up(paid) == CameBack(PayoutReason.RETURNED_BY_BANK)
    assert available(desk) == FLOAT
    assert rail.look_up(paid) == CameBack(PayoutReason.RETURNED_BY_BANK)
    assert available(desk) == FLOAT


def test_an_end_is_not_told_before_the_money_is_back(desk, rail, account, order, fault):
    taken = rail.send(order, account)
    desk.knob(f"payouts/{taken.reference.partition('/')[2]}", status="failed")
    fault("stripe", "transfer_reversals.create", "error", times=2, status=500)
    with pytest.raises(GatewayUnavailable):
        rail.look_up(moved(order, taken))
    assert available(desk) == FLOAT - 20_000
    assert rail.look_up(moved(order, taken)) == NotPaid(PayoutReason.GATEWAY_REFUSED)
    assert available(desk) == FLOAT


def test_a_reversal_whose_answer_was_lost_is_made_once(desk, rail, account, order, fault):
    taken = rail.send(order, account)
    desk.knob(f"payouts/{taken.reference.partition('/')[2]}", status="failed")
    fault("stripe", "transfer_reversals.create", "timeout_after_effect", close=True)
    with pytest.raises(GatewayUnavailable):
        rail.look_up(moved(order, taken))
    desk.sandbox.delete("/_control/stripe/keys").raise_for_status()
    assert rail.look_up(moved(order, taken)) == NotPaid(PayoutReason.GATEWAY_REFUSED)
    assert available(desk) == FLOAT


def test_a_bank_account_that_is_gone_takes_nothing_and_the_transfer_is_reversed(
    desk, rail, account, order
):
    gone = {**account, "external_account": "ba_unknown"}
    refused = NotPaid(PayoutReason.RECEIVER_NOT_ABLE)
    assert rail.send(order, gone) == refused
    assert available(desk) == FLOAT
    # The answer may not have been recorded: asked again it is over, and nothing moves.
    again = NotPaid(PayoutReason.GATEWAY_REFUSED)
    assert rail.send(order, gone) == again
    assert rail.look_up(order) == again
    assert available(desk) == FLOAT
    assert payouts(desk, account) == []


def test_an_account_that_stripe_does_not_know_gets_nothing(desk, rail, order):
    nobody = {"stripe_account": "acct_unknown", "external_account": "ba_unknown"}
    assert rail.send(order, nobody) == NotPaid(PayoutReason.GATEWAY_REFUSED)
    assert available(desk) == FLOAT


def test_a_payout_of_somebody_elses_order_says_nothing(desk, rail, account, order):
    theirs = rail.send(withdrawal_of(5_000), account)
    assert rail.look_up(replace(order, reference=theirs.reference)) == Silence()
    mine = account["stripe_account"]
    assert rail.look_up(replace(order, reference=f"{mine}/po_unknown")) == Silence()
    with pytest.raises(GatewayUnavailable):
        rail.look_up(replace(order, reference="acct_of_nobody/po_unknown"))
    assert rail.look_up(order) == Silence()


def test_test_accounts_end_by_themselves(desk, rail, banks, eventually):
    desk.sandbox.post("/_control/config", json={"stripe_payout_delay_ms": 10}).raise_for_status()
    outcomes = []
    for number in ("000123456789", "000111111113"):
        account = banks.register("usr_t1_1", "US", "USD", "A", US_BANK | {"account_number": number})
        order = withdrawal_of(1_000)
        order = moved(order, rail.send(order, account))
        outcomes.append(eventually(lambda order=order: _ended(rail.look_up(order))))
    assert outcomes == [
        PaidOut(outcomes[0].reference, Money(1_000, Currency.USD)),
        NotPaid(PayoutReason.RECEIVER_NOT_ABLE),
    ]


def _ended(outcome):
    return None if isinstance(outcome, Taken) else outcome


def test_an_account_is_made_known_with_what_a_payout_needs(desk, account):
    assert account == {
        "stripe_account": account["stripe_account"],
        "external_account": account["external_account"],
        "last4": "6789",
        "bank_name": "STRIPE TEST BANK",
    }
    made = desk.client.v1.accounts.retrieve(account["stripe_account"])
    assert made.metadata.to_dict() == {"user_id": "usr_t1_1"}
    assert made.settings.payouts.schedule.interval == "manual"
    assert made.controller.requirement_collection == "application"


def test_registering_twice_makes_one_account(banks, account):
    assert banks.register("usr_t1_1", "US", "USD", "Amina Otieno", US_BANK) == account
    other = banks.register("usr_t1_2", "US", "USD", "Amina Otieno", US_BANK)
    assert other["stripe_account"] != account["stripe_account"]


def test_an_iban_is_an_account_number(rail, banks, desk):
    desk.knob("balance", currency="eur", amount=5_000)
    account = banks.register("usr_t1_1", "DE", "EUR", "Amina Otieno", IBAN)
    assert account["last4"] == "3000"
    made = desk.client.v1.accounts.retrieve(account["stripe_account"])
    assert made.tos_acceptance.to_dict() == {"service_agreement": "recipient"}
    order = withdrawal_of(5_000, amount=Money(5_000, Currency.EUR))
    assert isinstance(rail.send(order, account), Taken)


@pytest.mark.parametrize(
    ("country", "currency", "numbers"),
    [
        ("US", "USD", US_BANK | {"routing_number": "110000001"}),
        ("US", "USD", US_BANK | {"account_number": "12"}),
        ("US", "USD", {"account_number": "000123456789"}),
        ("DE", "EUR", {"account_number": "DE89370400440532013001"}),
        ("DE", "XAU", IBAN),
    ],
)
def test_numbers_that_stripe_does_not_take_are_refused(banks, country, currency, numbers):
    with pytest.raises(PayoutAccountRefused):
        banks.register("usr_t1_1", country, currency, "Amina Otieno", numbers)


@pytest.mark.parametrize("operation", ["accounts.create", "external_accounts.create"])
def test_a_registration_without_an_answer_can_be_repeated(banks, fault, operation, account):
    fault("stripe", operation, "timeout_after_effect", close=True)
    with pytest.raises(GatewayUnavailable):
        banks.register("usr_t1_1", "DE", "EUR", "Amina Otieno", IBAN)
    made = banks.register("usr_t1_1", "DE", "EUR", "Amina Otieno", IBAN)
    assert banks.register("usr_t1_1", "DE", "EUR", "Amina Otieno", IBAN) == made
