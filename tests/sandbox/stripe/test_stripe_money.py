"""Refunds, disputes, transfers and payouts over the wire, and what is refused."""

import json

import pytest
import stripe

from tests.sandbox.stripe.shop import SESSION, client_of, events, pay

SLOW = dict.fromkeys(
    ("stripe_debit_delay_ms", "stripe_refund_delay_ms", "stripe_payout_delay_ms"), 3600000
)
CONTROLLER = {
    "fees": {"payer": "application"},
    "losses": {"payments": "application"},
    "requirement_collection": "application",
    "stripe_dashboard": {"type": "none"},
}
BANK = {
    "object": "bank_account",
    "country": "US",
    "currency": "usd",
    "account_number": "000123456789",
    "routing_number": "110000000",
}


@pytest.fixture(autouse=True)
def slow(sandbox):
    sandbox.post("/_control/config", json=SLOW).raise_for_status()


def knob(sandbox, path, **order):
    return sandbox.post(f"/_control/stripe/{path}", json=order)


def paid(sandbox, client, card="4242424242424242"):
    session = client.v1.checkout.sessions.create(SESSION)
    return pay(sandbox, session, card=card)["payment_intent"]


def connected(client, bank=BANK):
    account = client.v1.accounts.create({"controller": CONTROLLER, "country": "US"})
    made = client.v1.accounts.external_accounts.create(account.id, {"external_account": bank})
    return account.id, made["id"]


def test_a_refund_is_bounded_by_what_is_left(sandbox, client):
    intent = paid(sandbox, client)
    first = client.v1.refunds.create({"payment_intent": intent, "amount": 12_000})
    assert (first.status, first.amount, first.currency) == ("succeeded", 12_000, "usd")
    for amount in (346, 99_999_999):
        with pytest.raises(stripe.InvalidRequestError, match="greater than unrefunded"):
            client.v1.refunds.create({"payment_intent": intent, "amount": amount})
    assert client.v1.refunds.create({"payment_intent": intent}).amount == 345
    with pytest.raises(stripe.InvalidRequestError) as caught:
        client.v1.refunds.create({"payment_intent": intent})
    assert caught.value.code == "charge_already_refunded"
    charge = client.v1.refunds.retrieve(first.id, {"expand": ["charge"]}).charge
    assert (charge.amount_refunded, charge.refunded) == (12_345, True)
    assert [one.id for one in client.v1.refunds.list({"payment_intent": intent}).data][1] == (
        first.id
    )
    assert client.v1.refunds.list({"payment_intent": "pi_other"}).data == []


@pytest.mark.parametrize(
    "params",
    [
        {},
        {"payment_intent": "pi_x", "charge": "ch_x"},
        {"payment_intent": "pi_unknown"},
        {"charge": "ch_unknown"},
        {"payment_intent": "pi_x", "amount": 0},
        {"payment_intent": "pi_x", "origin": "customer_balance"},
    ],
)
def test_a_refund_of_nothing_is_refused(client, params):
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.refunds.create(params)
    assert events(client) == []


def test_what_was_never_paid_is_not_refunded(sandbox, client):
    session = client.v1.checkout.sessions.create(SESSION)
    intent = pay(sandbox, session, card="4000000000000002")["payment_intent"]
    with pytest.raises(stripe.InvalidRequestError, match="does not have a successful charge"):
        client.v1.refunds.create({"payment_intent": intent})


def test_a_failed_refund_is_told_and_its_money_is_back(sandbox, client):
    sandbox.post("/_control/config", json={"stripe_refund_delay_ms": 0}).raise_for_status()
    intent = paid(sandbox, client, "4000000000005126")
    refund = client.v1.refunds.create({"payment_intent": intent})
    assert refund.status == "succeeded"
    refund = client.v1.refunds.retrieve(
        refund.id, {"expand": ["failure_balance_transaction", "balance_transaction"]}
    )
    assert (refund.status, refund.failure_reason) == ("failed", "unknown")
    assert refund.balance_transaction.amount + refund.failure_balance_transaction.amount == 0
    assert events(client)[:3] == ["refund.updated", "refund.failed", "charge.refunded"]


