"""What a log may show, and what staff see of personal data."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.platform.masking import (
    TEXT_MAX,
    Kind,
    cleaned,
    kind_of,
    mask_email,
    mask_phone,
    redacted,
)

JWT = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJ1c3JfYSJ9.c2lnbmF0dXJl"


@pytest.mark.parametrize(
    ("mask", "value", "shown"),
    [
        (mask_email, "amina@example.com", "a***@example.com"),
        (mask_email, "a@example.com", "a***@example.com"),
        (mask_email, "no address", "***"),
        (mask_email, "@example.com", "***"),
        (mask_phone, "+254712345678", "+254******678"),
        (mask_phone, "+4930123", "********"),
        (mask_phone, "", "***"),
    ],
)
def test_a_masked_value_shows_just_enough_to_compare(mask, value, shown) -> None:
    assert mask(value) == shown


@given(value=st.text("0123456789", min_size=1, max_size=20))
def test_a_mask_hides_at_least_a_third_of_a_number(value: str) -> None:
    assert mask_phone(value).count("*") * 3 >= len(value)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("paid with 4242424242424242 today", "paid with [card number] today"),
        ("4242 4242 4242 4242 12/34 123", "[card number]/34 123"),
        ("123 4242-4242-4242-4242", "[card number]"),
        ("amex 378282246310005", "amex [card number]"),
        ("to amina.w+x@mail.example.co.ke now", "to [email] now"),
        ("call +254712345678 or 0712345678", "call [phone] or [phone]"),
        ("msisdn 254712345678.", "msisdn [phone]."),
        ("call +254 712 345 678", "call [phone]"),
        ("pin A012345678Z", "pin [identity number]"),
        ("ssn 123-45-6789", "ssn [identity number]"),
        (f"token {JWT}", "token [secret]"),
        ("Authorization: Bearer abc.def-123456", "Authorization: [secret]"),
        ("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "[secret]"),
        ("sk_test_51Habcdefghij", "[secret]"),
        ("sid=Zb1_aB-cD3eF4gH5iJ6kL7mN8oP9qR0sT1uV2wX3yZ4", "sid=[secret]"),
    ],
)
def test_text_loses_what_looks_like_personal_data_or_a_secret(text: str, kept: str) -> None:
    assert redacted(text) == kept


@pytest.mark.parametrize(
    "text",
    [
        "dep_ke1_01JDABCDEFGHJKMNPQRSTVWXYZ",
        "JKJaXmPLvHcESHA=",
        "0b9f7c0e2d4a4e1f9a6b7c8d9e0f1a2b",
        "61b0f8c4-2f0e-4b8e-9a55-77b6b2a35f0a",
        "2026-11-22T14:38:52.123Z",
        "2026-11-22 14:38:52",
        "1732286594000",
        "4242424242424241",
        "payments/settlement.py:123 signalled",
        "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "250.00 USD in 10 orders",
        "a_test_function_whose_name_is_longer_than_forty_characters",
    ],
)
def test_ids_times_and_amounts_stay_readable(text: str) -> None:
    assert redacted(text) == text


@pytest.mark.parametrize(
    ("field", "kind"),
    [
        ("email", Kind.EMAIL),
        ("taxId", Kind.IDENTITY),
        ("tax_id", Kind.IDENTITY),
        ("National-Id", Kind.IDENTITY),
        ("dateOfBirth", Kind.BIRTH_DATE),
        ("familyName", Kind.NAME),
        ("accessToken", Kind.SECRET),
        ("Set-Cookie", Kind.SECRET),
        ("newPassword", Kind.SECRET),
        ("pin", Kind.SECRET),
        ("deposit_id", None),
        ("error", None),
        ("code", None),
    ],
)
def test_the_name_of_a_field_tells_what_it_holds(field: str, kind: Kind | None) -> None:
    assert kind_of(field) is kind


def test_fields_of_a_personal_kind_never_show_their_value_however_deep_they_are() -> None:
    seen = cleaned(
        {
            "deposit_id": "dep_a",
            "person": {"taxId": "12345678", "phone": ["0712"], "given_name": "Amina"},
            "rows": [{"pin": 1234}, {"ok": True, "none": None, "count": 3}],
        }
    )
    assert seen == {
        "deposit_id": "dep_a",
        "person": {"taxId": "[identity number]", "phone": "[phone]", "given_name": "[name]"},
        "rows": [{"pin": "[secret]"}, {"ok": True, "none": None, "count": 3}],
    }


def test_a_card_number_is_no_number_to_log_either() -> None:
    assert cleaned({"n": 4242424242424242, "big": 10**500}) == {
        "n": "[card number]",
        "big": "[number]",
    }


def test_an_object_shows_its_type_and_not_what_it_says_of_itself() -> None:
    assert cleaned(ValueError("4242424242424242")) == "[ValueError]"
    assert cleaned(b"secret bytes") == "[bytes]"


def test_a_huge_text_is_cut_and_its_length_told() -> None:
    assert cleaned("x" * 5_000_000) == "x" * TEXT_MAX + "... (5000000 characters)"


def test_a_number_at_the_cut_does_not_leave_its_half_behind() -> None:
    text = "a@example.com " * 141 + "9999999 4242424242424242" + "z" * 50
    assert "4242" not in str(cleaned(text))


def test_what_is_deep_or_wide_is_cut() -> None:
    deep: object = "bottom"
    for _ in range(50):
        deep = {"inner": deep}
    assert "bottom" not in json.dumps(cleaned(deep))
    wide = cleaned(list(range(10_000)))
    assert isinstance(wide, list)
    assert len(wide) == 50


@given(st.text(max_size=300))
def test_any_text_can_be_redacted_and_twice_is_as_good_as_once(text: str) -> None:
    once = redacted(text)
    assert redacted(once) == once
