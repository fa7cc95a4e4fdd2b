"""What M-Pesa answers later: the ``Result`` bodies, sent once and unsigned."""

import json
from datetime import datetime
from typing import Any

from sandbox.context import Sandbox
from sandbox.daraja.books import NAIROBI, VENDOR, Books, Transaction

TEXTS: dict[str, str] = {
    "0": "The service request is processed successfully.",
    "1": "The balance is insufficient for the transaction.",
    "2": "Declined due to limit rule: less than the minimum transaction amount.",
    "3": "Declined due to limit rule: greater than the maximum transaction amount.",
    "8": "Declined due to limit rule: would exceed the maximum balance.",
    "21": "The service request is processed successfully",
    "26": "System internal error. Traffic blocking condition in place.",
    "2001": "The initiator information is invalid.",
    "2040": "Credit Party customer type can't be supported by the service .",
    "R000001": "The transaction has already been reversed.",
    "R000002": "The OriginalTransactionID is invalid.",
    "SFC_IC0003": "The transaction does not exist.",
}
"""By result code, as far as this sandbox makes them."""

type Parameters = list[tuple[str, Any]]


class Results:
    """Sends results to the addresses that came with the order."""

    def __init__(self, sandbox: Sandbox, books: Books) -> None:
        self._sandbox = sandbox
        self._books = books

    async def send(
        self,
        url: str,
        kind: str,
        transaction: Transaction,
        code: str,
        parameters: Parameters | None = None,
        *,
        receipt: str | None = None,
    ) -> None:
        """The end of an order. Codes that are numbers are told as numbers by some interfaces and
        as texts by others."""
        inner: dict[str, Any] = {
            "ResultType": 0,
            "ResultCode": int(code) if code.isdigit() and kind != "reversal_result" else code,
            "ResultDesc": TEXTS[code],
            "OriginatorConversationID": transaction.originator,
            "ConversationID": transaction.conversation,
            "TransactionID": receipt or transaction.receipt or "NLJ0000000",
        }
        if parameters is not None:
            listed = [
                {"Key": key} if value is None else {"Key": key, "Value": value}
                for key, value in parameters
            ]
            inner["ResultParameters"] = {"ResultParameter": listed}
        inner["ReferenceData"] = {
            "ReferenceItem": {"Key": "QueueTimeoutURL", "Value": "https://internal.invalid/submit"}
        }
        await self._post(url, kind, inner)

    async def time_out(self, url: str, transaction: Transaction) -> None:
        """The order waited for too long in the queue: nobody knows what becomes of it."""
        await self._post(
            url,
            "queue_timeout",
            {
                "ResultType": 1,
                "ResultCode": "1",
                "ResultDesc": "The service request timed out.",
                "OriginatorConversationID": transaction.originator,
                "ConversationID": transaction.conversation,
            },
        )

    def of_status(self, transaction: Transaction, state: str) -> Parameters:
        """What is told of a transaction that was asked for."""
        fee = f"Fee For {transaction.kind}|KES|{transaction.charge:.2f}"
        return [
            ("ReceiptNo", transaction.receipt),
            ("Conversation ID", transaction.conversation),
            ("FinalisedTime", int(transaction.ended_at) if transaction.ended_at else None),
            ("Amount", transaction.amount),
            ("TransactionStatus", state),
            ("ReasonType", transaction.kind),
            ("TransactionReason", None),
            ("DebitPartyCharges", fee if transaction.charge else None),
            ("DebitAccountType", "Utility Account"),
            ("InitiatedTime", int(transaction.begun_at)),
            ("Originator Conversation ID", transaction.originator),
            ("CreditPartyName", self._shown(transaction.payee)),
            ("DebitPartyName", self._shown(transaction.payer)),
        ]

    def of_payment(self, transaction: Transaction, at: datetime, utility: int) -> Parameters:
        """What is told of a payment to a phone."""
        return [
            ("TransactionAmount", transaction.amount),
            ("TransactionReceipt", transaction.receipt),
            ("B2CRecipientIsRegisteredCustomer", "Y"),
            ("B2CChargesPaidAccountAvailableFunds", -4510.0),
            ("ReceiverPartyPublicName", self._shown(transaction.payee)),
            ("TransactionCompletedDateTime", f"{at.astimezone(NAIROBI):%d.%m.%Y %H:%M:%S}"),
            ("B2CUtilityAccountAvailableFunds", float(utility)),
            ("B2CWorkingAccountAvailableFunds", 900000.0),
        ]

    def of_reversal(self, transaction: Transaction, original: Transaction) -> Parameters:
        """What is told of a reversal that worked."""
        return [
            ("DebitAccountBalance", "Utility Account|KES|51661.00|51661.00|0.00|0.00"),
            ("Amount", str(transaction.amount)),
            ("TransCompletedTime", transaction.ended_at),
            ("OriginalTransactionID", original.receipt),
            ("Charge", "0"),
            ("CreditPartyPublicName", self._shown(transaction.payee)),
            ("DebitPartyPublicName", self._shown(transaction.payer)),
        ]

    def _shown(self, party: str) -> str:
        name = self._books.name_of(party) if len(party) == 12 else "Baobab"
        return f"{party} - {name}"

    async def _post(self, url: str, kind: str, inner: dict[str, Any]) -> None:
        await self._sandbox.outbound.deliver(
            vendor=VENDOR,
            url=url,
            body=json.dumps({"Result": inner}).encode(),
            headers={"Content-Type": "application/json;charset=UTF-8"},
            event_type=kind,
        )
