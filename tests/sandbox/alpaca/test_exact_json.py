"""Numbers of the broker keep their digits, however many those are."""

import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as some

from sandbox.alpaca.exact_json import ExactResponse, exact_json


@pytest.mark.parametrize(
    ("number", "digits"),
    [
        ("0.30", "0.3"),
        ("-0.29194239", "-0.29194239"),
        ("0.000000001", "0.000000001"),
        ("12345678901.123456789", "12345678901.123456789"),
        ("2.000", "2"),
        ("1E+3", "1000"),
        ("0", "0"),
    ],
)
def test_a_number_has_the_digits_that_it_has(number: str, digits: str) -> None:
    assert exact_json({"qty": [Decimal(number)]}) == f'{{"qty":[{digits}]}}'


@given(
    some.recursive(
        some.none()
        | some.booleans()
        | some.integers()
        | some.text()
        | some.decimals(
            allow_nan=False, allow_infinity=False, min_value=-(10**12), max_value=10**12, places=9
        ),
        lambda inner: some.lists(inner) | some.dictionaries(some.text(), inner),
        max_leaves=8,
    )
)
def test_what_is_read_again_is_the_same(content: object) -> None:
    assert json.loads(exact_json(content), parse_float=Decimal) == content


def test_what_json_has_no_word_for_is_refused() -> None:
    with pytest.raises(TypeError):
        exact_json({"at": object()})
    with pytest.raises(ValueError, match="not JSON compliant"):
        exact_json({"qty": float("nan")})


def test_an_answer_is_of_its_kind() -> None:
    answer = ExactResponse({"rate": Decimal("0.3")})
    assert (answer.body, answer.media_type) == (b'{"rate":0.3}', "application/json")
