"""Stripe's header against everything that a lenient reader would take."""

import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stripe import WebhookSignature

from tests.conftest import NOW
from tests.functions.webhook_door import LATE, Door
from tests.functions.webhook_samples import BODIES, changed, packed
from tests.functions.webhook_signing import BROKER, NEW, stripe_header, stripe_mac

BODY = BODIES["stripe"]
T = int(NOW.timestamp())
GOOD = stripe_mac(BODY)
FULLWIDTH = str.maketrans("0123456789", "０１２３４５６７８９")  # noqa: RUF001 - the attack
ARABIC = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")


def mac_at(text: str) -> str:
    """What signs the sample under this text as its time."""
    return hmac.new(NEW.encode(), text.encode() + b"." + BODY, hashlib.sha256).hexdigest()


HEADERS = {
    "nothing": "",
    "a time alone": f"t={T}",
    "a signature alone": f"v1={GOOD}",
    "another scheme": f"t={T},v0={GOOD}",
    "another scheme beside a wrong one": f"t={T},v0={GOOD},v1={'0' * 64}",
    "an upper-case scheme": f"t={T},V1={GOOD}",
    "an upper-case time": f"T={T},v1={GOOD}",
    "upper-case hex": f"t={T},v1={GOOD.upper()}",
    "a cut signature": f"t={T},v1={GOOD[:-1]}",
    "a longer signature": f"t={T},v1={GOOD}0",
    "an empty signature": f"t={T},v1=",
    "an empty signature beside the good one": f"t={T},v1=,v1={GOOD}",
    "garbage beside the good one": f"t={T},v1={GOOD},nonsense",
    "an empty part": f"t={T},,v1={GOOD}",
    "a comma at the end": f"t={T},v1={GOOD},",
    "spaces": f"t={T}, v1={GOOD}",
    "a space around": f" t={T},v1={GOOD} ",
    "a tab": f"t={T},\tv1={GOOD}",
    "a line break": f"t={T},v1={GOOD}\r\nx: y",
    "semicolons": f"t={T};v1={GOOD}",
    "quotes": f't="{T}",v1="{GOOD}"',
    "two times, the good one first": f"t={T},t={T + 1},v1={GOOD}",
    "two times, the good one last": f"t={T - 9999},t={T},v1={GOOD}",
    "the same time twice": f"t={T},t={T},v1={GOOD}",
    "two headers in one": f"t={T},v1={GOOD},t={T},v1={GOOD}",
    "a time that was not signed": f"t={T + 1},v1={GOOD}",
    "an hour ago": stripe_header(BODY, at=NOW - 12 * LATE)["stripe-signature"],
    "in an hour": stripe_header(BODY, at=NOW + 12 * LATE)["stripe-signature"],
    "in ten years": stripe_header(BODY, at=NOW + 1_051_200 * LATE)["stripe-signature"],
    "fullwidth digits": f"t={str(T).translate(FULLWIDTH)},v1={mac_at(str(T).translate(FULLWIDTH))}",
    "arabic digits": f"t={str(T).translate(ARABIC)},v1={mac_at(str(T).translate(ARABIC))}",
    "fullwidth hex": f"t={T},v1={GOOD.translate(FULLWIDTH)}",
    "a zero in front": f"t=0{T},v1={mac_at(f'0{T}')}",
    "a plus in front": f"t=+{T},v1={mac_at(f'+{T}')}",
    "an underscore": f"t=1_{str(T)[1:]},v1={mac_at(f'1_{str(T)[1:]}')}",
    "a fraction": f"t={T}.0,v1={mac_at(f'{T}.0')}",
    "an exponent": f"t=1e9,v1={mac_at('1e9')}",
    "a negative time": f"t=-{T},v1={mac_at(f'-{T}')}",
    "no time": f"t=,v1={mac_at('')}",
    "time zero": f"t=0,v1={mac_at('0')}",
    "an endless time": f"t={'9' * 5000},v1={mac_at('9' * 5000)}",
    "milliseconds": f"t={T}000,v1={mac_at(f'{T}000')}",
    "another secret": stripe_header(BODY, "whsec_other")["stripe-signature"],
    "the secret without its prefix": stripe_header(BODY, "new")["stripe-signature"],
    "another vendor's secret": stripe_header(BODY, BROKER)["stripe-signature"],
    "another body": stripe_header(BODY + b" ")["stripe-signature"],
    "the body alone": f"t={T},v1={stripe_mac(b'')}",
    "too many signatures": f"t={T}," + ",".join([f"v1={'0' * 64}"] * 30 + [f"v1={GOOD}"]),
    "an endless header": f"t={T},v1={GOOD}," + "x" * 100_000,
    "not ascii": f"t={T},v1={GOOD}é",
    "a null byte": f"t={T},v1={GOOD}\x00",
}


