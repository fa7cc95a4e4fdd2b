"""Exchange rates in the shape of Frankfurter's public API (central banks' daily rates)."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time
from decimal import Decimal, InvalidOperation
from typing import Any

import requests

from shared.kernel.clock import Clock
from shared.kernel.money import Currency
from shared.market_data.errors import SourceUnavailable
from shared.market_data.model import FxQuote
from shared.platform.alpaca_sdk import with_timeouts

SOURCE = "frankfurter"


class Frankfurter:
    """``GET /v2/rates?base=<base>&quotes=<quote>,…``."""

    def __init__(self, base_url: str, clock: Clock) -> None:
        self._base_url = base_url
        self._clock = clock
        self._session = with_timeouts(requests.Session())

    def latest(self, base: Currency, quotes: Sequence[Currency]) -> list[FxQuote]:
        """See ExchangeRates."""
        try:
            response = self._session.get(
                f"{self._base_url}/v2/rates",
                params={"base": base.value, "quotes": ",".join(one.value for one in quotes)},
                allow_redirects=False,
            )
            if response.status_code != requests.codes.ok:
                raise ValueError("another answer than rates")
            rows = response.json(parse_float=Decimal, parse_constant=_no_number)
            found: dict[Currency, FxQuote] = {}
            for row in rows:
                quote = next((one for one in quotes if one.value == row["quote"]), None)
                # The list has rows that nobody asked for, among them the base for itself.
                if row["base"] != base.value or quote is None or quote is base:
                    continue
                rate = self._quote(base, quote, row)
                if quote not in found or found[quote].as_of < rate.as_of:
                    found[quote] = rate
        except (requests.RequestException, ValueError, KeyError, TypeError, InvalidOperation) as e:
            raise SourceUnavailable(source=SOURCE) from e
        return list(found.values())

    def _quote(self, base: Currency, quote: Currency, row: Mapping[str, Any]) -> FxQuote:
        rate = row["rate"]
        if isinstance(rate, bool) or not isinstance(rate, Decimal | int):
            raise TypeError("a rate is a number")
        return FxQuote(
            base=base,
            quote=quote,
            rate=Decimal(rate),
            as_of=datetime.combine(date.fromisoformat(row["date"]), time(), UTC),
            source=SOURCE,
            fetched_at=self._clock.now(),
        )


def _no_number(text: str) -> None:
    raise ValueError(f"{text} is not a number")
