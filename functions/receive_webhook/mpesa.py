"""What M-Pesa's messages look like, what of them is used, and on which queue it goes."""

from collections.abc import Mapping

from functions.receive_webhook.contents import Shape, is_any_code, is_code, is_object, is_text
from functions.receive_webhook.keeping import Listed, Members
from shared.kernel.ids import Kind

ACCEPTED: Mapping[str, object] = {"ResultCode": 0, "ResultDesc": "Accepted"}
RECEIVED: Mapping[str, object] = {"ResultCode": 0, "ResultDesc": "Success"}

PUSHES: Mapping[Kind, str] = {Kind.DEPOSIT: "payment_signals_queue"}
ORDERS: Mapping[Kind, str] = {Kind.PAYOUT: "payouts_queue"}
"""Payments to phones and reversals."""
REPORTS: Mapping[Kind, str] = {Kind.REPORT: "reconciliation_queue"}
"""What lies on our accounts, asked for the sake of a report."""
ANSWERS: Mapping[Kind, str] = {
    Kind.DEPOSIT: "payment_signals_queue",
    Kind.MOVEMENT: "payment_signals_queue",
    **ORDERS,
    **REPORTS,
}
"""Of a payment to us, of one whose owner is not known, and of any for a report."""

PUSH: Shape = {"Body": {"stkCallback": {"CheckoutRequestID": is_text, "ResultCode": is_code}}}
PUSH_KEPT: Members = {
    "Body": {
        "stkCallback": {
            "CheckoutRequestID": None,
            "ResultCode": None,
            "CallbackMetadata": {
                "Item": Listed(
                    "Name",
                    frozenset({"Amount", "MpesaReceiptNumber"}),
                    {"Name": None, "Value": None},
                )
            },
        }
    }
}

RESULT: Shape = {"Result": {"ResultCode": is_any_code}}
TIMEOUT: Shape = {"Result": is_object}
"""That it came is the news."""


def _result_kept(*keys: str) -> Members:
    """Of a result its names, and these parameters. Balances and payers go no further."""
    parameters = Listed("Key", frozenset(keys), {"Key": None, "Value": None})
    return {
        "Result": {
            "ResultCode": None,
            "OriginatorConversationID": None,
            "ConversationID": None,
            "TransactionID": None,
            "ResultParameters": {"ResultParameter": parameters},
        }
    }


RESULT_KEPT = _result_kept("TransactionReceipt", "OriginalTransactionID")
STATUS_KEPT = _result_kept(
    "ReceiptNo",
    "Amount",
    "TransactionStatus",
    "FinalisedTime",
    "Originator Conversation ID",
    "Conversation ID",
    "DebitPartyCharges",
    # The receiver's name is compared with that of the person whose payout it is.
    "CreditPartyName",
)
BALANCE_KEPT = _result_kept("AccountBalance", "BOCompletedTime")

NOTICE: Shape = {"TransID": is_text, "TransAmount": is_text, "BusinessShortCode": is_text}
NOTICE_KEPT: Members = dict.fromkeys(
    ("TransID", "TransAmount", "TransTime", "BusinessShortCode", "BillRefNumber")
)
