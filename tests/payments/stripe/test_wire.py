"""What goes to Stripe word for word, and the shapes that come back, without any sandbox."""

import pytest
import stripe

from shared.kernel.money import Currency, Money
from shared.payments.methods import Method
from shared.payments.ports import NoWord, Paid, Refused, Started
from shared.payments.providers.stripe import StripeGateway
from shared.payments.reasons import Reason
from tests.payments.stripe.desk import deposit_of
from tests.payments.stripe.recorder import client_with


def gateway_with(*answers):
    client, recorder = client_with(*answers)
    back = "https://app.example/deposits/{deposit_id}"
    gateway = StripeGateway(lambda: client, success_url=back, cancel_url=f"{back}?cancelled=1")
    return gateway, recorder


def error(status, kind="invalid_request_error", **more):
    return status, {"error": {"type": kind, "message": "A text of Stripe's", **more}}


SESSION = (
    200,
    {
        "id": "cs_test_1",
        "object": "checkout.session",
        "status": "open",
        "url": "https://checkout.stripe.com/c/pay/cs_test_1",
    },
)
INTENT = {
    "id": "pi_1",
    "object": "payment_intent",
    "amount": 1099,
    "amount_received": 0,
    "currency": "usd",
    "next_action": {
        "type": "display_bank_transfer_instructions",
        "display_bank_transfer_instructions": {
            "amount_remaining": 1099,
            "currency": "usd",
            "financial_addresses": [
                {
                    "type": "aba",
                    "supported_networks": ["ach", "domestic_wire_us"],
                    "aba": {
                        "account_holder_name": "Jane Austen",
                        "account_number": "11119987600453127",
                        "account_type": "checking",
                        "bank_name": "US Test Bank",
                        "routing_number": "999999999",
                    },
                }
            ],
            "hosted_instructions_url": "https://payments.stripe.com/bank_transfers/1",
            "reference": "9TJHUBYX",
            "type": "us_bank_transfer",
        },
    },
    "status": "requires_action",
}


def test_a_card_page_is_asked_for_under_the_deposits_name():
    deposit = deposit_of(1_050, Currency.EUR)
    gateway, recorder = gateway_with(SESSION)
    assert gateway.start(deposit, None) == Started(
        "cs_test_1", redirect_url="https://checkout.stripe.com/c/pay/cs_test_1"
    )
    (sent,) = recorder.sent
    assert (sent.method, sent.path, sent.key, sent.account, sent.version) == (
        "POST",
        "/v1/checkout/sessions",
        deposit.deposit_id,
        None,
        stripe.api_version,
    )
    assert sent.form == {
        "mode": "payment",
        "payment_method_types[0]": "card",
        "line_items[0][price_data][currency]": "eur",
        "line_items[0][price_data][unit_amount]": "1050",
        "line_items[0][price_data][product_data][name]": "Deposit",
        "line_items[0][quantity]": "1",
        "client_reference_id": deposit.deposit_id,
        "metadata[user_id]": deposit.user_id,
        "metadata[deposit_id]": deposit.deposit_id,
        "payment_intent_data[metadata][user_id]": deposit.user_id,
        "payment_intent_data[metadata][deposit_id]": deposit.deposit_id,
        "success_url": f"https://app.example/deposits/{deposit.deposit_id}",
        "cancel_url": f"https://app.example/deposits/{deposit.deposit_id}?cancelled=1",
        "expires_at": str(int(deposit.lapses_at.timestamp())),
    }


def test_a_debit_wants_the_bank_to_know_the_payer_at_once():
    gateway, recorder = gateway_with(SESSION)
    gateway.start(deposit_of(method=Method.BANK_DEBIT), None)
    form = recorder.sent[0].form
    assert form["payment_method_types[0]"] == "us_bank_account"
    assert form["payment_method_options[us_bank_account][verification_method]"] == "instant"
    assert "customer" not in form


def test_a_kept_card_belongs_to_the_customer_of_the_person():
    deposit = deposit_of()
    found = {"object": "search_result", "data": [], "has_more": False, "url": "/v1/x"}
    made = {"id": "cus_1", "object": "customer", "created": 1}
    gateway, recorder = gateway_with((200, found), (200, made), SESSION)
    gateway.start(deposit, None, save_card=True)
    search, create, page = recorder.sent
    assert search.path == "/v1/customers/search"
    assert search.form["query"] == f"metadata['user_id']:'{deposit.user_id}'"
    assert (create.path, create.key) == ("/v1/customers", f"{deposit.user_id}.customer")
    assert create.form == {"metadata[user_id]": deposit.user_id}
    assert page.form["customer"] == "cus_1"
    assert page.form["payment_intent_data[setup_future_usage]"] == "off_session"


