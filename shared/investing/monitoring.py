"""Portfolios after trading: what outgrew a cap by itself is told, once, and never sold for that."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import batched
from typing import ClassVar

from pynamodb.attributes import UnicodeAttribute

from shared.investing.events import LimitBreachedV1
from shared.investing.inputs import AssetUsed, PriceUsed
from shared.investing.risk import risk_of
from shared.investing.rules.facts import Risk
from shared.investing.rules.monitored import Breach, breaches
from shared.kernel.clock import Clock
from shared.ledger.model import Wallet
from shared.market_data.store import MarketStore, MarketView, asset_key, clock_key, quote_key
from shared.platform import keys
from shared.platform.observability import metric
from shared.platform.tables import Database, Key, Put, Row, Table, WholeAttribute
from shared.platform.work import ConditionFailed, UnitOfWork
from shared.portfolio.holders import Holder
from shared.portfolio.model import BASE, State

_KEYS = 100
"""As many as one request reads."""


class BreachesRow(Row):
    """What a person was told of, one ``<rule> <name>`` a line; empty when nothing is too large."""

    KIND: ClassVar[str] = "breaches"

    lines = UnicodeAttribute()
    version = WholeAttribute()


@dataclass(frozen=True, slots=True)
class Watched:
    """A portfolio: nano-shares by symbol, and cents of cash."""

    user_id: str
    held: Mapping[str, int]
    cash_minor: int

    @classmethod
    def of_holder(cls, holder: Holder) -> "Watched":
        """Out of the index of holders."""
        return cls(holder.user_id, holder.positions, max(holder.posted - holder.owed, 0))

    @classmethod
    def of_state[Raw](cls, state: State[Raw]) -> "Watched":
        """Out of a person's own state."""
        wallet: Wallet = state.wallet(BASE)
        held = {name: one.quantity_nanos for name, one in sorted(state.positions.items())}
        return cls(
            state.user_id,
            {name: nanos for name, nanos in held.items() if nanos},
            max(wallet.posted - wallet.owed, 0),
        )


class Monitor:
    """Compares portfolios with the caps in force, and tells what is new."""

    def __init__(
        self,
        database: Database,
        facts: UnitOfWork,
        clock: Clock,
        count: Callable[..., None] = metric,
    ) -> None:
        self._database = database
        self._market = MarketStore(database)
        self._facts = facts
        self._clock = clock
        self._count = count

    def look(self, people: Iterable[Watched]) -> int:
        """How many people are told something. A second look at the same finds nothing new.

        Costs two requests for a hundred people, and one more for each who is told something.
        """
        return sum(self._look(batch) for batch in batched(people, _KEYS, strict=False))

    def _look(self, people: Sequence[Watched]) -> int:
        now = self._clock.now()
        symbols = sorted({symbol for one in people for symbol in one.held})
        market = self._read(symbols)
        risk = risk_of((), market, symbols, _market_day(market, now), now)
        found = self._database.get_many([breaches_key(one.user_id) for one in people])
        rows = {key.pk: item.to(BreachesRow) for key, item in found.items()}
        told = 0
        for one in people:
            said = self._said(one, market, risk)
            if said is None:
                self._count("RiskUnpriced")
            elif self._keep(one.user_id, said, rows.get(keys.user(one.user_id)), now):
                told += 1
        return told

    def _read(self, symbols: Sequence[str]) -> MarketView:
        wanted = [key for symbol in symbols for key in (quote_key(symbol), asset_key(symbol))]
        wanted.append(clock_key())
        views = [self._market.read(batch) for batch in batched(wanted, _KEYS, strict=False)]
        return MarketView(
            quote_records={name: one for view in views for name, one in view.quote_records.items()},
            assets={name: one for view in views for name, one in view.assets.items()},
            clock=next((view.clock for view in views if view.clock is not None), None),
        )

    def _said(self, one: Watched, market: MarketView, risk: Risk) -> tuple[Breach, ...] | None:
        """What is too large; None while a price is missing: then no share is known."""
        if not one.held.keys() <= market.shown.keys():
            return None
        prices = {
            symbol: PriceUsed(price=quote.price.value, as_of=quote.as_of, source=quote.source)
            for symbol, quote in market.shown.items()
            if symbol in one.held
        }
        assets = {
            symbol: AssetUsed(type=asset.type, buyable=False)
            for symbol, asset in market.assets.items()
        }
        return breaches(one.held, one.cash_minor, prices, assets, risk)

    def _keep(
        self, user_id: str, said: Sequence[Breach], row: BreachesRow | None, now: datetime
    ) -> bool:
        lines = "\n".join(f"{each.rule.value} {each.name}" for each in said)
        known = "" if row is None else row.lines
        if lines == known:
            return False
        new = [each for each in said if f"{each.rule.value} {each.name}" not in known.split("\n")]
        after = BreachesRow(
            pk=keys.user(user_id),
            sk=keys.TRADING_BREACHES,
            lines=lines,
            version=1 if row is None else row.version + 1,
        )
        unchanged = (
            BreachesRow.pk.does_not_exist() if row is None else BreachesRow.version == row.version
        )
        try:
            self._facts.commit([Put("breaches", after, unchanged)], *self._events(user_id, new))
        except ConditionFailed:
            # Another look at the same moment: it told what there is to tell.
            return False
        for each in new:
            self._count("PassiveBreach", rule=each.rule.value)
        return bool(new)

    def _events(self, user_id: str, new: Sequence[Breach]) -> list[LimitBreachedV1]:
        """One, about what is furthest above its cap: of one thing that grew several caps speak."""
        if not new:
            return []
        worst = max(new, key=lambda each: (each.share - each.cap, each.rule.value))
        return [
            LimitBreachedV1(
                user_id=user_id,
                rule=worst.rule.value,
                part=worst.name,
                share=str(worst.share),
                cap=str(worst.cap),
            )
        ]


def _market_day(market: MarketView, now: datetime) -> date:
    """The day on the market's clock, whose rules are in force; by ours while that is not known."""
    clock = market.clock
    return (clock.now(now) if clock is not None and clock.known(now) else now).date()


def breaches_key(user_id: str) -> Key:
    """Where a person's breaches lie."""
    return Key(Table.CORE, keys.user(user_id), keys.TRADING_BREACHES)
