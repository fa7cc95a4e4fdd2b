"""The table of the functions that open and close breakers, and of the one that watches risk."""

from functions.monitor_risk.settings import Settings as MonitorRisk
from functions.watch_market.settings import Settings as WatchMarket
from infra.functions_of_money import STATES
from infra.model import Function, Queued, Rights, Schedule

BREAKER_WORKERS = (
    Function(
        name="watch_market",
        settings=WatchMarket,
        trigger=Queued("watch", batch=1, concurrency=2, schedule=Schedule("watch", minutes=1)),
        timeout=60,
        tables={
            "core": Rights.UPSERT,
            "outbox": Rights.EMIT,
            "audit": Rights.APPEND,
            "market": Rights.APPEND,
        },
        leading_keys=("CIRCUIT#broker.*", "PULSE"),
        sends_to=("planning", "execution", "broker-events"),
        appends_at={"market": ("BREAKERS", "SAMPLES")},
    ),
    Function(
        name="monitor_risk",
        settings=MonitorRisk,
        trigger=Queued(
            "risk-monitor",
            batch=5,
            concurrency=4,
            events=("investing.orders_completed.v1",),
            schedule=Schedule("risk_monitor", minutes=24 * 60),
        ),
        timeout=60,
        tables=STATES | {"market": Rights.READ},
        walks_holders=True,
        sends_to=("risk-monitor",),
    ),
)
