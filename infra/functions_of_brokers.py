"""The functions that read what brokers tell, and keep the way to them open."""

from functions.keep_ibkr_session.settings import Settings as KeepIbkrSession
from functions.poll_broker_events.settings import Settings as PollBrokerEvents
from functions.process_corporate_actions.settings import Settings as ProcessCorporateActions
from functions.reconcile_broker.settings import Settings as ReconcileBroker
from infra.functions_of_money import BOOKS
from infra.model import Function, Queued, ReportRights, Rights, Schedule

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
        leading_keys=("CURSOR#*", "CIRCUIT#broker.*"),
        sends_to=("broker-events", "broker-poll"),
        secrets=("broker",),
        vendors=("broker",),
    ),
    Function(
        name="process_corporate_actions",
        settings=ProcessCorporateActions,
        trigger=Queued(
            "corporate-actions",
            batch=5,
            concurrency=10,
            schedule=Schedule("corporate_actions", minutes=15),
        ),
        # A page of holders: half of it is worked, the rest is another message's.
        timeout=120,
        tables=BOOKS | {"market": Rights.APPEND, "audit": Rights.APPEND},
        appends_at={"market": ("BREAKERS", "QUOTES")},
        walks_holders=True,
        sends_to=("corporate-actions", "planning"),
    ),
    Function(
        name="reconcile_broker",
        settings=ReconcileBroker,
        # Two at a time and one account after the other: at most some 400 accounts a minute, with
        # two or three requests each, of the 1,000 requests a minute that a broker takes from us.
        trigger=Queued(
            "broker-reconciliation",
            batch=1,
            concurrency=2,
            schedule=Schedule("broker_reconciliation", minutes=15),
        ),
        groups=("broker", "ibkr"),
        memory=1024,
        # Half of it is worked, the rest of a segment is another message's.
        timeout=120,
        # Stops of trading are deleted when they end.
        tables={
            "core": Rights.WRITE,
            "journal": Rights.READ,
            # It tells of nothing by events.
            "outbox": Rights.NAMED,
            "market": Rights.READ,
        },
        leading_keys=(
            "BALANCE#*",
            "BROKER_DAY#*",
            "BROKER_REPORTS",
            "CASE#*",
            "CIRCUIT#broker.*",
            "IBKR#*",
            "USER#*",
        ),
        walks_holders=True,
        sends_to=("broker-reconciliation",),
        secrets=("broker", "ibkr"),
        vendors=("broker", "ibkr"),
        writes_objects=("reports",),
        reports=ReportRights.SIGN,
    ),
)
