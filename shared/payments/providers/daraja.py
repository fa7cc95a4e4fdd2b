"""M-Pesa payments by Safaricom's Daraja: a prompt on the payer's phone (STK push)."""

import base64
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import httpx

from shared.kernel.clock import Clock
from shared.payments.errors import GatewayUnavailable
from shared.payments.model import Deposit
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
from shared.payments.reasons import Reason
from shared.payments.requests import masked
from shared.platform.observability import metric

NAIROBI = timezone(timedelta(hours=3))
MARGIN = timedelta(minutes=5)
DESCRIPTION = "Deposit"

PENDING_CODE = "4999"
NO_ANSWER = "500.001.1001"
TOKEN_REFUSED = frozenset({"400.003.01", "401.002.01", "404.001.03"})
RATE_LIMITED = frozenset({"500.003.02", "500.003.03"})

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

_NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)


class DarajaLookup:
    """See PaymentLookup. ``credentials`` gives consumer_key, consumer_secret, shortcode and
    passkey, and is called per use, so that a rotation is seen."""

    def __init__(
        self, http: httpx.Client, credentials: Callable[[], Mapping[str, str]], clock: Clock
    ) -> None:
        self._http = http
        self._credentials = credentials
        self._clock = clock
        self._token = ""
        self._token_good_until = datetime.min.replace(tzinfo=UTC)

    def look_up(self, deposit: Deposit, reference: str) -> Outcome:
        """See PaymentGateway. The query names no amount and no receipt."""
        try:
            answer = self._post("/mpesa/stkpushquery/v1/query", {"CheckoutRequestID": reference})
        except httpx.HTTPError as error:
            metric("GatewayFailed", gateway="MPESA", error=type(error).__name__)
            raise GatewayUnavailable() from None
        return _outcome(answer, reference)

    def cancel(self, deposit: Deposit, reference: str) -> bool:
        """See PaymentGateway. A prompt on a phone cannot be called back."""
        return False

    def _post(self, path: str, content: Mapping[str, str]) -> httpx.Response:
        """One authorised request. A refused token is renewed once: refused before anything."""
        answer = self._send(path, content)
        if _body(answer).get("errorCode") in TOKEN_REFUSED:
            self._token = ""
            answer = self._send(path, content)
        return answer

    def _send(self, path: str, content: Mapping[str, str]) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self._access_token()}"}
        return self._http.post(path, json={**self._signed(), **content}, headers=headers)

    def _signed(self) -> dict[str, str]:
        secret = self._credentials()
        timestamp = nairobi_timestamp(self._clock.now())
        text = f"{secret['shortcode']}{secret['passkey']}{timestamp}"
        return {
            "BusinessShortCode": secret["shortcode"],
            "Password": base64.b64encode(text.encode()).decode(),
            "Timestamp": timestamp,
        }

    def _access_token(self) -> str:
        """The cached token; GatewayUnavailable when none is given: nothing was sent then."""
        if self._token and self._clock.now() < self._token_good_until:
            return self._token
        secret = self._credentials()
        try:
            answer = self._http.get(
                "/oauth/v1/generate",
                params={"grant_type": "client_credentials"},
                auth=(secret["consumer_key"], secret["consumer_secret"]),
            )
        except httpx.HTTPError:
            raise GatewayUnavailable() from None
        body = _body(answer)
        token = body.get("access_token")
        if answer.status_code != 200 or not isinstance(token, str) or not token:
            metric("GatewayRefusedToken", gateway="MPESA", status=str(answer.status_code))
            raise GatewayUnavailable()
        self._token = token
        self._token_good_until = self._clock.now() + _lifetime(body.get("expires_in")) - MARGIN
        return token


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

    def start(self, deposit: Deposit, phone: str | None) -> StartResult:
        """See PaymentGateway. Safaricom keeps no idempotency: the push goes out at most once,
        and only an answer that certainly means "not taken" is reported as such."""
        if phone is None:
            raise ValueError("a push needs a phone number")
        content = {
            "TransactionType": "CustomerPayBillOnline",
            "Amount": str(deposit.amount.minor // 100),
            "PartyA": phone,
            "PartyB": self._credentials()["shortcode"],
            "PhoneNumber": phone,
            "CallBackURL": self._callback_url(deposit),
            # Printed on the payer's message: short, and recognisable to support.
            "AccountReference": deposit.deposit_id[-12:],
            "TransactionDesc": DESCRIPTION,
        }
        try:
            answer = self._post("/mpesa/stkpush/v1/processrequest", content)
        except GatewayUnavailable:
            return NotSent()
        except _NEVER_SENT:
            return NotSent()
        except httpx.HTTPError as error:
            metric("GatewayFailed", gateway="MPESA", error=type(error).__name__)
            return NoWord()
        return _started(answer, phone)


def nairobi_timestamp(at: datetime) -> str:
    """``yyyyMMddHHmmss`` in East Africa Time, which has no summer time."""
    return at.astimezone(NAIROBI).strftime("%Y%m%d%H%M%S")


def _lifetime(expires_in: object) -> timedelta:
    """Seconds, as text or as a number: both are seen."""
    text = str(expires_in)
    return timedelta(seconds=int(text)) if text.isascii() and text.isdigit() else timedelta(0)


def _body(answer: httpx.Response) -> dict[str, Any]:
    try:
        body = answer.json()
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def _started(answer: httpx.Response, phone: str) -> StartResult:
    body = _body(answer)
    checkout = body.get("CheckoutRequestID")
    if answer.status_code == 200 and str(body.get("ResponseCode")) == "0" and checkout:
        return Started(str(checkout), pushed_to=masked(phone))
    code, text = str(body.get("errorCode", "")), str(body.get("errorMessage", ""))
    metric("GatewayRefused", gateway="MPESA", code=code or str(answer.status_code))
    if answer.status_code == 429 or code in RATE_LIMITED or code in TOKEN_REFUSED:
        return NotSent()
    if code == NO_ANSWER and "lock subscriber" in text.lower():
        return Refused(Reason.PAYER_BUSY)
    if 400 <= answer.status_code < 500 and code:
        named = "PhoneNumber" in text or "PartyA" in text
        return Refused(Reason.INVALID_PHONE if named else Reason.GATEWAY_REFUSED)
    return NoWord()


def _outcome(answer: httpx.Response, reference: str) -> Outcome:
    body = _body(answer)
    if answer.status_code == 429 or body.get("errorCode") in RATE_LIMITED:
        raise GatewayUnavailable()
    result = body.get("ResultCode")
    if answer.status_code != 200 or result is None or str(body.get("ResponseCode")) != "0":
        # Also what a settled payment's query says now and then: no word, never a failure.
        return NoAnswer()
    if body.get("CheckoutRequestID") != reference:
        return NoAnswer()
    code = str(result)
    if code == "0":
        return Paid(reference, None)
    if code == PENDING_CODE:
        return Waiting()
    reason = RESULTS.get(code)
    if reason is None:
        metric("UnknownResultCode", gateway="MPESA", code=code)
        return Failed(Reason.GATEWAY_REFUSED)
    return Failed(reason)
