"""Exact money, share quantities, prices and exchange rates.

Amounts are whole minor units and quantities whole nano-shares; Decimal appears only where a
price or rate is applied, and every such step names its rounding.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_EVEN, Decimal, localcontext
from enum import StrEnum
from typing import Self

from shared.kernel.errors import InvalidValue

NANOS_PER_SHARE = 1_000_000_000

_AMOUNT = re.compile(r"(-?)(0|[1-9][0-9]{0,12})(?:\.([0-9]{1,9}))?", re.ASCII)
_PRECISION = 38


class Currency(StrEnum):
    """Currencies that the ledger keeps, by ISO 4217 code; all of them have two decimals."""

    USD = "USD"
    KES = "KES"
    EUR = "EUR"
    ZAR = "ZAR"

    @property
    def exponent(self) -> int:
        """Decimal digits of one minor unit."""
        return 2

    @property
    def asset(self) -> str:
        """The name under which the journal balances this currency, such as ``USD/2``."""
        return f"{self.value}/{self.exponent}"


def _scaled(text: str, exponent: int, what: str) -> int:
    match = _AMOUNT.fullmatch(text)
    if match is None:
        raise InvalidValue(field=what, reason="must be a plain decimal number")
    sign, whole, fraction = match.group(1), match.group(2), match.group(3) or ""
    if len(fraction) > exponent:
        raise InvalidValue(field=what, reason=f"must have at most {exponent} decimals")
    scale: int = 10**exponent
    value = int(whole) * scale + int(fraction.ljust(exponent, "0") or "0")
    return -value if sign else value


def _printed(value: int, exponent: int) -> str:
    sign, digits = ("-" if value < 0 else ""), str(abs(value)).rjust(exponent + 1, "0")
    return f"{sign}{digits[:-exponent]}.{digits[-exponent:]}"


@dataclass(frozen=True, slots=True, order=False)
class Money:
    """An exact amount: ``minor`` whole minor units of ``currency``. May be negative."""

    minor: int
    currency: Currency

    @classmethod
    def parse(cls, text: str, currency: Currency) -> Self:
        """Read a plain decimal such as ``"100.01"``; excess digits raise InvalidValue."""
        return cls(_scaled(text, currency.exponent, "amount"), currency)

    @classmethod
    def zero(cls, currency: Currency) -> Self:
        """No money of this currency."""
        return cls(0, currency)

    def __str__(self) -> str:
        return f"{self.amount} {self.currency.value}"

    @property
    def amount(self) -> str:
        """The decimal text, always with all decimals: ``"100.00"``."""
        return _printed(self.minor, self.currency.exponent)

    def _same(self, other: "Money") -> None:
        if self.currency is not other.currency:
            raise CurrencyMismatch(left=self.currency.value, right=other.currency.value)

    def __add__(self, other: "Money") -> "Money":
        self._same(other)
        return Money(self.minor + other.minor, self.currency)

    def __sub__(self, other: "Money") -> "Money":
        self._same(other)
        return Money(self.minor - other.minor, self.currency)

    def __neg__(self) -> "Money":
        return Money(-self.minor, self.currency)

    def __lt__(self, other: "Money") -> bool:
        self._same(other)
        return self.minor < other.minor

    def __le__(self, other: "Money") -> bool:
        self._same(other)
        return self.minor <= other.minor

    def allocate(self, weights: Sequence[int]) -> tuple["Money", ...]:
        """Split by ``weights`` with the largest-remainder method; the parts sum to the whole."""
        return tuple(Money(part, self.currency) for part in allocate(self.minor, weights))


class CurrencyMismatch(TypeError):
    """Two amounts of different currencies met: a programming error, never user input."""

    def __init__(self, *, left: str, right: str) -> None:
        super().__init__(f"cannot combine {left} with {right}")


def allocate(total: int, weights: Sequence[int]) -> tuple[int, ...]:
    """Largest-remainder (Hamilton) apportionment of ``total`` by non-negative integer weights.

    The parts sum to ``total`` exactly; ties go to the earlier position. Raises ValueError when
    the weights are empty, negative or all zero.
    """
    whole = sum(weights)
    if whole <= 0 or any(weight < 0 for weight in weights):
        raise ValueError("weights must be non-negative and not all zero")
    sign, size = (-1 if total < 0 else 1), abs(total)
    parts = [size * weight // whole for weight in weights]
    remainders = [size * weight % whole for weight in weights]
    order = sorted(range(len(weights)), key=lambda index: (-remainders[index], index))
    for index in order[: size - sum(parts)]:
        parts[index] += 1
    return tuple(sign * part for part in parts)


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number of shares in whole nanos (10^-9 share), the finest step the broker trades."""

    nanos: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a plain decimal with at most nine decimals."""
        return cls(_scaled(text, 9, "quantity"))

    def __str__(self) -> str:
        return _printed(self.nanos, 9)

    def __add__(self, other: "Quantity") -> "Quantity":
        return Quantity(self.nanos + other.nanos)

    def __sub__(self, other: "Quantity") -> "Quantity":
        return Quantity(self.nanos - other.nanos)


@dataclass(frozen=True, slots=True)
class Price:
    """Price of one whole share, positive and finite."""

    value: Decimal
    currency: Currency

    def __post_init__(self) -> None:
        if not self.value.is_finite() or self.value <= 0:
            raise InvalidValue(field="price", reason="must be positive and finite")

    def value_of(self, quantity: Quantity, rounding: str = ROUND_HALF_EVEN) -> Money:
        """Worth of ``quantity`` in minor units, rounded once by ``rounding``."""
        with localcontext(prec=_PRECISION):
            exact = self.value * quantity.nanos * 10**self.currency.exponent / NANOS_PER_SHARE
            return Money(int(exact.to_integral_value(rounding)), self.currency)

    def quantity_for(self, money: Money, rounding: str) -> Quantity:
        """Shares that ``money`` buys at this price, rounded once by ``rounding`` to nanos."""
        if money.currency is not self.currency:
            raise CurrencyMismatch(left=self.currency.value, right=money.currency.value)
        with localcontext(prec=_PRECISION):
            scale = NANOS_PER_SHARE / Decimal(10**self.currency.exponent)
            return Quantity(int((money.minor * scale / self.value).to_integral_value(rounding)))


@dataclass(frozen=True, slots=True)
class FxRate:
    """Units of ``quote`` for one unit of ``base``, with where and when it was quoted."""

    base: Currency
    quote: Currency
    rate: Decimal
    source: str
    as_of: datetime

    def __post_init__(self) -> None:
        if not self.rate.is_finite() or self.rate <= 0:
            raise InvalidValue(field="rate", reason="must be positive and finite")

    def convert(self, money: Money, rounding: str) -> Money:
        """``money`` (in ``base``) expressed in ``quote``, rounded once by ``rounding``."""
        if money.currency is not self.base:
            raise CurrencyMismatch(left=self.base.value, right=money.currency.value)
        with localcontext(prec=_PRECISION):
            scale = Decimal(10) ** (self.quote.exponent - self.base.exponent)
            exact = money.minor * self.rate * scale
            return Money(int(exact.to_integral_value(rounding)), self.quote)
