"""The worker with the real adapters: messages from the sweep, charges at the sandbox's vendors."""

import importlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from types import ModuleType
from typing import Any

import httpx
import pytest
from moto import mock_aws

from sandbox.config import SandboxConfig
from shared.kernel.money import Currency, Money
from shared.payments.methods import Gateway, Method
from shared.payments.ports import Paid
from shared.payments.providers.stripe import stripe_client
from shared.payments.reasons import Reason
from shared.payments.states import DepositStatus
from shared.platform.http import http_client
from shared.platform.queues import CheckMessage, MemoryQueue, encode
from shared.platform.runtime import Runtime
from shared.platform.secrets import MemorySecrets
from shared.recurring.model import OccurrenceStatus, Schedule
from shared.recurring.providers import gateways
from shared.recurring.providers.gateways import Unattended
from tests.recurring.conftest import Orders

SANDBOX = SandboxConfig(daraja_callback_delay_ms=10)
JAN = date(2026, 1, 31)
SECRETS = MemorySecrets(
    {
        "stripe": {"api_key": "sk_test_sandbox"},
        "daraja": {
            "consumer_key": "sandbox-key",
            "consumer_secret": "sandbox-secret",
            "shortcode": "174379",
            "passkey": SANDBOX.daraja_passkey,
        },
        "path": {"key": "0f" * 32},
    }
)


class Worker:
    """The deployed handler over one person's orders and the sandbox."""

    def __init__(self, module: ModuleType, collecting: ModuleType, url: str, patch: Any) -> None:
        self.orders, self.module = Orders(), module
        self.url, self.vendor = url, httpx.Client(base_url=url, trust_env=False, timeout=10)
        self.vendor.post("/_control/reset").raise_for_status()
        queues = {"recurring": self.orders.queue, "signals": MemoryQueue()}
        patch.setattr(collecting, "KmsPersonalData", lambda key: self.orders.personal)
        patch.setattr(collecting, "SqsQueue", lambda name: queues[name])
        world = self.orders.world
        runtime = Runtime(world.database, world.clock, world.ids, world.facts)
        patch.setattr(module, "collector", collecting.collectors(module.settings, runtime, SECRETS))
        self.keeper = Unattended(
            stripe_secret="stripe",
            stripe_base_url=f"{url}/stripe",
            daraja_secret="daraja",
            daraja_base_url=f"{url}/daraja",
            webhook_path_secret="path",
            webhook_base_url=url,
            app_url="http://127.0.0.1:1",
        ).keeper(SECRETS)

    def order_of_a_kept_card(self) -> Schedule:
        """A first payment on the gateway's page, whose card is kept and charged from then on."""
        orders = self.orders
        deposit = orders.world.card(key="first")
        # The page is made at the machine's time; the card is charged at that of the order.
        page = replace(deposit, lapses_at=datetime.now(UTC) + timedelta(hours=1))
        started = self.keeper.start(page, None, save_card=True)
        reference = started.reference
        paid = self.vendor.post(
            f"/_control/stripe/sessions/{reference}/pay", json={"card": "4242424242424242"}
        )
        paid.raise_for_status()
        settled = deposit.noted(reference=reference).settled(orders.clock.now(), payment="pi_0")
        orders.world.facts.commit([orders.world.deposits.save(deposit, settled)])
        wish = replace(
            orders.wish(),
            method=Method.CARD,
            phone=None,
            card_of=deposit.deposit_id,
            amount=Money.parse("50", Currency.USD),
        )
        orders.service = replace(orders.service, cards=lambda: self.keeper)
        return orders.service.create(orders.user_id, key="k-1", wish=wish)

    def fault(self, kind: str, **params: object) -> None:
        """The next charge of Stripe's goes wrong."""
        order = {"vendor": "stripe", "operation": "payment_intents.create", "kind": kind}
        self.vendor.post(
            "/_control/faults", json=order | {"times": 1, "params": params}
        ).raise_for_status()

    def sweep(self) -> dict[str, Any]:
        """What the sweep leaves on the queue, delivered twice in one batch."""
        messages = self.orders.swept()
        return self.deliver(*messages, *messages)

    def deliver(self, *messages: CheckMessage) -> dict[str, Any]:
        answer: dict[str, Any] = self.module.handler(
            {"Records": [_record(number, encode(one)) for number, one in enumerate(messages)]},
            None,
        )
        return answer

    def charges(self) -> list[dict[str, Any]]:
        """What Stripe has charged, newest first."""
        found = self.vendor.get(
            "/stripe/v1/balance_transactions", headers={"Authorization": "Bearer sk_test_sandbox"}
        )
        listed: list[dict[str, Any]] = found.raise_for_status().json()["data"]
        return listed


def _record(number: int, body: str) -> dict[str, Any]:
    return {
        "messageId": f"m{number}",
        "receiptHandle": "r",
        "body": body,
        "attributes": {"ApproximateReceiveCount": "1"},
        "messageAttributes": {},
        "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:us-east-1:123456789012:recurring",
        "awsRegion": "us-east-1",
    }


@pytest.fixture(scope="module")
def sandbox_url(serve_sandbox: Callable[[SandboxConfig], str]) -> str:
    return serve_sandbox(SANDBOX)


