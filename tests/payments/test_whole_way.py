"""The whole way with the real adapters: pay at the sandbox, its own webhooks, the broker's cash."""

import base64
import json
import threading
import time
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from functions.receive_webhook.receiver import Receiver
from functions.receive_webhook.settings import Settings
from shared.kernel.clock import SystemClock
from shared.kernel.money import Money
from shared.payments.gateways import GatewaySettings, gateways
from shared.payments.model import DepositStatus, Gateway
from shared.payments.providers.adyen_client import account_of
from shared.payments.providers.adyen_notifications import adyen_signals
from shared.payments.signals import daraja_signal, stripe_signal
from shared.platform.memory import MemoryDatabase
from shared.platform.queues import MemoryQueue
from shared.platform.secrets import MemorySecrets

SECRETS = MemorySecrets(
    {
        "stripe": {"api_key": "sk_test_sandbox", "webhook_secrets": ["whsec_sandbox"]},
        "daraja": {
            "consumer_key": "sandbox-key",
            "consumer_secret": "sandbox-secret",
            "shortcode": "174379",
            "passkey": "bfb279f9aa9bdbcf158e97dd71a467cd2e0c893059b10f78e6b72ada1ed2c919",
        },
        "adyen": {
            "api_key": "AQE_sandbox",
            "merchant_account": "BaobabSandbox",
            "hmac_keys": ["0123456789ABCDEF" * 4],
        },
        "path": {"key": "0f" * 32},
    }
)
SETTINGS = Settings(
    cell="t1",
    stripe_secret="stripe",
    onfido_secret="onfido",
    broker_secret="broker",
    adyen_secret="adyen",
    webhook_path_secret="path",
    c2b_token_secret="c2b",
    core_table="core",
    mpesa_paybill="174379",
    payment_signals_queue="payments",
    identity_queue="identity",
    broker_events_queue="broker-events",
    disputes_queue="disputes",
    payouts_queue="payouts",
    reconciliation_queue="reconciliation",
    live_mode=False,
)


