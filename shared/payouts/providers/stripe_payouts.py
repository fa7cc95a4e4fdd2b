"""Payouts to bank accounts through Stripe: a transfer to the payee's connected account, and a
payout from there."""

from collections.abc import Mapping
from typing import Any

from shared.payments.errors import GatewayUnavailable
from shared.payments.providers.stripe_client import Clients, asking
from shared.payments.providers.stripe_outcomes import Facts, money_of
from shared.payouts.model import Payout, PayoutStatus
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
from shared.payouts.providers.stripe_words import ended, metadata_of, names
from shared.payouts.reasons import PayoutReason
from shared.platform.observability import metric


class StripePayouts:
    """See PayoutRail. A reference is ``<connected account>/<payout>``. Both steps are looked for
    before they are made, since Stripe keeps idempotency keys for a day only. A transfer whose
    payout comes to nothing is reversed before that is told."""

    def __init__(self, client: Clients) -> None:
        self._client = client

    def send(self, payout: Payout, destination: Mapping[str, str]) -> SendResult:
        """See PayoutRail. NeverSent when our own balance is too small."""
        import stripe

        try:
            transfer = self._transfer_of(payout)
            if transfer is None:
                transfer = self._transferred(payout, destination["stripe_account"])
        except GatewayUnavailable:
            return Silence()
        except (stripe.InvalidRequestError, stripe.CardError) as error:
            metric("PayoutRefused", gateway="STRIPE", code=error.code or "none")
            if error.code == "balance_insufficient":
                return NeverSent()
            return NotPaid(PayoutReason.GATEWAY_REFUSED)
        try:
            return self._paid_out(payout, transfer, destination["external_account"])
        except GatewayUnavailable:
            return Silence()

    def look_up(self, payout: Payout) -> PayoutOutcome:
        """See PayoutRail."""
        import stripe

        try:
            if payout.reference is None:
                return self._unnamed(payout)
            account, _, name = payout.reference.partition("/")
            with asking():
                v1 = self._client().v1
                found = v1.payouts.retrieve(name, {}, {"stripe_account": account}).to_dict()
        except stripe.InvalidRequestError:
            return Silence()
        return self._outcome(payout, account, found) if names(found, payout) else Silence()

    def _unnamed(self, payout: Payout) -> PayoutOutcome:
        """Of an order whose answer was lost."""
        transfer = self._transfer_of(payout)
        if transfer is None:
            return Silence()
        found = self._payout_of(payout, transfer["destination"])
        if found is not None:
            return self._outcome(payout, transfer["destination"], found)
        return NotPaid(PayoutReason.GATEWAY_REFUSED) if transfer["reversed"] else Silence()

    def _paid_out(self, payout: Payout, transfer: Facts, bank_account: str) -> SendResult:
        import stripe

        account = transfer["destination"]
        found = self._payout_of(payout, account)
        if found is None and transfer["reversed"]:
            return NotPaid(PayoutReason.GATEWAY_REFUSED)
        if found is None:
            params: Any = {
                "amount": payout.amount.minor,
                "currency": payout.amount.currency.value.lower(),
                "destination": bank_account,
                "metadata": metadata_of(payout),
            }
            options: Any = {
                "stripe_account": account,
                "idempotency_key": f"{payout.key}.payout",
            }
            try:
                with asking():
                    found = self._client().v1.payouts.create(params, options).to_dict()
            except (stripe.InvalidRequestError, stripe.CardError) as error:
                metric("PayoutRefused", gateway="STRIPE", code=error.code or "none")
                self._reverse(payout, transfer)
                return NotPaid(PayoutReason.RECEIVER_NOT_ABLE)
        outcome = self._outcome(payout, account, found, transfer)
        # Of an order that is given, what came back was never paid.
        return NotPaid(outcome.reason) if isinstance(outcome, CameBack) else outcome

    def _outcome(
        self, payout: Payout, account: str, found: Facts, transfer: Facts | None = None
    ) -> PayoutOutcome:
        reference = f"{account}/{found['id']}"
        match found["status"]:
            case "paid":
                return PaidOut(reference, money_of(found["amount"], found["currency"]))
            case "failed" | "canceled":
                self._reverse(payout, transfer or self._transfer_of(payout))
                return ended(found.get("failure_code"), payout.status is PayoutStatus.PAID)
            case _:
                return Taken(reference)

    def _transferred(self, payout: Payout, account: str) -> Facts:
        params: Any = {
            "amount": payout.amount.minor,
            "currency": payout.amount.currency.value.lower(),
            "destination": account,
            "transfer_group": payout.payout_id,
            "metadata": metadata_of(payout),
        }
        with asking():
            return (
                self._client()
                .v1.transfers.create(params, {"idempotency_key": f"{payout.key}.transfer"})
                .to_dict()
            )

    def _transfer_of(self, payout: Payout) -> Facts | None:
        params: Any = {"transfer_group": payout.payout_id, "limit": 100}
        with asking():
            for one in self._client().v1.transfers.list(params).auto_paging_iter():
                facts: Facts = one.to_dict()
                if names(facts, payout):
                    return facts
        return None

    def _payout_of(self, payout: Payout, account: str) -> Facts | None:
        """Of a payee's account, which has few; newest first."""
        params: Any = {"limit": 100}
        with asking():
            listed = self._client().v1.payouts.list(params, {"stripe_account": account})
            for one in listed.auto_paging_iter():
                facts: Facts = one.to_dict()
                if names(facts, payout):
                    return facts
        return None

    def _reverse(self, payout: Payout, transfer: Facts | None) -> None:
        """Brings the money back to our own balance; GatewayUnavailable while it is not back:
        nobody is told of an end before."""
        import stripe

        if transfer is None or transfer["reversed"]:
            return
        params: Any = {"metadata": metadata_of(payout)}
        try:
            with asking():
                self._client().v1.transfers.reversals.create(
                    transfer["id"], params, {"idempotency_key": f"{payout.key}.reversal"}
                )
        except stripe.InvalidRequestError as error:
            metric("TransferNotReversed", gateway="STRIPE", code=error.code or "none")
            raise GatewayUnavailable() from None