@pytest.fixture
def clients(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What talks to vendors is closed at the end."""
    opened: list[Any] = []

    def http(base_url: str) -> httpx.Client:
        opened.append(http_client(base_url))
        client: httpx.Client = opened[-1]
        return client

    @cache
    def stripe(api_key: str, base_url: str) -> Any:
        client = stripe_client(api_key, base_url)
        opened.append(client._requestor._client)
        return client

    monkeypatch.setattr(gateways, "http_client", http)
    monkeypatch.setattr(gateways, "_client_of", stripe)
    yield
    for one in opened:
        one.close()


@pytest.fixture
def worker(sandbox_url: str, clients: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Worker]:
    url = sandbox_url
    environment = {
        "CELL": "t1",
        "CORE_TABLE": "core",
        "JOURNAL_TABLE": "journal",
        "OUTBOX_TABLE": "outbox",
        "MARKET_TABLE": "market",
        "PERSONAL_DATA_KEY": "arn:aws:kms:us-east-1:123456789012:key/k",
        "STRIPE_SECRET": "stripe",
        "DARAJA_SECRET": "daraja",
        "WEBHOOK_PATH_SECRET": "path",
        "STRIPE_BASE_URL": f"{url}/stripe",
        "DARAJA_BASE_URL": f"{url}/daraja",
        "APP_URL": "http://127.0.0.1:1",
        "WEBHOOK_BASE_URL": url,
        "PAYMENT_SIGNALS_QUEUE": "signals",
        "RECURRING_QUEUE": "recurring",
    }
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    module = importlib.reload(importlib.import_module("functions.charge_recurring.handler"))
    collecting = importlib.import_module("functions.charge_recurring.collecting")
    one = Worker(module, collecting, url, monkeypatch)
    yield one
    one.vendor.close()


def test_a_phone_is_prompted_once_by_the_real_adapter(worker: Worker) -> None:
    orders = worker.orders
    order = orders.order()
    orders.at(JAN, 9)
    assert worker.sweep() == {"batchItemFailures": []}
    (deposit,) = orders.made()
    assert deposit.status is DepositStatus.ACTION_REQUIRED
    assert (deposit.reference or "").startswith("ws_CO_")
    assert deposit.pushed_to == "2547*****678"
    found = orders.occurrence(order, JAN)
    assert found is not None
    assert (found.status, found.deposit_id) == (OccurrenceStatus.CHARGING, deposit.deposit_id)
    assert worker.sweep() == {"batchItemFailures": []}
    assert len(orders.made()) == 1


def test_a_kept_card_is_charged_once_and_its_order_goes_on(worker: Worker) -> None:
    orders = worker.orders
    order = worker.order_of_a_kept_card()
    before = len(worker.charges())
    orders.at(JAN, 23)
    for _ in range(3):
        assert worker.sweep() == {"batchItemFailures": []}
    assert len(worker.charges()) == before + 1
    deposit = orders.made()[0]
    reference = deposit.reference or ""
    assert (deposit.gateway, reference[:3]) == (Gateway.STRIPE, "pi_")
    outcome = worker.keeper.look_up(deposit, reference)
    assert isinstance(outcome, Paid)
    settled = orders.world.now(deposit)
    orders.world.gateways[Gateway.STRIPE].owners[reference] = deposit.deposit_id
    orders.world.gateways[Gateway.STRIPE].attempts[reference] = outcome
    orders.world.signal(settled)
    orders.clock.advance(timedelta(minutes=20))
    worker.sweep()
    found = orders.occurrence(order, JAN)
    assert found is not None
    assert found.status is OccurrenceStatus.PAID
    assert orders.now(order).next_on == date(2026, 2, 28)


def test_a_charge_whose_answer_is_lost_is_asked_for_under_the_same_name(worker: Worker) -> None:
    orders = worker.orders
    order = worker.order_of_a_kept_card()
    before = len(worker.charges())
    worker.fault("timeout_after_effect", close=True)
    orders.at(JAN, 9)
    worker.sweep()
    assert len(worker.charges()) == before + 1
    found = orders.occurrence(order, JAN)
    assert found is not None
    assert found.attempt == 1
    assert orders.made()[0].status is DepositStatus.ACTION_REQUIRED


def test_a_card_that_declines_later_fails_with_its_reason_and_waits_a_day(worker: Worker) -> None:
    orders = worker.orders
    order = worker.order_of_a_kept_card()
    before = len(worker.charges())
    worker.fault("declined", decline_code="insufficient_funds")
    orders.at(JAN, 9)
    worker.sweep()
    found = orders.occurrence(order, JAN)
    assert found is not None
    assert (found.status, len(worker.charges())) == (OccurrenceStatus.WAITING, before)
    assert found.tries[0].reason == Reason.INSUFFICIENT_FUNDS.value
    assert found.due == orders.clock.now() + timedelta(days=1)


def test_what_is_none_of_its_messages_goes_back_and_does_nothing(worker: Worker) -> None:
    with mock_aws():
        answer = worker.deliver(CheckMessage("payment", {"user_id": "u", "deposit_id": "d"}))
    assert answer == {"batchItemFailures": [{"itemIdentifier": "m0"}]}
    subject = {"user_id": worker.orders.user_id, "schedule_id": "sch_t1_" + "0" * 26}
    unknown = CheckMessage("schedule", subject | {"on": "2026-01-31"})
    assert worker.deliver(unknown) == {"batchItemFailures": []}
    assert worker.orders.made() == []
