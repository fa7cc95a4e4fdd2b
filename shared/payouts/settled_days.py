"""Until which day all that settles has settled: by the market's clock, or by ours."""

from datetime import UTC, date

from shared.kernel.clock import Clock
from shared.ledger.model import settled_by
from shared.market_data.store import MarketView, clock_key
from shared.platform.tables import Database


class SettledDays:
    """One small read. While the market's clock is not known our own is as good for days."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def __call__(self) -> date:
        """The day; see ``settled_by``."""
        now = self._clock.now()
        market = MarketView.of(self._database.get_many([clock_key()])).clock
        if market is None or not market.known(now):
            return settled_by(now)
        return settled_by(market.now(now).astimezone(UTC))
