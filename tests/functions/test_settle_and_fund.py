"""The workers of payments: messages in the shapes of SQS and EventBridge become use cases."""

import importlib
import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from moto import mock_aws

from functions.settle_deposit.building import WITHOUT_RATE
from shared.kernel.events import Envelope
from shared.kernel.ids import Kind, UlidIds
from shared.kernel.money import Currency, Money
from shared.payments.callbacks import Purpose, Subject, make_token
from shared.payments.errors import GatewayUnavailable, RateUnavailable
from shared.payments.events import DepositSettledV1
from shared.payments.methods import Gateway
from shared.payments.paybill_intake import PaybillIntake
from shared.payments.paybill_notices import PaybillNotice
from shared.payments.ports import NoAnswer, Paid
from shared.payments.settlement import Hint
from shared.platform.queues import CheckMessage, MemoryQueue, WebhookMessage, decode, encode

IDS = UlidIds("t1")
USER, DEPOSIT = IDS.new(Kind.USER), IDS.new(Kind.DEPOSIT)
ENVIRONMENT = {
    "CELL": "t1",
    "CORE_TABLE": "core",
    "JOURNAL_TABLE": "journal",
    "OUTBOX_TABLE": "outbox",
    "MARKET_TABLE": "market",
    "STRIPE_SECRET": "stripe",
    "DARAJA_SECRET": "daraja",
    "ADYEN_SECRET": "adyen",
    "ADYEN_BASE_URL": "http://127.0.0.1:9/adyen",
    "BROKER_SECRET": "broker",
    "STRIPE_BASE_URL": "http://127.0.0.1:9/stripe",
    "DARAJA_BASE_URL": "http://127.0.0.1:9/daraja",
    "BROKER_BASE_URL": "http://127.0.0.1:9/alpaca",
    "PAYMENT_SIGNALS_QUEUE": "http://127.0.0.1:9/1/payment-signals",
    "FUNDING_QUEUE": "http://127.0.0.1:9/1/funding",
    "PREFUNDING_LIMIT_MINOR": "5000000",
    "INVEST_NOW_CAP_MINOR": "1000000",
    "IDENTITY_QUEUE": "http://127.0.0.1:9/1/identity",
    "BROKER_EVENTS_QUEUE": "http://127.0.0.1:9/1/broker-events",
    "DISPUTES_QUEUE": "http://127.0.0.1:9/1/disputes",
    "RECONCILIATION_QUEUE": "http://127.0.0.1:9/1/reconciliation",
    "PAYOUTS_QUEUE": "http://127.0.0.1:9/1/payouts",
    "ONFIDO_SECRET": "onfido",
    "WEBHOOK_PATH_SECRET": "path",
    "WEBHOOK_BASE_URL": "http://127.0.0.1:9/webhooks",
    "C2B_TOKEN_SECRET": "c2b",
    "MPESA_PAYBILL": "174379",
    "LIVE_MODE": "false",
}


class Calls:
    """Stands in for a use case and remembers what it was asked."""

    def __init__(self):
        self.seen = []
        self.error = None

    def __getattr__(self, name):
        def call(*args):
            self.seen.append((name, *args))
            if self.error is not None:
                raise self.error

        return call


@pytest.fixture
def module(monkeypatch):
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    return lambda name: importlib.import_module(f"functions.{name}.handler")


@pytest.fixture
def settle(module, monkeypatch):
    handler, calls = module("settle_deposit"), Calls()
    monkeypatch.setattr(handler, "settlement", calls)
    return handler.handler, calls


@pytest.fixture
def fund(module, monkeypatch):
    handler, calls = module("fund_deposit"), Calls()
    monkeypatch.setattr(handler, "funding", lambda: calls)
    return handler.handler, calls


def records(*bodies):
    return {
        "Records": [
            {
                "messageId": f"m{number}",
                "receiptHandle": "r",
                "body": body,
                "attributes": {"ApproximateReceiveCount": "1"},
                "messageAttributes": {},
                "eventSource": "aws:sqs",
                "eventSourceARN": "arn:aws:sqs:us-east-1:123456789012:payment-signals",
                "awsRegion": "us-east-1",
            }
            for number, body in enumerate(bodies)
        ]
    }


