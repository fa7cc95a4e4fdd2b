"""The functions that read what brokers tell, and keep the way to them open."""

from functions.keep_ibkr_session.settings import Settings as KeepIbkrSession
from functions.poll_broker_events.settings import Settings as PollBrokerEvents
from infra.model import Function, Queued, Rights, Schedule

BROKER_WORKERS = (
    Function(
        name="keep_ibkr_session",
        settings=KeepIbkrSession,
        trigger=Queued(
            "broker-sessions", batch=1, concurrency=2, schedule=Schedule("session", minutes=1)
        ),
        groups=("ibkr",),
        timeout=120,
        # Rows of orders that have ended are deleted.
        tables={"core": Rights.WRITE},
        leading_keys=("IBKR#*",),
        sends_to=("broker-events", "broker-sessions"),
        secrets=("ibkr",),
        vendors=("ibkr",),
    ),
    Function(
        name="poll_broker_events",
        settings=PollBrokerEvents,
        trigger=Queued("broker-poll", batch=1, concurrency=2, schedule=Schedule("poll", minutes=1)),
        groups=("broker",),
        memory=1024,
        timeout=60,
        tables={"core": Rights.UPSERT},
        leading_keys=("CURSOR#*",),
        sends_to=("broker-events", "broker-poll"),
        secrets=("broker",),
        vendors=("broker",),
    ),
)