def test_a_transfer_is_asked_for_and_its_published_answer_understood():
    deposit = deposit_of(1_099, method=Method.BANK_TRANSFER)
    known = [{"id": f"cus_{n}", "object": "customer", "created": n} for n in (2, 1)]
    found = {"object": "search_result", "data": known, "has_more": False, "url": "/v1/x"}
    gateway, recorder = gateway_with((200, found), (200, INTENT))
    assert gateway.start(deposit, None) == Started(
        "pi_1",
        instructions=(
            ("ACCOUNT_HOLDER", "Jane Austen"),
            ("BANK", "US Test Bank"),
            ("ROUTING_NUMBER", "999999999"),
            ("ACCOUNT_NUMBER", "11119987600453127"),
            ("ACCOUNT_TYPE", "checking"),
            ("REFERENCE", "9TJHUBYX"),
        ),
    )
    _, sent = recorder.sent
    assert (sent.path, sent.key) == ("/v1/payment_intents", deposit.deposit_id)
    option = "payment_method_options[customer_balance]"
    assert sent.form == {
        "amount": "1099",
        "currency": "usd",
        "customer": "cus_1",
        "payment_method_types[0]": "customer_balance",
        "payment_method_data[type]": "customer_balance",
        f"{option}[funding_type]": "bank_transfer",
        f"{option}[bank_transfer][type]": "us_bank_transfer",
        "confirm": "true",
        "metadata[user_id]": deposit.user_id,
        "metadata[deposit_id]": deposit.deposit_id,
    }


def test_a_kept_card_is_charged_while_its_owner_is_away():
    deposit = deposit_of(1_099)
    gateway, recorder = gateway_with((200, INTENT | {"status": "succeeded"}))
    assert gateway.charge_saved(deposit, "cus_1", "pm_1") == Started("pi_1")
    (sent,) = recorder.sent
    assert sent.key == f"{deposit.deposit_id}.saved"
    assert sent.form["off_session"] == sent.form["confirm"] == "true"
    assert (sent.form["customer"], sent.form["payment_method"]) == ("cus_1", "pm_1")


@pytest.mark.parametrize(
    ("answer", "result"),
    [
        (error(402, "card_error", code="card_declined"), Refused(Reason.DECLINED)),
        (
            error(402, "card_error", code="card_declined", decline_code="insufficient_funds"),
            Refused(Reason.INSUFFICIENT_FUNDS),
        ),
        (error(402, "card_error", code="authentication_required"), Refused(Reason.DECLINED)),
        (error(400, code="amount_too_large"), Refused(Reason.LIMIT_EXCEEDED)),
        (error(400, code="parameter_unknown"), Refused(Reason.GATEWAY_REFUSED)),
        (error(404, code="resource_missing"), Refused(Reason.GATEWAY_REFUSED)),
        (error(400, "idempotency_error"), NoWord()),
        (error(401), NoWord()),
        (error(403), NoWord()),
        (error(409, "idempotency_error", code="idempotency_key_in_use"), NoWord()),
        (error(429, code="rate_limit"), NoWord()),
        (error(500, "api_error"), NoWord()),
        (error(503, "api_error"), NoWord()),
    ],
)
def test_what_stripe_refuses_is_told_from_what_is_not_known(answer, result):
    gateway, _ = gateway_with(answer)
    assert gateway.charge_saved(deposit_of(), "cus_1", "pm_1") == result
    gateway, _ = gateway_with(answer)
    assert gateway.start(deposit_of(), None) == result


def test_a_look_asks_once_and_takes_the_fee_with_it():
    deposit = deposit_of(1_099)
    paid = INTENT | {
        "status": "succeeded",
        "amount_received": 1099,
        "metadata": {"deposit_id": deposit.deposit_id},
        "latest_charge": {
            "id": "ch_1",
            "object": "charge",
            "balance_transaction": {
                "id": "txn_1",
                "object": "balance_transaction",
                "currency": "usd",
                "fee": 62,
            },
        },
    }
    gateway, recorder = gateway_with((200, paid))
    assert gateway.look_up(deposit, "pi_1") == Paid("pi_1", Money(1_099, Currency.USD), 62)
    (sent,) = recorder.sent
    assert (sent.method, sent.path) == ("GET", "/v1/payment_intents/pi_1")
    assert sent.form == {"expand[0]": "latest_charge.balance_transaction"}


def test_giving_up_has_a_key_of_its_own():
    deposit = deposit_of()
    gateway, recorder = gateway_with((200, SESSION[1] | {"status": "expired"}))
    assert gateway.cancel(deposit, "cs_test_1") is True
    (sent,) = recorder.sent
    assert (sent.path, sent.key, sent.form) == (
        "/v1/checkout/sessions/cs_test_1/expire",
        f"{deposit.deposit_id}.cancel",
        {},
    )
