"""Money out through Stripe: refunds to where a payment came from."""

from collections.abc import Mapping
from typing import Any

from shared.kernel.money import Money
from shared.payments.errors import GatewayUnavailable
from shared.payments.providers.stripe_client import Clients, asking
from shared.payments.providers.stripe_outcomes import Facts, fee_of, money_of
from shared.payouts.model import Payout, PayoutStatus
from shared.payouts.ports import (
    CameBack,
    NotPaid,
    PaidOut,
    PayoutOutcome,
    SendResult,
    Silence,
    Taken,
)
from shared.payouts.providers.stripe_banks import BankAccounts
from shared.payouts.providers.stripe_payouts import StripePayouts
from shared.payouts.providers.stripe_words import ended, metadata_of, names
from shared.payouts.reasons import PayoutReason
from shared.platform.observability import metric

__all__ = ["BankAccounts", "StripePayouts", "StripeRefunds"]

_EXPAND = ["balance_transaction"]


class StripeRefunds:
    """See PayoutRail. Stripe keeps idempotency keys for a day; afterwards the refunds of a payment
    tell which of them is ours, so that none is made twice, however late it is asked for again."""

    def __init__(self, client: Clients) -> None:
        self._client = client

    def send(self, payout: Payout, destination: Mapping[str, str]) -> SendResult:
        """See PayoutRail."""
        import stripe

        try:
            known = self._found(payout)
            if known is None:
                known = self._made(payout)
        except GatewayUnavailable:
            return Silence()
        except (stripe.InvalidRequestError, stripe.CardError) as error:
            return self._refused(payout, error.code)
        outcome = _outcome(known, payout)
        # Of an order that is given, what came back was never paid.
        return NotPaid(outcome.reason) if isinstance(outcome, CameBack) else outcome

    def look_up(self, payout: Payout) -> PayoutOutcome:
        """See PayoutRail."""
        import stripe

        try:
            if payout.reference is None:
                known = self._found(payout)
            else:
                with asking():
                    known = (
                        self._client()
                        .v1.refunds.retrieve(payout.reference, {"expand": _EXPAND})
                        .to_dict()
                    )
        except stripe.InvalidRequestError:
            return Silence()
        if known is None or not names(known, payout):
            return Silence()
        return _outcome(known, payout)

    def _made(self, payout: Payout) -> Facts:
        params: Any = {
            "payment_intent": payout.source,
            "amount": payout.amount.minor,
            "metadata": metadata_of(payout),
            "expand": _EXPAND,
        }
        with asking():
            made = self._client().v1.refunds.create(params, {"idempotency_key": payout.key})
            return made.to_dict()

    def _found(self, payout: Payout) -> Facts | None:
        """The refund that names this order, among those of its payment."""
        params: Any = {"payment_intent": payout.source, "limit": 100}
        params["expand"] = [f"data.{one}" for one in _EXPAND]
        with asking():
            listed = self._client().v1.refunds.list(params)
            for one in listed.auto_paging_iter():
                facts: Facts = one.to_dict()
                if names(facts, payout):
                    return facts
        return None

    def _refused(self, payout: Payout, code: str | None) -> SendResult:
        """Not made now. One that was made since we looked, by another process, counts."""
        metric("PayoutRefused", gateway="STRIPE", code=code or "none")
        import stripe

        try:
            known = self._found(payout)
        except GatewayUnavailable:
            return Silence()
        except stripe.InvalidRequestError:
            # The payment itself is unknown there.
            known = None
        if known is None:
            return NotPaid(PayoutReason.GATEWAY_REFUSED)
        outcome = _outcome(known, payout)
        return NotPaid(outcome.reason) if isinstance(outcome, CameBack) else outcome


def _outcome(refund: Facts, payout: Payout) -> PayoutOutcome:
    match refund["status"]:
        case "succeeded":
            amount: Money = money_of(refund["amount"], refund["currency"])
            fee = fee_of(refund.get("balance_transaction"), refund["currency"])
            return PaidOut(refund["id"], amount, fee_minor=fee or None)
        case "failed" | "canceled":
            return ended(refund.get("failure_reason"), payout.status is PayoutStatus.PAID)
        case _:
            return Taken(refund["id"])
