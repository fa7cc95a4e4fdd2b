"""What a request must be before its content counts: its path, type, size and encoding."""

from typing import Any

import pytest

from functions.receive_webhook.receiver import MAX_BODY
from tests.functions.webhook_door import QUEUES, Door
from tests.functions.webhook_samples import BODIES, PATHS, TOKEN
from tests.functions.webhook_signing import stripe_header

MALFORMED = (400, {"error": "MALFORMED"})
NOWHERE = (404, {"error": "NOT_FOUND"})


@pytest.fixture
def door() -> Door:
    return Door()


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