def test_a_payout_needs_available_money_of_its_own_account(sandbox, client):
    account, bank = connected(client)
    on_behalf = {"stripe_account": account}
    order = {"amount": 100, "currency": "usd", "destination": bank}
    for act in (
        lambda: client.v1.payouts.create(order, on_behalf),
        lambda: client.v1.transfers.create(
            {"amount": 1, "currency": "usd", "destination": account}
        ),
    ):
        with pytest.raises(stripe.InvalidRequestError) as caught:
            act()
        assert caught.value.code == "balance_insufficient"
    # Of a card payment the money is not available for two days.
    paid(sandbox, client)
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.transfers.create({"amount": 100, "currency": "usd", "destination": account})
    knob(sandbox, "balance", currency="usd", amount=100).raise_for_status()
    client.v1.transfers.create({"amount": 100, "currency": "usd", "destination": account})
    with pytest.raises(stripe.InvalidRequestError, match="No such external account"):
        client.v1.payouts.create({**order, "destination": "ba_unknown"}, on_behalf)
    payout = client.v1.payouts.create(order, on_behalf)
    assert payout.status == "pending"
    with pytest.raises(stripe.InvalidRequestError) as caught:
        client.v1.payouts.retrieve(payout.id)
    assert caught.value.http_status == 404
    with pytest.raises(stripe.PermissionError):
        client.v1.payouts.retrieve(payout.id, options={"stripe_account": "acct_unknown"})
    balance = client.v1.balance.retrieve(options=on_behalf)
    assert [(one.amount, one.currency) for one in balance.available] == [(0, "usd")]
    assert [one.type for one in client.v1.balance_transactions.list(options=on_behalf).data] == [
        "payout",
        "payment",
    ]


def test_a_transfer_is_reversed_once_and_as_far_as_the_money_is_there(sandbox, client):
    account, bank = connected(client)
    knob(sandbox, "balance", currency="usd", amount=300).raise_for_status()
    transfer = client.v1.transfers.create(
        {"amount": 300, "currency": "usd", "destination": account, "transfer_group": "g1"}
    )
    assert client.v1.transfers.list({"transfer_group": "g2"}).data == []
    (listed,) = client.v1.transfers.list({"transfer_group": "g1"}).data
    assert listed.id == transfer.id
    client.v1.transfers.reversals.create(transfer.id, {"amount": 100})
    client.v1.payouts.create(
        {"amount": 150, "currency": "usd", "destination": bank}, {"stripe_account": account}
    )
    with pytest.raises(stripe.InvalidRequestError) as caught:
        client.v1.transfers.reversals.create(transfer.id)
    assert caught.value.code == "balance_insufficient"
    named = {"amount": 50, "metadata": {"payout_id": "p1"}}
    reversal = client.v1.transfers.reversals.create(transfer.id, named)
    newest = client.v1.balance_transactions.list({"limit": 1, "expand": ["data.source"]}).data[0]
    assert (newest.type, newest.amount) == ("transfer_refund", 50)
    assert (newest.source.id, newest.source.metadata["payout_id"]) == (reversal.id, "p1")
    back = client.v1.transfers.retrieve(transfer.id)
    assert (back.amount_reversed, back.reversed) == (150, False)
    with pytest.raises(stripe.InvalidRequestError, match="reversed"):
        client.v1.transfers.reversals.create(transfer.id, {"amount": 151})


@pytest.mark.parametrize(
    ("path", "order", "status"),
    [
        ("refunds/re_unknown", {"status": "failed"}, 404),
        ("disputes", {"payment_intent": "pi_unknown"}, 404),
        ("disputes/dp_unknown", {"status": "won"}, 404),
        ("payouts/po_unknown", {"status": "paid"}, 404),
        ("payouts", {"currency": "usd"}, 409),
        ("payouts", {"currency": "usd", "amount": 0}, 422),
        ("balance", {"currency": "usd", "amount": -1}, 422),
        ("customers/cus_unknown/fund", {"amount": 1}, 404),
        ("payment_intents/pi_unknown/finish", {}, 404),
    ],
)
def test_knobs_that_fit_nothing_change_nothing(sandbox, client, path, order, status):
    assert knob(sandbox, path, **order).status_code == status
    assert events(client) == []


