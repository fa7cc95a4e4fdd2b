"""Daily bars and announcements of corporate actions from Alpaca's market data API."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import partial
from typing import Any

from shared.kernel.clock import from_text
from shared.market_data.announcements import ActionKind, Announcement
from shared.market_data.bars import Adjustment, Bar
from shared.market_data.errors import SourceUnavailable
from shared.market_data.ports import Answered
from shared.market_data.providers.alpaca import SOURCE, AlpacaWire

PAGE = "10000"
ACTIONS_PAGE = "1000"
MOST_PAGES = 100
"""An answer that never ends is none."""
_UNREADABLE = (AttributeError, KeyError, TypeError, ValueError, InvalidOperation)


class AlpacaHistory:
    """``/v2/stocks/bars`` and ``/v1/corporate-actions``, all pages."""

    def __init__(self, wire: AlpacaWire, feed: str = "sip") -> None:
        self._wire = wire
        self._feed = feed

    def daily(
        self, symbols: Sequence[str], first: date, last: date, adjustment: Adjustment
    ) -> Answered[Bar]:
        """See History."""
        found = _Reading(
            (
                partial(_bar, symbol, entry)
                for page in self._pages(
                    "/v2/stocks/bars",
                    symbols=",".join(symbols),
                    timeframe="1Day",
                    start=first.isoformat(),
                    end=last.isoformat(),
                    adjustment=adjustment.value,
                    feed=self._feed,
                    limit=PAGE,
                )
                for symbol, entries in _groups(page, "bars")
                if symbol in symbols
                for entry in entries
            )
        )
        return Answered(tuple(found), found.unreadable)

    def announcements(
        self, symbols: Sequence[str], first: date, last: date
    ) -> Answered[Announcement]:
        """See History."""
        found = _Reading(
            (
                partial(_announcement, group, entry)
                for page in self._pages(
                    "/v1/corporate-actions",
                    symbols=",".join(symbols),
                    start=first.isoformat(),
                    end=last.isoformat(),
                    limit=ACTIONS_PAGE,
                )
                for group, entries in _groups(page, "corporate_actions")
                for entry in entries
            )
        )
        return Answered(tuple(found), found.unreadable)

    def _pages(self, path: str, **parameters: str) -> Iterator[Mapping[str, Any]]:
        token: str | None = None
        for _ in range(MOST_PAGES):
            asked = parameters if token is None else {**parameters, "page_token": token}
            page = self._wire.get(path, **asked)
            if not isinstance(page, Mapping):
                raise SourceUnavailable(source=SOURCE)
            yield page
            following = page.get("next_page_token")
            if following is None:
                return
            if not isinstance(following, str) or following == token:
                raise SourceUnavailable(source=SOURCE)
            token = following
        raise SourceUnavailable(source=SOURCE)


class _Reading[T]:
    """Reads entries one by one and counts those of no known shape, which spoil no other."""

    def __init__(self, entries: Iterator[Callable[[], T]]) -> None:
        self._entries = entries
        self.unreadable = 0

    def __iter__(self) -> Iterator[T]:
        for read in self._entries:
            try:
                made = read()
            except _UNREADABLE:
                self.unreadable += 1
                continue
            yield made


def _groups(page: Mapping[str, Any], name: str) -> list[tuple[str, Sequence[Any]]]:
    groups = page.get(name) or {}
    if not isinstance(groups, Mapping) or not all(isinstance(g, list) for g in groups.values()):
        raise SourceUnavailable(source=SOURCE)
    return list(groups.items())


def _bar(symbol: str, entry: Mapping[str, Any]) -> Bar:
    # A day begins at midnight in New York, which is the same day in UTC.
    day = from_text(entry["t"]).date()
    prices = {name: _number(entry[name]) for name in ("o", "h", "l", "c", "vw")}
    return Bar(
        symbol,
        day,
        prices["o"],
        prices["h"],
        prices["l"],
        prices["c"],
        int(_number(entry["v"])),
        prices["vw"],
    )


def _announcement(group: str, entry: Mapping[str, Any]) -> Announcement:
    kind = ActionKind(group.removesuffix("s"))
    held = _first(entry, "symbol", "old_symbol", "source_symbol", "acquiree_symbol")
    effective = date.fromisoformat(_first(entry, "ex_date", "effective_date", "process_date"))
    old, new = _rates(kind, entry)
    return Announcement(
        id=_text(entry["id"]),
        kind=kind,
        symbol=held,
        effective=effective,
        record_date=_day(entry, "record_date"),
        payable_date=_day(entry, "payable_date"),
        process_date=_day(entry, "process_date"),
        cash=_cash(kind, entry),
        old_rate=old,
        new_rate=new,
        new_symbol=entry.get("new_symbol") or entry.get("acquirer_symbol") or None,
        special=entry.get("special", False) is True,
        foreign=entry.get("foreign", False) is True,
    )


_CASH_RATE = {
    ActionKind.CASH_DIVIDEND: "rate",
    ActionKind.CASH_MERGER: "rate",
    ActionKind.REDEMPTION: "rate",
    ActionKind.STOCK_AND_CASH_MERGER: "cash_rate",
}
_SHARE_RATES = {
    ActionKind.FORWARD_SPLIT: ("old_rate", "new_rate"),
    ActionKind.REVERSE_SPLIT: ("old_rate", "new_rate"),
    ActionKind.UNIT_SPLIT: ("old_rate", "new_rate"),
    ActionKind.SPIN_OFF: ("source_rate", "new_rate"),
    ActionKind.STOCK_MERGER: ("acquiree_rate", "acquirer_rate"),
    ActionKind.STOCK_AND_CASH_MERGER: ("acquiree_rate", "acquirer_rate"),
}


def _cash(kind: ActionKind, entry: Mapping[str, Any]) -> Decimal | None:
    return _positive(entry[_CASH_RATE[kind]]) if kind in _CASH_RATE else None


def _rates(kind: ActionKind, entry: Mapping[str, Any]) -> tuple[Decimal | None, Decimal | None]:
    if kind is ActionKind.STOCK_DIVIDEND:
        # Stated as what comes on top of one share.
        return Decimal(1), 1 + _positive(entry["rate"])
    if kind is ActionKind.RIGHTS_DISTRIBUTION:
        return Decimal(1), _positive(entry["rate"])
    if kind not in _SHARE_RATES:
        return None, None
    old, new = _SHARE_RATES[kind]
    return _positive(entry[old]), _positive(entry[new])


def _positive(value: object) -> Decimal:
    number = _number(value)
    if number <= 0:
        raise ValueError("a rate is positive")
    return number


def _number(value: object) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, Decimal | int | str):
        raise TypeError("not a number")
    number = Decimal(value)
    if not number.is_finite():
        raise ValueError("not a finite number")
    return number


def _first(entry: Mapping[str, Any], *names: str) -> str:
    """The first of these members that says anything; ValueError when none does."""
    return _text(next((entry[name] for name in names if entry.get(name) is not None), None))


def _text(value: object) -> str:
    if not isinstance(value, str) or not value:
        raise TypeError("not a text")
    return value


def _day(entry: Mapping[str, Any], name: str) -> date | None:
    value = entry.get(name)
    return None if value is None else date.fromisoformat(value)
