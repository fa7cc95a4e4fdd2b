"""An event of every topic that somebody is written about."""

from datetime import UTC, datetime

from shared.kernel.events import Envelope

NOW = datetime(2026, 3, 2, 15, 30, tzinfo=UTC)
USER = "usr_t1_01ARZ3NDEKTSV4RRFFQ69G5FAV"
EVENT = "evt_t1_01ARZ3NDEKTSV4RRFFQ69G5FAW"
SETTLED = Envelope(
    id=EVENT,
    type="payments.deposit_settled.v1",
    occurred_at=NOW,
    correlation_id="c",
    data={
        "user_id": USER,
        "deposit_id": "dep",
        "gateway": "MPESA",
        "currency": "KES",
        "amount_minor": 650000,
        "credited_currency": "USD",
        "credited_minor": 5031,
    },
)

EVENT_VALUES: dict[str, dict[str, object]] = {
    "users.user_registered": {"language": "en"},
    "users.signed_in_from_new_device": {},
    "users.credentials_changed": {"change": "PASSWORD_CHANGED"},
    "kyc.identity_approved": {"provider": "onfido"},
    "kyc.identity_rejected": {"reason": "DOCUMENT_BLURRED", "can_retry": True},
    "payments.deposit_settled": SETTLED.data,
    "payments.deposit_failed": {"gateway": "MPESA", "reason": "WRONG_PIN"},
    "investing.broker_account_opened": {"broker_account_id": "b"},
    "investing.broker_account_refused": {"reason": "REJECTED", "can_retry": False},
    "investing.plan_created": {"order_count": 7, "notional_minor": 99123},
    "investing.order_rejected": {"order_id": "ord", "symbol": "MTUM", "reason": "REJECTED"},
    "investing.orders_completed": {"plan_id": "pln"},
    "recurring.schedule_created": {
        "first_on": "2026-03-31",
        "currency": "KES",
        "amount_minor": 500_000,
    },
    "recurring.schedule_changed": {
        "change": "AMOUNT_CHANGED",
        "currency": "KES",
        "amount_minor": 500_000,
    },
    "recurring.occurrence_skipped": {
        "on": "2026-03-31",
        "reason": "TOO_LATE",
        "currency": "KES",
        "amount_minor": 500_000,
    },
    "roundups.round_ups_started": {
        "method": "CARD",
        "multiplier": 1,
        "currency": "USD",
        "amount_minor": 500,
    },
    "roundups.round_ups_changed": {"change": "PAUSED", "currency": "USD", "amount_minor": 55},
    "roundups.transfer_returned": {
        "number": 1,
        "reason": "NOT_PAID",
        "currency": "USD",
        "amount_minor": 500,
    },
    "disputes.dispute_opened": {"currency": "USD", "amount_minor": 1_000, "reason": "FRAUD"},
    "disputes.dispute_won": {"currency": "USD", "amount_minor": 1_000},
    "disputes.dispute_lost": {"currency": "USD", "amount_minor": 1_000, "owed_minor": 400},
    "disputes.receivable_paid": {"currency": "USD", "amount_minor": 1_000, "left_minor": 400},
    "payouts.payout_paid": {
        "purpose": "WITHDRAWAL",
        "currency": "KES",
        "amount_minor": 510_200,
        "debited_minor": 4_000,
    },
    "payouts.payout_failed": {
        "purpose": "WITHDRAWAL",
        "reason": "RECEIVER_NOT_ABLE",
        "currency": "KES",
        "amount_minor": 510_200,
    },
    "payouts.payout_returned": {
        "purpose": "WITHDRAWAL",
        "reason": "RETURNED_BY_BANK",
        "currency": "USD",
        "amount_minor": 4_000,
    },
    "payouts.withdrawal_requoted": {
        "debited_minor": 4_000,
        "currency": "KES",
        "amount_minor": 505_100,
        "was_minor": 510_200,
    },
    "payouts.consent_asked": {
        "debited_minor": 4_000,
        "currency": "KES",
        "amount_minor": 472_800,
        "was_minor": 510_200,
        "answer_by": "2026-03-05T15:30:00Z",
    },
    "payouts.consent_lapsed": {"debited_minor": 4_000},
    "investing.limit_breached": {
        "rule": "CONCENTRATION",
        "part": "KO",
        "share": "0.123456",
        "cap": "0.100000",
    },
    "management_fees.fee_charged": {
        "amount_minor": 191,
        "first": "2026-02-01",
        "last": "2026-02-28",
        "closing": False,
    },
    "withdrawals.payout_account_added": {"kind": "BANK", "usable_at": "2026-03-03T15:30:00Z"},
    "withdrawals.payout_account_removed": {"kind": "MPESA"},
    "withdrawals.withdrawal_requested": {
        "debited_minor": 10_000,
        "currency": "KES",
        "amount_minor": 1_279_200,
    },
    "withdrawals.withdrawal_rejected": {"debited_minor": 10_000},
}
