"""Asking M-Pesa about one transaction, and reading the answer that comes later by message."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import httpx

from shared.kernel.money import Currency, Money
from shared.payments.errors import GatewayUnavailable
from shared.payments.ports import Failed, NoAnswer, Outcome, Paid
from shared.payments.providers.daraja_client import (
    ORGANISATION,
    DarajaClient,
    accepted,
    body_of,
)
from shared.payments.providers.daraja_results import Result, party, read_result, shillings
from shared.payments.reasons import Reason
from shared.platform.observability import metric

SUCCESS = "0"
COMPLETED = "completed"
GIVEN_UP = frozenset({"cancelled", "declined", "expired", "failed", "rejected"})
"""A transaction that stands like this has moved nothing, and never will."""
REVERSED = "reversed"


def ask_status(
    client: DarajaClient,
    subject: Mapping[str, str],
    *,
    asker: str,
    result_url: str,
    timeout_url: str,
) -> None:
    """Send a question about ``subject`` (TransactionID or OriginalConversationID) of one of our
    shortcodes, ``asker``. GatewayUnavailable when it was not taken: ask again later."""
    content = {
        **client.operator(),
        "CommandID": "TransactionStatusQuery",
        **subject,
        "PartyA": asker,
        "IdentifierType": ORGANISATION,
        "ResultURL": result_url,
        "QueueTimeOutURL": timeout_url,
        "Remarks": "OK",
        "Occasion": "OK",
    }
    try:
        answer = client.post("/mpesa/transactionstatus/v1/query", content)
    except httpx.HTTPError as error:
        metric("GatewayFailed", gateway="MPESA", error=type(error).__name__)
        raise GatewayUnavailable() from None
    body = body_of(answer)
    if not accepted(answer, body):
        code = str(body.get("errorCode") or answer.status_code)
        metric("GatewayRefused", gateway="MPESA", code=code)
        raise GatewayUnavailable()


@dataclass(frozen=True, slots=True)
class Transaction:
    """What M-Pesa says about one transaction. ``state`` is in lower case and empty when it says
    nothing about it; ``key`` is the OriginatorConversationID it was ordered under."""

    state: str
    receipt: str | None = None
    key: str | None = None
    conversation: str | None = None
    amount: Money | None = None
    payer: str = ""
    """Number of who paid: a phone or a shortcode."""
    payee: str = ""
    payee_name: str = ""
    charge: Money | None = None
    """What M-Pesa took from the paying side for it."""
    ended_at: datetime | None = None


def transaction_of(body: bytes) -> Transaction | None:
    """The transaction that an answer tells of; None when it tells of none: what it says then, in
    whichever code, is about the question."""
    result = read_result(body)
    if result is None or result.code != SUCCESS:
        return None
    state = (result.text("TransactionStatus") or "").lower()
    payer, _ = party(result.text("DebitPartyName"))
    payee, name = party(result.text("CreditPartyName"))
    return Transaction(
        state=state,
        receipt=result.receipt("ReceiptNo"),
        key=result.text("Originator Conversation ID", "OriginatorConversationID"),
        conversation=result.text("Conversation ID", "ConversationID"),
        amount=result.money("Amount"),
        payer=payer,
        payee=payee,
        payee_name=name,
        charge=_charge(result),
        ended_at=result.moment("FinalisedTime"),
    )


def paid_in(transaction: Transaction | None, *, shortcode: str) -> Outcome:
    """What an answer means for a payment to us. Whatever is not certain is no answer."""
    if transaction is None or transaction.receipt is None:
        return NoAnswer()
    if transaction.state == COMPLETED:
        if transaction.payee != shortcode or transaction.amount is None:
            return NoAnswer()
        return Paid(transaction.receipt, transaction.amount)
    if transaction.state in GIVEN_UP or transaction.state == REVERSED:
        return Failed(Reason.GATEWAY_REFUSED)
    return NoAnswer()


def _charge(result: Result) -> Money | None:
    """Of ``Fee For B2C Payment|KES|33.00``, several of them joined by ``&``."""
    text = result.text("DebitPartyCharges")
    if text is None:
        return None
    total = Money(0, Currency.KES)
    for one in text.split("&"):
        parts = one.split("|")
        amount = shillings(parts[2]) if len(parts) == 3 and parts[1] == Currency.KES.value else None
        if amount is None:
            return None
        total += amount
    return total
