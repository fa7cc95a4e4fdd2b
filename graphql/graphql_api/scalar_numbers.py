"""Exact numbers as strings: plain decimals, no plus sign, exponent, space or leading zero."""

import re
from collections.abc import Callable
from decimal import Decimal
from typing import NewType

from strawberry.types.scalar import ScalarDefinition

from graphql_api.scalar_forms import refused, strict

Amount = NewType("Amount", str)
Quantity = NewType("Quantity", str)
Price = NewType("Price", Decimal)
Rate = NewType("Rate", Decimal)
Fraction = NewType("Fraction", Decimal)

_EXAMPLE = 'a plain decimal number in a string, such as "100.00"'


def fraction_or_none(value: Decimal | None) -> Fraction | None:
    """For a share that may be unknown."""
    return None if value is None else Fraction(value)


def _plain(whole: int, decimals: int) -> Callable[[str], str]:
    """With at most so many digits before and after the point; zero has no sign."""
    form = re.compile(
        rf"(?!-0(?:\.0*)?\Z)-?(?:0|[1-9][0-9]{{0,{whole - 1}}})(?:\.[0-9]{{1,{decimals}}})?",
        re.ASCII,
    )
    length_max = whole + decimals + 2

    def read(text: str) -> str:
        if len(text) > length_max or not form.fullmatch(text):
            raise refused(_EXAMPLE)
        return text

    return read


def _exact(whole: int, decimals: int) -> Callable[[str], Decimal]:
    read = _plain(whole, decimals)
    return lambda text: Decimal(read(text))


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("an exact number is text")
    return value


def _printed(value: object) -> str:
    if not isinstance(value, Decimal) or not value.is_finite():
        raise TypeError("an exact number is a finite Decimal")
    return format(value, "f")


NUMBERS: dict[object, ScalarDefinition] = {
    Amount: strict(
        "Amount",
        "An exact amount as a string, such as `100.00`: at most 15 digits before and 9 after the "
        "point. Never an exponent, a plus sign, a leading zero or a space. Answers have all "
        "decimals of their unit.",
        _plain(15, 9),
        write=_text,
    ),
    Quantity: strict(
        "Quantity",
        "A number of shares as a string, such as `1.250000000`; answers have nine decimals.",
        _plain(15, 9),
        write=_text,
    ),
    Price: strict(
        "Price",
        "The price of one share as a string, such as `101.2550`.",
        _exact(15, 12),
        write=_printed,
    ),
    Rate: strict(
        "Rate",
        "An exchange rate as a string, such as `0.00774`.",
        _exact(15, 18),
        write=_printed,
    ),
    Fraction: strict(
        "Fraction",
        "A share of a whole as a string, 0 to 1, such as `0.25`.",
        _exact(1, 28),
        write=_printed,
    ),
}
