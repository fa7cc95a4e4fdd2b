"""The webhook entrance: every rule for every vendor; what is authentic is kept, nothing else."""

import json
from collections.abc import Mapping
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from functions.receive_webhook.vendors import VENDORS
from shared.kernel.clock import SystemClock
from shared.payments.callbacks import Subject, named_by
from shared.payments.gateways import GatewaySettings, gateways
from shared.payments.model import Gateway
from shared.platform.secrets import MemorySecrets
from tests.conftest import NOW
from tests.functions.webhook_door import KEPT_NOWHERE, QUEUES, SIGN, VALUES, Door, kept_of
from tests.functions.webhook_samples import BODIES, DEPOSIT, PATHS, USER

ANSWERS = {
    **{vendor: {"ResultCode": 0, "ResultDesc": "Accepted"} for vendor in PATHS},
    "daraja-c2b-confirmation": {"ResultCode": 0, "ResultDesc": "Success"},
    "adyen": {"notificationResponse": "[accepted]"},
}


@pytest.fixture
def door() -> Door:
    return Door()


def test_there_is_a_sample_for_every_row_of_the_table() -> None:
    assert set(VENDORS) == set(QUEUES) | KEPT_NOWHERE == set(BODIES) == set(SIGN)


@pytest.mark.parametrize("encoded", [False, True])
@pytest.mark.parametrize("vendor", QUEUES)
def test_what_is_used_of_an_authentic_delivery_is_kept_and_answered(
    door: Door, vendor: str, encoded: bool
) -> None:
    body = BODIES[vendor].replace(b"{", b"{ ", 1)
    answer = door.deliver(vendor, body, encoded=encoded)
    assert answer == (200, ANSWERS.get(vendor, {"received": True}))
    ((url, message),) = door.kept
    assert url == QUEUES[vendor]
    assert (message.vendor, message.received_at) == (vendor, NOW)
    assert message.body == kept_of(vendor, body)
    fixed = vendor == "daraja-c2b-confirmation"
    assert message.token == (None if fixed else PATHS.get(vendor))
    assert message.headers == {}


def test_a_body_in_utf_8_is_read_as_it_came(door: Door) -> None:
    body = BODIES["stripe"].replace(b'"id":"', '"id":"é€😀'.encode())
    assert door.deliver("stripe", body)[0] == 200
    assert door.deliver("stripe", body, encoded=False)[0] == 200
    assert [message.body for _, message in door.kept] == [kept_of("stripe", body)] * 2
    assert json.loads(door.kept[0][1].body)["data"]["object"]["id"].startswith("é€😀")


def test_the_callback_address_that_a_push_gives_is_one_that_this_entrance_knows(
    door: Door,
) -> None:
    addresses = GatewaySettings(
        stripe_secret="stripe",
        stripe_base_url="http://127.0.0.1:9",
        daraja_secret="daraja",
        daraja_base_url="http://127.0.0.1:9",
        adyen_secret="adyen",
        adyen_base_url="http://127.0.0.1:9",
    )
    built: Any = gateways(
        addresses,
        MemorySecrets(VALUES),
        SystemClock(),
        app_url="https://app.example",
        webhook_base_url="https://hooks.example/webhooks",
        webhook_path_secret="path",
    )
    url = built[Gateway.MPESA]._callback_url(SimpleNamespace(user_id=USER, deposit_id=DEPOSIT))
    *_, vendor, token = url.split("/")
    assert url == f"https://hooks.example/webhooks/daraja/{token}"
    assert door.post(vendor, BODIES["daraja"], token=token)[0] == 200
    ((_, message),) = door.kept
    assert named_by("t1", message.token or "") == Subject(USER, DEPOSIT)


class Down:
    """A queue or a store of secrets that does not answer."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def send(self, message: object, delay_seconds: int = 0) -> None:
        raise self.error

    def get(self, name: str) -> Mapping[str, Any]:
        raise self.error


ERRORS = [
    ClientError({"Error": {"Code": "ServiceUnavailable"}}, "SendMessage"),
    EndpointConnectionError(endpoint_url="http://queue"),
]


@pytest.mark.parametrize("error", ERRORS, ids=["answers 500", "does not answer"])
@pytest.mark.parametrize("vendor", QUEUES)
def test_what_cannot_be_kept_or_judged_now_comes_again(vendor: str, error: Exception) -> None:
    again = (503, {"error": "TRY_AGAIN"})
    door = Door()
    door.receiver = replace(door.receiver, queue_of=lambda _: Down(error))
    assert door.deliver(vendor) == again
    blind = Door(Down(error))
    assert blind.deliver(vendor) == again
    assert blind.kept == []


@pytest.mark.parametrize("vendor", QUEUES)
def test_the_same_delivery_twice_is_kept_twice_and_answered_alike(door: Door, vendor: str) -> None:
    """Whether it had an effect already is for the worker to know, by the payment, not here."""
    assert door.deliver(vendor) == door.deliver(vendor)
    assert len(door.kept) == 2