class Entrance:
    """Our webhook function behind a loopback port, and the queue behind it."""

    def __init__(self):
        self.queue = MemoryQueue()
        receiver = Receiver(SETTINGS, SECRETS, lambda _: self.queue, SystemClock())

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                _, _, vendor, *token = self.path.split("/")
                body = self.rfile.read(int(self.headers["Content-Length"]))
                answer = receiver.receive(
                    {
                        "pathParameters": {"vendor": vendor}
                        | ({"token": token[0]} if token else {}),
                        "headers": {name.lower(): value for name, value in self.headers.items()},
                        "body": base64.b64encode(body).decode(),
                        "isBase64Encoded": True,
                    }
                )
                text = answer["body"].encode()
                self.send_response(answer["statusCode"])
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            def log_message(self, format, *args):
                """Says nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/webhooks"
        self.thread = threading.Thread(
            target=self.server.serve_forever, kwargs={"poll_interval": 0.01}
        )

    def take(self, count):
        deadline = time.monotonic() + 5
        while len(self.queue.sent) < count and time.monotonic() < deadline:
            time.sleep(0.01)
        assert len(self.queue.sent) >= count
        return [message for message, _ in self.queue.sent]


@pytest.fixture
def entrance():
    one = Entrance()
    one.thread.start()
    yield one
    one.server.shutdown()
    one.thread.join()
    one.server.server_close()


@pytest.fixture
def world(world_of, sandbox, sandbox_url, entrance):
    made = world_of(MemoryDatabase(), now=datetime.now(UTC))
    addresses = GatewaySettings(
        stripe_secret="stripe",
        stripe_base_url=f"{sandbox_url}/stripe",
        daraja_secret="daraja",
        daraja_base_url=f"{sandbox_url}/daraja",
        adyen_secret="adyen",
        adyen_base_url=f"{sandbox_url}/adyen/v72",
    )
    real = gateways(
        addresses,
        SECRETS,
        made.clock,
        app_url="http://127.0.0.1:9",
        webhook_base_url=entrance.url,
        webhook_path_secret="path",
    )
    made.gateways.update(real)
    targets = {f"{name}_webhook_url": f"{entrance.url}/{name}" for name in ("stripe", "adyen")}
    sandbox.post("/_control/config", json=targets)
    yield made
    real[Gateway.MPESA]._client._http.close()
    real[Gateway.STRIPE]._client()._requestor._client.close()
    real[Gateway.ADYEN]._account().checkout.client.http_client._http.close()
    account_of.cache_clear()


def hear(world, message):
    if message.vendor == "adyen":
        (signal,) = adyen_signals(message.body, "t1")
    elif message.vendor == "stripe":
        signal = stripe_signal(message.body, "t1")
    else:
        signal = daraja_signal(message.body, message.token, "t1")
    if signal is not None:
        world.settlement.signalled(
            signal.user_id, signal.deposit_id, signal.hint, signal.gateway, signal.proved
        )


def test_a_card_payment_is_heard_of_by_signed_webhooks_and_credited_once(world, sandbox, entrance):
    deposit = world.card("25.50")
    path = f"/_control/stripe/sessions/{deposit.reference}/pay"
    sandbox.post(path, json={"card": "4242424242424242"}).raise_for_status()
    messages = entrance.take(2)
    assert {json.loads(message.body)["type"] for message in messages} == {
        "checkout.session.completed",
        "payment_intent.succeeded",
    }
    for message in messages * 2:
        hear(world, message)
    assert world.now(deposit).status is DepositStatus.SETTLED
    assert world.wallet().balance == Money(2_550, deposit.credited.currency)
    world.fund(deposit)
    assert world.wallet().available == 2_550


def test_while_stripe_is_down_a_card_is_paid_at_adyen_and_credited_once(
    world, sandbox, entrance, fault
):
    fault("stripe", "checkout_sessions.create", "rate_limited", times=20)
    deposit = world.card("25.50")
    assert (deposit.gateway, deposit.status) == (Gateway.ADYEN, DepositStatus.ACTION_REQUIRED)
    assert "/adyen/pay/PL" in deposit.redirect_url
    path = f"/_control/adyen/links/{deposit.reference}/pay"
    sandbox.post(path, json={"card": "4000000000000002"}).raise_for_status()
    (refused,) = entrance.take(1)
    hear(world, refused)
    assert world.now(deposit).status is DepositStatus.ACTION_REQUIRED
    psp = sandbox.post(path, json={}).raise_for_status().json()["pspReference"]
    paid = entrance.take(2)[-1]
    world.check(deposit)
    assert world.now(deposit).status is DepositStatus.PENDING
    assert world.wallet().posted == 0
    for message in [paid, refused, paid]:
        hear(world, message)
    settled = world.now(deposit)
    assert (settled.status, settled.payment) == (DepositStatus.SETTLED, psp)
    assert world.wallet().balance == Money(2_550, deposit.credited.currency)
    world.fund(deposit)
    assert world.wallet().available == 2_550


def test_a_payment_at_adyen_of_another_amount_credits_nothing_of_itself(
    world, sandbox, entrance, fault
):
    fault("stripe", "checkout_sessions.create", "rate_limited", times=20)
    fault("adyen", "AUTHORISATION", "wrong_amount", amount=255_000)
    deposit = world.card("25.50")
    sandbox.post(f"/_control/adyen/links/{deposit.reference}/pay", json={}).raise_for_status()
    (message,) = entrance.take(1)
    hear(world, message)
    assert world.now(deposit).status is not DepositStatus.SETTLED
    assert world.wallet().posted == 0


@pytest.mark.parametrize("order", [[], ["callback_before_ack"]])
def test_an_mpesa_payment_is_heard_of_on_its_own_path(world, entrance, fault, order):
    for kind in order:
        fault("daraja", "stk_push", kind)
    deposit = world.mpesa("1000")
    (message,) = entrance.take(1)
    hear(world, message)
    settled = world.now(deposit)
    assert settled.status is DepositStatus.SETTLED
    assert settled.receipt is not None
    assert world.wallet().posted == 758


def test_a_push_whose_answer_was_lost_is_settled_by_its_callback(world, entrance, fault):
    fault("daraja", "stk_push", "timeout_after_effect", close=True)
    deposit = world.mpesa("1000")
    assert deposit.status is DepositStatus.UNKNOWN
    (message,) = entrance.take(1)
    hear(world, message)
    assert world.now(deposit).status is DepositStatus.SETTLED
    assert world.mpesa("1000").deposit_id == deposit.deposit_id
    assert world.wallet().posted == 758


def test_a_lost_callback_is_made_up_for_by_the_checks(world, sandbox, entrance, fault):
    fault("daraja", "webhook", "lost")
    deposit = world.mpesa("1000")
    for attempt in range(200):
        world.check(deposit, attempt)
        if world.now(deposit).status is DepositStatus.SETTLED:
            break
        time.sleep(0.01)
    assert world.wallet().posted == 758
    assert entrance.queue.sent == []


def test_a_callback_over_another_amount_is_held(world, entrance, fault):
    fault("daraja", "stk_callback", "wrong_amount", amount=1)
    deposit = world.mpesa("1000")
    (message,) = entrance.take(1)
    assert b'"Value":1.0' in message.body.replace(b" ", b"")
    hear(world, message)
    assert world.now(deposit).review is True
    assert world.wallet().posted == 0


def test_forged_stripe_news_never_reaches_the_queue(world, sandbox, entrance, fault):
    fault("stripe", "webhook", "forged", times=20, only=True)
    deposit = world.card("25.50")
    path = f"/_control/stripe/sessions/{deposit.reference}/pay"
    sandbox.post(path, json={"card": "4242424242424242"}).raise_for_status()
    deadline = time.monotonic() + 2
    while time.monotonic() < deadline:
        seen = sandbox.get("/_control/deliveries").json()["deliveries"]
        if sum(one["vendor"] == "stripe" for one in seen) >= 2:
            break
        time.sleep(0.01)
    assert entrance.queue.sent == []
    world.check(deposit)
    assert world.wallet().posted == 2_550
