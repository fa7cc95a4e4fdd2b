"""Numbers that fill memory when they are written out, and letters that no store takes."""

from decimal import Decimal

import pytest

from functions.receive_webhook.contents import Malformed, json_object


@pytest.mark.parametrize(
    "value",
    [
        "1e31",
        "1e400",
        "1e999999",
        "1e99999999999999999999",
        "-1e-99999999999999999999",
        "0.0e99999999999999999999",
        "0." + "0" * 40 + "1",
        "9" * 5_000,
        '"\\ud800"',
        '"\\udfff\\ud800"',
        '["\\uDC00"]',
        '{"\\ud83d": 1}',
        '{"amount": 1.5, "name": "\\ud83d"}',
    ],
)
def test_a_value_that_no_vendor_sends_is_malformed(value: str) -> None:
    with pytest.raises(Malformed):
        json_object(f'{{"a": {value}}}'.encode())


def test_what_vendors_send_is_read_digit_by_digit() -> None:
    body = b'{"a": 1500.00, "b": 0.0, "c": 1e3, "d": "\\ud83d\\ude00", "e": 20260302153000}'
    assert json_object(body) == {
        "a": Decimal("1500.00"),
        "b": Decimal("0.0"),
        "c": Decimal("1e3"),
        "d": "\U0001f600",
        "e": 20260302153000,
    }
