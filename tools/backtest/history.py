"""Closing prices of 2014 to 2022, on the days on which they were made.

They are the sandbox's own files with the shift undone that ``provenance.json`` tells of. The funds
and the nine shares that stand for the market are real closes, adjusted, so that dividends are
inside of the prices. The bond is a model, and no market ever quoted it: see ``BOND_IS_OLDER``.
"""

import csv
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

from shared.breakers.volatility import market_returns
from shared.market_data.bars import Bar
from shared.market_data.calendar import session_on

DATA = Path(__file__).resolve().parents[2] / "sandbox" / "data"
FUNDS, SHARES, BOND = "etfs.csv", "stocks.csv", "bond.csv"
BOND_IS_OLDER = timedelta(weeks=473 - 260)
"""The published yields behind the bond end with 2018: each of its prices is so much older than
those of the funds beside it."""


@dataclass(frozen=True, slots=True)
class History:
    """Sessions in order, closes by symbol and day, and the market's returns by day."""

    days: tuple[date, ...]
    closes: Mapping[str, Mapping[date, Decimal]]
    market: Mapping[date, Decimal]
    """The median return of the nine shares since the session before."""

    def bars(self, symbol: str) -> list[Bar]:
        """As bars of a session in which nothing happened but its close."""
        closes = self.closes[symbol]
        return [bar_of(symbol, day, closes[day]) for day in self.days]

    def between(self, first: date, last: date) -> "History":
        """Some of the days; the market's returns before them stay known."""
        days = tuple(day for day in self.days if first <= day <= last)
        return History(days, self.closes, self.market)


def bar_of(symbol: str, day: date, close: Decimal) -> Bar:
    """A bar whose four prices are the close; volumes are not known."""
    return Bar(symbol, day, close, close, close, close, 0, close)


def load(data: Path = DATA) -> History:
    """All of it: the sessions on which there is a close of every symbol."""
    listed = json.loads((data / "provenance.json").read_text())["files"]
    weeks = {one["file"]: timedelta(weeks=one["shift_weeks"]) for one in listed}
    # The bond goes with the funds: days that it shares with them in the files stay shared.
    funds = _read(data / FUNDS, weeks[FUNDS])
    closes = funds | _read(data / BOND, weeks[FUNDS])
    shares = _read(data / SHARES, weeks[SHARES])
    common = set.intersection(*(set(days) for days in (*closes.values(), *shares.values())))
    days = tuple(sorted(day for day in common if session_on(day) is not None))
    bars = {
        symbol: [bar_of(symbol, day, known[day]) for day in days]
        for symbol, known in shares.items()
    }
    return History(days, closes, dict(market_returns(bars)))


def _read(path: Path, shift: timedelta) -> dict[str, dict[date, Decimal]]:
    with path.open(newline="") as lines:
        rows: Sequence[dict[str, str]] = list(csv.DictReader(lines))
    symbols = [name for name in rows[0] if name != "date"]
    return {
        symbol: {date.fromisoformat(row["date"]) - shift: Decimal(row[symbol]) for row in rows}
        for symbol in symbols
    }