def test_moves_that_stripe_never_makes_are_refused(sandbox, client):
    intent = paid(sandbox, client)
    refund = client.v1.refunds.create({"payment_intent": intent, "amount": 1})
    assert knob(sandbox, f"refunds/{refund.id}", status="pending").status_code == 409
    assert knob(sandbox, f"payment_intents/{intent}/finish").status_code == 409
    assert knob(sandbox, f"payment_intents/{intent}/fund", amount=1).status_code == 409
    assert knob(sandbox, "disputes", payment_intent=intent, amount=99_999).status_code == 409
    dispute = knob(sandbox, "disputes", payment_intent=intent).json()
    assert knob(sandbox, "disputes", payment_intent=intent).status_code == 409
    assert knob(sandbox, f"disputes/{dispute['id']}", withdraw=True).status_code == 409
    knob(sandbox, f"disputes/{dispute['id']}", status="lost").raise_for_status()
    assert knob(sandbox, f"disputes/{dispute['id']}", status="needs_response").status_code == 409
    with pytest.raises(stripe.InvalidRequestError) as caught:
        client.v1.refunds.create({"payment_intent": intent})
    assert caught.value.code == "charge_disputed"


def test_a_bank_that_thinks_again_brings_the_money_and_the_fee_back(sandbox, client):
    intent = paid(sandbox, client)
    dispute = knob(sandbox, "disputes", payment_intent=intent).json()
    for status in ("lost", "won"):
        knob(sandbox, f"disputes/{dispute['id']}", status=status).raise_for_status()
    assert knob(sandbox, f"disputes/{dispute['id']}", status="lost").status_code == 409
    found = client.v1.disputes.retrieve(dispute["id"])
    assert found.status == "won"
    moved = found.balance_transactions
    assert (len(moved), sum(one.amount for one in moved), sum(one.fee for one in moved)) == (
        2,
        0,
        0,
    )
    assert events(client)[:2] == ["charge.dispute.funds_reinstated", "charge.dispute.closed"]


def test_an_event_of_a_connected_account_names_it_and_is_not_in_our_list(sandbox, client, receiver):
    account, bank = connected(client)
    knob(sandbox, "balance", currency="usd", amount=100).raise_for_status()
    client.v1.transfers.create({"amount": 100, "currency": "usd", "destination": account})
    sandbox.post("/_control/config", json={"stripe_webhook_url": receiver.url}).raise_for_status()
    order = {"amount": 100, "currency": "usd", "destination": bank}
    payout = client.v1.payouts.create(order, {"stripe_account": account})
    knob(sandbox, f"payouts/{payout.id}", status="paid").raise_for_status()
    told = [json.loads(one.body) for one in receiver.wait_for(2)]
    assert {(one["type"], one["account"]) for one in told} == {
        ("payout.created", account),
        ("payout.paid", account),
    }
    assert events(client) == ["transfer.created"]


def test_events_can_lie_about_mode_and_account(sandbox, client, receiver, fault):
    sandbox.post("/_control/config", json={"stripe_webhook_url": receiver.url}).raise_for_status()
    fault("stripe", "checkout.session.expired", "livemode")
    fault("stripe", "webhook", "wrong_account")
    session = client.v1.checkout.sessions.create(SESSION)
    client.v1.checkout.sessions.expire(session.id)
    (one,) = receiver.wait_for(1)
    event = stripe.Webhook.construct_event(
        one.body, one.headers["stripe-signature"], "whsec_sandbox"
    )
    assert (event.livemode, event["account"]) == (True, "acct_of_somebody_else")
    assert client.v1.events.list().data[0].livemode is False


def test_a_declined_charge_is_kept_under_its_key(sandbox, client, fault):
    customer = client.v1.customers.create({"metadata": {"user_id": "usr_1"}})
    session = client.v1.checkout.sessions.create(
        {
            **SESSION,
            "customer": customer.id,
            "payment_intent_data": {"setup_future_usage": "off_session"},
        }
    )
    intent = client.v1.payment_intents.retrieve(pay(sandbox, session)["payment_intent"])
    order = {
        "amount": 500,
        "currency": "usd",
        "customer": customer.id,
        "payment_method": intent.payment_method,
        "payment_method_types": ["card"],
        "off_session": True,
        "confirm": True,
    }
    fault("stripe", "payment_intents.create", "declined", decline_code="lost_card")
    for _ in range(2):
        with pytest.raises(stripe.CardError) as caught:
            client.v1.payment_intents.create(order, {"idempotency_key": "k1"})
        assert (caught.value.code, caught.value.error.decline_code) == (
            "card_declined",
            "lost_card",
        )
        assert caught.value.error.payment_intent.status == "requires_payment_method"
    assert events(client, type="charge.failed") == ["charge.failed"]
    again = client.v1.payment_intents.create(order, {"idempotency_key": "k2"})
    assert again.status == "succeeded"


