"""What a person may ask for: amounts, currencies, phone numbers and idempotency keys. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from shared.kernel.errors import InvalidValue
from shared.kernel.money import Currency, Money
from shared.payments.errors import AmountOutOfRange, CurrencyNotAccepted, WholeShillingsOnly
from shared.payments.model import Gateway
from shared.platform.idempotency import UNNAMED, Intent

_PHONE = re.compile(r"(?:\+?254|0)([17][0-9]{8})", re.ASCII)
_SEPARATORS = str.maketrans("", "", " -()")


@dataclass(frozen=True, slots=True)
class Limits:
    """Smallest and largest amount of one payment."""

    minimum: Money
    maximum: Money


LIMITS: Mapping[Gateway, Limits] = {
    Gateway.STRIPE: Limits(Money(100, Currency.USD), Money(1_000_000, Currency.USD)),
    Gateway.ADYEN: Limits(Money(100, Currency.USD), Money(1_000_000, Currency.USD)),
    # Safaricom: whole shillings, at most 250 000 in one transaction.
    Gateway.MPESA: Limits(Money(1_000, Currency.KES), Money(25_000_000, Currency.KES)),
}


@dataclass(frozen=True, slots=True)
class DepositRequest:
    """A checked request. ``phone`` is twelve digits for M-Pesa and None otherwise."""

    user_id: str
    key: str
    gateway: Gateway
    amount: Money
    phone: str | None

    @property
    def intent(self) -> Intent:
        """What is asked for, whatever the spelling of the amount and the phone number was."""
        amount = self.amount
        content = (self.gateway.value, amount.minor, amount.currency.value, self.phone)
        return Intent(self.user_id, UNNAMED, self.key, content)


def checked_request(
    user_id: str, key: str, gateway: Gateway, amount: Money, phone: str | None
) -> DepositRequest:
    """The request, or the first typed error about it."""
    limits = LIMITS[gateway]
    if amount.currency is not limits.minimum.currency:
        raise CurrencyNotAccepted(
            currency=amount.currency.value, accepted=limits.minimum.currency.value
        )
    if not limits.minimum <= amount <= limits.maximum:
        raise AmountOutOfRange(minimum=str(limits.minimum), maximum=str(limits.maximum))
    if gateway is Gateway.MPESA:
        if amount.minor % 100:
            raise WholeShillingsOnly()
        return DepositRequest(user_id, key, gateway, amount, kenyan_number(phone or ""))
    return DepositRequest(user_id, key, gateway, amount, None)


def kenyan_number(text: str) -> str:
    """A Kenyan mobile number as M-Pesa wants it, ``2547XXXXXXXX`` or ``2541XXXXXXXX``."""
    match = _PHONE.fullmatch(text.translate(_SEPARATORS))
    if match is None:
        raise InvalidValue(field="phone", reason="must be a Kenyan mobile number")
    return f"254{match.group(1)}"


def masked(phone: str) -> str:
    """Enough of a number for its owner to know it again."""
    return f"{phone[:4]}*****{phone[-3:]}"
