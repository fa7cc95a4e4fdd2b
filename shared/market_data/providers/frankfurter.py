"""Exchange rates in the shape of Frankfurter's public API (central banks' daily rates)."""

from datetime import UTC, date, datetime, time
from decimal import Decimal, InvalidOperation

import requests

from shared.kernel.clock import Clock
from shared.kernel.money import Currency
from shared.market_data.errors import SourceUnavailable
from shared.market_data.model import FxQuote
from shared.platform.alpaca_sdk import with_timeouts

SOURCE = "frankfurter"


class Frankfurter:
    """``GET /v2/rate/<base>/<quote>``."""

    def __init__(self, base_url: str, clock: Clock) -> None:
        self._base_url = base_url
        self._clock = clock
        self._session = with_timeouts(requests.Session())

    def latest(self, base: Currency, quote: Currency) -> FxQuote:
        """See ExchangeRates."""
        try:
            response = self._session.get(
                f"{self._base_url}/v2/rate/{base.value}/{quote.value}", allow_redirects=False
            )
            response.raise_for_status()
            answer = response.json(parse_float=Decimal)
            if (answer["base"], answer["quote"]) != (base.value, quote.value):
                raise ValueError("the answer is about another pair")
            day = date.fromisoformat(answer["date"])
            return FxQuote(
                base=base,
                quote=quote,
                rate=Decimal(answer["rate"]),
                as_of=datetime.combine(day, time(), UTC),
                source=SOURCE,
                fetched_at=self._clock.now(),
            )
        except (requests.RequestException, ValueError, KeyError, TypeError, InvalidOperation) as e:
            raise SourceUnavailable(source=SOURCE) from e
