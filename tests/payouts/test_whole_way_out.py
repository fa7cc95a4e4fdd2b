"""The whole way out with the real adapters: M-Pesa's sandbox, its messages at our door."""

import time
from dataclasses import replace
from datetime import UTC, datetime

import httpx
import pytest

from sandbox.config import SandboxConfig
from shared.payouts.intake import Intake
from shared.payouts.model import PayoutStatus, Rail
from shared.payouts.rails import RailSettings, rails
from shared.payouts.reasons import PayoutReason
from shared.platform.memory import MemoryDatabase
from shared.platform.secrets import MemorySecrets
from tests.payments.test_whole_way import SECRETS, Entrance
from tests.payouts.conftest import World

S = PayoutStatus
NOT_ABLE = "254700002040"
SANDBOX = SandboxConfig(daraja_callback_delay_ms=30)


@pytest.fixture(scope="session")
def url(serve_sandbox):
    return serve_sandbox(SANDBOX)


@pytest.fixture
def sandbox(url):
    with httpx.Client(base_url=url, trust_env=False, timeout=10) as one:
        one.post("/_control/reset").raise_for_status()
        yield one


@pytest.fixture
def entrance():
    one = Entrance()
    one.thread.start()
    yield one
    one.server.shutdown()
    one.thread.join()
    one.server.server_close()


@pytest.fixture
def world(url, sandbox, entrance):
    made = World(MemoryDatabase(), now=datetime.now(UTC))
    sealing = sandbox.get("/_control/daraja/certificate").raise_for_status().json()
    daraja = dict(SECRETS.get("daraja")) | {
        "payout_shortcode": SANDBOX.daraja_payout_shortcode,
        "initiator": SANDBOX.daraja_initiator,
        "initiator_password": SANDBOX.daraja_initiator_password,
        "certificate": sealing["certificate"],
    }
    settings = RailSettings(
        stripe_secret="stripe",
        stripe_base_url=f"{url}/stripe",
        daraja_secret="daraja",
        daraja_base_url=f"{url}/daraja",
        adyen_secret="adyen",
        adyen_base_url=f"{url}/adyen/v72",
        webhook_path_secret="path",
        webhook_base_url=entrance.url,
    )
    secrets = MemorySecrets({"daraja": daraja, "path": dict(SECRETS.get("path"))})
    real = rails(settings, secrets, made.clock)
    made.sending = replace(made.sending, rails=real)
    yield made
    real[Rail.MPESA_B2C]._client._http.close()


def listen(world, entrance, until):
    """Messages that arrived at our door reach the worker, until the payout is as wanted."""
    intake, heard = Intake(world.sending, "t1"), 0
    deadline = time.monotonic() + 5
    while not until():
        assert time.monotonic() < deadline, [one for one, _ in entrance.queue.sent]
        for message, _ in entrance.queue.sent[heard:]:
            heard += 1
            intake.daraja(message.vendor, message.token, message.body)
        time.sleep(0.01)
    return [message.vendor for message, _ in entrance.queue.sent]


def fault(sandbox, operation, kind, **params):
    order = {"vendor": "daraja", "operation": operation, "kind": kind, "times": 1}
    sandbox.post("/_control/faults", json=order | {"params": params}).raise_for_status()


def test_a_withdrawal_reaches_the_phone_and_the_answer_about_it_counts(world, entrance):
    world.deposit()
    payout = world.withdrawal()
    assert payout.status is S.SENT
    heard = listen(world, entrance, lambda: world.now(payout).status is S.PAID)
    assert heard[:2] == ["daraja-result", "daraja-status"]
    paid = world.now(payout)
    assert paid.receipt
    assert paid.fee_minor
    assert world.money() == (6_000, 0, 0)
    assert world.books()["house:fees:mpesa", "KES/2"] == paid.fee_minor
    world.check_conserved()


def test_a_withdrawal_whose_answer_is_lost_and_that_was_paid_is_paid_once(world, sandbox, entrance):
    world.deposit()
    fault(sandbox, "b2c", "timeout_after_effect", close=True)
    payout = world.withdrawal()
    assert (payout.status, payout.reference) == (S.SENDING, None)
    listen(world, entrance, lambda: world.now(payout).status is S.PAID)
    for _ in range(3):
        world.send(payout)
    assert world.money() == (6_000, 0, 0)
    assert world.events().count("payouts.payout_paid.v1") == 1


def test_a_withdrawal_that_waited_in_the_queue_is_found_by_a_question(world, sandbox, entrance):
    world.deposit()
    fault(sandbox, "b2c", "queue_timeout")
    payout = world.withdrawal()
    listen(world, entrance, lambda: entrance.queue.sent)
    assert world.now(payout).status is S.SENT
    world.send(payout)
    listen(world, entrance, lambda: world.now(payout).status is S.PAID)
    assert world.money() == (6_000, 0, 0)


def test_a_phone_that_cannot_take_it_gives_the_money_back(world, entrance):
    world.deposit()
    world.accounts["pac_1"] = {"phone": NOT_ABLE}
    payout = world.withdrawal()
    listen(world, entrance, lambda: world.now(payout).status is S.RETURNING)
    assert world.now(payout).reason is PayoutReason.RECEIVER_NOT_ABLE
    world.recall(payout)
    assert world.now(payout).status is S.FAILED
    assert world.money() == (10_000, 0, 0)
    world.check_conserved()
