"""The worker of reconciliation: ticks, reports that are asked for, and nothing else."""

import importlib
import json
from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from moto import mock_aws

from shared.kernel.events import Envelope
from shared.kernel.money import Currency
from shared.platform.queues import CheckMessage, WebhookMessage, encode
from shared.reconciliation.events import ReportAskedV1
from shared.reconciliation.model import Book, Party

ENVIRONMENT = {
    "CELL": "t1",
    "CORE_TABLE": "core",
    "JOURNAL_TABLE": "journal",
    "OUTBOX_TABLE": "outbox",
    "RECONCILIATION_QUEUE": "http://127.0.0.1:9/1/reconciliation",
    "STRIPE_SECRET": "stripe",
    "STRIPE_BASE_URL": "http://127.0.0.1:9/stripe",
    "ADYEN_SECRET": "adyen",
    "ADYEN_REPORTS_BASE_URL": "http://127.0.0.1:9/adyen/reports",
    "DARAJA_SECRET": "daraja",
    "DARAJA_BASE_URL": "http://127.0.0.1:9/daraja",
    "WEBHOOK_PATH_SECRET": "webhook-path",
    "WEBHOOK_BASE_URL": "http://127.0.0.1:9/webhooks",
    "STATEMENTS_BUCKET": "statements",
    "BANK_ACCOUNTS": '{"USD": "KE1"}',
    "REPORTS_BUCKET": "reports",
    "REPORTS_KEY": "arn:aws:kms:us-east-1:111122223333:key/1",
}
BOOK, DAY = Book(Party.STRIPE, Currency.USD), date(2026, 3, 2)


class Calls:
    def __init__(self) -> None:
        self.seen: list[tuple[Any, ...]] = []
        self.answers: dict[str, Any] = {}

    def __getattr__(self, name: str) -> Any:
        def call(*args: Any) -> Any:
            self.seen.append((name, *args))
            return self.answers.get(name)

        return call


@pytest.fixture
def module(monkeypatch: pytest.MonkeyPatch) -> Any:
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    with mock_aws():
        module = importlib.reload(importlib.import_module("functions.reconcile_gateways.handler"))
        module.calls = Calls()
        for name in ("reconciling", "daily", "mpesa", "files", "importing", "settlement_reports"):
            monkeypatch.setattr(module, name, module.calls)
        monkeypatch.setattr("shared.platform.worker._set_visibility", lambda record: None)
        yield module


def deliver(module: Any, *bodies: str) -> dict[str, Any]:
    records = [
        {"messageId": str(number), "body": body, "attributes": {}}
        for number, body in enumerate(bodies)
    ]
    answer: dict[str, Any] = module.handler({"Records": records}, None)
    return answer


def asked_by_staff() -> str:
    event = ReportAskedV1(book="STRIPE:USD", day="2026-03-02")
    at = datetime(2026, 3, 3, tzinfo=UTC)
    envelope = Envelope.seal(event, id="evt", at=at, correlation_id="c")
    return f'{{"source": "baobab", "detail": {envelope.model_dump_json()}}}'


def test_reports_are_made_by_the_schedule_and_by_staff(module: Any) -> None:
    by_schedule = encode(CheckMessage("reconcile", {"book": "STRIPE:USD", "day": "2026-03-02"}))
    assert deliver(module, by_schedule, asked_by_staff()) == {"batchItemFailures": []}
    assert module.calls.seen == [("run", BOOK, DAY, None), ("run", BOOK, DAY, None)]


def test_a_report_is_made_as_of_the_instant_that_the_schedule_told(module: Any) -> None:
    told = {"book": "STRIPE:USD", "day": "2026-03-02", "as_of": "2026-03-03T01:00:00Z"}
    assert deliver(module, encode(CheckMessage("reconcile", told))) == {"batchItemFailures": []}
    assert module.calls.seen == [("run", BOOK, DAY, datetime(2026, 3, 3, 1, tzinfo=UTC))]


