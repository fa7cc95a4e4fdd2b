"""The table of the functions that move money."""

from functions.charge_recurring.settings import Settings as ChargeRecurring
from functions.fund_deposit.settings import Settings as FundDeposit
from functions.handle_dispute.settings import Settings as HandleDispute
from functions.keep_treasury.settings import Settings as KeepTreasury
from functions.raise_cash.settings import Settings as RaiseCash
from functions.recall_cash.settings import Settings as RecallCash
from functions.reconcile_gateways.settings import Settings as ReconcileGateways
from functions.send_payout.settings import Settings as SendPayout
from functions.settle_deposit.settings import Settings as SettleDeposit
from infra.model import AwsEvents, Function, PersonalRights, Queued, ReportRights, Rights, Schedule

BOOKS = {"core": Rights.UPSERT, "journal": Rights.APPEND, "outbox": Rights.EMIT}
"""For functions that move money."""
STATES = {"core": Rights.UPSERT, "journal": Rights.NAMED, "outbox": Rights.EMIT}
"""For functions that change states and tell others, without touching the ledger's journal."""

MONEY_WORKERS = (
    Function(
        name="settle_deposit",
        settings=SettleDeposit,
        trigger=Queued(
            "payment-signals",
            # Two gateways that hang take 25 s a message: both end in time.
            batch=2,
            concurrency=20,
            events=("treasury.suspense_match_agreed.v1",),
        ),
        groups=("gateways",),
        timeout=60,
        tables=BOOKS | {"market": Rights.READ},
        sends_to=("payment-signals",),
        secrets=("stripe", "daraja", "adyen", "webhook_path"),
        vendors=("stripe", "daraja", "adyen"),
        values=("webhook_base_url",),
    ),
    Function(
        name="fund_deposit",
        settings=FundDeposit,
        trigger=Queued(
            "funding",
            batch=5,
            concurrency=10,
            events=("payments.deposit_settled.v1", "investing.broker_account_opened.v1"),
        ),
        groups=("broker",),
        memory=1024,
        timeout=60,
        tables=BOOKS | {"market": Rights.READ},
        sends_to=("funding",),
        secrets=("broker",),
        vendors=("broker",),
        values=("prefunding_limit_minor", "invest_now_cap_minor"),
    ),
    Function(
        name="keep_treasury",
        settings=KeepTreasury,
        trigger=Queued(
            "treasury",
            batch=10,
            concurrency=10,
            events=("ledger.entry_posted.v1", "treasury.movement_agreed.v1"),
            schedule=Schedule("treasury", minutes=15),
        ),
        groups=("gateways",),
        timeout=60,
        tables=BOOKS | {"market": Rights.APPEND},
        appends_at={"market": ("BREAKERS",)},
        leading_keys=(
            "BALANCE#*",
            "CASE#*",
            "CLOSING#*",
            "CLOSINGS",
            "EXT#HOUSE#*",
            "HOUSE#*",
            "HOUSE_ACCOUNTS",
            "LINES#*",
            "MOVEMENTS",
        ),
        sends_to=("treasury",),
        secrets=("stripe",),
        vendors=("stripe",),
        values=("prefund_exposure_limit_minor", "firm_float_minor", "fx_position_limits"),
    ),
    Function(
        name="reconcile_gateways",
        settings=ReconcileGateways,
        # One book a message: reports of different books never wait for each other.
        trigger=Queued(
            "reconciliation",
            batch=1,
            concurrency=4,
            events=("reconciliation.report_asked.v1",),
            # Banks, and people, leave statements in a bucket of their own.
            aws_events=AwsEvents(
                ("aws.s3",), "Object Created", "statements", bucket_path=("bucket", "name")
            ),
            schedule=Schedule("reconciliation", minutes=60),
        ),
        groups=("reconciliation",),
        memory=1024,
        timeout=120,
        tables=BOOKS,
        leading_keys=(
            "BALANCE#*",
            "CASE#*",
            "EXT#BANK#*",
            "EXT#HOUSE#*",
            "HOUSE#*",
            "HOUSE_ACCOUNTS",
            "LINES#*",
            "REPORTS",
            "REPORTS#*",
            "STATEMENT#*",
        ),
        lists_for_staff=True,
        sends_to=("reconciliation",),
        secrets=("stripe", "adyen", "daraja", "webhook_path"),
        vendors=("stripe", "adyen_reports", "daraja"),
        values=("bank_accounts", "webhook_base_url"),
        reads_objects=("reports", "statements"),
        finds_objects=("reports", "statements"),
        writes_objects=("reports",),
        reports=ReportRights.SIGN,
    ),
    Function(
        name="handle_dispute",
        settings=HandleDispute,
        trigger=Queued(
            "disputes",
            batch=5,
            concurrency=5,
            events=(
                "payments.deposit_funded.v1",
                "payouts.payout_released.v1",
                "payouts.payout_paid.v1",
                "investing.order_filled.v1",
                "disputes.collection_asked.v1",
                "disputes.concession_asked.v1",
                "reconciliation.dispute_differs.v1",
            ),
        ),
        groups=("gateways",),
        timeout=60,
        tables=BOOKS,
        sends_to=("disputes",),
        secrets=("stripe",),
        vendors=("stripe",),
    ),
    Function(
        name="raise_cash",
        settings=RaiseCash,
        trigger=Queued(
            "raises",
            batch=5,
            concurrency=10,
            events=(
                "payouts.payout_requested.v1",
                "payouts.payout_released.v1",
                "investing.plan_created.v1",
                "investing.orders_completed.v1",
            ),
        ),
        # What was held on each day, for the last fee, is in the journal.
        tables=STATES | {"journal": Rights.READ, "market": Rights.READ},
        sends_to=("fees", "planning"),
    ),
    Function(
        name="recall_cash",
        settings=RecallCash,
        trigger=Queued(
            "recalls",
            batch=5,
            concurrency=10,
            events=("payouts.payout_requested.v1", "payouts.payout_stopped.v1"),
        ),
        groups=("broker",),
        memory=1024,
        timeout=60,
        tables=BOOKS,
        sends_to=("recalls",),
        secrets=("broker",),
        vendors=("broker",),
    ),
    Function(
        name="send_payout",
        settings=SendPayout,
        trigger=Queued(
            "payouts",
            batch=5,
            concurrency=10,
            events=(
                "payouts.payout_requested.v1",
                "payouts.cash_recalled.v1",
                "payments.surplus_received.v1",
            ),
        ),
        groups=("gateways", "personal-data"),
        timeout=60,
        tables=BOOKS | {"market": Rights.READ},
        sends_to=("payouts",),
        secrets=("stripe", "daraja", "adyen", "webhook_path"),
        vendors=("stripe", "daraja", "adyen"),
        personal_data=PersonalRights.OPEN,
        values=("webhook_base_url", "requote_tolerance", "payout_consent_seconds"),
    ),
    Function(
        name="charge_recurring",
        settings=ChargeRecurring,
        # Few at a time: a gateway's limit of requests is shared with people who wait.
        trigger=Queued("recurring", batch=2, concurrency=5),
        groups=("gateways",),
        timeout=60,
        tables=STATES | {"market": Rights.READ},
        leading_keys=("CIRCUIT#*", "IDEM#*", "PAYREF#*", "USER#*"),
        sends_to=("payment-signals", "recurring"),
        secrets=("stripe", "daraja", "webhook_path"),
        vendors=("stripe", "daraja"),
        personal_data=PersonalRights.OPEN,
        values=("app_url", "webhook_base_url"),
    ),
)
