"""Money in the schema: an exact amount beside its currency."""

from decimal import Decimal

import strawberry

from shared.kernel import money
from shared.kernel.money import Currency

strawberry.enum(Currency, name="CurrencyCode", description="Currencies by ISO 4217.")


@strawberry.type(description="An exact amount of money.")
class Money:
    """See the description."""

    amount: Decimal = strawberry.field(description="With all decimals of the currency.")
    currency: Currency = strawberry.field(description="In which it is.")


def money_of(value: money.Money) -> Money:
    """From the kernel's."""
    return Money(amount=Decimal(value.amount), currency=value.currency)


def money_or_none(value: money.Money | None) -> Money | None:
    """From the kernel's, where it may be unknown."""
    return None if value is None else money_of(value)
