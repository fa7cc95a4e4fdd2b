"""The market data API: latest quotes, trades, bars, snapshots, and daily history."""

import base64
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from sandbox.market.calendar import NEW_YORK, Session
from sandbox.market.quotes import Bar, Market, Tick
from sandbox.market.series import NoPrice
from sandbox.market.volumes import MINUTES, SHARES_A_TRADE, usual_volume

LARGEST_PAGE = 10_000
DEFAULT_PAGE = 1000
ONE_DAY = "1Day"
QUOTED_SIZE = 100

type Row = tuple[str, Session]


class FeedProblem(Exception):
    """A request that the market data API refuses."""

    def __init__(self, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.status = status

    def response(self) -> Response:
        """The wire form: a message and nothing else."""
        return JSONResponse({"message": str(self)}, status_code=self.status)


class Feed:
    """Answers in the recorded shapes. A symbol without prices is left out of an answer."""

    def __init__(self, market: Market) -> None:
        self._market = market

    async def latest_quotes(self, request: Request) -> Response:
        ticks = self._ticks(_symbols(request))
        return JSONResponse({"quotes": {tick.symbol: _quote(tick) for tick in ticks}})

    async def latest_trades(self, request: Request) -> Response:
        ticks = self._ticks(_symbols(request))
        return JSONResponse({"trades": {tick.symbol: _trade(tick) for tick in ticks}})

    async def latest_bars(self, request: Request) -> Response:
        ticks = self._ticks(_symbols(request))
        return JSONResponse({"bars": {tick.symbol: _minute_bar(tick) for tick in ticks}})

    async def snapshots(self, request: Request) -> Response:
        ticks = self._ticks(_symbols(request))
        return JSONResponse({tick.symbol: self._snapshot(tick) for tick in ticks})

    async def bars(self, request: Request) -> Response:
        query = request.query_params
        symbols = sorted(_symbols(request))
        if query.get("timeframe") != ONE_DAY:
            raise FeedProblem(f"only timeframe={ONE_DAY} is replayed")
        today = self._market.latest_session().day
        start, end = _day(request, "start", today), _day(request, "end", today)
        sort = query.get("sort", "asc")
        if sort not in {"asc", "desc"}:
            raise FeedProblem("sort must be asc or desc")
        rows = [
            (symbol, session)
            for symbol in symbols
            for session in self._market.sessions(symbol, start, end)[:: 1 if sort == "asc" else -1]
        ]
        shown, following = _page(rows, _limit(request), query.get("page_token"))
        bars: dict[str, list[dict[str, Any]]] = {}
        for symbol, session in shown:
            bar = self._market.bar(symbol, session)
            if bar is not None:
                bars.setdefault(symbol, []).append(_bar(bar))
        return JSONResponse({"bars": bars, "next_page_token": following})

    def _ticks(self, symbols: list[str]) -> list[Tick]:
        ticks = []
        for symbol in symbols:
            try:
                ticks.append(self._market.published(symbol))
            except NoPrice:
                continue
        return ticks

    def _snapshot(self, tick: Tick) -> dict[str, Any]:
        session = self._market.calendar.latest(tick.at)
        before = self._market.calendar.before(session.day)
        bars = [self._market.bar(tick.symbol, one) for one in (session, before)]
        daily, previous = (None if bar is None else _bar(bar) for bar in bars)
        return {
            "latestTrade": _trade(tick),
            "latestQuote": _quote(tick),
            "minuteBar": _minute_bar(tick),
            "dailyBar": daily,
            "prevDailyBar": previous,
        }


def _symbols(request: Request) -> list[str]:
    symbols = [part.strip() for part in request.query_params.get("symbols", "").split(",")]
    if not all(symbols):
        raise FeedProblem("symbols is required: symbols separated by commas")
    return list(dict.fromkeys(symbols))


def _limit(request: Request) -> int:
    text = request.query_params.get("limit", str(DEFAULT_PAGE))
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= LARGEST_PAGE:
        raise FeedProblem(f"limit must be a whole number from 1 to {LARGEST_PAGE}")
    return int(text)


def _day(request: Request, name: str, default: date) -> date:
    """A bound of the history as New York's day; a time of day counts as its day."""
    text = request.query_params.get(name)
    if text is None:
        return default
    try:
        bound = datetime.fromisoformat(text)
        if "T" not in text:
            return bound.date()
        return (bound if bound.tzinfo else bound.replace(tzinfo=UTC)).astimezone(NEW_YORK).date()
    except (ValueError, OverflowError) as error:
        raise FeedProblem(f"{name} is neither a date nor an RFC 3339 time") from error


def _page(rows: list[Row], limit: int, token: str | None) -> tuple[list[Row], str | None]:
    """The rows after the token, and the token of the page after them."""
    begin = 0
    if token is not None:
        tokens = [_token(row) for row in rows]
        if token not in tokens:
            raise FeedProblem("page_token does not belong to this request")
        begin = tokens.index(token) + 1
    shown = rows[begin : begin + limit]
    return shown, _token(shown[-1]) if begin + limit < len(rows) else None


def _token(row: Row) -> str:
    symbol, session = row
    return base64.b64encode(f"{symbol}|D|{nanoseconds(_midnight(session))}".encode()).decode()


def _midnight(session: Session) -> datetime:
    return session.open.replace(hour=0, minute=0)


def nanoseconds(instant: datetime) -> str:
    """RFC 3339 in UTC with nine digits, as the market data API writes it."""
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f000Z")


def _seconds(instant: datetime) -> str:
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _quote(tick: Tick) -> dict[str, Any]:
    return {
        "t": nanoseconds(tick.at),
        "ax": "Z",
        "ap": float(tick.ask),
        "as": QUOTED_SIZE,
        "bx": "Z",
        "bp": float(tick.bid),
        "bs": QUOTED_SIZE,
        "c": ["R"],
        "z": "C",
    }


def _trade(tick: Tick) -> dict[str, Any]:
    return {
        "t": nanoseconds(tick.at),
        "x": "Z",
        "p": float(tick.price),
        "s": QUOTED_SIZE,
        "c": ["@"],
        # A number per microsecond: it repeats only where time does.
        "i": int(tick.at.timestamp()) * 1_000_000 + tick.at.microsecond,
        "z": "C",
    }


def _minute_bar(tick: Tick) -> dict[str, Any]:
    price = float(tick.price)
    volume = usual_volume(tick.symbol) // MINUTES
    # The minute that ends with the closing bell belongs to the session.
    minute = (tick.at - timedelta(microseconds=1)).replace(second=0, microsecond=0)
    return {
        "t": _seconds(minute),
        "o": price,
        "h": price,
        "l": price,
        "c": price,
        "v": volume,
        "n": volume // SHARES_A_TRADE,
        "vw": price,
    }


def _bar(bar: Bar) -> dict[str, Any]:
    """The sources have no volumes: v and n are made up, and vw is the mean of the four prices."""
    prices = (bar.open, bar.high, bar.low, bar.close)
    return {
        "t": _seconds(_midnight(bar.session)),
        "o": float(bar.open),
        "h": float(bar.high),
        "l": float(bar.low),
        "c": float(bar.close),
        "v": bar.volume,
        "n": bar.volume // SHARES_A_TRADE,
        "vw": float(round(sum(prices, Decimal(0)) / len(prices), 6)),
    }
