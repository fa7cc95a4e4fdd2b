"""How often somebody may do something: token buckets, each one row and one conditional update.

A bucket holds ``capacity`` tokens and is refilled at ``per_minute``. It is kept as a generic cell
rate algorithm (ITU-T I.371, leaky bucket as a meter): one number, the theoretical arrival time
``tat`` at which the bucket would be full again. Taking moves it ahead by the tokens' time, and is
allowed while it stays within ``capacity`` tokens' time of now.
"""

import ipaddress
import threading
from collections import OrderedDict
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import ClassVar

from botocore.exceptions import BotoCoreError, ClientError
from pynamodb.attributes import NumberAttribute

from shared.kernel.clock import Clock
from shared.kernel.edge_errors import RateLimited
from shared.kernel.errors import TemporarilyUnavailable
from shared.platform.observability import metric
from shared.platform.tables import Database, Row, Update
from shared.platform.work import ConditionFailed

LEASE_SECONDS = 10
"""Tokens taken ahead are spent within this time by the process that took them, or lost."""
KNOWN_MAX = 10_000
"""Rows that a process remembers something of."""

IPV6_PREFIX = 64
"""One customer's network: whoever has it has all of its addresses."""

_SECOND = 1_000_000_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_KEPT_SECONDS = 3600
"""After a bucket is full its row says nothing; kept a while in spite of clocks that differ."""
_TRIES = 4
"""With one ``now`` a row can only go from absent or full to used: the second try meets it, the
third is for a row that expired in between."""
_THROTTLED = frozenset(
    {"ProvisionedThroughputExceededException", "RequestLimitExceeded", "ThrottlingException"}
)
_SK = "RATE"


