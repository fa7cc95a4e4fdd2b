"""What the firm's position in other currencies is worth now. Pure; nothing is booked by it.

Of what people pay in, ``house:fx_position`` keeps two sides: each currency that came (a credit is
what the firm holds of it) and the dollars that were credited for it (debits). All dollars are in
one balance, so what was booked is known in sum and not by currency.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN

from shared.kernel.money import Currency, FxRate, Money
from shared.ledger.accounts import fx_position
from shared.treasury.model import HouseBalance


@dataclass(frozen=True, slots=True)
class Position:
    """A currency: ``held`` is negative when the firm owes it. ``mid`` is None without a rate
    that may be used, and then so is ``worth``, in dollars."""

    held: Money
    mid: FxRate | None

    @property
    def worth(self) -> Money | None:
        """At the middle of now, rounded half to even."""
        return None if self.mid is None else self.mid.convert(self.held, ROUND_HALF_EVEN)


@dataclass(frozen=True, slots=True)
class Revaluation:
    """All currencies, and ``booked``: the dollars that were paid for them."""

    positions: tuple[Position, ...]
    booked: Money

    @property
    def worth(self) -> Money | None:
        """Of all of them; None while one has no rate."""
        total = 0
        for one in self.positions:
            if one.worth is None:
                return None
            total += one.worth.minor
        return Money(total, Currency.USD)

    @property
    def difference(self) -> Money | None:
        """What would be gained, or lost if negative, if all were sold at the middle of now."""
        return None if self.worth is None else self.worth - self.booked


def held(sheet: Sequence[HouseBalance]) -> Mapping[Currency, int]:
    """Balances of the position by currency, in minor units, debits positive; zeros left out."""
    return {
        Currency(one.asset.partition("/")[0]): one.minor
        for one in sheet
        if one.account == fx_position() and one.minor
    }


def revalued(balances: Mapping[Currency, int], rates: Mapping[Currency, FxRate]) -> Revaluation:
    """``rates`` are dollars for one of each currency, as far as there are any."""
    positions = tuple(
        Position(Money(-minor, currency), rates.get(currency))
        for currency, minor in sorted(balances.items())
        if currency is not Currency.USD
    )
    return Revaluation(positions, Money(balances.get(Currency.USD, 0), Currency.USD))
