"""How the way to the broker stands: breakers, the market's clock and the person's own stop."""

from collections.abc import Collection

from shared.breakers.names import GLOBAL, at_broker, breaker_of
from shared.investing.at_broker import broker_of
from shared.investing.ports import Road
from shared.kernel.clock import Clock
from shared.market_data.model import Restriction
from shared.market_data.restrictions import restricted_key
from shared.market_data.store import MarketView, breaker_key, clock_key
from shared.platform import keys
from shared.platform.tables import Database, Key, Table


def hold_key(user_id: str) -> Key:
    """Where the row lies that stops automatic trading of a person while it is there."""
    return Key(Table.CORE, keys.user(user_id), keys.TRADING_HOLD)


class StoredRoads:
    """See Roads."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def look(self, user_id: str, account_id: str, symbols: Collection[str]) -> Road:
        """See Roads."""
        names = (*GLOBAL, at_broker(broker_of(account_id)))
        hold = hold_key(user_id)
        wanted = [hold, clock_key(), restricted_key(), *map(breaker_key, names)]
        wanted += [breaker_key(breaker_of(symbol)) for symbol in sorted(set(symbols))]
        found = self._database.get_many(wanted)
        view = MarketView.of(found)
        stopped = frozenset(name for name, one in view.breakers.items() if one.blocks)
        return Road(
            stopped=stopped & frozenset(names),
            paused=frozenset(
                each for each in symbols if breaker_of(each) in stopped or each in view.restricted
            ),
            frozen=frozenset(
                each.symbol
                for each in view.restricted.values()
                if each.restriction is Restriction.NO_TRADES
            ),
            market_open=view.clock is not None and view.clock.open_at(self._clock.now()),
            held=hold in found,
        )
