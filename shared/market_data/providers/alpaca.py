"""Clock, assets and prices from Alpaca, over the official SDK's REST client.

The SDK's data client would import pandas and turn prices into binary fractions; its REST client
is the same transport without either, and numbers are parsed as decimals here.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

import requests

from shared.kernel.clock import Clock, from_text
from shared.kernel.errors import InvalidValue
from shared.kernel.money import Currency, Price
from shared.market_data.errors import SourceUnavailable
from shared.market_data.model import Asset, AssetType, MarketClock, Quote
from shared.market_data.universe import UNIVERSE
from shared.platform.alpaca_sdk import with_timeouts

SOURCE = "alpaca"
_PRICE_STEP = Decimal("0.000001")
_BAD_ANSWER = (AttributeError, KeyError, TypeError, ValueError, InvalidOperation, InvalidValue)


class AlpacaWire:
    """GET requests to one of Alpaca's APIs with exact numbers."""

    def __init__(self, base_url: str, key: str, secret: str) -> None:
        from alpaca.common.rest import RESTClient

        client = RESTClient(base_url, key, secret, use_basic_auth=True, raw_data=True)
        self._headers: Mapping[str, str] = client._get_default_headers()
        self._session = with_timeouts(client._session)
        self._base_url = base_url

    def get(self, path: str, **parameters: str) -> Any:
        """The JSON answer with decimals; raises SourceUnavailable."""
        try:
            response = self._session.get(
                f"{self._base_url}{path}",
                params=parameters,
                headers=dict(self._headers),
                allow_redirects=False,
            )
            response.raise_for_status()
            return response.json(parse_float=Decimal)
        except (requests.RequestException, ValueError) as error:
            raise SourceUnavailable(source=SOURCE) from error

    def stream(self, path: str, **parameters: str) -> requests.Response:
        """A response whose body is read line by line; raises requests.RequestException."""
        response = self._session.get(
            f"{self._base_url}{path}",
            params=parameters,
            headers={**self._headers, "Accept": "text/event-stream"},
            allow_redirects=False,
            stream=True,
        )
        response.raise_for_status()
        return response


def _read[T](parse: Callable[[], T]) -> T:
    try:
        return parse()
    except _BAD_ANSWER as error:
        raise SourceUnavailable(source=SOURCE) from error


class AlpacaExchange:
    """The Broker API's clock and asset list."""

    def __init__(self, wire: AlpacaWire, clock: Clock) -> None:
        self._wire = wire
        self._clock = clock

    def clock(self) -> MarketClock:
        """See Exchange."""
        answer = self._wire.get("/v1/clock")
        return _read(
            lambda: MarketClock(
                timestamp=from_text(answer["timestamp"]),
                is_open=bool(answer["is_open"]),
                next_open=from_text(answer["next_open"]),
                next_close=from_text(answer["next_close"]),
                fetched_at=self._clock.now(),
            )
        )

    def assets(self, symbols: Sequence[str]) -> list[Asset]:
        """See Exchange."""
        wanted = set(symbols)
        answer = self._wire.get("/v1/assets", status="active", asset_class="us_equity")
        now = self._clock.now()
        return _read(lambda: [_asset(entry, now) for entry in answer if entry["symbol"] in wanted])


def _asset(entry: Mapping[str, Any], now: datetime) -> Asset:
    listing = UNIVERSE.get(entry["symbol"])
    return Asset(
        symbol=entry["symbol"],
        name=listing.name if listing else str(entry["name"]),
        type=listing.type if listing else AssetType.STOCK,
        broker_id=str(entry["id"]),
        tradable=bool(entry["tradable"]),
        fractionable=bool(entry["fractionable"]),
        fetched_at=now,
    )


class AlpacaPrices:
    """The Market Data API's newest quotes, or last trades where a side of the quote is missing."""

    def __init__(self, wire: AlpacaWire, clock: Clock) -> None:
        self._wire = wire
        self._clock = clock

    def latest(self, symbols: Sequence[str]) -> list[Quote]:
        """See Prices."""
        answer = self._wire.get("/v2/stocks/quotes/latest", symbols=",".join(symbols))
        now = self._clock.now()
        middles = _read(
            lambda: [_mid(symbol, answer["quotes"].get(symbol), now) for symbol in symbols]
        )
        found = [quote for quote in middles if quote is not None]
        missing = sorted(set(symbols) - {quote.symbol for quote in found})
        return found + (self._trades(missing) if missing else [])

    def _trades(self, symbols: Sequence[str]) -> list[Quote]:
        answer = self._wire.get("/v2/stocks/trades/latest", symbols=",".join(symbols))
        now = self._clock.now()
        return _read(
            lambda: [
                Quote(symbol, _usd(trade["p"]), from_text(trade["t"]), f"{SOURCE}:trade", now)
                for symbol, trade in answer["trades"].items()
                if symbol in symbols and trade["p"]
            ]
        )


def _usd(value: Decimal | int) -> Price:
    return Price(Decimal(value), Currency.USD)


def _mid(symbol: str, entry: Mapping[str, Any] | None, now: datetime) -> Quote | None:
    """The middle of bid and ask; None when a side is missing, as outside the session."""
    if entry is None or not entry["ap"] or not entry["bp"] or entry["ap"] < entry["bp"]:
        return None
    middle = (Decimal(entry["ap"]) + Decimal(entry["bp"])) / 2
    price = _usd(middle.quantize(_PRICE_STEP))
    return Quote(symbol, price, from_text(entry["t"]), f"{SOURCE}:quote", now)
