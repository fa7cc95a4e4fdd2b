"""Payouts by Safaricom's Daraja: payments to phones (B2C), and reversals of payments to us.

Both are orders that are answered later, by messages to the payout's own paths. What a result says
is a hint; what counts is the status of the transaction, for which M-Pesa is asked then.
"""

from collections.abc import Mapping

import httpx

from shared.payments.callbacks import Addresses, Purpose
from shared.payments.errors import GatewayUnavailable
from shared.payments.providers.daraja_client import (
    NEVER_SENT,
    TOKEN_REFUSED,
    DarajaClient,
    accepted,
    body_of,
    rate_limited,
)
from shared.payments.providers.daraja_status import ask_status
from shared.payouts.model import Payout
from shared.payouts.ports import (
    NeverSent,
    NotPaid,
    PayoutOutcome,
    SendResult,
    Silence,
    Taken,
)
from shared.payouts.reasons import PayoutReason
from shared.platform.observability import metric

B2C = "/mpesa/b2c/v3/paymentrequest"
REVERSAL = "/mpesa/reversal/v1/request"
SHORTCODE_REVERSED = "11"
"""Type of the party that a reversal takes the money from: a shortcode."""
TAKEN_BEFORE = "500.002.1001"
"""The gateway has an order under this key already."""
REMARKS = "Payout"


class _Orders:
    """What both rails share: one order, its answer, and the addresses of its messages."""

    def __init__(self, client: DarajaClient, addresses: Addresses) -> None:
        self._client = client
        self._addresses = addresses

    def _address(self, purpose: Purpose, payout: Payout) -> str:
        return self._addresses.of(purpose, payout.user_id, payout.payout_id, attempt=payout.attempt)

    def _order(
        self, path: str, named: str, payout: Payout, content: Mapping[str, str], reference: str
    ) -> SendResult:
        """``named`` is the member that names our operator, ``reference`` the member of the
        answer that names the order from then on."""
        if payout.amount.minor % 100 or payout.amount.minor <= 0:
            # M-Pesa moves whole shillings: another amount than the one asked for is never sent.
            metric("GatewayRefused", gateway="MPESA", code="cents")
            return NotPaid(PayoutReason.GATEWAY_REFUSED)
        try:
            whole = {
                **self._client.operator(named),
                **content,
                "Amount": str(payout.amount.minor // 100),
                "Remarks": REMARKS,
                "QueueTimeOutURL": self._address(Purpose.TIMEOUT, payout),
                "ResultURL": self._address(Purpose.RESULT, payout),
            }
            answer = self._client.post(path, whole)
        except (GatewayUnavailable, *NEVER_SENT):
            return NeverSent()
        except httpx.HTTPError as error:
            metric("GatewayFailed", gateway="MPESA", error=type(error).__name__)
            return Silence()
        return _ordered(answer, reference)

    def _ask(self, payout: Payout, subject: Mapping[str, str], asker: str) -> None:
        ask_status(
            self._client,
            subject,
            asker=asker,
            result_url=self._address(Purpose.STATUS, payout),
            timeout_url=self._address(Purpose.TIMEOUT, payout),
        )


class MpesaB2C(_Orders):
    """See PayoutRail. The destination is ``{"phone": "2547…"}``; ``payout.key`` is the
    OriginatorConversationID, which M-Pesa takes once."""

    def send(self, payout: Payout, destination: Mapping[str, str]) -> SendResult:
        """See PayoutRail."""
        content = {
            "OriginatorConversationID": payout.key,
            "CommandID": "BusinessPayment",
            "PartyA": self._client.payout_shortcode,
            "PartyB": destination["phone"],
            "Occassion": REMARKS,
        }
        return self._order(B2C, "InitiatorName", payout, content, "ConversationID")

    def look_up(self, payout: Payout) -> PayoutOutcome:
        """See PayoutRail. Asked by our own key, so that it does not matter whether the answer to
        the order ever came."""
        self._ask(payout, {"OriginalConversationID": payout.key}, self._client.payout_shortcode)
        return Silence()


class MpesaReversals(_Orders):
    """See PayoutRail. A payment is reversed once: ``payout.source`` is its receipt number, and
    ``payout.reference`` M-Pesa's OriginatorConversationID of the order."""

    def send(self, payout: Payout, destination: Mapping[str, str]) -> SendResult:
        """See PayoutRail."""
        content = {
            "CommandID": "TransactionReversal",
            "TransactionID": payout.source or "",
            "ReceiverParty": self._client.shortcode,
            "RecieverIdentifierType": SHORTCODE_REVERSED,
            "Occasion": REMARKS,
        }
        return self._order(REVERSAL, "Initiator", payout, content, "OriginatorConversationID")

    def look_up(self, payout: Payout) -> PayoutOutcome:
        """See PayoutRail. The payment that goes back is asked for too: it tells of a reversal
        even where our order was lost."""
        asker = self._client.shortcode
        if payout.reference is not None:
            self._ask(payout, {"OriginalConversationID": payout.reference}, asker)
        self._ask(payout, {"TransactionID": payout.source or ""}, asker)
        return Silence()


def _ordered(answer: httpx.Response, reference: str) -> SendResult:
    body = body_of(answer)
    name = body.get(reference)
    if accepted(answer, body) and isinstance(name, str) and name:
        return Taken(name)
    code, text = str(body.get("errorCode", "")), str(body.get("errorMessage", ""))
    metric("GatewayRefused", gateway="MPESA", code=code or str(answer.status_code))
    if rate_limited(answer, body) or code in TOKEN_REFUSED:
        return NeverSent()
    if code != TAKEN_BEFORE and 400 <= answer.status_code < 500 and code:
        return NotPaid(_refusal(text))
    # Also what says that the key was used: then an earlier order is under way.
    return Silence()


def _refusal(text: str) -> PayoutReason:
    named: Mapping[str, PayoutReason] = {
        "PartyB": PayoutReason.RECEIVER_NOT_ABLE,
        "Amount": PayoutReason.LIMIT_EXCEEDED,
    }
    found = (reason for name, reason in named.items() if name in text)
    return next(found, PayoutReason.GATEWAY_REFUSED)
