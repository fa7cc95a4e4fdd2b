"""Every item of Adyen's is signed for itself, and what is not signed decides nothing."""

import base64
import json
from typing import Any

import pytest
from Adyen.util import generate_notification_sig
from hypothesis import given
from hypothesis import strategies as st

from functions.receive_webhook.items import ADYEN_ITEMS
from tests.functions.webhook_adyen_door import ACCEPTED, FORGED, MALFORMED, delivered, with_key
from tests.functions.webhook_door import Door
from tests.functions.webhook_samples import ACCOUNT, BODIES, DEPOSIT, USER, adyen_item
from tests.functions.webhook_signing import ADYEN, ADYEN_OLD

KEY = "74F490DD33F7327BAECC88B2947C011FC02D014A473AAA33A8EC93E4DC069174"


@pytest.fixture
def door() -> Door:
    return Door()


def published(reference: str, psp: str, account: str, value: int, signature: str) -> dict[str, Any]:
    return {
        "pspReference": psp,
        "merchantAccountCode": account,
        "merchantReference": reference,
        "amount": {"value": value, "currency": "EUR"},
        "eventCode": "AUTHORISATION",
        "success": "true",
        "additionalData": {"hmacSignature": signature},
    }


VECTORS = [
    (
        "44782DEF547AAA06C910C43932B1EB0C71FC68D9D0C057550C48EC2ACF6BA056",
        published(
            "TestPayment-1407325143704",
            "7914073381342284",
            "TestMerchant",
            1130,
            "coqCmt/IZ4E3CzPvMY8zTjQVL5hYJUiBRg8UU+iCWo0=",
        ),
    ),
    (
        KEY,
        published(
            ":slashes are fun",
            "M8NB66SBZSGLNK82",
            "AntoniStroinski",
            1000,
            "2EQYm7YJpKO4EtHSPu55SQTyWf8dkW5u2nD1tJFpViA=",
        ),
    ),
    (
        KEY,
        published(
            "\\\\slashes are fun",
            "T7FD4VM4D3RZNN82",
            "AntoniStroinski",
            1000,
            "nIgT81gaB5oJpn2jPXupDq68iRo2wUlBsuYjtYfwKqo=",
        ),
    ),
]


@pytest.mark.parametrize(("key", "item"), VECTORS)
def test_published_signatures_are_proved(key: str, item: dict[str, Any]) -> None:
    assert ADYEN_ITEMS.proves([item], [key])
    assert ADYEN_ITEMS.proves([item], [ADYEN, key.lower()])
    assert not ADYEN_ITEMS.proves([item], [ADYEN])
    for name, other in {"pspReference": "X", "success": "false", "eventCode": "REFUND"}.items():
        assert not ADYEN_ITEMS.proves([item | {name: other}], [key])
    assert not ADYEN_ITEMS.proves([item | {"amount": {"value": 1, "currency": "EUR"}}], [key])


@given(
    reference=st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=40),
    original=st.none() | st.from_regex(r"[A-Z0-9]{1,16}", fullmatch=True),
    value=st.integers(0, 10**12),
)
def test_what_the_vendors_own_library_signs_is_proved(
    reference: str, original: str | None, value: int
) -> None:
    item: dict[str, Any] = {
        "pspReference": "QFQTPCQ8HXSKGK82",
        "merchantAccountCode": ACCOUNT,
        "merchantReference": reference,
        "amount": {"value": value, "currency": "KES"},
        "eventCode": "REFUND",
        "success": "true",
    }
    if original is not None:
        item["originalReference"] = original
    signature = generate_notification_sig(item, ADYEN).decode()
    assert ADYEN_ITEMS.proves([item | {"additionalData": {"hmacSignature": signature}}], [ADYEN])


def test_one_forged_item_makes_all_of_them_worthless(door: Door) -> None:
    true, forged = adyen_item(), adyen_item(key="ab" * 32)
    for items in ([forged], [true, forged], [forged, true]):
        assert delivered(door, *items) == FORGED
    assert door.kept == []


