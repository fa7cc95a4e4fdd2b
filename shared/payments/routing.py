"""Which gateway begins a payment: the first choice, or the one that takes its place."""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta

import tenacity

from shared.payments.methods import GATEWAYS, UNREPEATABLE, Gateway
from shared.payments.model import Deposit
from shared.payments.ports import NotSent, NoWord, PaymentGateway, StartResult
from shared.platform.circuits import Circuits
from shared.platform.observability import metric

BUDGET = timedelta(seconds=7)
"""Of all gateways together: nothing is tried again after this time. One call takes up to 7 s, a
start at most three of them, and the caller waits 28."""
FIRST_SHARE = timedelta(seconds=3)
"""Of the budget, for gateways that another one can replace. The one in its place gets its one try
in any case, which begins within 10 s."""
TRIES = 3
STEP, LONGEST = timedelta(milliseconds=200), timedelta(seconds=1)
"""Pauses are random between nothing and 0.2, 0.4 … 1 s (full jitter)."""

type Begin = Callable[[PaymentGateway, Deposit], StartResult]
type HandOver = Callable[[Deposit, Gateway], Deposit | None]


def watch() -> timedelta:
    """The time since this machine began, which no correction of its clock changes."""
    return timedelta(seconds=time.monotonic())


def circuit_of(gateway: Gateway) -> str:
    """The name of a gateway's circuit breaker."""
    return f"gateway.{gateway.value.lower()}"


@dataclass(frozen=True, slots=True)
class Routing:
    """Asks one gateway after the other. ``sleep`` takes the seconds of a pause, and ``elapsed``
    tells the time since whenever."""

    gateways: Mapping[Gateway, PaymentGateway]
    circuits: Circuits
    sleep: Callable[..., None] = tenacity.nap.sleep
    elapsed: Callable[[], timedelta] = watch

    def start(
        self, deposit: Deposit, begin: Begin, hand_over: HandOver
    ) -> tuple[Deposit, StartResult]:
        """The deposit as it stands then, and what its gateway answered.

        A gateway whose circuit is open is passed over. One that does not answer is asked again,
        where that cannot make a second payment, and then its place is taken by the next:
        ``hand_over`` records that before the next is asked, and gives None when somebody else
        moved the deposit meanwhile. What the silent one may have begun can still be paid; that
        is found out later.
        """
        result: StartResult = NotSent()
        end = self.elapsed() + BUDGET
        for gateway in self._order(deposit):
            if gateway is not deposit.gateway:
                handed = hand_over(deposit, gateway)
                if handed is None:
                    return deposit, NoWord()
                metric("GatewayReplaced", gateway=gateway.value)
                deposit = handed
            if not self.circuits.admits(circuit_of(gateway)):
                continue
            result = self._ask(gateway, deposit, begin, end)
            if not isinstance(result, NotSent | NoWord):
                break
        return deposit, result

    def _order(self, deposit: Deposit) -> Iterator[Gateway]:
        yield deposit.gateway
        for gateway in GATEWAYS[deposit.method]:
            if gateway is not deposit.gateway and gateway in self.gateways:
                yield gateway

    def _ask(self, gateway: Gateway, deposit: Deposit, begin: Begin, end: timedelta) -> StartResult:
        share = FIRST_SHARE if len(GATEWAYS[deposit.method]) > 1 else BUDGET
        last = min(end, self.elapsed() + share)
        again: tuple[type[StartResult], ...] = (NotSent, NoWord)
        if deposit.method in UNREPEATABLE:
            # Where the same cannot be asked twice, only what was certainly not sent is.
            again = (NotSent,)

        def over(state: tenacity.RetryCallState) -> bool:
            begins = self.elapsed() + timedelta(seconds=state.upcoming_sleep)
            return state.attempt_number >= TRIES or begins >= last

        retrying = tenacity.Retrying(
            retry=tenacity.retry_if_result(lambda result: isinstance(result, again)),
            stop=over,
            wait=tenacity.wait_random_exponential(multiplier=STEP.total_seconds(), max=LONGEST),
            sleep=self.sleep,
            retry_error_callback=lambda state: state.outcome.result() if state.outcome else None,
        )
        return retrying(self._once, gateway, deposit, begin)

    def _once(self, gateway: Gateway, deposit: Deposit, begin: Begin) -> StartResult:
        result = begin(self.gateways[gateway], deposit)
        if isinstance(result, NotSent | NoWord):
            self.circuits.failed(circuit_of(gateway))
        else:
            self.circuits.succeeded(circuit_of(gateway))
        return result