def webhook(vendor, body, token=None):
    content = json.dumps(body).encode()
    return encode(WebhookMessage(vendor, content, datetime.now(UTC), token))


def check(name, attempt=3, **subject):
    return encode(CheckMessage(name, subject or {"user_id": USER, "deposit_id": DEPOSIT}, attempt))


def event(kind, **data):
    envelope = Envelope(
        id="evt", type=kind, occurred_at=datetime.now(UTC), correlation_id="c", data=data
    )
    rule = {"source": "baobab", "detail-type": kind, "detail": envelope.model_dump(mode="json")}
    return json.dumps(rule)


def stripe_event(**metadata):
    subject = {"id": "cs_1", "object": "checkout.session", "metadata": metadata}
    return {"type": "checkout.session.completed", "data": {"object": subject}}


ALL_WELL = {"batchItemFailures": []}


def test_each_signal_about_a_payment_becomes_a_look(settle):
    handler, calls = settle
    token = make_token(b"k", USER, DEPOSIT)
    callback = {"Body": {"stkCallback": {"CheckoutRequestID": "ws_1", "ResultCode": 1032}}}
    batch = records(
        webhook("stripe", stripe_event(user_id=USER, deposit_id=DEPOSIT)),
        webhook("daraja", callback, token),
        check("payment", 3),
    )
    assert handler(batch, None) == ALL_WELL
    assert calls.seen == [
        ("signalled", USER, DEPOSIT, Hint("cs_1"), Gateway.STRIPE, None),
        ("signalled", USER, DEPOSIT, Hint("ws_1"), Gateway.MPESA, None),
        ("checked", USER, DEPOSIT, 3),
    ]


NOTICE = {
    "TransID": "RKL51ZDR4F",
    "TransAmount": "500.00",
    "BusinessShortCode": "174379",
    "BillRefNumber": "01234567",
}


@pytest.fixture
def paybill(module, monkeypatch):
    handler, calls = module("settle_deposit"), Calls()
    monkeypatch.setattr(handler, "intake", PaybillIntake(calls, "t1", lambda: "174379"))
    return handler.handler, calls


def test_messages_of_the_phones_menu_reach_their_use_case(paybill):
    handler, calls = paybill
    token = make_token(b"k", USER, DEPOSIT, Purpose.STATUS)
    values = {"ReceiptNo": "RKL51ZDR4F", "Amount": 500, "TransactionStatus": "Completed"}
    values["CreditPartyName"] = "174379 - Baobab"
    parameters = [{"Key": key, "Value": value} for key, value in values.items()]
    parts = {"ResultParameters": {"ResultParameter": parameters}}
    batch = records(
        webhook("daraja-c2b-confirmation", NOTICE),
        webhook("daraja-c2b-confirmation", NOTICE | {"BusinessShortCode": "600966"}),
        webhook("daraja-c2b-confirmation", [NOTICE]),
        webhook("daraja-status", {"Result": {"ResultCode": 0} | parts}, token),
        webhook("daraja-status", {"Result": {"ResultCode": "2001"}}, token),
        webhook("daraja-timeout", {"Result": {"ResultCode": "1"}}, token),
        check("paybill", 2, receipt="RKL51ZDR4F"),
    )
    assert handler(batch, None) == ALL_WELL
    subject, amount = Subject(USER, DEPOSIT), Money(50_000, Currency.KES)
    assert calls.seen == [
        ("confirmed", PaybillNotice("RKL51ZDR4F", amount, "174379", "01234567")),
        ("answered", subject, "RKL51ZDR4F", Paid("RKL51ZDR4F", amount)),
        ("answered", subject, None, NoAnswer()),
        ("checked", {"receipt": "RKL51ZDR4F"}, 2),
    ]


