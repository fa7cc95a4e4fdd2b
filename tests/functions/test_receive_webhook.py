"""The webhook entrance: every rule for every vendor; what is authentic is kept, nothing else."""

import json
from collections.abc import Mapping
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from functions.receive_webhook.receiver import MAX_BODY
from functions.receive_webhook.signatures import Scheme
from functions.receive_webhook.vendors import VENDORS
from shared.kernel.clock import SystemClock
from shared.payments.callbacks import Subject, named_by
from shared.payments.gateways import GatewaySettings, gateways
from shared.payments.model import Gateway
from shared.platform.secrets import MemorySecrets
from tests.conftest import NOW
from tests.functions.webhook_door import (
    BODIES,
    DEPOSIT,
    EARLY,
    KEPT_NOWHERE,
    LATE,
    PATHS,
    QUEUES,
    SIGN,
    TOKEN,
    USER,
    VALUES,
    Door,
    adyen_body,
    adyen_item,
    broker_headers,
    kept_of,
    onfido_header,
    packed,
    stripe_header,
)

FORGED = (401, {"error": "BAD_SIGNATURE"})
MALFORMED = (400, {"error": "MALFORMED"})
NOWHERE = (404, {"error": "NOT_FOUND"})
ANSWERS = {
    **{vendor: {"ResultCode": 0, "ResultDesc": "Accepted"} for vendor in PATHS},
    "daraja-c2b-confirmation": {"ResultCode": 0, "ResultDesc": "Success"},
    "adyen": {"notificationResponse": "[accepted]"},
}
SIGNING = [name for name, row in VENDORS.items() if isinstance(row.proof, Scheme)]


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


@pytest.mark.parametrize("vendor", SIGNING)
def test_no_signature_and_a_signature_of_anything_else_are_refused(door: Door, vendor: str) -> None:
    sign, body = SIGN[vendor], BODIES[vendor]
    wrong = {"stripe": "whsec_wrong", "onfido": "wrong", "broker": "whsec_" + "eHh4eHh4" * 5}
    for headers in (
        {},
        sign(body, wrong[vendor]),
        sign(body + b" "),
        sign(b" " + body),
        sign(body.replace(b'"', b"'", 1)),
        sign(b""),
        dict.fromkeys(sign(body), ""),
        dict.fromkeys(sign(body), "é"),
        {name: f"{value},{value}" for name, value in sign(body).items()},
        {name: f" {value}" for name, value in sign(body).items()},
        dict.fromkeys(sign(body), "x" * 60_000),
    ):
        assert door.post(vendor, body, headers) == FORGED, headers
    assert door.kept == []


@pytest.mark.parametrize("vendor", SIGNING)
def test_a_signature_of_one_vendor_is_none_of_another(door: Door, vendor: str) -> None:
    for other in SIGNING:
        if other != vendor:
            assert door.post(vendor, BODIES[vendor], SIGN[other](BODIES[vendor])) == FORGED
    assert door.kept == []


@pytest.mark.parametrize("vendor", ["stripe", "broker"])
def test_a_signature_is_good_for_minutes_and_not_before_its_time(door: Door, vendor: str) -> None:
    body = BODIES[vendor]
    signed = SIGN[vendor](body)
    door.clock.advance(-EARLY)
    assert door.post(vendor, body, signed)[0] == 200
    door.clock.advance(EARLY + LATE)
    assert door.post(vendor, body, signed)[0] == 200
    door.clock.advance(EARLY / 60)
    assert door.post(vendor, body, signed) == FORGED
    door.clock.advance(-2 * EARLY / 60 - EARLY - LATE)
    assert door.post(vendor, body, signed) == FORGED
    assert len(door.kept) == 2


def test_where_no_time_is_signed_a_delivery_can_come_late(door: Door) -> None:
    signed = onfido_header(BODIES["onfido"])
    door.clock.advance(1000 * LATE)
    assert door.post("onfido", BODIES["onfido"], signed)[0] == 200


@pytest.mark.parametrize("given", ["sha256={}", "{} ", "{}00", "0x{}", "\uff11{}"])
def test_an_onfido_signature_has_one_form(door: Door, given: str) -> None:
    value = onfido_header(BODIES["onfido"])["x-sha2-signature"]
    headers = {"x-sha2-signature": given.format(value)}
    assert door.post("onfido", BODIES["onfido"], headers) == FORGED
    assert door.post("onfido", BODIES["onfido"], {"x-sha2-signature": value.upper()}) == FORGED
    assert door.kept == []


@pytest.mark.parametrize(
    "changes",
    [
        {"webhook-id": ""},
        {"webhook-id": "msg_2"},
        {"webhook-id": "msg.1"},
        {"webhook-id": "msg_1,msg_1"},
        {"webhook-id": "m" * 201},
        {"webhook-timestamp": ""},
        {"webhook-timestamp": "nan"},
        {"webhook-timestamp": "1e9"},
        {"webhook-timestamp": "-1772465400"},
        {"webhook-timestamp": "+1772465400"},
        {"webhook-timestamp": "1772465400.0"},
        {"webhook-timestamp": "01772465400"},
        {"webhook-timestamp": "\uff11772465400"},
        {"webhook-timestamp": "9" * 5000},
        {"webhook-signature": "garbage"},
        {"webhook-signature": "v1,é v1,"},
        {"webhook-signature": "v1a,AAAA"},
        {"webhook-signature": " ".join(["v1," + "A" * 43 + "="] * 17)},
    ],
)
def test_a_standard_signature_has_one_form(door: Door, changes: dict[str, str]) -> None:
    headers = broker_headers(BODIES["broker"]) | changes
    assert door.post("broker", BODIES["broker"], headers) == FORGED
    assert door.kept == []


