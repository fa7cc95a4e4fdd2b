"""The table of the functions that open and close breakers."""

from functions.watch_market.settings import Settings as WatchMarket
from infra.model import Function, Queued, Rights, Schedule

BREAKER_WORKERS = (
    Function(
        name="watch_market",
        settings=WatchMarket,
        trigger=Queued("watch", batch=1, concurrency=2, schedule=Schedule("watch", minutes=1)),
        timeout=60,
        tables={"outbox": Rights.EMIT, "audit": Rights.APPEND, "market": Rights.APPEND},
        appends_at={"market": ("BREAKERS", "SAMPLES")},
    ),
)
