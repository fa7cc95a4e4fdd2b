"""What money of one currency is worth in another, and how we come to that."""

from datetime import datetime
from typing import Annotated

import strawberry

from graphql_api.errors import Failure, answered
from graphql_api.money import Money, money_of
from graphql_api.rules import INHERITED, SIGNED_IN, Info, field, object_type
from graphql_api.scalars import Amount, Rate
from shared.kernel import money
from shared.kernel.errors import InvalidValue
from shared.kernel.money import Currency
from shared.payments.errors import RateUnavailable
from shared.payments.quoting import FxQuote, quote_at


@object_type(description="A conversion with all that it is made of.")
class Conversion:
    """See the description."""

    paid: Money = field(INHERITED, "What is converted.")
    credited: Money = field(INHERITED, "What comes of it.")
    rate: Rate = field(INHERITED, "Units of the one for one of the other that the person gets.")
    mid_rate: Rate = field(INHERITED, "The published rate.")
    spread_basis_points: int = field(INHERITED, "What we keep of it, in 1/10,000.")
    fee: Money = field(INHERITED, "The same in money, of `credited`.")
    source: str = field(INHERITED, "Who published the rate, and whether it was turned or crossed.")
    as_of: datetime = field(INHERITED, "Of when the rate is.")
    expires_at: datetime = field(INHERITED, "Until when it holds once something is begun with it.")


FxQuoteResult = Annotated[
    Conversion | Failure,
    strawberry.union("FxQuoteResult", description="The conversion, or why there is none."),
]


def conversion_view(quote: FxQuote, paid: money.Money) -> Conversion:
    """A conversion of this money at this quote."""
    return Conversion(
        paid=money_of(paid),
        credited=money_of(quote.convert(paid)),
        rate=Rate(quote.rate),
        mid_rate=Rate(quote.mid.rate),
        spread_basis_points=quote.spread,
        fee=money_of(quote.fee(paid)),
        source=quote.mid.source,
        as_of=quote.mid.as_of,
        expires_at=quote.expires_at,
    )


@object_type()
class FxQuery:
    """Root fields about exchange rates."""

    @field(
        SIGNED_IN,
        "What money would be worth if a deposit or a withdrawal were begun now. Nothing is locked: "
        "that happens when one is begun.",
    )
    def fx_quote(
        self, info: Info, amount: Amount, currency: Currency, to: Currency
    ) -> FxQuoteResult:
        """See the description."""
        context = info.context

        def quoted() -> Conversion:
            paid = money.Money.parse(amount, currency)
            if paid.minor <= 0:
                raise InvalidValue(field="amount", reason="must be positive and finite")
            if currency is to:
                raise InvalidValue(field="to", reason="must be another currency")
            context.count_read()
            mid = context.app.exchange_rates.between(currency, to)
            if mid is None:
                raise RateUnavailable()
            return conversion_view(quote_at(mid, context.app.clock.now()), paid)

        return answered(quoted, context.language)
