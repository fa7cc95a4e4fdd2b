"""The worker of disputes over memory: each message reaches the one step that it asks for."""

import importlib
import json
from typing import Any

import pytest

from shared.kernel.clock import FixedClock, to_text
from shared.kernel.ids import Kind, SequentialIds
from shared.platform.queues import CheckMessage, WebhookMessage, encode
from tests.conftest import NOW

URL = "http://127.0.0.1:9/1/"
ENVIRONMENT = {
    "CELL": "t1",
    "CORE_TABLE": "core",
    "JOURNAL_TABLE": "journal",
    "OUTBOX_TABLE": "outbox",
    "STRIPE_SECRET": "stripe",
    "STRIPE_BASE_URL": "http://127.0.0.1:9",
    "DISPUTES_QUEUE": f"{URL}disputes",
}
IDS = SequentialIds("t1", FixedClock(NOW))
USER, DEPOSIT, PAYOUT = IDS.new(Kind.USER), IDS.new(Kind.DEPOSIT), IDS.new(Kind.PAYOUT)
DISPUTE = IDS.new(Kind.DISPUTE)
READING = {
    "gateway": "ADYEN",
    "reference": "PSP2",
    "payment": "PSP1",
    "currency": "USD",
    "amount_minor": "1000",
    "status": "OPEN",
    "taken": "yes",
    "fee_minor": "0",
    "reason": "FRAUD",
    "evidence_due": "",
}


class Seen:
    """What the use cases were asked."""

    def __init__(self) -> None:
        self.calls: list[tuple[Any, ...]] = []

    def note(self, name: str) -> Any:
        return lambda *args: self.calls.append((name, *args))


@pytest.fixture
def worker(monkeypatch: pytest.MonkeyPatch) -> Any:
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    return importlib.reload(importlib.import_module("functions.handle_dispute.handler"))


@pytest.fixture
def seen(worker: Any, monkeypatch: pytest.MonkeyPatch) -> Seen:
    found = Seen()
    for name in ("signalled", "proved", "checked", "refund_ended"):
        monkeypatch.setattr(type(worker.disputing), name, lambda _, *a, n=name: found.note(n)(*a))
    monkeypatch.setattr(type(worker.collecting), "freed", lambda _, *a: found.note("freed")(*a))
    monkeypatch.setattr(type(worker.conceding), "concede", lambda _, *a: found.note("concede")(*a))
    monkeypatch.setattr("shared.platform.worker._set_visibility", found.note("back_off"))
    return found


def batch(*bodies: str) -> dict[str, Any]:
    return {
        "Records": [
            {
                "messageId": str(number),
                "receiptHandle": "r",
                "body": body,
                "attributes": {"ApproximateReceiveCount": "1"},
                "eventSourceARN": "arn:aws:sqs:us-east-1:1:disputes",
            }
            for number, body in enumerate(bodies)
        ]
    }


def event(kind: str, **data: str) -> str:
    envelope = {
        "id": IDS.new(Kind.EVENT),
        "type": kind,
        "occurred_at": to_text(NOW),
        "correlation_id": "c",
        "data": data,
    }
    return json.dumps({"source": "baobab", "detail-type": kind, "detail": envelope})


