"""Reads of other contexts' rows, in the words of payments."""

from datetime import timedelta

from shared.kernel.clock import Clock
from shared.kernel.errors import NotFound
from shared.kernel.money import Currency, FxRate
from shared.market_data.store import MarketStore, breaker_key
from shared.payments.ports import Standing
from shared.platform.tables import Database
from shared.users.model import KycStatus, UserStatus
from shared.users.store import UserStore

RATE_MAX_AGE = timedelta(days=1)
"""A rate that we read longer ago is not quoted. How often the source publishes is its own
matter: central banks rest at weekends."""
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
    """See ExchangeRates; over the market table."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._market = MarketStore(database)
        self._clock = clock

    def shillings_to_dollars(self) -> FxRate | None:
        """See ExchangeRates."""
        return self.between(Currency.KES, Currency.USD)

    def between(self, base: Currency, quote: Currency) -> FxRate | None:
        """See ExchangeRates."""
        found = self._market.rate(base, quote)
        if found is None or self._clock.now() - found.fetched_at > RATE_MAX_AGE:
            return None
        return FxRate(found.base, found.quote, found.rate, found.source, found.as_of)


class StoredBreakers:
    """See Breakers; over the market table."""

    def __init__(self, database: Database) -> None:
        self._market = MarketStore(database)

    def is_open(self, name: str) -> bool:
        """See Breakers."""
        breaker = self._market.read([breaker_key(name)]).breakers.get(name)
        return breaker is not None and breaker.blocks
