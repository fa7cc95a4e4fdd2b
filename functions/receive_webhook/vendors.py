"""The table of vendors: how each proves itself, what of its news is wanted, and where it goes.

A new vendor is a row here, a field for its queue and its secret in the settings, and a sample of
its deliveries in the tests, which run every rule over every row.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from functions.receive_webhook import mpesa
from functions.receive_webhook.contents import (
    Shape,
    is_flag,
    is_list,
    is_object,
    is_object_or_nothing,
    is_text,
    one_of,
)
from functions.receive_webhook.items import ADYEN_ITEMS, MONEY, SignedItems
from functions.receive_webhook.keeping import Members
from functions.receive_webhook.paths import CapabilityPath, FixedPath
from functions.receive_webhook.signatures import (
    STANDARD_WEBHOOKS,
    STRIPE,
    Scheme,
    body_alone,
)
from shared.kernel.ids import Kind
from shared.payments.callbacks import Purpose


@dataclass(frozen=True, slots=True)
class Vendor:
    """``queue`` and ``kept_in`` name fields of the settings, the latter that of a secret; ``keys``
    are the secret's members that hold what proves, each a text or a list, all good at once. A
    capability path names its queues itself, by the kind of thing that it is about.

    Where a delivery is a list of signed items, what follows ``envelope`` is about each item."""

    queue: str
    kept_in: str
    keys: tuple[str, ...]
    proof: Scheme | CapabilityPath | FixedPath | SignedItems
    envelope: Shape
    """What everything that this vendor sends looks like, wanted or not."""
    kept: Members
    """What workers read of it; the rest goes no further."""
    kind: tuple[str, ...] | None
    """Path to the kind of news; None where there is one kind only."""
    wanted: Mapping[str, Shape] = field(default_factory=dict)
    """Allow-list of kinds, with the shape of what is used of each."""
    live: tuple[str, ...] | None = None
    """Path to a flag that tells live money from test money, of the delivery as a whole."""
    account: tuple[str, str] | None = None
    """The member that names our account at the vendor, and the secret's member that has it."""
    queues: Mapping[str, str] = field(default_factory=dict)
    """Kinds that go to another queue than ``queue``: fields of the settings."""
    kept_also: Mapping[str, Members] = field(default_factory=dict)
    """Of some kinds what workers read beside ``kept``."""
    reply: str | None = None
    """Name of who answers a question; its news is on no queue."""
    answer: Mapping[str, Any] = field(default_factory=lambda: {"received": True})


_STRIPE_METADATA: Shape = {"id": is_text, "metadata": is_object_or_nothing}
_SESSION: Shape = {
    "data": {"object": {"object": one_of("checkout.session"), **_STRIPE_METADATA}},
}
_INTENT: Shape = {"data": {"object": {"object": one_of("payment_intent"), **_STRIPE_METADATA}}}
_INTENTS = tuple(
    f"payment_intent.{each}"
    for each in ("processing", "partially_funded", "succeeded", "payment_failed", "canceled")
)
_DISPUTE: Shape = {"data": {"object": {"object": one_of("dispute"), "id": is_text}}}
_DISPUTES = tuple(
    f"charge.dispute.{each}"
    for each in ("created", "updated", "closed", "funds_withdrawn", "funds_reinstated")
)
_REFUND: Shape = {"data": {"object": {"object": one_of("refund"), **_STRIPE_METADATA}}}
_REFUNDS = ("refund.created", "refund.updated", "refund.failed")
_CASH: Shape = {
    "data": {"object": {"object": one_of("customer_cash_balance_transaction"), "customer": is_text}}
}
_CASH_MOVED = "customer_cash_balance_transaction.created"
_PAYOUT: Shape = {"data": {"object": {"object": one_of("payout"), **_STRIPE_METADATA}}}
_PAYOUTS = ("payout.created", "payout.paid", "payout.failed", "payout.canceled")
_CHARGEBACKS = (
    "NOTIFICATION_OF_CHARGEBACK",
    "CHARGEBACK",
    "SECOND_CHARGEBACK",
    "CHARGEBACK_REVERSED",
    "CAPTURE_FAILED",
)
_REPORT = "REPORT_AVAILABLE"
_ADYEN_REFUNDS = ("REFUND", "REFUND_FAILED", "REFUNDED_REVERSED", "CANCELLATION")
_CHARGEBACK: Members = {
    "additionalData": {"chargebackReasonCode": None, "defensePeriodEndsAt": None}
}
_CHECK: Shape = {"payload": {"resource_type": one_of("check"), "object": {"id": is_text}}}


def _path(purpose: Purpose, queues: Mapping[Kind, str], shape: Shape, kept: Members) -> Vendor:
    """M-Pesa, at paths that are made for one thing each."""
    return Vendor(
        queue="",
        kept_in="webhook_path_secret",
        keys=("key", "previous"),
        proof=CapabilityPath(purpose, queues),
        envelope=shape,
        kept=kept,
        kind=None,
        answer=mpesa.ACCEPTED,
    )


def _menu(reply: str | None, answer: Mapping[str, object]) -> Vendor:
    """M-Pesa, about payments that people make from their phone's menu."""
    return Vendor(
        queue="payment_signals_queue",
        kept_in="c2b_token_secret",
        keys=("token", "previous"),
        proof=FixedPath(),
        envelope=mpesa.NOTICE,
        kept=mpesa.NOTICE_KEPT,
        kind=None,
        reply=reply,
        answer=answer,
    )


