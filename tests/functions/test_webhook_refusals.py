"""A refusal is counted without a word of the delivery, and rings where a vendor itself sent it."""

import json
from typing import Any

import pytest

from tests.functions.webhook_door import QUEUES, Door
from tests.functions.webhook_samples import BODIES, adyen_body, adyen_item, packed

MALFORMED = (400, {"error": "MALFORMED"})


@pytest.fixture
def door() -> Door:
    return Door()


@pytest.mark.parametrize("vendor", QUEUES)
def test_a_refusal_is_one_count_without_a_word_of_the_delivery(
    door: Door, vendor: str, capsys: pytest.CaptureFixture[str]
) -> None:
    body = packed({"secret-word": "4242424242424242"})
    status, _ = door.post(vendor, body, {"x-y": "secret-header"}, token="secret-path")
    assert status in (400, 401, 404)
    assert door.deliver(vendor, body) == MALFORMED
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    refused = [line for line in lines if "WebhookRefused" in line]
    assert [line["WebhookRefused"] for line in refused] == [[1], [1]]
    assert {line["vendor"] for line in lines} == {vendor}
    # What the vendor itself has sent rings. An item of Adyen's without its form proves nothing.
    rings = [line["code"] for line in lines if "WebhookNotUnderstood" in line]
    assert rings == ([] if vendor == "adyen" else ["MALFORMED"])
    assert "secret" not in json.dumps(lines)
    assert "4242" not in json.dumps(lines)
    assert door.kept == []


@pytest.mark.parametrize(
    ("vendor", "item", "code"),
    [
        ("stripe", {"livemode": True}, "WRONG_MODE"),
        ("stripe", {"data": {"object": {}}}, "MALFORMED"),
        ("adyen", {"merchantAccountCode": "AnotherShop"}, "WRONG_ACCOUNT"),
        ("adyen", {"eventCode": "REPORT_AVAILABLE", "reason": ""}, "MALFORMED"),
    ],
)
def test_what_a_vendor_sends_and_we_refuse_rings(
    door: Door, vendor: str, item: dict[str, Any], code: str, capsys: pytest.CaptureFixture[str]
) -> None:
    body = (
        adyen_body(adyen_item(**item)) if vendor == "adyen" else json.loads(BODIES[vendor]) | item
    )
    assert door.deliver(vendor, packed(body)) == (400, {"error": code})
    told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(one["vendor"], one["code"]) for one in told if "WebhookNotUnderstood" in one] == [
        (vendor, code)
    ]
    assert door.kept == []


@pytest.mark.parametrize("vendor", QUEUES)
def test_what_anybody_may_send_does_not_ring(
    door: Door, vendor: str, capsys: pytest.CaptureFixture[str]
) -> None:
    forged = packed({"a": 1}) if vendor == "adyen" else BODIES[vendor]
    status, _ = door.post(vendor, forged, {}, token=None)
    assert status in (400, 401, 404)
    assert "WebhookNotUnderstood" not in capsys.readouterr().out


def test_an_unknown_vendor_is_counted_without_its_name(
    door: Door, capsys: pytest.CaptureFixture[str]
) -> None:
    door.post("my-name-is-4242424242424242", b"{}")
    (line,) = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert (line["vendor"], line["code"]) == ("unknown", "NOT_FOUND")
    assert "4242" not in json.dumps(line)