def test_each_message_reaches_its_step(worker: Any, seen: Seen) -> None:
    stripe = {"type": "charge.dispute.created", "data": {"object": {"id": "dp_1"}}}
    item = {
        "eventCode": "CHARGEBACK",
        "pspReference": "PSP2",
        "originalReference": "PSP1",
        "merchantReference": f"{USER}.{DEPOSIT}",
        "amount": {"value": 1000, "currency": "USD"},
        "success": "true",
    }
    subject = {"user_id": USER, "deposit_id": DEPOSIT, "dispute_id": DISPUTE}
    answer = worker.handler(
        batch(
            encode(WebhookMessage("stripe", json.dumps(stripe).encode(), NOW)),
            encode(WebhookMessage("adyen", json.dumps(item).encode(), NOW)),
            encode(CheckMessage("dispute", subject)),
            encode(CheckMessage("dispute_sought", {"gateway": "STRIPE", "reference": "dp_1"}, 3)),
            encode(CheckMessage("dispute_proved", READING, 2)),
            event("payments.deposit_funded.v1", user_id=USER, deposit_id=DEPOSIT),
            event("payouts.payout_released.v1", user_id=USER, payout_id=PAYOUT),
            event(
                "payouts.payout_paid.v1",
                user_id=USER,
                payout_id=PAYOUT,
                purpose="WITHDRAWAL",
                deposit_id=DEPOSIT,
            ),
            event(
                "payouts.payout_released.v1",
                user_id=USER,
                payout_id=PAYOUT,
                purpose="REFUND",
                deposit_id=DEPOSIT,
            ),
            event("disputes.collection_asked.v1", user_id=USER),
            event("investing.order_filled.v1", user_id=USER, order_id="ord_1", side="SELL"),
            event("investing.order_filled.v1", user_id=USER, order_id="ord_2", side="BUY"),
            event("disputes.concession_asked.v1", **subject),
            event("reconciliation.dispute_differs.v1", gateway="STRIPE", reference="dp_9"),
        ),
        None,
    )
    assert answer == {"batchItemFailures": []}
    names = [call[0] for call in seen.calls]
    assert names == [
        "signalled",
        "proved",
        "checked",
        "signalled",
        "proved",
        *["freed"] * 3,
        "refund_ended",
        *["freed"] * 3,
        "concede",
        "signalled",
    ]
    assert [call[1:] for call in seen.calls if call[0] == "signalled"] == [
        ("STRIPE", "dp_1"),
        ("STRIPE", "dp_1", 4),
        ("STRIPE", "dp_9"),
    ]
    first, second = (call for call in seen.calls if call[0] == "proved")
    assert (first[1].reference, first[1].payment, first[1].status) == ("PSP2", "PSP1", "OPEN")
    assert (second[1].reference, second[2]) == ("PSP2", 3)
    assert ("checked", USER, DEPOSIT, DISPUTE) in seen.calls
    assert seen.calls[5:-1] == [
        ("freed", USER, DEPOSIT),
        ("freed", USER, PAYOUT),
        ("freed", USER, PAYOUT),
        ("refund_ended", USER, DEPOSIT),
        ("freed", USER, PAYOUT),
        ("freed", USER, USER),
        ("freed", USER, "ord_1"),
        ("concede", USER, DEPOSIT, DISPUTE),
    ]


@pytest.mark.parametrize(
    "body",
    [
        encode(WebhookMessage("stripe", b"null", NOW)),
        encode(WebhookMessage("stripe", b'{"data": {"object": {"id": "pi_1"}}}', NOW)),
        encode(WebhookMessage("adyen", b"{}", NOW)),
        encode(WebhookMessage("adyen", b'{"eventCode": "CHARGEBACK"}', NOW)),
    ],
)
def test_what_is_about_nothing_of_ours_is_done_with(worker: Any, seen: Seen, body: str) -> None:
    assert worker.handler(batch(body), None) == {"batchItemFailures": []}
    assert seen.calls == []


@pytest.mark.parametrize(
    "body",
    [
        encode(CheckMessage("payment", {})),
        event("payments.deposit_settled.v1", user_id=USER, deposit_id=DEPOSIT),
        encode(WebhookMessage("onfido", b"{}", NOW)),
        "not json",
    ],
    ids=["another check", "another event", "another vendor", "no message"],
)
def test_what_is_not_for_this_queue_comes_again_and_ends_dead(
    worker: Any, seen: Seen, body: str
) -> None:
    assert worker.handler(batch(body), None) == {"batchItemFailures": [{"itemIdentifier": "0"}]}
    assert [call[0] for call in seen.calls] == ["back_off"]
