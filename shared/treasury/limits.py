"""What the firm may have at stake, and when that stops automatic work. Pure.

*Prefunding*: money of customers is forwarded from the firm's own cash at the broker before the
gateways pay it out to us. At stake is what was forwarded and not yet replenished: the firm's
standing cash at the broker less what the account ``firm_cash_at_broker`` holds.

*Currency position*: customers are credited in dollars at once, the other currency is sold later. At
stake is what ``fx_position`` holds of a currency, either way.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from shared.kernel.money import Currency
from shared.ledger.accounts import firm_cash_at_broker, fx_position
from shared.market_data.model import Breaker, BreakerState

PREFUNDING, FX = "prefunding", "fx"
"""Names of the breakers: the one stops money on its way to the broker, the other new deposits in
other currencies than dollars."""
CLOSES_BELOW = 80
"""Per cent of a limit: the breaker that it opened closes by itself below this, so that it does not
flap at the limit."""
BY_LIMIT = "LIMIT:"
"""How the reason of a breaker begins that a limit opened. One that people opened stays open."""


@dataclass(frozen=True, slots=True)
class Limit:
    """A limit and what is used of it, in minor units of ``currency``."""

    name: str
    breaker: str
    currency: Currency
    limit_minor: int
    used_minor: int

    @property
    def exceeded(self) -> bool:
        """Above the limit; exactly at it is allowed."""
        return self.used_minor > self.limit_minor

    @property
    def relaxed(self) -> bool:
        """Below where the breaker closes by itself."""
        return 100 * self.used_minor < CLOSES_BELOW * self.limit_minor


@dataclass(frozen=True, slots=True)
class LimitSettings:
    """In minor units. ``firm_float_minor`` is the cash that the firm keeps at the broker when
    nothing is at stake, in US cents."""

    prefund_exposure_minor: int
    firm_float_minor: int
    fx_position_minor: Mapping[Currency, int]

    @classmethod
    def of(cls, exposure: int, float_: int, positions: Mapping[str, int]) -> "LimitSettings":
        """From a stage's values; ValueError for a currency that the ledger does not keep."""
        return cls(exposure, float_, {Currency(name): one for name, one in positions.items()})

    @property
    def accounts(self) -> frozenset[tuple[str, str]]:
        """Accounts and assets on which limits depend."""
        positions = {(fx_position(), currency.asset) for currency in self.fx_position_minor}
        return frozenset(positions | {(firm_cash_at_broker(), Currency.USD.asset)})

    def limits(self, balances: Mapping[tuple[str, str], int]) -> tuple[Limit, ...]:
        """All limits by these balances; an account that is missing holds nothing."""
        cash = balances.get((firm_cash_at_broker(), Currency.USD.asset), 0)
        prefunding = Limit(
            PREFUNDING,
            PREFUNDING,
            Currency.USD,
            self.prefund_exposure_minor,
            max(0, self.firm_float_minor - cash),
        )
        positions = (
            Limit(
                f"{FX}:{currency.value}",
                FX,
                currency,
                limit,
                abs(balances.get((fx_position(), currency.asset), 0)),
            )
            for currency, limit in self.fx_position_minor.items()
        )
        return (prefunding, *positions)


def judged(
    name: str, before: Breaker | None, limits: Iterable[Limit], now: datetime
) -> Breaker | None:
    """What the breaker of this name becomes by its limits; None when it stays as it is."""
    mine = [one for one in limits if one.breaker == name]
    exceeded = [one for one in mine if one.exceeded]
    is_open = before is not None and before.blocks
    if exceeded and not is_open:
        worst = exceeded[0]
        reason = f"{BY_LIMIT} {worst.name} {worst.used_minor} of {worst.limit_minor}"
        return Breaker(name, BreakerState.OPEN, reason, now)
    by_limit = before is not None and is_open and before.reason.startswith(BY_LIMIT)
    if by_limit and all(one.relaxed for one in mine):
        return Breaker(name, BreakerState.CLOSED, f"{BY_LIMIT} below {CLOSES_BELOW} %", now)
    return None