def test_mpesas_book_is_asked_for_step_by_step(module: Any) -> None:
    subject = {"book": "MPESA:KES", "day": "2026-03-02"}
    as_of = {"as_of": "2026-03-03T01:00:00Z"}
    messages = (CheckMessage("reconcile", subject), CheckMessage("reconcile", subject | as_of, 3))
    assert deliver(module, *map(encode, messages)) == {"batchItemFailures": []}
    at = datetime(2026, 3, 3, 1, tzinfo=UTC)
    assert module.calls.seen == [("step", DAY, 0, None), ("step", DAY, 3, at)]


@pytest.mark.parametrize("vendor", ["daraja-balance", "daraja-status", "daraja-timeout"])
def test_an_answer_of_mpesas_reaches_its_question(
    module: Any, monkeypatch: pytest.MonkeyPatch, vendor: str
) -> None:
    at = datetime(2026, 3, 3, tzinfo=UTC)
    monkeypatch.setattr(module, "mpesa", SimpleNamespace(answers=module.calls))
    assert deliver(module, encode(WebhookMessage(vendor, b"{}", at, "70ce"))) == {
        "batchItemFailures": []
    }
    assert module.calls.seen == [("came", vendor, "70ce", b"{}", at)]


@pytest.mark.parametrize(("vendor", "token"), [("daraja-result", "70ce"), ("daraja-status", None)])
def test_other_news_of_mpesa_is_not_taken(module: Any, vendor: str, token: str | None) -> None:
    at = datetime(2026, 3, 3, tzinfo=UTC)
    news = encode(WebhookMessage(vendor, b"{}", at, token))
    assert deliver(module, news) == {"batchItemFailures": [{"itemIdentifier": "0"}]}
    assert module.calls.seen == []


def test_a_tick_says_when_it_is_or_takes_the_clock(module: Any) -> None:
    told = {"as_of": "2026-03-03T01:00:00Z"}
    deliver(module, encode(CheckMessage("reconciliation", told)))
    deliver(module, encode(CheckMessage("reconciliation", {})))
    assert module.calls.seen == [("tick", "2026-03-03T01:00:00Z"), ("tick", None)]


def test_a_file_of_a_bank_is_read_and_taken(module: Any) -> None:
    event = {
        "source": "aws.s3",
        "detail-type": "Object Created",
        "detail": {"bucket": {"name": "statements"}, "object": {"key": "2026/03/a.xml"}},
    }
    module.calls.answers["read"] = b"<Document/>"
    assert deliver(module, json.dumps(event)) == {"batchItemFailures": []}
    assert module.calls.seen == [("read", "2026/03/a.xml"), ("take", b"<Document/>")]


def test_news_of_a_report_fetches_it_and_other_news_is_not_taken(module: Any) -> None:
    at = datetime(2026, 3, 3, tzinfo=UTC)
    told = {"eventCode": "REPORT_AVAILABLE", "success": "true", "reason": "https://x/a.csv"}
    news, other = (
        encode(WebhookMessage("adyen", json.dumps(item).encode(), at))
        for item in (told, told | {"eventCode": "AUTHORISATION"})
    )
    assert deliver(module, news) == {"batchItemFailures": []}
    assert module.calls.seen == [("take", "https://x/a.csv")]
    assert deliver(module, other) == {"batchItemFailures": [{"itemIdentifier": "0"}]}
    assert len(module.calls.seen) == 1


@pytest.mark.parametrize(
    "message",
    [
        CheckMessage("treasury", {}),
        CheckMessage("reconcile", {"book": "NOBODY:USD", "day": "2026-03-02"}),
        CheckMessage("reconcile", {"book": "STRIPE:USD", "day": "yesterday"}),
    ],
)
def test_what_it_does_not_understand_goes_to_the_dead_letters(
    module: Any, message: CheckMessage
) -> None:
    assert deliver(module, encode(message)) == {"batchItemFailures": [{"itemIdentifier": "0"}]}
    assert module.calls.seen == []
