"""Card payments through Adyen's Pay by Link, by the official SDK: no card field on our pages."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import httpx

from shared.payments.errors import GatewayUnavailable
from shared.payments.model import Deposit
from shared.payments.ports import (
    Lapsed,
    NoAnswer,
    NotSent,
    NoWord,
    Outcome,
    Processing,
    Refused,
    Started,
    StartResult,
    Waiting,
)
from shared.payments.providers.adyen_client import (
    NEVER_SENT,
    AdyenAccount,
    is_turned_away,
    is_wrong,
)
from shared.payments.providers.adyen_references import reference_of
from shared.payments.reasons import Reason
from shared.platform.observability import metric

AMOUNT_REFUSED = frozenset({"137"})
USED = frozenset({"completed", "paid", "paymentPending"})
"""The payer has done their part. Whether they paid is said by the signed notification alone."""


class AdyenLookup:
    """See PaymentLookup. ``account`` is called per use, so that a rotated key is seen."""

    def __init__(self, account: Callable[[], AdyenAccount]) -> None:
        self._account = account

    def look_up(self, deposit: Deposit, reference: str) -> Outcome:
        """See PaymentGateway. Adyen has no question for payments: the link tells whether it can
        still be paid, and never says Paid or Failed."""
        import Adyen

        links = self._account().checkout.payment_links_api
        try:
            link = links.get_payment_link(quote(reference, safe="")).message
        except Adyen.AdyenError as error:
            if is_wrong(error) or error.status_code == 404:
                return NoAnswer()
            raise _unavailable(error) from None
        except httpx.HTTPError as error:
            raise _unavailable(error) from None
        return outcome_of(link, deposit)

    def cancel(self, deposit: Deposit, reference: str) -> bool:
        """See PaymentGateway. The link is closed; one that was used or has lapsed stays so."""
        import Adyen

        links = self._account().checkout.payment_links_api
        try:
            link = links.update_payment_link(
                {"status": "expired"}, quote(reference, safe="")
            ).message
        except Adyen.AdyenError as error:
            if is_wrong(error) or error.status_code == 404:
                return self._is_closed(deposit, reference)
            raise _unavailable(error) from None
        except httpx.HTTPError as error:
            raise _unavailable(error) from None
        return isinstance(outcome_of(link, deposit), Lapsed)

    def _is_closed(self, deposit: Deposit, reference: str) -> bool:
        outcome = self.look_up(deposit, reference)
        if isinstance(outcome, Waiting):
            raise GatewayUnavailable()
        return isinstance(outcome, Lapsed)


class AdyenGateway(AdyenLookup):
    """See PaymentGateway. The payer comes back to ``return_url``, in which ``{deposit_id}`` is
    filled in."""

    def __init__(self, account: Callable[[], AdyenAccount], *, return_url: str) -> None:
        super().__init__(account)
        self._return_url = return_url

    def start(self, deposit: Deposit, phone: str | None, *, save_card: bool = False) -> StartResult:
        """See PaymentGateway. Repeating it gives the same link: the key is the deposit's. A card
        is never kept here."""
        import Adyen

        account = self._account()
        try:
            link = account.checkout.payment_links_api.payment_links(
                self._request(deposit, account.merchant_account),
                idempotency_key=f"{deposit.deposit_id}.adyen",
            ).message
        except NEVER_SENT as error:
            metric("GatewayFailed", gateway="ADYEN", error=type(error).__name__)
            return NotSent()
        except httpx.HTTPError as error:
            metric("GatewayFailed", gateway="ADYEN", error=type(error).__name__)
            return NoWord()
        except Adyen.AdyenError as error:
            if is_wrong(error):
                metric("GatewayRefused", gateway="ADYEN", code=str(error.error_code))
                return Refused(_refusal(error.error_code))
            metric("GatewayFailed", gateway="ADYEN", error=type(error).__name__)
            return NotSent() if is_turned_away(error) else NoWord()
        reference, url = link.get("id"), link.get("url")
        if not (isinstance(reference, str) and isinstance(url, str) and reference and url):
            metric("GatewayFailed", gateway="ADYEN", error="NoLink")
            return NoWord()
        return Started(reference, redirect_url=url)

    def _request(self, deposit: Deposit, merchant_account: str) -> dict[str, Any]:
        names = {"user_id": deposit.user_id, "deposit_id": deposit.deposit_id}
        return {
            "merchantAccount": merchant_account,
            "reference": reference_of(deposit.user_id, deposit.deposit_id),
            "shopperReference": deposit.user_id,
            "amount": {
                "currency": deposit.amount.currency.value,
                "value": deposit.amount.minor,
            },
            "description": "Deposit",
            "expiresAt": _to_the_second(deposit.lapses_at),
            "returnUrl": self._return_url.format(deposit_id=deposit.deposit_id),
            "reusable": False,
            "allowedPaymentMethods": ["scheme"],
            # What is authorised is captured at once: the notification of it means money.
            "captureDelayHours": 0,
            "metadata": names,
        }


def outcome_of(link: dict[str, Any], deposit: Deposit) -> Outcome:
    """What a payment link says about a deposit."""
    if link.get("reference") != reference_of(deposit.user_id, deposit.deposit_id):
        metric("LinkOfAnotherDeposit")
        return NoAnswer()
    status = link.get("status")
    if status == "active":
        return Waiting()
    if status == "expired":
        return Lapsed()
    return Processing() if status in USED else NoAnswer()


def _refusal(code: str | None) -> Reason:
    return Reason.LIMIT_EXCEEDED if code in AMOUNT_REFUSED else Reason.GATEWAY_REFUSED


def _to_the_second(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _unavailable(error: Exception) -> GatewayUnavailable:
    metric("GatewayFailed", gateway="ADYEN", error=type(error).__name__)
    return GatewayUnavailable()
