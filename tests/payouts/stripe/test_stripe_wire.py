"""What is ordered at Stripe word for word, and the shapes that come back, without any sandbox."""

from dataclasses import replace

import pytest

from shared.kernel.money import Currency, Money
from shared.payments.errors import GatewayUnavailable
from shared.payouts.model import PayoutStatus
from shared.payouts.ports import CameBack, NeverSent, NotPaid, PaidOut, Silence, Taken
from shared.payouts.providers.stripe import BankAccounts, StripePayouts, StripeRefunds
from shared.payouts.reasons import PayoutReason
from tests.payments.stripe.recorder import client_with, listed
from tests.payouts.stripe.orders import refund_of, withdrawal_of

ORDER = refund_of("pi_1", 1_000)
WITHDRAWAL = withdrawal_of(1_000)
DESTINATION = {"stripe_account": "acct_1", "external_account": "ba_1"}


def named(order, key=None):
    return {"user_id": order.user_id, "payout_id": order.payout_id, "key": key or order.key}


def refund(status="succeeded", **changes):
    return {
        "id": "re_1",
        "object": "refund",
        "amount": 1_000,
        "balance_transaction": None,
        "charge": "ch_1",
        "currency": "usd",
        "destination_details": {"card": {"type": "reversal"}, "type": "card"},
        "metadata": named(ORDER),
        "payment_intent": "pi_1",
        "reason": None,
        "status": status,
    } | changes


def transfer(**changes):
    return {
        "id": "tr_1",
        "object": "transfer",
        "amount": 1_000,
        "currency": "usd",
        "destination": "acct_1",
        "metadata": named(WITHDRAWAL),
        "reversed": False,
        "transfer_group": WITHDRAWAL.payout_id,
    } | changes


def payout(status, **changes):
    return {
        "id": "po_1",
        "object": "payout",
        "amount": 1_000,
        "arrival_date": 1_234_567_890,
        "automatic": False,
        "currency": "usd",
        "destination": "ba_1",
        "failure_code": None,
        "metadata": named(WITHDRAWAL),
        "status": status,
        "type": "bank_account",
    } | changes


def error(status, **more):
    return status, {"error": {"type": "invalid_request_error", "message": "x", **more}}


def rail(kind, *answers):
    client, recorder = client_with(*answers)
    return kind(lambda: client), recorder


def test_a_refund_is_looked_for_and_then_ordered_by_our_name():
    way, recorder = rail(StripeRefunds, listed(), (200, refund()))
    assert way.send(ORDER, {}) == PaidOut("re_1", Money(1_000, Currency.USD))
    look, order = recorder.sent
    assert (look.method, look.path, look.form["payment_intent"]) == ("GET", "/v1/refunds", "pi_1")
    assert (order.method, order.path, order.key) == ("POST", "/v1/refunds", ORDER.payout_id)
    assert order.form == {
        "payment_intent": "pi_1",
        "amount": "1000",
        "metadata[user_id]": ORDER.user_id,
        "metadata[payout_id]": ORDER.payout_id,
        "metadata[key]": ORDER.payout_id,
        "expand[0]": "balance_transaction",
    }


@pytest.mark.parametrize(
    ("found", "outcome"),
    [
        (refund("pending"), Taken("re_1")),
        (refund("requires_action"), Taken("re_1")),
        (refund("a_status_of_next_year"), Taken("re_1")),
        (refund(amount=999), PaidOut("re_1", Money(999, Currency.USD))),
        (refund(currency="kes"), PaidOut("re_1", Money(1_000, Currency.KES))),
        (refund(currency="xau"), PaidOut("re_1", Money(0, Currency.USD))),
        (
            refund(balance_transaction={"currency": "usd", "fee": 25}),
            PaidOut("re_1", Money(1_000, Currency.USD), fee_minor=25),
        ),
        (refund("failed"), NotPaid(PayoutReason.GATEWAY_REFUSED)),
        (
            refund("failed", failure_reason="lost_or_stolen_card"),
            NotPaid(PayoutReason.RECEIVER_NOT_ABLE),
        ),
        (refund(metadata={}), Silence()),
        (refund(metadata=None), Silence()),
        (refund(metadata=named(ORDER, "another")), Silence()),
    ],
)
def test_a_refund_says_only_what_it_says(found, outcome):
    way, _ = rail(StripeRefunds, (200, found))
    assert way.look_up(replace(ORDER, reference="re_1")) == outcome


def test_a_refund_that_was_paid_and_failed_came_back():
    way, _ = rail(StripeRefunds, (200, refund("failed")))
    order = replace(ORDER, reference="re_1", status=PayoutStatus.PAID)
    assert way.look_up(order) == CameBack(PayoutReason.RETURNED_BY_BANK)


