"""Money in the schema: an exact amount beside its currency."""

import strawberry

from graphql_api.rules import INHERITED, field, object_type
from graphql_api.scalars import Amount
from shared.kernel import money
from shared.kernel.money import Currency

strawberry.enum(Currency, name="CurrencyCode", description="Currencies by ISO 4217.")


@object_type(description="An exact amount of money.")
class Money:
    """See the description."""

    amount: Amount = field(INHERITED, "With all decimals of the currency.")
    currency: Currency = field(INHERITED, "In which it is.")


def money_of(value: money.Money) -> Money:
    """From the kernel's."""
    return Money(amount=Amount(value.amount), currency=value.currency)


def money_or_none(value: money.Money | None) -> Money | None:
    """From the kernel's, where it may be unknown."""
    return None if value is None else money_of(value)
