"""Breakers as parts of a fact: changed under the condition that nobody changed them since."""

from collections.abc import Sequence

from shared.market_data.model import Breaker
from shared.market_data.store import BREAKERS, BreakerRow, MarketStore, breaker_key
from shared.platform.tables import Database, Put
from shared.platform.work import Write


class Switches:
    """Breakers by name; one that was never touched is None, and closed."""

    def __init__(self, database: Database) -> None:
        self._market = MarketStore(database)

    def read(self, names: Sequence[str]) -> dict[str, Breaker]:
        """Those of them that were ever touched."""
        return dict(self._market.read([breaker_key(name) for name in names]).breakers)

    def change(self, before: Breaker | None, after: Breaker) -> Write:
        """The write ``breaker:<name>``; it fails when ``before`` is not what is there."""
        row = BreakerRow(
            pk=BREAKERS,
            sk=after.name,
            state=after.state.value,
            reason=after.reason,
            since=after.since,
        )
        unchanged = (
            BreakerRow.pk.does_not_exist()
            if before is None
            else (BreakerRow.state == before.state.value)
            & (BreakerRow.since == before.since)
            & (BreakerRow.reason == before.reason)
        )
        return Put(f"breaker:{after.name}", row, unchanged)