@mock_aws
def test_money_in_suspense_whose_owner_was_found_is_credited(module, monkeypatch):
    handler, calls = module("settle_deposit"), Calls()
    monkeypatch.setattr(handler, "crediting", calls)
    agreed = event("treasury.suspense_match_agreed.v1", gateway="MPESA", payment="RKL51ZDR4F")
    swept = check("suspense", gateway="STRIPE", payment="pi_1")
    other = event("treasury.movement_agreed.v1", movement_id="mov_1")
    assert handler.handler(records(agreed, swept, other), None) == {
        "batchItemFailures": [{"itemIdentifier": "m2"}]
    }
    assert calls.seen == [
        ("agreed", Gateway.MPESA, "RKL51ZDR4F"),
        ("agreed", Gateway.STRIPE, "pi_1"),
    ]


@mock_aws
def test_a_payment_of_nobody_is_done_with(settle):
    handler, calls = settle
    assert handler(records(webhook("stripe", stripe_event())), None) == ALL_WELL
    assert calls.seen == []


@mock_aws
def test_money_that_no_rate_is_found_for_waits_for_one_and_reaches_a_person_in_the_end(
    settle, module, monkeypatch, capsys
):
    handler, calls = settle
    queue = MemoryQueue()
    monkeypatch.setattr(module("settle_deposit"), "queue", queue)
    calls.error = RateUnavailable()
    told = webhook("stripe", stripe_event(user_id=USER, deposit_id=DEPOSIT))
    assert handler(records(told), None) == ALL_WELL
    ((again, delay),) = queue.sent
    assert (json.loads(encode(again))["body"], delay) == (json.loads(told)["body"], 900)
    assert '"PaidWithoutRate":[1.0]' in capsys.readouterr().out
    # It keeps the time at which it was told: it does not wait for ever.
    assert again.received_at == decode(told)[0].received_at
    old = encode(replace(again, received_at=again.received_at - WITHOUT_RATE))
    assert handler(records(old), None) == {"batchItemFailures": [{"itemIdentifier": "m0"}]}
    # A check is followed by others anyway.
    assert handler(records(check("payment")), None)["batchItemFailures"] != []
    assert len(queue.sent) == 1
    calls.error = None
    assert handler(records(encode(again)), None) == ALL_WELL
    assert (len(queue.sent), calls.seen[-1][0]) == (1, "signalled")


@mock_aws
def test_what_fails_or_does_not_belong_here_is_delivered_again_alone(settle):
    handler, calls = settle
    calls.error = GatewayUnavailable()
    assert handler(records(check("payment"), "{}", check("broker_event")), None) == {
        "batchItemFailures": [
            {"itemIdentifier": "m0"},
            {"itemIdentifier": "m1"},
            {"itemIdentifier": "m2"},
        ]
    }
    calls.error = None
    batch = records(check("broker_event"), check("payment"))
    assert handler(batch, None) == {"batchItemFailures": [{"itemIdentifier": "m0"}]}
    assert calls.seen[-1] == ("checked", USER, DEPOSIT, 3)


def test_each_word_about_the_brokers_cash_becomes_a_step(fund):
    handler, calls = fund
    journal = {"type": "journal_status", "data": {"journal_id": "j1", "status_to": "executed"}}
    settled = DepositSettledV1.detail_type()
    batch = records(
        event(settled, user_id=USER, deposit_id=DEPOSIT),
        event("investing.broker_account_opened.v1", user_id=USER, broker_account_id="a"),
        check("funding", 2),
        check("journal_status", journal_id="j2"),
        webhook("broker", journal),
    )
    assert handler(batch, None) == ALL_WELL
    assert calls.seen == [
        ("settled", USER, DEPOSIT),
        ("account_opened", USER),
        ("checked", USER, DEPOSIT, 2),
        ("journal_changed", "j2"),
        ("journal_changed", "j1"),
    ]


@mock_aws
def test_an_event_that_is_not_for_funding_goes_to_the_dead_letters(fund):
    handler, calls = fund
    batch = records(event("payments.deposit_funded.v1", user_id=USER), check("payment"))
    failed = handler(batch, None)["batchItemFailures"]
    assert [one["itemIdentifier"] for one in failed] == ["m0", "m1"]
    assert calls.seen == []


def test_the_entrance_answers_without_touching_anything_for_a_stranger(module):
    handler = module("receive_webhook").handler
    answer = handler({"pathParameters": {"vendor": "nobody"}, "headers": {}}, None)
    assert answer["statusCode"] == 404
