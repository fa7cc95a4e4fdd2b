"""The workers of payouts: messages in the shapes of SQS and EventBridge become use cases."""

import importlib

import pytest
from moto import mock_aws

from functions.sweep_pending.routes import route_of
from shared.kernel.money import Currency, Money
from shared.payments.callbacks import Purpose, make_token
from shared.payments.errors import GatewayUnavailable
from shared.payments.events import SurplusReceivedV1
from shared.payments.methods import Gateway
from shared.payouts.events import CashRecalledV1, PayoutPaidV1, PayoutRequestedV1, PayoutStoppedV1
from shared.payouts.model import Rail
from shared.payouts.ports import CameBack, NotPaid, PaidOut
from shared.payouts.reasons import PayoutReason
from shared.platform.tables import Item
from tests.functions.payout_messages import (
    DEPOSIT,
    NAMED,
    PAYOUT,
    USER,
    batch,
    check,
    event,
    mpesa,
    notice,
    webhook,
)

URL = "http://127.0.0.1:9/1/"
ENVIRONMENT = {
    "CELL": "t1",
    "CORE_TABLE": "core",
    "JOURNAL_TABLE": "journal",
    "OUTBOX_TABLE": "outbox",
    "STRIPE_SECRET": "stripe",
    "DARAJA_SECRET": "daraja",
    "ADYEN_SECRET": "adyen",
    "BROKER_SECRET": "broker",
    "WEBHOOK_PATH_SECRET": "path",
    "PERSONAL_DATA_KEY": "arn:aws:kms:us-east-1:000000000000:key/1",
    "STRIPE_BASE_URL": f"{URL}stripe",
    "DARAJA_BASE_URL": f"{URL}daraja",
    "ADYEN_BASE_URL": f"{URL}adyen",
    "BROKER_BASE_URL": f"{URL}alpaca",
    "WEBHOOK_BASE_URL": f"{URL}webhooks",
    "RECALLS_QUEUE": f"{URL}recalls",
    "PAYOUTS_QUEUE": f"{URL}payouts",
    "MARKET_TABLE": "market",
    "REQUOTE_TOLERANCE": "100",
    "PAYOUT_CONSENT_SECONDS": "259200",
}


class Calls:
    """Stands in for a use case and remembers what it was asked."""

    def __init__(self):
        self.seen = []
        self.error = None

    def __getattr__(self, name):
        def call(*args, **named):
            self.seen.append((name, *args, *((named,) if named else ())))
            if self.error is not None:
                raise self.error

        return call


@pytest.fixture
def module(monkeypatch):
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    return lambda name: importlib.import_module(f"functions.{name}.handler")


@pytest.fixture
def recall(module, monkeypatch):
    handler, calls = module("recall_cash"), Calls()
    monkeypatch.setattr(handler, "recalling", lambda: calls)
    return handler.handler, calls


@pytest.fixture
def send(module, monkeypatch):
    handler, calls = module("send_payout"), Calls()
    monkeypatch.setattr(handler, "sending", calls)
    monkeypatch.setattr(handler, "intake", handler.Intake(calls, "t1"))
    return handler.handler, calls


REQUESTED, STOPPED = PayoutRequestedV1(**NAMED), PayoutStoppedV1(**NAMED)
RECALLED = CashRecalledV1(**NAMED)
SURPLUS = SurplusReceivedV1(
    user_id=USER,
    deposit_id=DEPOSIT,
    gateway="ADYEN",
    payment="psp_2",
    currency="KES",
    amount_minor=130_000,
)


def test_requests_stops_checks_and_journals_are_the_brokers_part(recall):
    handle, calls = recall
    journal = webhook("broker", {"type": "journal_status", "data": {"journal_id": "j1"}})
    bodies = [event(REQUESTED), event(STOPPED), check("recall"), journal]
    assert handle(batch(*bodies), None) == {"batchItemFailures": []}
    assert calls.seen == [
        ("requested", USER, PAYOUT),
        ("requested", USER, PAYOUT),
        ("checked", USER, PAYOUT, 3),
        ("journal_changed", "j1"),
    ]


def test_requests_recalls_surpluses_and_checks_are_the_gateways_part(send):
    handle, calls = send
    by_hand = SURPLUS.model_copy(update={"gateway": "BANK", "transfer": "BANK-OUT-7"})
    bodies = [
        event(REQUESTED),
        event(RECALLED),
        event(SURPLUS),
        event(by_hand),
        check("payout"),
    ]
    assert handle(batch(*bodies), None) == {"batchItemFailures": []}
    amount = Money(130_000, Currency.KES)
    assert calls.seen == [
        ("requested", USER, PAYOUT),
        ("requested", USER, PAYOUT),
        ("surplus", USER, DEPOSIT, Gateway.ADYEN, "psp_2", amount, None),
        ("surplus", USER, DEPOSIT, Gateway.BANK, "psp_2", amount, "BANK-OUT-7"),
        ("checked", USER, PAYOUT, 3),
    ]


