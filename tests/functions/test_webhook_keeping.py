"""What vendors tell beyond the needed goes no further than the entrance."""

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.receive_webhook.contents import json_object
from functions.receive_webhook.keeping import kept
from functions.receive_webhook.vendors import VENDORS
from shared.investing.brokers.alpaca_events import read_json, trade_event
from shared.kernel.ids import Kind
from shared.payments.cash_balances import customer_in
from shared.payments.signals import daraja_signal, stripe_signal
from shared.payouts.providers.stripe_signals import stripe_payout_named
from tests.functions.webhook_door import KEPT_NOWHERE, Door, kept_of
from tests.functions.webhook_samples import DEPOSIT, SAMPLES, TOKEN, USER, packed

PERSONAL = {
    "PhoneNumber": 254712345678,
    "customer_details": {"email": "amina@example.com", "phone": "+254712345678"},
    "payment_method_details": {"card": {"last4": "4242", "number": "4242424242424242"}},
    "applicant": ["Amina Wanjiku", {"national_id": "12345678"}],
}
TRADE: dict[str, Any] = {
    "type": "trade_updates",
    "data": {
        "event": "fill",
        "account_id": "acc",
        "timestamp": "2026-03-02T15:30:00Z",
        "at": "2026-03-02T15:30:01Z",
        "execution_id": "exe",
        "price": 250.12345678901234567,
        "qty": "0.123456789",
        "order": {
            "id": "o",
            "client_order_id": "t1.A.B",
            "symbol": "VTI",
            "side": "buy",
            "filled_qty": "0.123456789",
            "replaced_by": "p",
        },
    },
}


def with_more(value: Any) -> Any:
    """The value with personal members in every object of it."""
    if isinstance(value, dict):
        return {name: with_more(inner) for name, inner in value.items()} | PERSONAL
    return [with_more(one) for one in value] if isinstance(value, list) else value


@pytest.mark.parametrize("vendor", VENDORS)
def test_nothing_personal_is_kept_of_any_vendor(vendor: str) -> None:
    door = Door()
    told = packed(with_more(SAMPLES[vendor]))
    assert door.deliver(vendor, told)[0] == 200
    bodies = [message.body for _, message in door.kept]
    assert len(bodies) == (0 if vendor in KEPT_NOWHERE else 1)
    for text in (b"254712", b"amina", b"4242", b"Amina", b"12345678", b"card", b"applicant"):
        assert all(text not in body for body in [*bodies, kept_of(vendor, told)])


def test_a_shilling_callback_keeps_what_settles_it() -> None:
    items = [
        {"Name": "Amount", "Value": 1000.0},
        {"Name": "MpesaReceiptNumber", "Value": "NLJ7RT61SV"},
        {"Name": "PhoneNumber", "Value": 254712345678},
        {"Name": ["Amount"], "Value": 1},
        "PhoneNumber 254712345678",
    ]
    callback = {
        "MerchantRequestID": "1-2-3",
        "CheckoutRequestID": "ws_CO_1",
        "ResultCode": 0,
        "ResultDesc": "paid by 254712345678",
        "CallbackMetadata": {"Item": items},
    }
    body = packed({"Body": {"stkCallback": callback}})
    short = kept(VENDORS["daraja"].kept, json_object(body))
    assert short == (
        b'{"Body":{"stkCallback":{"CheckoutRequestID":"ws_CO_1","ResultCode":0,"CallbackMetadata":'
        b'{"Item":[{"Name":"Amount","Value":1000.0},'
        b'{"Name":"MpesaReceiptNumber","Value":"NLJ7RT61SV"}]}}}}'
    )
    assert daraja_signal(short, TOKEN, "t1") == daraja_signal(body, TOKEN, "t1")


def test_a_card_event_keeps_whose_payment_it_is() -> None:
    subject = {
        "id": "cs_1",
        "object": "checkout.session",
        "metadata": {"user_id": USER, "deposit_id": DEPOSIT, "note": "4242424242424242"},
    }
    body = packed({"type": "checkout.session.completed", "data": {"object": subject}})
    short = kept(VENDORS["stripe"].kept, json_object(body))
    assert b"4242" not in short
    assert stripe_signal(short, "t1") == stripe_signal(body, "t1")
    assert stripe_signal(short, "t1") is not None


def test_news_of_a_payout_keeps_whose_it_is_and_not_to_which_account() -> None:
    payout_id = DEPOSIT.replace("dep_", f"{Kind.PAYOUT.value}_")
    subject = {
        "id": "po_1",
        "object": "payout",
        "destination": "ba_1",
        "statement_descriptor": "AMINA OTIENO",
        "metadata": {"user_id": USER, "payout_id": payout_id, "key": payout_id},
    }
    event = {"type": "payout.failed", "account": "acct_1", "data": {"object": subject}}
    short = kept(VENDORS["stripe"].kept, json_object(packed(event)))
    assert b"AMINA" not in short
    assert b"ba_1" not in short
    assert stripe_payout_named(short, "t1") == (USER, payout_id)


def test_news_of_a_cash_balance_keeps_whose_it_is_and_not_from_which_bank() -> None:
    kind = "customer_cash_balance_transaction"
    bank = {"bank_transfer": {"eu_bank_transfer": {"sender_name": "AMINA", "iban_last4": "3000"}}}
    subject = {"id": "ccsbtxn_1", "object": kind, "customer": "cus_1", "net_amount": 5}
    event = {"type": f"{kind}.created", "data": {"object": {**subject, "funded": bank}}}
    short = kept_of("stripe", packed(event))
    assert json.loads(short) == {
        "type": f"{kind}.created",
        "data": {"object": {"id": "ccsbtxn_1", "object": kind, "customer": "cus_1"}},
    }
    assert customer_in(short) == "cus_1"


@pytest.mark.parametrize(
    "kind", ["new", "fill", "partial_fill", "canceled", "rejected", "replaced"]
)
def test_a_trade_reads_the_same_to_the_last_digit(kind: str) -> None:
    content = {**TRADE, "data": {**TRADE["data"], "event": kind}}
    body = packed(content)
    short = read_json(kept(VENDORS["broker"].kept, json_object(body)))
    assert short == json.loads(body, parse_float=Decimal)
    assert trade_event(short["data"]) == trade_event(read_json(body)["data"])


@given(
    st.recursive(
        st.none()
        | st.booleans()
        | st.integers(-(10**40), 10**40)
        | st.text()
        | st.decimals(allow_nan=False, allow_infinity=False),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from(["type", "data", "order", "qty", "Body"]), inner)
        ),
        max_leaves=12,
    )
)
def test_whatever_comes_what_is_kept_is_a_part_of_it(value: Any) -> None:
    content = value if isinstance(value, dict) else {"data": value}
    for vendor in VENDORS.values():
        found = json.loads(kept(vendor.kept, content), parse_float=Decimal)
        assert _is_part(found, content)


def _is_part(part: Any, whole: Any) -> bool:
    if isinstance(part, dict):
        return isinstance(whole, dict) and all(
            name in whole and _is_part(inner, whole[name]) for name, inner in part.items()
        )
    if isinstance(whole, Decimal):
        return Decimal(part) == whole
    return bool(part == whole) or isinstance(whole, list)