def test_a_refund_that_another_process_made_in_between_counts():
    refused = error(400, code="charge_already_refunded")
    way, _ = rail(StripeRefunds, listed(), refused, listed(refund()))
    assert way.send(ORDER, {}) == PaidOut("re_1", Money(1_000, Currency.USD))
    way, _ = rail(StripeRefunds, listed(), refused, (500, {"error": {"type": "api_error"}}))
    assert way.send(ORDER, {}) == Silence()
    way, _ = rail(StripeRefunds, listed(), refused, listed(refund(metadata={})))
    assert way.send(ORDER, {}) == NotPaid(PayoutReason.GATEWAY_REFUSED)


def test_a_withdrawal_is_two_orders_with_keys_of_their_own():
    way, recorder = rail(
        StripePayouts, listed(), (200, transfer()), listed(), (200, payout("pending"))
    )
    assert way.send(WITHDRAWAL, DESTINATION) == Taken("acct_1/po_1")
    look, moved, look_again, out = recorder.sent
    assert (look.path, look.form["transfer_group"]) == ("/v1/transfers", WITHDRAWAL.payout_id)
    assert (moved.path, moved.key, moved.account) == (
        "/v1/transfers",
        f"{WITHDRAWAL.payout_id}.transfer",
        None,
    )
    assert moved.form == {
        "amount": "1000",
        "currency": "usd",
        "destination": "acct_1",
        "transfer_group": WITHDRAWAL.payout_id,
        **{f"metadata[{name}]": value for name, value in named(WITHDRAWAL).items()},
    }
    assert (look_again.path, look_again.account) == ("/v1/payouts", "acct_1")
    assert (out.path, out.key, out.account) == (
        "/v1/payouts",
        f"{WITHDRAWAL.payout_id}.payout",
        "acct_1",
    )
    assert out.form == {
        "amount": "1000",
        "currency": "usd",
        "destination": "ba_1",
        **{f"metadata[{name}]": value for name, value in named(WITHDRAWAL).items()},
    }


def test_a_failed_payout_is_told_after_its_transfer_was_reversed():
    back = {"id": "trr_1", "object": "transfer_reversal"}
    way, recorder = rail(
        StripePayouts,
        (200, payout("failed", failure_code="no_account")),
        listed(transfer()),
        (200, back),
    )
    order = replace(WITHDRAWAL, reference="acct_1/po_1")
    assert way.look_up(order) == NotPaid(PayoutReason.RECEIVER_NOT_ABLE)
    sent = recorder.sent[-1]
    assert (sent.path, sent.key) == (
        "/v1/transfers/tr_1/reversals",
        f"{WITHDRAWAL.payout_id}.reversal",
    )
    assert "amount" not in sent.form


def test_a_transfer_that_cannot_be_reversed_leaves_the_end_open():
    way, _ = rail(
        StripePayouts,
        (200, payout("failed")),
        listed(transfer()),
        error(400, code="balance_insufficient"),
    )
    with pytest.raises(GatewayUnavailable):
        way.look_up(replace(WITHDRAWAL, reference="acct_1/po_1"))


@pytest.mark.parametrize(
    ("answer", "result"),
    [
        (error(400, code="balance_insufficient"), NeverSent()),
        (error(400, code="resource_missing"), NotPaid(PayoutReason.GATEWAY_REFUSED)),
        (error(401), Silence()),
        (error(409), Silence()),
        (error(429), Silence()),
        (error(500), Silence()),
    ],
)
def test_a_transfer_that_is_not_made_is_told_from_one_that_may_be(answer, result):
    way, recorder = rail(StripePayouts, listed(), answer)
    assert way.send(WITHDRAWAL, DESTINATION) == result
    assert [one.path for one in recorder.sent] == ["/v1/transfers"] * 2


def test_a_bank_account_is_sent_and_never_a_word_more():
    account = {"id": "acct_1", "object": "account"}
    bank = {"id": "ba_1", "object": "bank_account", "last4": "6789", "bank_name": None}
    client, recorder = client_with((200, account), (200, bank))
    numbers = {"account_number": "000123456789", "routing_number": "110000000"}
    made = BankAccounts(lambda: client).register("usr_1", "US", "USD", "Amina", numbers)
    assert made == {
        "stripe_account": "acct_1",
        "external_account": "ba_1",
        "last4": "6789",
        "bank_name": "",
    }
    first, second = recorder.sent
    assert first.key.startswith("usr_1.")
    assert first.key.endswith(".account")
    assert second.key == first.key.removesuffix("account") + "bank"
    assert "000123456789" not in first.key
    assert first.form == {
        "controller[fees][payer]": "application",
        "controller[losses][payments]": "application",
        "controller[requirement_collection]": "application",
        "controller[stripe_dashboard][type]": "none",
        "country": "US",
        "business_type": "individual",
        "capabilities[transfers][requested]": "true",
        "metadata[user_id]": "usr_1",
        "settings[payouts][schedule][interval]": "manual",
    }
    assert second.form == {
        "external_account[object]": "bank_account",
        "external_account[country]": "US",
        "external_account[currency]": "usd",
        "external_account[account_holder_name]": "Amina",
        "external_account[account_holder_type]": "individual",
        "external_account[account_number]": "000123456789",
        "external_account[routing_number]": "110000000",
    }
