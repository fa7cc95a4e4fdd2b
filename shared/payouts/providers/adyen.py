"""Refunds of card payments by Adyen's Checkout API, and what its notifications prove of them."""

from collections.abc import Callable, Mapping
from urllib.parse import quote

import httpx

from shared.kernel.ids import Kind
from shared.payments.providers.adyen_client import (
    NEVER_SENT,
    AdyenAccount,
    is_turned_away,
    is_wrong,
)
from shared.payments.providers.adyen_notifications import amount_of, item_of
from shared.payments.providers.adyen_references import named_in, reference_of
from shared.payouts.model import Payout
from shared.payouts.ports import (
    CameBack,
    NeverSent,
    NotPaid,
    PaidOut,
    PayoutOutcome,
    SendResult,
    Silence,
    Taken,
)
from shared.payouts.reasons import PayoutReason
from shared.platform.observability import metric

CAME_BACK = frozenset({"REFUND_FAILED", "REFUNDED_REVERSED"})
DECIDED = frozenset({"REFUND", "CANCELLATION"})


class AdyenRefunds:
    """See PayoutRail. ``account`` is called per use, so that a rotated key is seen."""

    def __init__(self, account: Callable[[], AdyenAccount]) -> None:
        self._account = account

    def send(self, payout: Payout, destination: Mapping[str, str]) -> SendResult:
        """See PayoutRail. Sent again under the same key, Adyen gives its first answer."""
        import Adyen

        account = self._account()
        amount = {"currency": payout.amount.currency.value, "value": payout.amount.minor}
        try:
            answer = account.checkout.modifications_api.refund_captured_payment(
                {
                    "merchantAccount": account.merchant_account,
                    "amount": amount,
                    "reference": reference_of(payout.user_id, payout.payout_id),
                },
                quote(payout.source or "", safe=""),
                idempotency_key=payout.key,
            ).message
        except NEVER_SENT as error:
            metric("PayoutFailed", gateway="ADYEN", error=type(error).__name__)
            return NeverSent()
        except httpx.HTTPError as error:
            metric("PayoutFailed", gateway="ADYEN", error=type(error).__name__)
            return Silence()
        except Adyen.AdyenError as error:
            if is_wrong(error):
                metric("PayoutRefused", gateway="ADYEN", code=str(error.error_code))
                return NotPaid(PayoutReason.GATEWAY_REFUSED)
            metric("PayoutFailed", gateway="ADYEN", error=type(error).__name__)
            return NeverSent() if is_turned_away(error) else Silence()
        reference = answer.get("pspReference")
        return Taken(reference) if isinstance(reference, str) and reference else Silence()

    def look_up(self, payout: Payout) -> PayoutOutcome:
        """See PayoutRail. Adyen has no question for refunds: only its notification tells."""
        return Silence()


def adyen_payout_facts(body: bytes, cell: str) -> tuple[str, str, PayoutOutcome] | None:
    """The person, the payout, and what a signed notification proves of it; None for what is no
    payout of this cell.

    A refund that failed or came back after it had been reported as made is CameBack; news may
    come in any order, so that this can be the first that is heard of it.
    """
    item = item_of(body)
    named = named_in(item.get("merchantReference"), Kind.PAYOUT, cell)
    event = item.get("eventCode")
    if named is None or event not in DECIDED | CAME_BACK:
        return None
    if event in CAME_BACK:
        return *named, CameBack(PayoutReason.RETURNED_BY_BANK)
    if item.get("success") != "true":
        return *named, NotPaid(PayoutReason.GATEWAY_REFUSED)
    return *named, PaidOut(str(item["pspReference"]), amount_of(item))