def test_of_several_standard_signatures_one_must_be_good(door: Door) -> None:
    signed = broker_headers(BODIES["broker"])
    good = signed["webhook-signature"]
    beside = f"v1a,c2ln v1,{'A' * 43}= {good}"
    assert door.post("broker", BODIES["broker"], signed | {"webhook-signature": beside})[0] == 200


@pytest.mark.parametrize(
    "token",
    [
        "",
        "0" * 96,
        TOKEN[:-1] + ("0" if TOKEN[-1] != "0" else "1"),
        TOKEN.upper(),
        TOKEN + "0",
        TOKEN[:95],
        "../stripe",
        "\uff10" * 96,
        TOKEN[32:64] + TOKEN[:32] + TOKEN[64:],
    ],
)
def test_who_does_not_know_the_path_finds_nothing(door: Door, token: str) -> None:
    assert door.post("daraja", BODIES["daraja"], token=token) == NOWHERE
    assert door.kept == []


def test_a_path_of_another_cell_is_none_of_ours() -> None:
    door = Door(settings=Door().receiver.settings.model_copy(update={"cell": "t2"}))
    assert door.post("daraja", BODIES["daraja"], token=TOKEN) == NOWHERE
    assert door.kept == []


@pytest.mark.parametrize(
    ("vendor", "token"),
    [
        ("daraja", None),
        ("stripe", TOKEN),
        ("onfido", ""),
        ("broker", "x"),
        ("paypal", None),
        ("", None),
        ("Stripe", None),
        ("stripe ", None),
    ],
)
def test_other_paths_do_not_exist(door: Door, vendor: str, token: str | None) -> None:
    headers = stripe_header(BODIES["stripe"])
    assert door.post(vendor, BODIES["stripe"], headers, token) == NOWHERE
    assert door.kept == []


@pytest.mark.parametrize(
    "headers",
    [
        {"content-type": ""},
        {"content-type": "text/plain"},
        {"content-type": "application/x-www-form-urlencoded"},
        {"content-type": "application/json5"},
        {"content-type": "application/json, application/json"},
        {"content-type": "application/json; charset=latin-1"},
        {"content-type": "application/json; charset=utf-8; x=y"},
        {"content-type": "multipart/form-data; boundary=application/json"},
        {"content-encoding": "gzip"},
        {"content-encoding": ""},
    ],
)
@pytest.mark.parametrize("vendor", QUEUES)
def test_only_json_as_it_is_is_taken(door: Door, vendor: str, headers: dict[str, str]) -> None:
    assert door.deliver(vendor, headers=headers) == (415, {"error": "NOT_JSON"})
    assert door.kept == []


@pytest.mark.parametrize(
    "kind", ["application/json", "Application/JSON", 'application/json;charset="UTF-8"']
)
def test_json_has_several_spellings(door: Door, kind: str) -> None:
    assert door.deliver("stripe", headers={"content-type": kind})[0] == 200


@pytest.mark.parametrize("encoded", [False, True])
@pytest.mark.parametrize("vendor", QUEUES)
def test_a_body_of_the_largest_size_is_taken_and_one_byte_more_is_not(
    door: Door, vendor: str, encoded: bool
) -> None:
    frame = BODIES[vendor][:-1] + b',"pad":"'
    body = frame + b"x" * (MAX_BODY - len(frame) - 2) + b'"}'
    assert len(body) == MAX_BODY
    assert door.deliver(vendor, body, encoded=encoded)[0] == 200
    larger = body.replace(b"xxx", b"xxxx", 1)
    assert door.deliver(vendor, larger, encoded=encoded) == (413, {"error": "TOO_LARGE"})
    huge = b"x" * (4 * MAX_BODY)
    assert door.post(vendor, huge, token=PATHS.get(vendor))[0] == 413
    assert len(door.kept) == 1


def test_a_broken_encoding_is_refused(door: Door) -> None:
    for text in ("***", "é", "e30", "=" * 8):
        event = {
            "pathParameters": {"vendor": "daraja", "token": TOKEN},
            "headers": {"Content-Type": "application/json"},
            "body": text,
            "isBase64Encoded": True,
        }
        assert door.receiver.receive(event)["statusCode"] == 400
    assert door.kept == []


@pytest.mark.parametrize("event", [{}, {"pathParameters": None}, {"pathParameters": {}}])
def test_an_empty_request_is_nothing(door: Door, event: dict[str, Any]) -> None:
    assert door.receiver.receive(event)["statusCode"] == 404


def test_a_request_without_headers_or_body_is_refused(door: Door) -> None:
    path = {"pathParameters": {"vendor": "stripe"}}
    assert door.receiver.receive(path)["statusCode"] == 415
    typed = path | {"headers": {"content-type": "application/json"}}
    assert door.receiver.receive(typed)["statusCode"] == 400


def test_a_header_in_two_spellings_is_refused(door: Door) -> None:
    body = BODIES["stripe"]
    signed = stripe_header(body)
    both = signed | {"Stripe-Signature": signed["stripe-signature"]}
    assert door.post("stripe", body, both) == MALFORMED
    assert door.kept == []


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