def test_the_header_that_the_cases_are_made_from_is_good() -> None:
    header = {"stripe-signature": f"t={T},v1={GOOD}"}
    assert header == stripe_header(BODY)
    assert Door().post("stripe", BODY, header)[0] == 200
    beside = f"t={T},v1={'0' * 64},v1={GOOD},v0={'1' * 64}"
    assert Door().post("stripe", BODY, {"stripe-signature": beside})[0] == 200


@pytest.mark.parametrize("header", HEADERS.values(), ids=HEADERS)
def test_a_header_of_any_other_form_or_time_is_refused(header: str) -> None:
    door = Door()
    answer = door.post("stripe", BODY, {"stripe-signature": header})
    assert answer == (401, {"error": "BAD_SIGNATURE"})
    assert door.kept == []


EVENT_BRIDGE = {
    "version": "0",
    "id": "e-1",
    "detail-type": "checkout.session.completed",
    "source": "aws.partner/stripe.com/ed_1",
    "detail": {"id": "evt_1", "object": "event", "type": "checkout.session.completed"},
}
BODIES_REFUSED: dict[str, bytes] = {
    "an EventBridge envelope": packed(EVENT_BRIDGE),
    "a member of EventBridge": packed({"detail": {"object": "event"}, "object": "event"}),
    "null": b"null",
    "an array": b"[]",
    "an array of events": packed([{"object": "event"}]),
    "a number": b"1",
    "a text": b'"s"',
    "an empty object": b"{}",
    "a byte order mark": b"\xef\xbb\xbf" + BODY,
    "not text": b"\xff" + BODY,
    "live money": changed("stripe", "livemode", to=True),
    "no mode": changed("stripe", "livemode", to=...),
    "two modes": BODY.replace(b'"livemode":false', b'"livemode":false,"livemode":false'),
    "two types": BODY.replace(b'"type":', b'"type":"customer.created","type":'),
    "another object": changed("stripe", "data", "object", "object", to="payment_intent"),
    "no object": changed("stripe", "data", to={}),
}


@pytest.mark.parametrize("body", BODIES_REFUSED.values(), ids=BODIES_REFUSED)
def test_a_signature_makes_no_event_of_what_is_none(body: bytes) -> None:
    door = Door()
    status, answer = door.deliver("stripe", body)
    assert status == 400
    assert answer["error"] in ("MALFORMED", "WRONG_MODE")
    assert door.kept == []


@given(
    st.lists(
        st.sampled_from(
            [f"t={T}", f"t={T + 1}", f"v1={GOOD}", f"v1={'0' * 64}", f"v0={GOOD}", "", "x", "t="]
        ),
        max_size=6,
    ),
    st.sampled_from([",", ", ", ";"]),
)
def test_whatever_is_taken_the_official_library_takes_too(parts: list[str], comma: str) -> None:
    header = comma.join(parts)
    taken = Door().post("stripe", BODY, {"stripe-signature": header})[0] == 200
    if taken:
        assert WebhookSignature.verify_header(BODY.decode(), header, NEW)
    else:
        assert sorted(parts) != sorted([f"t={T}", f"v1={GOOD}"]) or comma != ","