@pytest.mark.parametrize(
    "more",
    [
        ...,
        None,
        "x",
        [],
        {},
        {"hmacSignature": ""},
        {"hmacSignature": None},
        {"hmacSignature": 7},
        {"hmacSignature": ["x"]},
        {"hmacSignature": "A" * 43},
        {"hmacSignature": "A" * 43 + "="},
        {"hmacSignature": "é" * 43 + "="},
        {"hmacSignature": base64.b64encode(b"x" * 64).decode()},
    ],
)
def test_an_item_without_its_signature_proves_nothing(door: Door, more: Any) -> None:
    item = adyen_item() | {"additionalData": more}
    if more is ...:
        del item["additionalData"]
    assert delivered(door, item) == FORGED
    assert delivered(door, adyen_item(), item) == FORGED
    assert door.kept == []


@pytest.mark.parametrize(
    "changes",
    [
        {"pspReference": "OTHER"},
        {"originalReference": "OTHER"},
        {"merchantReference": f"{USER}.{DEPOSIT[:-1]}0"},
        {"amount": {"value": 255000, "currency": "USD"}},
        {"amount": {"value": 2550, "currency": "KES"}},
        {"eventCode": "REFUND"},
        {"success": "false"},
    ],
)
def test_whoever_changes_a_signed_member_is_refused(door: Door, changes: dict[str, Any]) -> None:
    assert delivered(door, adyen_item() | changes) == FORGED
    assert door.kept == []


def test_a_colon_in_a_reference_moves_nothing_into_another_member(door: Door) -> None:
    """The signed text is the same for both readings; only one has the form of an item."""
    honest = adyen_item(merchantReference=f"{ACCOUNT}:{USER}.{DEPOSIT}", originalReference="P1")
    ours = {"merchantReference": f"{USER}.{DEPOSIT}"}
    turned = honest | ours | {"originalReference": f"P1:{ACCOUNT}"}
    assert delivered(door, honest) == ACCEPTED
    assert delivered(door, turned) == FORGED
    shifted = honest | ours | {"pspReference": "QFQTPCQ8HXSKGK82:P1", "originalReference": ACCOUNT}
    assert delivered(door, shifted) == MALFORMED
    account = adyen_item(merchantReference=f"x:{USER}.{DEPOSIT}")
    widened = account | ours | {"merchantAccountCode": f"{ACCOUNT}:x"}
    assert delivered(door, widened) == MALFORMED
    assert len(door.kept) == 1


@pytest.mark.parametrize(
    "amount",
    [
        {"value": -1, "currency": "USD"},
        {"value": True, "currency": "USD"},
        {"value": "2550", "currency": "USD"},
        {"value": 10**16, "currency": "USD"},
        {"value": 2550, "currency": "usd"},
        {"value": 2550, "currency": "USD:x"},
        {"value": 2550, "currency": 7},
    ],
)
def test_an_amount_that_adyen_never_signs_proves_nothing(
    door: Door, amount: dict[str, Any]
) -> None:
    assert delivered(door, adyen_item(amount=amount)) == FORGED
    assert door.kept == []


def test_while_a_key_is_rolled_both_are_good_and_then_the_new_one_alone() -> None:
    old, new = adyen_item(key=ADYEN_OLD), adyen_item(key=ADYEN)
    rolling = with_key(hmac_keys=[ADYEN_OLD, ADYEN])
    assert delivered(rolling, old, new) == ACCEPTED
    rolled = with_key(hmac_keys=[ADYEN.lower()])
    assert delivered(rolled, new) == ACCEPTED
    assert delivered(rolled, old) == FORGED
    assert delivered(rolled, new, old) == FORGED


@pytest.mark.parametrize("keys", [[], None, "", [""], ["xyz"], ["0"], ["00"], [7], ["é"], "00" * 9])
def test_an_empty_or_broken_key_proves_nothing(keys: Any) -> None:
    door = with_key(hmac_keys=keys)
    assert delivered(door, adyen_item()) == FORGED
    assert delivered(door, adyen_item(key="00")) == FORGED
    assert door.kept == []


@given(at=st.integers(0, 700), byte=st.integers(0, 255), cut=st.booleans())
def test_with_one_byte_changed_all_that_is_signed_stays_or_nothing_is_kept(
    at: int, byte: int, cut: bool
) -> None:
    body = BODIES["adyen"]
    at %= len(body)
    other = body[:at] + (b"" if cut else bytes([byte])) + body[at + 1 :]
    door = Door()
    status, _ = door.post("adyen", other)
    assert status in (200, 400, 401)
    honest = Door()
    honest.deliver("adyen")
    ((_, message),) = honest.kept
    for _, found in door.kept:
        unsigned = {"eventDate": None}
        assert json.loads(found.body) | unsigned == json.loads(message.body) | unsigned
