"""M-Pesa payments by Safaricom's Daraja: a prompt on the payer's phone (STK push), and payments
that people make from their phone's menu (C2B)."""

from collections.abc import Callable, Mapping

import httpx

from shared.kernel.clock import Clock
from shared.payments.callbacks import Addresses, Purpose, Subject
from shared.payments.errors import GatewayUnavailable
from shared.payments.methods import Method
from shared.payments.model import Deposit
from shared.payments.paybill_accounts import statement_reference
from shared.payments.ports import (
    Failed,
    NoAnswer,
    NotSent,
    NoWord,
    Outcome,
    Paid,
    Refused,
    Started,
    StartResult,
    Waiting,
)
from shared.payments.providers.daraja_client import (
    NEVER_SENT,
    NO_ANSWER,
    TOKEN_REFUSED,
    DarajaClient,
    accepted,
    body_of,
    rate_limited,
)
from shared.payments.providers.daraja_client import nairobi_timestamp as nairobi_timestamp
from shared.payments.providers.daraja_status import ask_status
from shared.payments.reasons import Reason
from shared.payments.requests import masked
from shared.platform.observability import metric

DESCRIPTION = "Deposit"
NOT_YET = frozenset({"4999", "26"})
"""Codes of a query that say nothing final: under processing; traffic blocked, ask again later."""

RESULTS: Mapping[str, Reason] = {
    "1": Reason.INSUFFICIENT_FUNDS,
    "2": Reason.LIMIT_EXCEEDED,
    "3": Reason.LIMIT_EXCEEDED,
    "4": Reason.LIMIT_EXCEEDED,
    "8": Reason.LIMIT_EXCEEDED,
    "11": Reason.PAYER_NOT_ALLOWED,
    "17": Reason.LIMIT_EXCEEDED,
    "1001": Reason.PAYER_BUSY,
    "1019": Reason.PROMPT_EXPIRED,
    "1025": Reason.PROMPT_NOT_SENT,
    "1031": Reason.CANCELLED_BY_PAYER,
    "1032": Reason.CANCELLED_BY_PAYER,
    "1037": Reason.NO_RESPONSE,
    "2001": Reason.WRONG_PIN,
    "2028": Reason.PAYER_NOT_ALLOWED,
    "9999": Reason.PROMPT_NOT_SENT,
}
"""Final result codes of a push. Texts are no contract: the same code comes with several."""


class DarajaLookup:
    """See PaymentLookup. ``credentials`` is that of DarajaClient. Without ``addresses`` nobody
    can be asked about payments from the menu: their answers come as messages."""

    def __init__(
        self,
        http: httpx.Client,
        credentials: Callable[[], Mapping[str, str]],
        clock: Clock,
        addresses: Addresses | None = None,
    ) -> None:
        self._client = DarajaClient(http, credentials, clock)
        self._addresses = addresses

    def look_up(self, deposit: Deposit, reference: str) -> Outcome:
        """See PaymentGateway. The query of a push names no amount and no receipt. Of a payment
        from the menu the answer comes later, to the deposit's own address."""
        if deposit.method is Method.PAYBILL:
            self.ask(Subject(deposit.user_id, deposit.deposit_id), reference)
            return NoAnswer()
        return asked_push(self._client, reference)

    def cancel(self, deposit: Deposit, reference: str) -> bool:
        """See PaymentGateway. A prompt on a phone cannot be called back."""
        return False

    def ask(self, subject: Subject, receipt: str) -> None:
        """Ask about a payment to us by its receipt number; the answer comes to the subject's
        path. GatewayUnavailable when the question was not taken."""
        if self._addresses is None:
            raise GatewayUnavailable()
        whose = (subject.user_id, subject.subject_id)
        ask_status(
            self._client,
            {"TransactionID": receipt},
            asker=self._client.shortcode,
            result_url=self._addresses.of(Purpose.STATUS, *whose),
            timeout_url=self._addresses.of(Purpose.TIMEOUT, *whose),
        )


class DarajaGateway(DarajaLookup):
    """See PaymentGateway. ``callback_url`` gives the capability URL of a deposit."""

    def __init__(
        self,
        http: httpx.Client,
        credentials: Callable[[], Mapping[str, str]],
        callback_url: Callable[[Deposit], str],
        clock: Clock,
    ) -> None:
        super().__init__(http, credentials, clock)
        self._callback_url = callback_url

    def start(self, deposit: Deposit, phone: str | None, *, save_card: bool = False) -> StartResult:
        """See PaymentGateway. Safaricom keeps no idempotency: the push goes out at most once,
        and only an answer that certainly means "not taken" is reported as such."""
        if phone is None:
            raise ValueError("a push needs a phone number")
        content = {
            **self._client.password(),
            "TransactionType": "CustomerPayBillOnline",
            "Amount": str(deposit.amount.minor // 100),
            "PartyA": phone,
            "PartyB": self._client.shortcode,
            "PhoneNumber": phone,
            "CallBackURL": self._callback_url(deposit),
            # Printed on the payer's message: short, and recognisable to support.
            "AccountReference": statement_reference(deposit.deposit_id),
            "TransactionDesc": DESCRIPTION,
        }
        try:
            answer = self._client.post("/mpesa/stkpush/v1/processrequest", content)
        except GatewayUnavailable:
            return NotSent()
        except NEVER_SENT:
            return NotSent()
        except httpx.HTTPError as error:
            metric("GatewayFailed", gateway="MPESA", error=type(error).__name__)
            return NoWord()
        return _started(answer, phone)


def asked_push(client: DarajaClient, reference: str) -> Outcome:
    """What became of a push: told at once, and without an amount. GatewayUnavailable when M-Pesa
    cannot be asked now."""
    content = {**client.password(), "CheckoutRequestID": reference}
    try:
        answer = client.post("/mpesa/stkpushquery/v1/query", content)
    except httpx.HTTPError as error:
        metric("GatewayFailed", gateway="MPESA", error=type(error).__name__)
        raise GatewayUnavailable() from None
    return _outcome(answer, reference)


def _started(answer: httpx.Response, phone: str) -> StartResult:
    body = body_of(answer)
    checkout = body.get("CheckoutRequestID")
    if accepted(answer, body) and checkout:
        return Started(str(checkout), pushed_to=masked(phone))
    code, text = str(body.get("errorCode", "")), str(body.get("errorMessage", ""))
    metric("GatewayRefused", gateway="MPESA", code=code or str(answer.status_code))
    if rate_limited(answer, body) or code in TOKEN_REFUSED:
        return NotSent()
    if code == NO_ANSWER and "lock subscriber" in text.lower():
        return Refused(Reason.PAYER_BUSY)
    if 400 <= answer.status_code < 500 and code:
        named = "PhoneNumber" in text or "PartyA" in text
        return Refused(Reason.INVALID_PHONE if named else Reason.GATEWAY_REFUSED)
    return NoWord()


def _outcome(answer: httpx.Response, reference: str) -> Outcome:
    body = body_of(answer)
    if rate_limited(answer, body):
        raise GatewayUnavailable()
    result = body.get("ResultCode")
    if result is None or not accepted(answer, body):
        # Also what a settled payment's query says now and then: no word, never a failure.
        return NoAnswer()
    if body.get("CheckoutRequestID") != reference:
        return NoAnswer()
    code = str(result)
    if code == "0":
        return Paid(reference, None)
    if code in NOT_YET:
        return Waiting()
    reason = RESULTS.get(code)
    if reason is None:
        metric("UnknownResultCode", gateway="MPESA", code=code)
        return Failed(Reason.GATEWAY_REFUSED)
    return Failed(reason)
