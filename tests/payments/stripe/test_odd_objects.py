"""What Stripe's objects can say, and that none of it ever becomes money that is not there."""

import pytest

from shared.kernel.money import Currency, Money
from shared.payments.methods import Method
from shared.payments.ports import Failed, Lapsed, NoAnswer, Paid, Processing, Waiting
from shared.payments.providers.stripe_outcomes import (
    outcome_of_intent,
    outcome_of_session,
    partly_funded,
    refusal_of,
)
from shared.payments.providers.stripe_requests import instructions_of
from shared.payments.reasons import Reason
from tests.payments.stripe.desk import deposit_of

DEPOSIT = deposit_of(100_000, method=Method.BANK_TRANSFER)


def intent(**changes):
    return {
        "object": "payment_intent",
        "id": "pi_1",
        "status": "succeeded",
        "amount": 100_000,
        "amount_received": 100_000,
        "currency": "usd",
        "customer": "cus_1",
        "latest_charge": {
            "object": "charge",
            "id": "py_1",
            "balance_transaction": {"object": "balance_transaction", "fee": 500, "currency": "usd"},
        },
        "last_payment_error": None,
        "metadata": {"user_id": DEPOSIT.user_id, "deposit_id": DEPOSIT.deposit_id},
        "next_action": None,
    } | changes


def waiting(remaining):
    told = {"amount_remaining": remaining, "currency": "usd", "type": "us_bank_transfer"}
    return intent(
        status="requires_action",
        amount_received=0,
        next_action={
            "type": "display_bank_transfer_instructions",
            "display_bank_transfer_instructions": told,
        },
    )


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        ("succeeded", Paid("pi_1", Money(100_000, Currency.USD), 500)),
        ("processing", Processing()),
        ("requires_action", Waiting()),
        ("requires_confirmation", Waiting()),
        ("requires_capture", Waiting()),
        ("a_status_of_next_year", Waiting()),
        ("requires_payment_method", Failed(Reason.DECLINED)),
        ("canceled", Lapsed()),
    ],
)
def test_an_intent_is_paid_only_when_it_says_so(status, outcome):
    assert outcome_of_intent(intent(status=status), DEPOSIT) == outcome


@pytest.mark.parametrize("received", [0, 1, 99_999, 100_001])
def test_paid_is_what_was_received_and_not_what_was_asked_for(received):
    paid = outcome_of_intent(intent(amount_received=received), DEPOSIT)
    assert paid == Paid("pi_1", Money(received, Currency.USD), 500)
    assert paid.amount != DEPOSIT.amount


@pytest.mark.parametrize(
    "metadata", [None, {}, {"deposit_id": None}, {"deposit_id": "dep_t1_0"}, {"user_id": "x"}]
)
def test_an_intent_that_does_not_name_the_deposit_says_nothing(metadata):
    assert outcome_of_intent(intent(metadata=metadata), DEPOSIT) == NoAnswer()


def test_a_currency_that_is_not_kept_differs_from_every_deposit():
    paid = outcome_of_intent(intent(currency="xau"), DEPOSIT)
    assert paid.amount == Money(0, Currency.USD)


@pytest.mark.parametrize("charge", [None, "py_1", {"balance_transaction": None}])
def test_a_fee_that_is_not_told_is_unknown(charge):
    assert outcome_of_intent(intent(latest_charge=charge), DEPOSIT).fee_minor is None


def test_a_fee_in_another_currency_is_unknown_and_counted(capsys):
    balance = {"fee": 4_000, "currency": "eur"}
    paid = outcome_of_intent(intent(latest_charge={"balance_transaction": balance}), DEPOSIT)
    assert paid.fee_minor is None
    assert "FeeInForeignCurrency" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (None, Reason.DECLINED),
        ("text", Reason.DECLINED),
        ({"code": "card_declined", "decline_code": "lost_card"}, Reason.DECLINED),
        (
            {"code": "card_declined", "decline_code": "insufficient_funds"},
            Reason.INSUFFICIENT_FUNDS,
        ),
        ({"code": "insufficient_funds"}, Reason.INSUFFICIENT_FUNDS),
    ],
)
def test_why_a_payment_failed_comes_from_our_catalogue(error, reason):
    failed = intent(status="requires_payment_method", last_payment_error=error)
    assert outcome_of_intent(failed, DEPOSIT) == Failed(reason)
    session = {
        "metadata": {"deposit_id": DEPOSIT.deposit_id},
        "client_reference_id": DEPOSIT.deposit_id,
        "status": "complete",
        "payment_status": "unpaid",
        "payment_intent": failed,
    }
    assert outcome_of_session(session, DEPOSIT) == Failed(reason)


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("amount_too_small", Reason.LIMIT_EXCEEDED),
        ("amount_too_large", Reason.LIMIT_EXCEEDED),
        ("card_declined", Reason.DECLINED),
        ("authentication_required", Reason.DECLINED),
        ("insufficient_funds", Reason.INSUFFICIENT_FUNDS),
        ("parameter_unknown", Reason.GATEWAY_REFUSED),
        (None, Reason.GATEWAY_REFUSED),
    ],
)
def test_why_a_request_was_refused_comes_from_our_catalogue(code, reason):
    assert refusal_of(code) is reason


@pytest.mark.parametrize(
    ("subject", "partly"),
    [
        (waiting(100_000), False),
        (waiting(99_999), True),
        (waiting(None), False),
        (intent(status="requires_action", amount_received=5), True),
        (intent(), False),
        (intent(status="canceled", amount_received=0), False),
    ],
)
def test_a_part_is_seen_where_stripe_shows_it(subject, partly):
    assert partly_funded(subject) is partly


def test_unknown_addresses_are_left_out_of_the_instructions():
    told = {
        "financial_addresses": [
            {"type": "zengin", "zengin": {"account_number": "1"}},
            {"type": "aba", "aba": {"account_number": "2", "bank_name": None}},
            {"type": "iban", "iban": None},
        ],
        "reference": None,
    }
    subject = intent(next_action={"display_bank_transfer_instructions": told})
    assert instructions_of(subject) == (("ACCOUNT_NUMBER", "2"),)
    assert instructions_of(intent()) == ()
