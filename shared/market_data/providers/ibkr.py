"""Contracts and snapshot prices of Interactive Brokers: a second source of prices."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from shared.kernel.clock import Clock
from shared.kernel.errors import InvalidValue
from shared.kernel.money import Currency, Price
from shared.market_data.errors import SourceUnavailable
from shared.market_data.model import Quote
from shared.platform.contention import pause_ms
from shared.platform.ibkr_wire import GatewayError, IbkrWire

SOURCE = "ibkr"
LAST, BID, ASK, AVAILABILITY = "31", "84", "86", "6509"
"""Names of the snapshot's fields."""
_LIVE = "R"
"""Availability begins with it when prices are of now; others are delayed, frozen or none."""
_LOOKS = 4
_PRICE_STEP = Decimal("0.000001")
_BAD = (AttributeError, KeyError, TypeError, ValueError, InvalidOperation, InvalidValue)


class IbkrContracts:
    """Numbers of contracts. They never change, so that a process asks once for each symbol."""

    def __init__(self, wire: IbkrWire) -> None:
        self._wire = wire
        self._known: dict[str, int] = {}

    def find(self, symbols: Sequence[str]) -> Mapping[str, int]:
        """The American listing of each symbol that has exactly one; raises GatewayError."""
        missing = sorted(set(symbols) - self._known.keys())
        if missing:
            answer = self._wire.get("/trsrv/stocks", symbols=",".join(missing))
            for symbol in missing:
                number = american_listing(answer, symbol)
                if number is not None:
                    self._known[symbol] = number
        return {symbol: self._known[symbol] for symbol in symbols if symbol in self._known}


def american_listing(answer: Any, symbol: str) -> int | None:
    """The one stock contract in the United States; None when there is none, or no single one."""
    try:
        found = {
            contract["conid"]
            for entry in answer.get(symbol) or ()
            if entry["assetClass"] == "STK"
            for contract in entry["contracts"]
            if contract["isUS"] is True
        }
    except _BAD:
        return None
    number = found.pop() if len(found) == 1 else None
    return number if type(number) is int else None


class IbkrPrices:
    """See Prices: the middle of bid and ask, or the last trade. Delayed prices are none."""

    def __init__(
        self,
        wire: IbkrWire,
        contracts: IbkrContracts,
        clock: Clock,
        pause: Callable[[int], None] = pause_ms,
    ) -> None:
        self._wire = wire
        self._contracts = contracts
        self._clock = clock
        self._pause = pause

    def latest(self, symbols: Sequence[str]) -> list[Quote]:
        """See Prices."""
        lines = self._lines(symbols)
        now = self._clock.now()
        try:
            quotes = [_quote(symbol, line, now) for symbol, line in lines.items()]
        except _BAD as error:
            raise SourceUnavailable(source=SOURCE) from error
        return [quote for quote in quotes if quote is not None]

    def ask(self, symbol: str) -> Decimal | None:
        """What a buyer pays now, None when that is not known; raises SourceUnavailable."""
        line = self._lines([symbol]).get(symbol)
        try:
            return None if line is None or not _current(line) else _number(line.get(ASK))
        except _BAD as error:
            raise SourceUnavailable(source=SOURCE) from error

    def _lines(self, symbols: Sequence[str]) -> dict[str, Mapping[str, Any]]:
        """The first question about a contract only begins its feed: asked again, a few times."""
        try:
            numbers = {number: name for name, number in self._contracts.find(symbols).items()}
            lines: dict[str, Mapping[str, Any]] = {}
            waiting = dict(numbers)
            for look in range(_LOOKS):
                if look:
                    self._pause(50 << look)
                fields = ",".join((LAST, BID, ASK, AVAILABILITY))
                answer = self._wire.get(
                    "/iserver/marketdata/snapshot",
                    conids=",".join(str(number) for number in waiting),
                    fields=fields,
                )
                for line in answer:
                    if AVAILABILITY in line and line.get("conid") in waiting:
                        lines[waiting.pop(line["conid"])] = line
                if not waiting:
                    break
            return lines
        except (GatewayError, *_BAD) as error:
            raise SourceUnavailable(source=SOURCE) from error


def _quote(symbol: str, line: Mapping[str, Any], now: datetime) -> Quote | None:
    if not _current(line):
        return None
    bid, ask = _number(line.get(BID)), _number(line.get(ASK))
    if bid is not None and ask is not None and bid <= ask:
        price, kind = ((bid + ask) / 2).quantize(_PRICE_STEP), "quote"
    else:
        last = _number(line.get(LAST))
        if last is None:
            return None
        price, kind = last, "trade"
    # Milliseconds since 1970.
    seconds, rest = divmod(int(line["_updated"]), 1000)
    as_of = datetime.fromtimestamp(seconds, UTC).replace(microsecond=rest * 1000)
    return Quote(symbol, Price(price, Currency.USD), as_of, f"{SOURCE}:{kind}", now)


def _current(line: Mapping[str, Any]) -> bool:
    return str(line.get(AVAILABILITY, "")).startswith(_LIVE)


def _number(text: Any) -> Decimal | None:
    """A price; None for what is missing, and for a close (C) or a halt (H) in its place."""
    if text is None or not (words := str(text).strip()) or not words[0].isdigit():
        return None
    price = Decimal(words.replace(",", ""))
    return price if price > 0 else None
