"""One delivery of every vendor, in the vendor's own form, and where it is posted to."""

import json
from collections.abc import Mapping
from typing import Any

from shared.kernel.clock import FixedClock
from shared.kernel.ids import Kind, SequentialIds
from shared.payments.callbacks import Purpose, make_token
from tests.conftest import NOW
from tests.functions.webhook_signing import ADYEN, mac_of

ACCOUNT = "BaobabTest"
PATH_OLD, PATH_KEY = "0a" * 32, "0f" * 32
C2B_OLD, C2B_TOKEN = "1a" * 32, "1f" * 32
_IDS = SequentialIds("t1", FixedClock(NOW))
USER, DEPOSIT, PAYOUT = _IDS.new(Kind.USER), _IDS.new(Kind.DEPOSIT), _IDS.new(Kind.PAYOUT)
REPORT = _IDS.new(Kind.REPORT)
TOKEN = make_token(PATH_KEY.encode(), USER, DEPOSIT)


def path_of(purpose: Purpose, subject: str = PAYOUT, key: str = PATH_KEY) -> str:
    """The path of M-Pesa's messages of a purpose."""
    user_id = "" if subject == REPORT else USER
    return make_token(key.encode(), user_id, subject, purpose)


PATHS: Mapping[str, str] = {
    "daraja": TOKEN,
    "daraja-result": path_of(Purpose.RESULT),
    "daraja-status": path_of(Purpose.STATUS),
    "daraja-timeout": path_of(Purpose.TIMEOUT),
    "daraja-balance": path_of(Purpose.BALANCE, REPORT),
    "daraja-c2b-validation": C2B_TOKEN,
    "daraja-c2b-confirmation": C2B_TOKEN,
}
"""What stands after the vendor's name, where something does."""


def packed(content: object) -> bytes:
    return json.dumps(content, separators=(",", ":")).encode()


def adyen_item(key: str = ADYEN, **changes: Any) -> dict[str, Any]:
    """A signed item; a change to ``...`` takes the member away."""
    item = {
        "pspReference": "QFQTPCQ8HXSKGK82",
        "merchantAccountCode": ACCOUNT,
        "merchantReference": f"{USER}.{DEPOSIT}",
        "amount": {"value": 2550, "currency": "USD"},
        "eventCode": "AUTHORISATION",
        "eventDate": "2026-03-02T16:30:00+01:00",
        "paymentMethod": "visa",
        "operations": ["CANCEL", "CAPTURE", "REFUND"],
        "reason": "039404:4242:03/2030",
        "success": "true",
    } | changes
    item = {name: value for name, value in item.items() if value is not ...}
    return item | {"additionalData": {"cardSummary": "4242", "hmacSignature": mac_of(item, key)}}


def adyen_body(*items: Mapping[str, Any], live: object = "false") -> dict[str, Any]:
    """A delivery of these items."""
    return {
        "live": live,
        "notificationItems": [{"NotificationRequestItem": dict(item)} for item in items],
    }


def result(code: object = 0, **values: object) -> dict[str, Any]:
    """A message of M-Pesa with these parameters."""
    listed = [{"Key": key, "Value": value} for key, value in values.items()]
    return {
        "Result": {
            "ResultType": 0,
            "ResultCode": code,
            "ResultDesc": "ok",
            "OriginatorConversationID": "10571-7910404-1",
            "ConversationID": "AG_20191219_00004e48cf7e3533f581",
            "TransactionID": "NLJ41HAY6Q",
            "ResultParameters": {"ResultParameter": listed},
        }
    }


NOTICE: dict[str, Any] = {
    "TransactionType": "Pay Bill",
    "TransID": "RKL51ZDR4F",
    "TransTime": "20231121121325",
    "TransAmount": "500.00",
    "BusinessShortCode": "174379",
    "BillRefNumber": "0123 4567",
    "MSISDN": "2547 ***** 126",
    "FirstName": "NICHOLAS",
}
SAMPLES: Mapping[str, dict[str, Any]] = {
    "stripe": {
        "id": "evt_1",
        "object": "event",
        "livemode": False,
        "type": "checkout.session.completed",
        "data": {"object": {"id": "cs_1", "object": "checkout.session", "metadata": {}}},
    },
    "daraja": {
        "Body": {
            "stkCallback": {
                "MerchantRequestID": "1-2-3",
                "CheckoutRequestID": "ws_CO_1",
                "ResultCode": 0,
                "ResultDesc": "ok",
                "CallbackMetadata": {"Item": [{"Name": "Amount", "Value": 1000.0}]},
            }
        }
    },
    "daraja-result": result(TransactionReceipt="NLJ41HAY6Q", TransactionAmount=10),
    "daraja-status": result(ReceiptNo="NLJ41HAY6Q", Amount=10, TransactionStatus="Completed"),
    "daraja-timeout": {"Result": {"ResultType": 1, "ResultCode": "1"}},
    "daraja-balance": result(AccountBalance="Working Account|KES|700000.00|700000.00|0.00|0.00"),
    "daraja-c2b-validation": NOTICE,
    "daraja-c2b-confirmation": NOTICE,
    "onfido": {
        "payload": {
            "resource_type": "check",
            "action": "check.completed",
            "object": {"id": "c-1", "status": "complete"},
        }
    },
    "adyen": adyen_body(adyen_item()),
    "broker": {"type": "trade_updates", "data": {"event": "fill", "order": {"id": "o"}}},
}
BODIES = {vendor: packed(sample) for vendor, sample in SAMPLES.items()}


def changed(vendor: str, *path: str, to: object) -> bytes:
    """The vendor's sample with one member changed, or taken away where ``to`` is ``...``."""
    content = json.loads(BODIES[vendor])
    inner = content
    for name in path[:-1]:
        inner = inner[name]
    if to is ...:
        del inner[path[-1]]
    else:
        inner[path[-1]] = to
    return packed(content)
