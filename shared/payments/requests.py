"""What a person may ask for: amounts, currencies, phone numbers and idempotency keys. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from shared.kernel.errors import InvalidValue
from shared.kernel.money import Currency, Money
from shared.payments.errors import (
    AmountOutOfRange,
    CurrencyNotAccepted,
    MethodNotOffered,
    WholeShillingsOnly,
)
from shared.payments.methods import CURRENCIES, Gateway, Method
from shared.platform.idempotency import UNNAMED, Intent

_PHONE = re.compile(r"(?:\+?254|0)([17][0-9]{8})", re.ASCII)
_SEPARATORS = str.maketrans("", "", " -()")


@dataclass(frozen=True, slots=True)
class Limits:
    """Smallest and largest amount of one payment."""

    minimum: Money
    maximum: Money


LIMITS: Mapping[tuple[Method, Currency], Limits] = {
    (method, limits.minimum.currency): limits
    for method, several in {
        Method.CARD: (
            Limits(Money(100, Currency.USD), Money(1_000_000, Currency.USD)),
            Limits(Money(100, Currency.EUR), Money(1_000_000, Currency.EUR)),
            Limits(Money(10_000, Currency.KES), Money(100_000_000, Currency.KES)),
            Limits(Money(2_000, Currency.ZAR), Money(18_000_000, Currency.ZAR)),
        ),
        Method.BANK_DEBIT: (Limits(Money(100, Currency.USD), Money(2_500_000, Currency.USD)),),
        Method.BANK_TRANSFER: (
            Limits(Money(1_000, Currency.USD), Money(10_000_000, Currency.USD)),
            Limits(Money(1_000, Currency.EUR), Money(10_000_000, Currency.EUR)),
        ),
        # Safaricom: whole shillings, at most 250 000 in one transaction.
        Method.MPESA: (Limits(Money(1_000, Currency.KES), Money(25_000_000, Currency.KES)),),
        Method.PAYBILL: (Limits(Money(1_000, Currency.KES), Money(25_000_000, Currency.KES)),),
    }.items()
    for limits in several
}

_NAMED_BEFORE: Mapping[Method, str] = {
    Method.CARD: Gateway.STRIPE.value,
    Method.MPESA: Gateway.MPESA.value,
}
"""What two methods were called when keys were first used: a key is found by its old content."""


@dataclass(frozen=True, slots=True)
class DepositRequest:
    """A checked request. ``phone`` is twelve digits for M-Pesa and None otherwise; ``save_card``
    keeps the card for later charges that the person agrees to."""

    user_id: str
    key: str
    method: Method
    amount: Money
    phone: str | None
    save_card: bool = False
    goal_id: str | None = None
    """What it is saved for, as the person named it."""

    @property
    def intent(self) -> Intent:
        """What is asked for, whatever the spelling of the amount and the phone number was."""
        amount = self.amount
        name = _NAMED_BEFORE.get(self.method, self.method.value)
        content: tuple[str | int | None, ...]
        content = (name, amount.minor, amount.currency.value, self.phone)
        if self.save_card:
            content = (*content, "save_card")
        if self.goal_id is not None:
            content = (*content, "goal", self.goal_id)
        return Intent(self.user_id, UNNAMED, self.key, content)


def checked_request(
    user_id: str,
    key: str,
    method: Method,
    amount: Money,
    phone: str | None,
    *,
    save_card: bool = False,
    goal_id: str | None = None,
) -> DepositRequest:
    """The request, or the first typed error about it."""
    if method is Method.PAYBILL:
        # Begun by the payer, on the phone: we only hear of it.
        raise MethodNotOffered(method=method.value)
    limits = LIMITS.get((method, amount.currency))
    if limits is None:
        accepted = ", ".join(currency.value for currency in CURRENCIES[method])
        raise CurrencyNotAccepted(currency=amount.currency.value, accepted=accepted)
    if not limits.minimum <= amount <= limits.maximum:
        raise AmountOutOfRange(minimum=str(limits.minimum), maximum=str(limits.maximum))
    if save_card and method is not Method.CARD:
        raise MethodNotOffered(method=method.value)
    if method is Method.MPESA:
        if amount.minor % 100:
            raise WholeShillingsOnly()
        number = kenyan_number(phone or "")
        return DepositRequest(user_id, key, method, amount, number, goal_id=goal_id)
    return DepositRequest(user_id, key, method, amount, None, save_card, goal_id)


def kenyan_number(text: str) -> str:
    """A Kenyan mobile number as M-Pesa wants it, ``2547XXXXXXXX`` or ``2541XXXXXXXX``."""
    match = _PHONE.fullmatch(text.translate(_SEPARATORS))
    if match is None:
        raise InvalidValue(field="phone", reason="must be a Kenyan mobile number")
    return f"254{match.group(1)}"


def masked(phone: str) -> str:
    """Enough of a number for its owner to know it again."""
    return f"{phone[:4]}*****{phone[-3:]}"
