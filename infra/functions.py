"""The table of all functions: what runs, when, with which packages, and with which rights."""

from functions.apply_broker_event.settings import Settings as ApplyBrokerEvent
from functions.collect_history.settings import Settings as CollectHistory
from functions.execute_orders.settings import Settings as ExecuteOrders
from functions.notify.settings import Settings as Notify
from functions.open_broker_account.settings import Settings as OpenBrokerAccount
from functions.publish_outbox.settings import Settings as PublishOutbox
from functions.receive_webhook.settings import Settings as ReceiveWebhook
from functions.refresh_market.settings import Settings as RefreshMarket
from functions.scan_upload.settings import Settings as ScanUpload
from functions.sweep_pending.settings import Settings as SweepPending
from functions.verify_identity.settings import Settings as VerifyIdentity
from graphql_api.settings import Settings as GraphqlApi
from infra.functions_of_breakers import BREAKER_WORKERS
from infra.functions_of_brokers import BROKER_WORKERS
from infra.functions_of_fees import FEE_WORKERS
from infra.functions_of_money import BOOKS, MONEY_WORKERS, STATES
from infra.functions_of_monitoring import MONITORING_WORKERS
from infra.functions_of_portfolios import PORTFOLIO_WORKERS
from infra.model import (
    AwsEvents,
    Function,
    Http,
    PersonalRights,
    Queued,
    ReportRights,
    Rights,
    Schedule,
    Stream,
)

GRAPHQL_API = Function(
    name="graphql_api",
    settings=GraphqlApi,
    trigger=Http(),
    groups=("graphql-api",),
    price_cache=True,
    memory=1024,
    # Less than the API waits (30 s), more than gateways that hang take.
    timeout=28,
    tables={
        "core": Rights.WRITE,
        "journal": Rights.READ,
        "outbox": Rights.EMIT,
        "audit": Rights.APPEND,
        # Breakers that staff close, and strategies that they publish, in one transaction with the
        # audit entry.
        "market": Rights.APPEND,
    },
    appends_at={"market": ("BREAKERS", "MODELS", "RESTRICTED")},
    lists_for_staff=True,
    walks_holders=True,
    sends_to=("payment-signals", "market"),
    reads_objects=("reports",),
    finds_objects=("reports",),
    reports=ReportRights.VERIFY,
    secrets=("session", "stripe", "daraja", "adyen", "webhook_path"),
    vendors=("stripe", "daraja", "adyen"),
    writes_objects=("quarantine",),
    personal_data=PersonalRights.SEAL,
    identity=True,
    values=(
        "prefund_exposure_limit_minor",
        "firm_float_minor",
        "fx_position_limits",
        "treasury_alone_limits",
        "app_url",
        "webhook_base_url",
        "secure_cookies",
        "introspection",
        "persisted_only",
        "graphql_limits",
        "rate_limits",
        "mpesa_paybill",
        "payout_cooling_seconds",
        "payout_approval_minor",
    ),
)

RECEIVE_WEBHOOK = Function(
    name="receive_webhook",
    settings=ReceiveWebhook,
    trigger=Http(),
    timeout=10,
    # Whether M-Pesa should take a payment is answered at once, by one read.
    tables={"core": Rights.READ},
    leading_keys=("PAYREF#*",),
    sends_to=(
        "payment-signals",
        "identity",
        "broker-events",
        "disputes",
        "payouts",
        "reconciliation",
    ),
    secrets=("stripe", "adyen", "onfido", "broker", "webhook_path", "c2b_token"),
    values=("live_mode", "mpesa_paybill"),
)

