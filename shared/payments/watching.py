"""Lookups whose silence a circuit breaker hears of."""

from dataclasses import dataclass

from shared.payments.errors import GatewayUnavailable
from shared.payments.methods import Gateway
from shared.payments.model import Deposit
from shared.payments.ports import Outcome, PaymentLookup
from shared.payments.routing import circuit_of
from shared.platform.circuits import Circuits


@dataclass(frozen=True, slots=True)
class Watched:
    """See PaymentLookup. Payments that are under way are always asked for: only whether new ones
    begin there depends on the circuit. An answer is not reported, so that a settled payment costs
    no request more; who begins a payment finds out that the gateway is back."""

    gateway: Gateway
    inner: PaymentLookup
    circuits: Circuits

    def look_up(self, deposit: Deposit, reference: str) -> Outcome:
        """See PaymentLookup."""
        try:
            return self.inner.look_up(deposit, reference)
        except GatewayUnavailable:
            self.circuits.failed(circuit_of(self.gateway))
            raise

    def cancel(self, deposit: Deposit, reference: str) -> bool:
        """See PaymentLookup. Not knowing whether a page is closed is no silence."""
        return self.inner.cancel(deposit, reference)
