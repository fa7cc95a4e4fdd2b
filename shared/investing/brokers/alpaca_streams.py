"""Alpaca's event streams read in bounded windows."""

from collections.abc import Iterator, Mapping
from datetime import datetime

import requests

from shared.investing.errors import BrokerUnavailable, GapInStream
from shared.investing.polling import Topic
from shared.kernel.clock import to_text
from shared.market_data.providers.alpaca import AlpacaWire

PATHS: Mapping[Topic, str] = {
    Topic.TRADES: "/v2/events/trades",
    Topic.JOURNALS: "/v2/events/journals/status",
    Topic.ACCOUNTS: "/v2/events/accounts/status",
    # Of this stream there is no other version.
    Topic.ACTIVITIES: "/v1/events/nta",
}


class AlpacaStreams:
    """See Streams. A window with an end is an ordinary response that ends."""

    def __init__(self, wire: AlpacaWire) -> None:
        self._wire = wire

    def read(self, topic: Topic, since: datetime, until: datetime) -> Iterator[str]:
        """See Streams."""
        try:
            window = {"since": to_text(since), "until": to_text(until)}
            with self._wire.stream(PATHS[topic], **window) as response:
                yield from events_in(response.iter_lines())
        except requests.RequestException as error:
            raise BrokerUnavailable() from error


def events_in(lines: Iterator[bytes]) -> Iterator[str]:
    """The data of each server-sent event.

    Comments are read here and not skipped as SSE libraries do: the broker tells in them that it
    left events out or broke off. Raises GapInStream after the events that did come.
    """
    data: list[str] = []
    gap = False
    for raw in lines:
        line = raw.decode()
        if line.startswith(":"):
            comment = line[1:].strip().lower()
            gap = gap or "dropped" in comment or "error" in comment
        elif line.startswith("data:"):
            data.append(line.removeprefix("data:").removeprefix(" "))
        elif not line and data:
            yield "\n".join(data)
            data = []
    if data:
        # The connection ended inside an event.
        gap = True
    if gap:
        raise GapInStream()
