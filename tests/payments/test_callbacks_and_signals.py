"""Capability paths, and what is read out of vendors' messages."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.kernel.clock import FixedClock
from shared.kernel.ids import Kind, SequentialIds
from shared.kernel.money import Currency, Money
from shared.payments.callbacks import Subject, make_token, named_by, read_token
from shared.payments.methods import Gateway
from shared.payments.settlement import Hint
from shared.payments.signals import daraja_signal, stripe_signal

KEY = bytes(range(32))
IDS = SequentialIds("t1", FixedClock(datetime(2026, 3, 2, 15, 30, tzinfo=UTC)))
USER, DEPOSIT = IDS.new(Kind.USER), IDS.new(Kind.DEPOSIT)
TOKEN = make_token(KEY, USER, DEPOSIT)
FORBIDDEN = ("mpesa", "safaricom", "exe", "cmd", "sql", "query")


def test_a_token_names_its_deposit_and_nothing_that_safaricom_refuses():
    assert read_token(KEY, "t1", TOKEN) == Subject(USER, DEPOSIT)
    assert len(TOKEN) == 96
    assert TOKEN.lower() == TOKEN
    assert not any(word in TOKEN for word in FORBIDDEN)


@given(st.integers(0, 95), st.sampled_from("0123456789abcdef"))
def test_a_token_with_any_other_digit_is_refused(place, digit):
    forged = TOKEN[:place] + digit + TOKEN[place + 1 :]
    assert (read_token(KEY, "t1", forged) is not None) == (forged == TOKEN)


@pytest.mark.parametrize("token", ["", TOKEN[:-1], TOKEN + "0", TOKEN.upper(), "z" * 96, "é" * 96])
def test_a_malformed_token_is_refused(token):
    assert read_token(KEY, "t1", token) is None
    with pytest.raises(ValueError, match="malformed"):
        named_by("t1", token)


def test_a_token_of_another_key_or_cell_is_refused():
    assert read_token(b"other", "t1", TOKEN) is None
    assert read_token(KEY, "t2", TOKEN) is None


def test_a_token_is_only_made_for_a_person_and_a_deposit_of_one_cell():
    with pytest.raises(ValueError, match="user id"):
        make_token(KEY, DEPOSIT, USER)
    with pytest.raises(ValueError, match="different cells"):
        make_token(KEY, USER, SequentialIds("t2").new(Kind.DEPOSIT))


def stripe_body(kind="checkout.session", **metadata):
    subject = {"id": "cs_test_1", "object": kind, "metadata": metadata, "amount_total": 1}
    return json.dumps({"type": "x", "data": {"object": subject}}).encode()


def test_a_stripe_event_gives_the_deposit_and_the_session_and_no_amount():
    signal = stripe_signal(stripe_body(user_id=USER, deposit_id=DEPOSIT), "t1")
    assert (signal.user_id, signal.deposit_id, signal.hint) == (USER, DEPOSIT, Hint("cs_test_1"))
    intent = stripe_signal(stripe_body("payment_intent", user_id=USER, deposit_id=DEPOSIT), "t1")
    assert intent.hint == Hint(intent="cs_test_1")
    assert (signal.gateway, intent.gateway) == (Gateway.STRIPE, Gateway.STRIPE)
    assert signal.proved is None


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"null",
        b"\xff",
        b'{"data": []}',
        b'{"data": {"object": "x"}}',
        b'{"data": {"object": {"metadata": null}}}',
        stripe_body(),
        stripe_body(user_id=USER),
        stripe_body(user_id=DEPOSIT, deposit_id=USER),
        stripe_body(user_id=USER, deposit_id="dep_t1_x"),
        stripe_body(user_id=USER, deposit_id=SequentialIds("t2").new(Kind.DEPOSIT)),
        stripe_body(user_id=[USER], deposit_id={"a": 1}),
        b"[" * 100_000,
    ],
)
def test_a_stripe_event_that_is_not_about_a_deposit_of_this_cell_is_nobodys(body):
    assert stripe_signal(body, "t1") is None


def callback(code=0, items=None, **more):
    inner = {"CheckoutRequestID": "ws_CO_1", "ResultCode": code} | more
    if items is not None:
        inner["CallbackMetadata"] = {"Item": items}
    return json.dumps({"Body": {"stkCallback": inner}}).encode()


ITEMS = [
    {"Name": "Amount", "Value": 1300.0},
    {"Name": "MpesaReceiptNumber", "Value": "LHG31AA5TX"},
    {"Name": "Balance"},
    {"Name": "PhoneNumber", "Value": 254708374149},
]


def hint_of(body):
    signal = daraja_signal(body, TOKEN, "t1")
    assert (signal.user_id, signal.deposit_id) == (USER, DEPOSIT)
    return signal.hint


@pytest.mark.parametrize("code", [0, "0"])
def test_a_successful_callback_hints_at_amount_and_receipt(code):
    assert hint_of(callback(code, ITEMS)) == Hint(
        "ws_CO_1", Money(130_000, Currency.KES), "LHG31AA5TX"
    )


def test_a_failed_callback_only_names_the_payment():
    assert hint_of(callback(1032)) == Hint("ws_CO_1")
    assert hint_of(callback(1032, ITEMS)) == Hint("ws_CO_1")


@pytest.mark.parametrize(
    "body",
    [b"", b"{}", b"[1]", b"\xff\xfe", b'{"Body": {"stkCallback": []}}', b"{" * 50_000],
)
def test_a_callback_that_cannot_be_read_still_says_look(body):
    assert hint_of(body) == Hint()


@pytest.mark.parametrize(
    "amount",
    ["1300", None, True, -1, 0, 1300.5, 10**15, float("nan"), float("inf"), [1], {"a": 1}],
)
def test_an_amount_that_makes_no_sense_differs_from_every_deposit(amount):
    items = [{"Name": "Amount", "Value": amount}]
    expected = None if amount is None else Money(0, Currency.KES)
    assert hint_of(callback(0, items)).paid == expected


@pytest.mark.parametrize("items", ["x", [1, None], [{}], {"Item": 1}])
def test_odd_metadata_gives_no_hint(items):
    assert hint_of(callback(0, items)) == Hint("ws_CO_1")


@pytest.mark.parametrize("receipt", ["", "abc", "LHG31AA5TX; DROP", "Ä" * 10, 12345678, None])
def test_an_odd_receipt_is_left_out(receipt):
    items = [{"Name": "MpesaReceiptNumber", "Value": receipt}]
    assert hint_of(callback(0, items)).receipt is None


@pytest.mark.parametrize("reference", ["", "a b", "x" * 121, 5, None, "ws\n"])
def test_an_odd_reference_is_left_out(reference):
    assert hint_of(callback(0, CheckoutRequestID=reference)).reference is None
