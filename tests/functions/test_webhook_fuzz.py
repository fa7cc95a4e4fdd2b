"""Whatever comes: an answer below 500, and nothing on a queue that no vendor signed."""

import json

from hypothesis import given
from hypothesis import strategies as st

from tests.functions.webhook_door import QUEUES, SIGN, Door
from tests.functions.webhook_samples import BODIES, PATHS

HEADER_NAMES = [
    "stripe-signature",
    "x-sha2-signature",
    "webhook-id",
    "webhook-timestamp",
    "webhook-signature",
    "content-encoding",
    "X-Anything",
]
UNSIGNED = [body for vendor, body in BODIES.items() if vendor != "adyen"]
"""Adyen's deliveries are authentic by themselves: what proves them lies inside."""
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)


@given(
    vendor=st.sampled_from([*QUEUES, "x", ""]),
    body=st.binary(max_size=80) | st.sampled_from(UNSIGNED),
    headers=st.dictionaries(st.sampled_from(HEADER_NAMES), st.text(max_size=80)),
    token=st.none() | st.text(max_size=100),
    encoded=st.just(True),
)
def test_nothing_unsigned_is_kept_or_makes_it_fail(
    vendor: str, body: bytes, headers: dict[str, str], token: str | None, encoded: bool
) -> None:
    door = Door()
    status, answer = door.post(vendor, body, headers, token, encoded=encoded)
    assert 400 <= status < 500
    assert set(answer) == {"error"}
    assert door.kept == []


@given(vendor=st.sampled_from(list(QUEUES)), content=VALUES, binary=st.binary(max_size=40))
def test_what_is_signed_but_no_delivery_of_the_vendor_is_refused_or_not_wanted(
    vendor: str, content: object, binary: bytes
) -> None:
    for body in (json.dumps(content).encode(), binary):
        door = Door()
        status, _ = door.deliver(vendor, body)
        assert status in (200, 400)
        assert door.kept == []


@given(
    vendor=st.sampled_from(sorted(QUEUES.keys() - {"adyen"})),
    at=st.integers(0, 200),
    byte=st.integers(0, 255),
    cut=st.booleans(),
)
def test_a_delivery_with_one_byte_changed_after_it_was_signed_is_not_kept(
    vendor: str, at: int, byte: int, cut: bool
) -> None:
    body = BODIES[vendor]
    at %= len(body)
    other = body[:at] + (b"" if cut else bytes([byte])) + body[at + 1 :]
    door = Door()
    status, _ = door.post(vendor, other, SIGN[vendor](body), PATHS.get(vendor))
    assert status < 500
    if vendor not in PATHS and other != body:
        assert status == 401
        assert door.kept == []


@given(
    event=st.dictionaries(
        st.sampled_from(["headers", "pathParameters", "body", "x"]),
        st.none() | st.dictionaries(st.text(max_size=5), st.text(max_size=5)) | st.just(""),
    )
)
def test_an_event_of_any_form_is_answered(event: dict[str, object]) -> None:
    if not isinstance(event.get("body", ""), str | None):
        event["body"] = "x"
    for name in ("headers", "pathParameters"):
        if event.get(name) == "":
            event[name] = None
    door = Door()
    assert 400 <= door.receiver.receive(event)["statusCode"] < 500
    assert door.kept == []