@pytest.mark.parametrize(
    "changes",
    [
        {"confirm": False},
        {"customer": "cus_unknown"},
        {"currency": "kes"},
        {"payment_method_types": ["us_bank_account"]},
        {"payment_method_data": ""},
        {"automatic_payment_methods": {"enabled": True}},
        {
            "payment_method_options": {
                "customer_balance": {
                    "funding_type": "bank_transfer",
                    "bank_transfer": {"type": "eu_bank_transfer"},
                }
            }
        },
    ],
)
def test_transfers_that_the_sandbox_does_not_know_are_refused(client, changes):
    customer = client.v1.customers.create({})
    order = {
        "amount": 500,
        "currency": "usd",
        "customer": customer.id,
        "confirm": True,
        "payment_method_types": ["customer_balance"],
        "payment_method_data": {"type": "customer_balance"},
        "payment_method_options": {
            "customer_balance": {
                "funding_type": "bank_transfer",
                "bank_transfer": {"type": "us_bank_transfer"},
            }
        },
    }
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.payment_intents.create(order | changes)
    assert events(client) == []


def test_customers_are_searched_by_their_metadata(client):
    mine = client.v1.customers.create({"metadata": {"user_id": "usr_1"}})
    client.v1.customers.create({"metadata": {"user_id": "usr_2"}})
    found = client.v1.customers.search({"query": "metadata['user_id']:'usr_1'"})
    assert [one.id for one in found.data] == [mine.id]
    for query in ("", "email:'x'", "metadata['user_id']:usr_1"):
        with pytest.raises(stripe.InvalidRequestError):
            client.v1.customers.search({"query": query})


def test_a_debit_has_a_page_of_its_own(sandbox, client):
    session = client.v1.checkout.sessions.create(
        {**SESSION, "payment_method_types": ["us_bank_account"]}
    )
    path = session.url.removeprefix(str(sandbox.base_url).rstrip("/"))
    assert "000123456789" in sandbox.get(path).text
    wrong = sandbox.post(path, data={"bank_account": "12"})
    assert wrong.status_code == 402
    assert "account number is incorrect" in wrong.text
    answer = sandbox.post(path, data={"bank_account": "000000000009"}, follow_redirects=False)
    assert answer.status_code == 303
    assert client.v1.checkout.sessions.retrieve(session.id).payment_status == "unpaid"
    with pytest.raises(stripe.InvalidRequestError, match="only supports"):
        client.v1.checkout.sessions.create(
            {
                **SESSION,
                "payment_method_types": ["us_bank_account"],
                "line_items": [
                    {
                        "price_data": {
                            "currency": "kes",
                            "unit_amount": 5_000,
                            "product_data": {"name": "x"},
                        }
                    }
                ],
            }
        )


def test_lists_are_cut_into_pages_and_bounded(sandbox, client):
    for _ in range(5):
        knob(sandbox, "balance", currency="usd", amount=1).raise_for_status()
    knob(sandbox, "balance", currency="eur", amount=1).raise_for_status()
    newest = client.v1.balance_transactions.list({"limit": 2, "currency": "usd"})
    assert (len(newest.data), newest.has_more) == (2, True)
    older = client.v1.balance_transactions.list({"limit": 9, "starting_after": newest.data[1].id})
    assert len(older.data) == 3
    newer = client.v1.balance_transactions.list({"ending_before": older.data[0].id})
    assert [one.currency for one in newer.data] == ["eur", "usd", "usd"]
    whole = client.v1.balance_transactions.list({"limit": 1}).auto_paging_iter()
    assert len({one.id for one in whole}) == 6
    for params in ({"limit": 0}, {"limit": 101}, {"sort": "x"}, {"starting_after": "txn_x"}):
        with pytest.raises(stripe.InvalidRequestError):
            client.v1.balance_transactions.list(params)


def test_a_reset_forgets_the_money(sandbox, client):
    knob(sandbox, "balance", currency="usd", amount=100).raise_for_status()
    sandbox.post("/_control/reset").raise_for_status()
    assert client.v1.balance.retrieve().available == []
    assert client_of(sandbox).v1.balance_transactions.list().data == []
