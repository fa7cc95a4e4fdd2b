"""Reads of other contexts' rows, in the words of payments."""

from shared.kernel.clock import Clock
from shared.kernel.errors import NotFound
from shared.kernel.money import Currency, FxRate
from shared.market_data.rates import PIVOT, crossed, usable
from shared.market_data.store import MarketStore, breaker_key, clock_key, fx_key
from shared.payments.ports import Standing
from shared.platform.tables import Database
from shared.users.model import KycStatus, UserStatus
from shared.users.store import UserStore

ACTIVE = "ACTIVE"
REFUSED = frozenset({"REJECTED", "SUBMISSION_FAILED", "ACCOUNT_CLOSED", "DISABLED"})
"""The broker's words for an account that will not take money."""


class StoredPeople:
    """See People; over the profile rows."""

    def __init__(self, database: Database) -> None:
        self._users = UserStore(database)

    def standing(self, user_id: str) -> Standing:
        """See People."""
        user = self._users.get(user_id)
        if user is None:
            raise NotFound(what="The user")
        approved = user.kyc_status is KycStatus.APPROVED and user.status is UserStatus.ACTIVE
        account = user.broker_account_id if user.broker_status == ACTIVE else None
        refused = user.broker_status in REFUSED
        return Standing(approved, user.risk_score is not None, account, refused)


class StoredRates:
    """See ExchangeRates; over the market table, at the market's own time."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._market = MarketStore(database)
        self._clock = clock

    def between(self, base: Currency, quote: Currency) -> FxRate | None:
        """See ExchangeRates. One read."""
        legs = {base, quote, PIVOT}
        pairs = [(one, other) for one in legs for other in legs if one is not other]
        view = self._market.read([clock_key(), *(fx_key(*pair) for pair in pairs)])
        now = self._clock.now()
        business_now = now if view.clock is None else view.clock.now(now)
        young = {pair: rate for pair, rate in view.rates.items() if usable(rate, now, business_now)}
        return crossed(young, base, quote)


class StoredBreakers:
    """See Breakers; over the market table."""

    def __init__(self, database: Database) -> None:
        self._market = MarketStore(database)

    def is_open(self, name: str) -> bool:
        """See Breakers."""
        breaker = self._market.read([breaker_key(name)]).breakers.get(name)
        return breaker is not None and breaker.blocks
