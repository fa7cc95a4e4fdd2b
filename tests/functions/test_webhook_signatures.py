"""What proves a delivery: a signature has one form, one sender, one body and its time."""

import pytest

from functions.receive_webhook.signatures import Scheme
from functions.receive_webhook.vendors import VENDORS
from tests.functions.webhook_door import EARLY, LATE, SIGN, Door
from tests.functions.webhook_samples import BODIES
from tests.functions.webhook_signing import broker_headers, onfido_header

FORGED = (401, {"error": "BAD_SIGNATURE"})
SIGNING = [name for name, row in VENDORS.items() if isinstance(row.proof, Scheme)]


@pytest.fixture
def door() -> Door:
    return Door()


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