WORKERS = (
    Function(
        name="publish_outbox",
        settings=PublishOutbox,
        trigger=Stream(table="outbox", failures="sweep"),
        publishes=True,
    ),
    *MONEY_WORKERS,
    *BROKER_WORKERS,
    *BREAKER_WORKERS,
    *PORTFOLIO_WORKERS,
    *FEE_WORKERS,
    *MONITORING_WORKERS,
    Function(
        name="execute_orders",
        settings=ExecuteOrders,
        trigger=Queued(
            "execution",
            batch=2,
            concurrency=5,
            events=("investing.plan_created.v1", "investing.order_cancel_requested.v1"),
        ),
        groups=("broker", "ibkr"),
        memory=1024,
        timeout=120,
        tables=BOOKS | {"market": Rights.READ},
        sends_to=("broker-poll", "broker-sessions", "execution"),
        secrets=("broker", "ibkr"),
        vendors=("broker", "ibkr"),
    ),
    Function(
        name="apply_broker_event",
        settings=ApplyBrokerEvent,
        trigger=Queued("broker-events", batch=10, concurrency=20),
        timeout=60,
        tables=BOOKS,
        sends_to=("broker-accounts", "corporate-actions", "funding", "recalls"),
    ),
    Function(
        name="scan_upload",
        settings=ScanUpload,
        trigger=Queued(
            "uploads",
            batch=2,
            concurrency=10,
            aws_events=AwsEvents(
                ("aws.s3",), "Object Created", "quarantine", bucket_path=("bucket", "name")
            ),
        ),
        reads_objects=("quarantine",),
        finds_objects=("quarantine",),
        reports_scans=True,
    ),
    Function(
        name="verify_identity",
        settings=VerifyIdentity,
        trigger=Queued(
            "identity",
            batch=2,
            concurrency=10,
            events=("users.profile_completed.v1",),
            aws_events=AwsEvents(
                ("aws.guardduty", "baobab.scan"),
                "GuardDuty Malware Protection Object Scan Result",
                "quarantine",
                bucket_path=("s3ObjectDetails", "bucketName"),
            ),
        ),
        groups=("identity-check",),
        memory=1024,
        timeout=60,
        tables=STATES,
        sends_to=("identity",),
        secrets=("onfido",),
        vendors=("onfido",),
        reads_objects=("quarantine", "documents"),
        finds_objects=("quarantine", "documents"),
        writes_objects=("documents",),
        personal_data=PersonalRights.OPEN,
    ),
    Function(
        name="open_broker_account",
        settings=OpenBrokerAccount,
        trigger=Queued(
            "broker-accounts", batch=2, concurrency=5, events=("kyc.identity_approved.v1",)
        ),
        groups=("broker",),
        memory=1024,
        timeout=60,
        tables=STATES,
        sends_to=("broker-accounts",),
        secrets=("broker",),
        vendors=("broker",),
        personal_data=PersonalRights.OPEN,
    ),
    Function(
        name="notify",
        settings=Notify,
        trigger=Queued(
            "notices",
            batch=10,
            concurrency=10,
            events=(
                "users.user_registered.v1",
                "users.signed_in_from_new_device.v1",
                "users.credentials_changed.v1",
                "kyc.identity_approved.v1",
                "kyc.identity_rejected.v1",
                "payments.deposit_settled.v1",
                "payments.deposit_failed.v1",
                "investing.broker_account_opened.v1",
                "investing.broker_account_refused.v1",
                "investing.plan_created.v1",
                "investing.order_rejected.v1",
                "investing.orders_completed.v1",
                "recurring.schedule_created.v1",
                "recurring.schedule_changed.v1",
                "recurring.occurrence_skipped.v1",
                "roundups.round_ups_started.v1",
                "roundups.round_ups_changed.v1",
                "roundups.transfer_returned.v1",
                "disputes.dispute_opened.v1",
                "disputes.dispute_won.v1",
                "disputes.dispute_lost.v1",
                "disputes.receivable_paid.v1",
                "payouts.payout_paid.v1",
                "payouts.payout_failed.v1",
                "payouts.payout_returned.v1",
                "payouts.withdrawal_requoted.v1",
                "payouts.consent_asked.v1",
                "payouts.consent_lapsed.v1",
                "investing.limit_breached.v1",
                "management_fees.fee_charged.v1",
                "withdrawals.payout_account_added.v1",
                "withdrawals.payout_account_removed.v1",
                "withdrawals.withdrawal_requested.v1",
                "withdrawals.withdrawal_rejected.v1",
            ),
        ),
        groups=("personal-data",),
        tables={"core": Rights.UPSERT},
        leading_keys=("USER#*",),
        personal_data=PersonalRights.OPEN,
        mails=True,
        values=("app_url",),
    ),
    Function(
        name="refresh_market",
        settings=RefreshMarket,
        trigger=Queued("market", batch=1, concurrency=2, schedule=Schedule("market", minutes=1)),
        groups=("broker", "ibkr"),
        memory=1024,
        timeout=60,
        tables={"market": Rights.UPSERT},
        secrets=("broker", "ibkr"),
        vendors=("broker", "market_data", "fx", "ibkr"),
    ),
    Function(
        name="collect_history",
        settings=CollectHistory,
        trigger=Queued("history", batch=1, concurrency=2, schedule=Schedule("history", minutes=60)),
        groups=("broker",),
        memory=1024,
        timeout=120,
        tables={"market": Rights.UPSERT},
        secrets=("broker",),
        vendors=("market_data",),
    ),
    Function(
        name="sweep_pending",
        settings=SweepPending,
        trigger=Queued("sweep", batch=1, concurrency=2, schedule=Schedule("sweep", minutes=5)),
        timeout=60,
        tables={"core": Rights.READ_PENDING, "outbox": Rights.READ},
        sends_to=(
            "payment-signals",
            "funding",
            "planning",
            "identity",
            "broker-accounts",
            "corporate-actions",
            "execution",
            "rebalances",
            "fees",
            "treasury",
            "recurring",
            "disputes",
            "raises",
            "recalls",
            "payouts",
        ),
        publishes=True,
    ),
)

FUNCTIONS = (GRAPHQL_API, RECEIVE_WEBHOOK, *WORKERS)
QUEUES = {worker.trigger.queue: worker for worker in WORKERS if isinstance(worker.trigger, Queued)}
"""Each queue and the one function that takes from it."""