VENDORS: Mapping[str, Vendor] = {
    "stripe": Vendor(
        queue="payment_signals_queue",
        kept_in="stripe_secret",
        keys=("webhook_secrets",),
        proof=STRIPE,
        envelope={
            "id": is_text,
            "object": one_of("event", "v2.core.event"),
            "type": is_text,
            "livemode": is_flag,
        },
        kept={
            "type": None,
            "data": {
                "object": {
                    "id": None,
                    "object": None,
                    "metadata": {"user_id": None, "deposit_id": None, "payout_id": None},
                }
            },
        },
        kind=("type",),
        wanted={
            "checkout.session.completed": _SESSION,
            "checkout.session.expired": _SESSION,
            "checkout.session.async_payment_succeeded": _SESSION,
            "checkout.session.async_payment_failed": _SESSION,
            **dict.fromkeys(_INTENTS, _INTENT),
            **dict.fromkeys(_DISPUTES, _DISPUTE),
            **dict.fromkeys(_REFUNDS, _REFUND),
            **dict.fromkeys(_PAYOUTS, _PAYOUT),
            _CASH_MOVED: _CASH,
        },
        queues=dict.fromkeys(_DISPUTES, "disputes_queue")
        | dict.fromkeys((*_REFUNDS, *_PAYOUTS), "payouts_queue"),
        # Whose: it names nobody of ours.
        kept_also={
            _CASH_MOVED: {"data": {"object": dict.fromkeys(("id", "object", "customer"))}},
        },
        live=("livemode",),
    ),
    "daraja": _path(Purpose.STK, mpesa.PUSHES, mpesa.PUSH, mpesa.PUSH_KEPT),
    "daraja-result": _path(Purpose.RESULT, mpesa.ORDERS, mpesa.RESULT, mpesa.RESULT_KEPT),
    "daraja-status": _path(Purpose.STATUS, mpesa.ANSWERS, mpesa.RESULT, mpesa.STATUS_KEPT),
    "daraja-timeout": _path(Purpose.TIMEOUT, mpesa.ANSWERS, mpesa.TIMEOUT, {}),
    "daraja-balance": _path(Purpose.BALANCE, mpesa.REPORTS, mpesa.RESULT, mpesa.BALANCE_KEPT),
    "daraja-c2b-validation": _menu("paybill", mpesa.ACCEPTED),
    "daraja-c2b-confirmation": _menu(None, mpesa.RECEIVED),
    "onfido": Vendor(
        queue="identity_queue",
        kept_in="onfido_secret",
        keys=("webhook_token", "webhook_tokens"),
        proof=body_alone("x-sha2-signature"),
        envelope={"payload": {"resource_type": is_text, "action": is_text, "object": is_object}},
        kept={"payload": {"resource_type": None, "action": None, "object": {"id": None}}},
        kind=("payload", "action"),
        wanted={"check.completed": _CHECK, "check.withdrawn": _CHECK, "check.reopened": _CHECK},
    ),
    "broker": Vendor(
        queue="broker_events_queue",
        kept_in="broker_secret",
        keys=("webhook_secrets",),
        proof=STANDARD_WEBHOOKS,
        envelope={"type": is_text, "data": is_object},
        kept={
            "type": None,
            "data": {
                **dict.fromkeys(
                    (
                        "account_id",
                        "at",
                        "description",
                        "entry_type",
                        "event",
                        "execution_id",
                        "id",
                        "journal_id",
                        "net_amount",
                        "per_share_amount",
                        "price",
                        "qty",
                        "settle_date",
                        "status",
                        "symbol",
                        "timestamp",
                    )
                ),
                "order": dict.fromkeys(
                    ("client_order_id", "filled_qty", "id", "replaced_by", "side", "symbol"),
                ),
            },
        },
        kind=("type",),
        wanted={
            "trade_updates": {"data": {"event": is_text, "order": is_object}},
            "journal_status": {"data": {"journal_id": is_text}},
            "account_status": {"data": {"account_id": is_text}},
            "account_activity": {"data": {"id": is_text, "entry_type": is_text}},
        },
    ),
    "adyen": Vendor(
        queue="payment_signals_queue",
        kept_in="adyen_secret",
        keys=("hmac_keys",),
        proof=ADYEN_ITEMS,
        envelope={"live": one_of("true", "false"), "notificationItems": is_list},
        kept={
            **dict.fromkeys(
                (
                    "pspReference",
                    "originalReference",
                    "merchantAccountCode",
                    "merchantReference",
                    "eventCode",
                    "eventDate",
                    "success",
                )
            ),
            "amount": {"value": None, "currency": None},
        },
        kind=("eventCode",),
        wanted={
            **dict.fromkeys(("AUTHORISATION", *_CHARGEBACKS, *_ADYEN_REFUNDS), MONEY),
            _REPORT: {"reason": is_text},
        },
        queues=dict.fromkeys(_CHARGEBACKS, "disputes_queue")
        | dict.fromkeys(_ADYEN_REFUNDS, "payouts_queue")
        | {_REPORT: "reconciliation_queue"},
        # Where a report lies.
        kept_also={**dict.fromkeys(_CHARGEBACKS, _CHARGEBACK), _REPORT: {"reason": None}},
        live=("live",),
        account=("merchantAccountCode", "merchant_account"),
        answer={"notificationResponse": "[accepted]"},
    ),
}
"""By the name in the path."""