def test_of_stripe_only_the_identifiers_count(send):
    handle, calls = send
    told = {"type": "refund.updated", "data": {"object": {"id": "re_1", "metadata": NAMED}}}
    other = {"type": "refund.updated", "data": {"object": {"id": "re_2", "metadata": {}}}}
    bodies = [webhook("stripe", told), webhook("stripe", other)]
    assert handle(batch(*bodies), None) == {"batchItemFailures": []}
    assert calls.seen == [("signalled", USER, PAYOUT)]


def test_what_adyen_signs_is_told_as_proved(send):
    handle, calls = send
    bodies = [
        webhook("adyen", notice("REFUND", "true")),
        webhook("adyen", notice("REFUND", "false")),
        webhook("adyen", notice("REFUND_FAILED", "true")),
        webhook("adyen", notice("REFUND", "true", merchantReference="somebody else's")),
    ]
    assert handle(batch(*bodies), None) == {"batchItemFailures": []}
    assert calls.seen == [
        ("told", USER, PAYOUT, PaidOut("re_1", Money(130_000, Currency.KES))),
        ("told", USER, PAYOUT, NotPaid(PayoutReason.GATEWAY_REFUSED)),
        ("told", USER, PAYOUT, CameBack(PayoutReason.RETURNED_BY_BANK)),
    ]


RESULT = {
    "Result": {
        "ResultCode": 2040,
        "OriginatorConversationID": PAYOUT,
        "ConversationID": "AG_20260302_1",
        "TransactionID": "SFF6XYZ123",
    }
}


def test_what_mpesa_tells_unasked_is_a_hint_and_its_answers_count(send):
    handle, calls = send
    bodies = [
        mpesa(Purpose.RESULT, "daraja-result", RESULT),
        mpesa(Purpose.STATUS, "daraja-status", RESULT),
        mpesa(Purpose.TIMEOUT, "daraja-timeout", RESULT),
    ]
    assert handle(batch(*bodies), None) == {"batchItemFailures": []}
    hint, answer = calls.seen
    reason = PayoutReason.RECEIVER_NOT_ABLE
    named = {"reason": reason, "reference": "AG_20260302_1"}
    assert hint == ("hinted", USER, PAYOUT, 1, named)
    assert answer[:4] == ("answered", USER, PAYOUT, 1)


def test_a_deposits_path_says_nothing_about_payouts(send):
    handle, calls = send
    token = make_token(b"k", USER, DEPOSIT, Purpose.STATUS)
    body = webhook("daraja-status", RESULT, token)
    assert handle(batch(body), None) == {"batchItemFailures": []}
    assert calls.seen == []


PAID = PayoutPaidV1(
    **NAMED,
    purpose="REFUND",
    gateway="STRIPE",
    currency="USD",
    amount_minor=1,
    debited_minor=1,
)


@mock_aws
@pytest.mark.parametrize(
    ("worker", "body"),
    [
        ("recall", event(PAID)),
        ("recall", event(RECALLED)),
        ("recall", check("payout")),
        ("recall", webhook("stripe", {})),
        ("send", event(PAID)),
        ("send", event(STOPPED)),
        ("send", check("recall")),
        ("send", webhook("broker", {})),
        ("send", webhook("daraja", RESULT)),
        ("send", webhook("daraja-status", RESULT)),
        ("send", "{"),
    ],
)
def test_anything_else_goes_to_the_dead_letters(worker, body, recall, send):
    handle, calls = {"recall": recall, "send": send}[worker]
    assert handle(batch(body), None) == {"batchItemFailures": [{"itemIdentifier": "m0"}]}
    assert calls.seen == []


@mock_aws
@pytest.mark.parametrize("name", ["recall", "send"])
def test_a_vendor_that_is_down_is_asked_again_later(name, recall, send):
    handle, calls = {"recall": recall, "send": send}[name]
    calls.error = GatewayUnavailable()
    bodies = [event(REQUESTED), event(REQUESTED)]
    failures = [{"itemIdentifier": "m0"}, {"itemIdentifier": "m1"}]
    assert handle(batch(*bodies), None) == {"batchItemFailures": failures}


def test_the_worker_is_built_with_every_way_out(module):
    handler = module("send_payout")
    built = importlib.import_module("functions.send_payout.building").build(
        handler.settings, handler.runtime(handler.settings)
    )
    assert set(built.rails) == set(Rail) - {Rail.TO_FIRM}


@pytest.mark.parametrize(("name", "queue"), [("recall", "recalls"), ("payout", "payouts")])
def test_the_sweep_sends_each_part_to_its_queue(name, queue):
    item = Item(
        {
            "pk": {"S": f"USER#{USER}"},
            "sk": {"S": f"FEED#{PAYOUT[7:]}#pay"},
            "kind": {"S": "payout"},
            "check": {"S": name},
        }
    )
    route = route_of(item)
    assert (route.queue, route.check) == (queue, name)
    assert route.subject(item) == NAMED