@dataclass(frozen=True, slots=True)
class Bucket:
    """``lease`` > 1: a process takes so many tokens at once while the bucket is more than half
    full. ``fail_open``: without a store the action goes ahead instead of being refused."""

    name: str
    capacity: int
    per_minute: int
    lease: int = 1
    fail_open: bool = False

    def __post_init__(self) -> None:
        if min(self.capacity, self.per_minute, self.lease) < 1:
            raise ValueError("a bucket's numbers are positive")
        if self.lease > 1 and self.lease * 2 > self.capacity:
            raise ValueError("a lease is at most half of the capacity")

    @property
    def token_ns(self) -> int:
        """Nanoseconds in which one token comes back, rounded up: never more than the rate."""
        return -(-60 * _SECOND // self.per_minute)

    @property
    def depth_ns(self) -> int:
        """How far ahead of now ``tat`` may be."""
        return self.capacity * self.token_ns


class RateRow(Row):
    """One principal's use of one bucket."""

    KIND: ClassVar[str] = "rate"

    tat = NumberAttribute()
    """Nanoseconds since 1970."""
    expires_at = NumberAttribute()


@dataclass(slots=True)
class _Known:
    """What this process knows of a row: that ``tat`` is at least this, and tokens it holds."""

    tat: int = 0
    held: int = 0
    held_until: int = 0


class RateLimits:
    """Principals are ``user:<id>``, ``address:<keyed hash>`` or ``account:<keyed hash>``.

    Within any time t a principal is admitted at most ``capacity + t * per_minute`` tokens' worth,
    and with a lease at most ``lease`` more per process (taken before, spent within 10 s).
    """

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._lock = threading.Lock()
        self._rows: OrderedDict[tuple[str, str], _Known] = OrderedDict()

    def take(self, principal: str, bucket: Bucket, cost: int = 1) -> None:
        """Take ``cost`` tokens (at least one; more than the capacity counts as all of it).

        Raises RateLimited with the whole ``seconds`` after which the same would be admitted if
        nobody else takes; nothing is taken then. When the store does not answer it raises
        TemporarilyUnavailable, unless the bucket fails open.
        """
        cost = min(max(cost, 1), bucket.capacity)
        now = (self._clock.now() - _EPOCH) // timedelta(microseconds=1) * 1000
        seen = self._spend(principal, bucket, cost, now)
        if seen is None:
            return
        try:
            self._charge(principal, bucket, cost, now, seen)
        except (BotoCoreError, ClientError) as error:
            self._without_store(bucket, error)

    def _spend(self, principal: str, bucket: Bucket, cost: int, now: int) -> int | None:
        """Pay from what this process holds: None. Otherwise the least that ``tat`` can be."""
        with self._lock:
            known = self._rows.get((principal, bucket.name))
            if known is None:
                return 0
            if now < known.held_until and known.held >= cost:
                known.held -= cost
                return None
            return known.tat

    def _charge(self, principal: str, bucket: Bucket, cost: int, now: int, seen: int) -> None:
        for _ in range(_TRIES):
            # ``tat`` never goes back, so what was seen refuses without asking the store again.
            wait = max(seen, now) + cost * bucket.token_ns - now - bucket.depth_ns
            if wait > 0:
                self._remember(principal, bucket, seen)
                metric("RateLimited", bucket=bucket.name)
                raise RateLimited(seconds=-(-wait // _SECOND))
            leased = _with_lease(bucket, cost, max(seen, now) - now)
            try:
                self._database.write(_taking(principal, bucket, cost, leased, now, seen))
            except ConditionFailed as failure:
                row = failure.found["rate"]
                seen = 0 if row is None else int(row["tat"])
                continue
            after = max(seen, now) + leased * bucket.token_ns
            self._remember(principal, bucket, after, held=leased - cost, now=now)
            return
        raise TemporarilyUnavailable()

    def _remember(
        self, principal: str, bucket: Bucket, tat: int, held: int = 0, now: int = 0
    ) -> None:
        with self._lock:
            known = self._rows.setdefault((principal, bucket.name), _Known())
            self._rows.move_to_end((principal, bucket.name))
            known.tat = max(known.tat, tat)
            if held:
                kept = known.held if now < known.held_until else 0
                known.held, known.held_until = kept + held, now + LEASE_SECONDS * _SECOND
            while len(self._rows) > KNOWN_MAX:
                self._rows.popitem(last=False)

    def _without_store(self, bucket: Bucket, error: BotoCoreError | ClientError) -> None:
        code = error.response["Error"]["Code"] if isinstance(error, ClientError) else ""
        metric("RateLimitNotChecked", bucket=bucket.name, error=code or type(error).__name__)
        if code in _THROTTLED:
            # A row takes 1,000 writes a second: whoever reaches that is to be slowed down.
            raise RateLimited(seconds=1) from None
        if not bucket.fail_open:
            raise TemporarilyUnavailable() from None


def _with_lease(bucket: Bucket, cost: int, ahead: int) -> int:
    """What to take at once: the lease only while it leaves half of the bucket to others."""
    amount = max(cost, bucket.lease)
    return amount if ahead + amount * bucket.token_ns <= bucket.depth_ns // 2 else cost


def _taking(principal: str, bucket: Bucket, cost: int, amount: int, now: int, seen: int) -> Update:
    """One update that either starts from a full bucket or adds to a used one.

    DynamoDB has no maximum of two numbers, so the row's state is guessed from what was seen; a
    wrong guess changes nothing and comes back with the row. Adding commutes: writers who meet
    at a used bucket do not make each other repeat.
    """
    time = amount * bucket.token_ns
    if seen <= now:
        moved = RateRow.tat.set(now + time)
        condition = RateRow.pk.does_not_exist() | (RateRow.tat <= now)
    else:
        depth = bucket.depth_ns if amount == cost else bucket.depth_ns // 2
        moved = RateRow.tat.set(RateRow.tat + time)
        condition = (RateRow.tat > now) & (RateRow.tat <= now + depth - time)
    expires = (now + bucket.depth_ns) // _SECOND + _KEPT_SECONDS
    return Update(
        "rate",
        RateRow,
        f"RATE#{principal}#{bucket.name}",
        _SK,
        (moved, RateRow.expires_at.set(expires)),
        condition,
    )


def network_of(address: str) -> str:
    """The part of an address that one customer has: all of IPv4, half of IPv6.

    What is no address is one principal by itself.
    """
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return "unknown"
    if isinstance(parsed, ipaddress.IPv4Address):
        return str(parsed)
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(ipaddress.ip_network((parsed, IPV6_PREFIX), strict=False))
