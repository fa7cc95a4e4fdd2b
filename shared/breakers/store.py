"""Prices of the last minutes, in one row that each look replaces."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import ClassVar

from pynamodb.attributes import UnicodeAttribute

from shared.breakers.symbols import Sample
from shared.kernel.clock import from_text, to_text
from shared.platform.tables import Database, Put, Row, Table
from shared.platform.work import Write

SAMPLES = "SAMPLES"


class SamplesRow(Row):
    """Lines of symbol, instant and price."""

    TABLE: ClassVar[Table] = Table.MARKET
    KIND: ClassVar[str] = "samples"

    lines = UnicodeAttribute()


class Samples:
    """Prices of the last minutes by symbol."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def read(self) -> dict[str, tuple[Sample, ...]]:
        """All of them, oldest first."""
        row = self._database.get(SamplesRow, SAMPLES, SAMPLES)
        found: dict[str, tuple[Sample, ...]] = {}
        for line in [] if row is None else row.lines.splitlines():
            symbol, at, price = line.split(" ")
            found[symbol] = (*found.get(symbol, ()), Sample(from_text(at), Decimal(price)))
        return found

    def keep(self, samples: Mapping[str, Sequence[Sample]]) -> Write:
        """The write ``samples``. The newest look holds: of two at once each saw the same."""
        lines = [
            f"{symbol} {to_text(one.at)} {one.price:f}"
            for symbol, found in sorted(samples.items())
            for one in found
        ]
        return Put("samples", SamplesRow(pk=SAMPLES, sk=SAMPLES, lines="\n".join(lines)))
