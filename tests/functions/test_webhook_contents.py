"""What a signed delivery may say: strict JSON, the members that are used, the mode, the kinds."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from functions.receive_webhook.vendors import VENDORS
from tests.functions.webhook_door import QUEUES, Door, kept_of
from tests.functions.webhook_samples import BODIES, adyen_body, adyen_item, changed, packed

MALFORMED = (400, {"error": "MALFORMED"})


@pytest.fixture
def door() -> Door:
    return Door()


NOT_ONE_OBJECT = {
    "nothing": b"",
    "open": b"{",
    "array": b"[]",
    "text": b'"s"',
    "number": b"1",
    "null": b"null",
    "true": b"true",
    "empty object": b"{}",
    "two": b"{}{}",
    "deep array": b"[" * 50_000,
    "deep object": b'{"a":' * 20_000,
    "not utf-8": b"\xff\xfe",
    "utf-16": json.dumps({"type": "x"}).encode("utf-16"),
    "utf-32": json.dumps({"type": "x"}).encode("utf-32"),
    "nan": b'{"a": NaN}',
    "infinity": b'{"a": -Infinity}',
    "long number": b'{"a": ' + b"9" * 5000 + b"}",
    "control character": b'{"a": "\x00"}',
    "single quotes": b"{'a': 1}",
    "comment": b"{/**/}",
}


@pytest.mark.parametrize("body", NOT_ONE_OBJECT.values(), ids=NOT_ONE_OBJECT)
@pytest.mark.parametrize("vendor", QUEUES)
def test_what_is_not_one_strict_json_object_is_refused_even_when_signed(
    door: Door, vendor: str, body: bytes
) -> None:
    assert door.deliver(vendor, body) == MALFORMED
    assert door.kept == []


@pytest.mark.parametrize("vendor", QUEUES)
def test_marks_constants_and_members_given_twice_are_refused_even_when_signed(
    door: Door, vendor: str
) -> None:
    body = BODIES[vendor]
    for bad in (
        b"\xef\xbb\xbf" + body,
        body.decode().encode("utf-16"),
        body[:-1] + b',"n":NaN}',
        body[:-1] + b"," + body[1:-1] + b"}",
        body[:-1] + b',"a":{"b":1,"b":2}}',
        body + body,
    ):
        assert door.deliver(vendor, bad) == MALFORMED
    assert door.kept == []


USED: Mapping[str, list[tuple[tuple[str, ...], list[object]]]] = {
    "stripe": [
        (("id",), [..., None, 1, "", {}]),
        (("object",), [..., None, "charge", ["event"]]),
        (("type",), [..., None, 1, "", ["checkout.session.completed"], {}]),
        (("livemode",), [..., None, 0, "false"]),
        (("data",), [..., None, [], "x"]),
        (("data", "object"), [..., None, [], "cs_1"]),
        (("data", "object", "id"), [..., None, 7, ""]),
        (("data", "object", "object"), [..., None, "payment_intent", "charge"]),
        (("data", "object", "metadata"), [..., [], "x", 1]),
    ],
    "daraja": [
        (("Body",), [..., None, [], "x"]),
        (("Body", "stkCallback"), [..., None, [], 1]),
        (("Body", "stkCallback", "CheckoutRequestID"), [..., None, 1, "", "x" * 501]),
        (("Body", "stkCallback", "ResultCode"), [..., None, True, "", "x", "\u0663", {}, 1.5]),
    ],
    "onfido": [
        (("payload",), [..., None, [], "x"]),
        (("payload", "action"), [..., None, 1, [], ""]),
        (("payload", "resource_type"), [..., None, "report", ""]),
        (("payload", "object"), [..., None, [], "x"]),
        (("payload", "object", "id"), [..., None, 1, "", {}]),
    ],
    "broker": [
        (("type",), [..., None, 1, [], ""]),
        (("data",), [..., None, [], "x"]),
        (("data", "event"), [..., None, 1]),
        (("data", "order"), [..., None, [], "x"]),
    ],
}
WRONG_MEMBERS = [
    (vendor, path, to) for vendor, rows in USED.items() for path, all_of in rows for to in all_of
]


@pytest.mark.parametrize(("vendor", "path", "to"), WRONG_MEMBERS)
def test_a_member_that_is_used_must_have_its_form(
    door: Door, vendor: str, path: tuple[str, ...], to: object
) -> None:
    assert door.deliver(vendor, changed(vendor, *path, to=to)) == MALFORMED
    assert door.kept == []


@pytest.mark.parametrize(
    ("topic", "data"),
    [("journal_status", {"journal_id": 1}), ("account_status", {}), ("trade_updates", {})],
)
def test_each_topic_of_the_broker_has_its_own_form(
    door: Door, topic: str, data: dict[str, Any]
) -> None:
    assert door.deliver("broker", packed({"type": topic, "data": data})) == MALFORMED
    assert door.kept == []


@pytest.mark.parametrize(
    ("vendor", "body"),
    [
        ("stripe", changed("stripe", "type", to="customer.created")),
        ("stripe", changed("stripe", "type", to="checkout.session.completed ")),
        (
            "stripe",
            packed({"id": "e", "object": "v2.core.event", "type": "v2.x", "livemode": False}),
        ),
        ("onfido", changed("onfido", "payload", "action", to="report.completed")),
        ("onfido", changed("onfido", "payload", "action", to="check.started")),
        ("broker", changed("broker", "type", to="account_note")),
    ],
)
def test_authentic_news_that_nobody_wants_is_answered_and_dropped(
    door: Door, vendor: str, body: bytes
) -> None:
    assert door.deliver(vendor, body) == (200, {"received": True})
    assert door.kept == []


@pytest.mark.parametrize(
    ("vendor", "wanted"),
    [(vendor, kind) for vendor, row in VENDORS.items() for kind in row.wanted],
)
def test_every_kind_on_the_allow_list_is_kept(door: Door, vendor: str, wanted: str) -> None:
    of_the_broker = {"event": "new", "order": {}, "journal_id": "j", "account_id": "a"}
    of_the_broker |= {"id": "n", "entry_type": "DIV"}
    about = wanted.partition(".")[0]
    of_stripe = {"checkout": "checkout.session", "charge": "dispute"}.get(about, about)
    body = {
        "stripe": changed("stripe", "type", to=wanted).replace(
            b'"object":"checkout.session"', f'"object":"{of_stripe}","customer":"cus_1"'.encode()
        ),
        "onfido": changed("onfido", "payload", "action", to=wanted),
        "broker": packed({"type": wanted, "data": of_the_broker}),
        "adyen": packed(adyen_body(adyen_item(eventCode=wanted))),
    }[vendor]
    assert door.deliver(vendor, body)[0] == 200
    ((queue, message),) = door.kept
    assert message.body == kept_of(vendor, body)
    other = VENDORS[vendor].queues.get(wanted)
    assert queue == (QUEUES[vendor] if other is None else other.removesuffix("_queue"))


@pytest.mark.parametrize("live", [True, False])
def test_live_money_and_test_money_never_meet(live: bool) -> None:
    settings = Door().receiver.settings.model_copy(update={"live_mode": live})
    door = Door(settings=settings)
    same = changed("stripe", "livemode", to=live)
    other = changed("stripe", "livemode", to=not live)
    assert door.deliver("stripe", other) == (400, {"error": "WRONG_MODE"})
    assert door.kept == []
    assert door.deliver("stripe", same)[0] == 200
    assert [message.body for _, message in door.kept] == [kept_of("stripe", same)]
