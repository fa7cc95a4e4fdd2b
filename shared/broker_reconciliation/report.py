"""A day's report over all accounts: sums that add up to the cent and to the nano-share. Pure."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal

from shared.broker_reconciliation.model import Outcome, Segment
from shared.broker_reconciliation.ports import OpenAccount
from shared.kernel.clock import to_text
from shared.portfolio.model import BASE

GENESIS = "0" * 64
"""In place of the hash of the report before the first one."""


@dataclass(frozen=True, slots=True)
class Totals:
    """All accounts that the brokers told of, together."""

    ours_minor: int
    theirs: Decimal
    ours: Mapping[str, int]
    """Nano-shares by symbol."""
    shares: Mapping[str, int]
    """Theirs."""

    @property
    def theirs_minor(self) -> int:
        """To the cent."""
        return int((self.theirs * 10**BASE.exponent).to_integral_value(ROUND_HALF_EVEN))


@dataclass(frozen=True, slots=True)
class Report:
    """What a day's reconciliation with the brokers found."""

    day: date
    counts: Mapping[Outcome, int]
    totals: Totals
    open: tuple[OpenAccount, ...]
    """Those that do not agree, and those of which nothing is known, by person."""
    settled_off: int
    previous: str
    """The hash of the report before it."""

    def canonical(self) -> bytes:
        """As JSON with sorted keys: the same facts always give the same bytes."""
        symbols = sorted({*self.totals.ours, *self.totals.shares})
        content = {
            "day": self.day.isoformat(),
            "previous": self.previous,
            "accounts": {one.value: self.counts.get(one, 0) for one in Outcome},
            "cash": {
                "ours_minor": self.totals.ours_minor,
                "theirs": format(self.totals.theirs, "f"),
            },
            "shares": {
                symbol: [self.totals.ours.get(symbol, 0), self.totals.shares.get(symbol, 0)]
                for symbol in symbols
            },
            "settled_differs": self.settled_off,
            "open": [_told(one) for one in self.open],
        }
        return json.dumps(content, sort_keys=True, separators=(",", ":")).encode()

    @property
    def hash(self) -> str:
        """SHA-256 of the canonical form."""
        return hashlib.sha256(self.canonical()).hexdigest()


def _told(one: OpenAccount) -> dict[str, object]:
    return {
        "user": one.user_id,
        "account": one.account_id,
        "outcome": one.outcome.value,
        "ours_minor": one.ours_minor,
        "theirs": one.theirs,
        "difference": one.difference,
        "since": None if one.since is None else to_text(one.since),
    }


def made(
    day: date, segments: Iterable[Segment], noted: Sequence[OpenAccount], previous: str
) -> Report:
    """Out of what was kept while the day was walked: accounts that agreed at once are sums of
    their segment, the others are told one by one. Of an account that the broker did not tell of
    neither side is in the sums."""
    counts: Counter[Outcome] = Counter(one.outcome for one in noted)
    ours_minor, theirs, settled_off = 0, Decimal(0), 0
    ours: Counter[str] = Counter()
    shares: Counter[str] = Counter()
    for segment in segments:
        counts[Outcome.AGREES] += segment.agreed
        ours_minor += segment.ours_minor
        theirs += segment.theirs
        settled_off += segment.settled_off
        ours.update(segment.shares)
        shares.update(segment.shares)
    for one in noted:
        if one.outcome is Outcome.UNREAD or not one.theirs:
            continue
        ours_minor += one.ours_minor
        theirs += Decimal(one.theirs)
        ours.update(one.ours)
        shares.update(one.shares)
    told = tuple(
        sorted(
            (one for one in noted if one.outcome is not Outcome.AGREES),
            key=lambda one: one.user_id,
        )
    )
    totals = Totals(ours_minor, theirs, dict(ours), dict(shares))
    return Report(day, dict(counts), totals, told, settled_off, previous)
