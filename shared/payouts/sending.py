"""Giving payouts to gateways, and finding out what became of them."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass

from shared.kernel.clock import Clock
from shared.kernel.errors import NotFound
from shared.kernel.money import Money
from shared.payments.errors import GatewayUnavailable
from shared.payments.methods import Gateway
from shared.payments.races import on_fresh_state
from shared.payouts.after_all import AfterAll
from shared.payouts.deciding import Deciding
from shared.payouts.making import new_surplus
from shared.payouts.model import Payout, PayoutStatus, Rail
from shared.payouts.outcomes import Known, Outcomes
from shared.payouts.patience import is_overdue, may_repeat, next_look
from shared.payouts.ports import (
    Destinations,
    NeverSent,
    PaidOut,
    PayoutOutcome,
    PayoutRail,
    Payouts,
    SendResult,
    Silence,
)
from shared.payouts.reasons import PayoutReason
from shared.payouts.requoting import Requoting
from shared.payouts.returning import PayeeStopped, disputed, stopped
from shared.payouts.states import AT_GATEWAY
from shared.platform.contention import full_jitter
from shared.platform.correlation import continue_trace, correlation_id
from shared.platform.observability import metric
from shared.platform.queues import Checks
from shared.platform.work import ConditionFailed

CHECK = "payout"


@dataclass(frozen=True, slots=True)
class Sending:
    """The use case behind every event, message and check about the gateway's part of a payout.

    The intent (SENDING) is recorded before the gateway is asked. Who finds an intent without an
    answer looks at the gateway; only where gateways keep keys is the order repeated, under the
    same key and recorded before: a crash between any two lines pays once.
    """

    payouts: Payouts
    outcomes: Outcomes
    deciding: Deciding
    after_all: AfterAll
    rails: Mapping[Rail, PayoutRail]
    destinations: Destinations
    requoting: Requoting
    checks: Checks
    clock: Clock
    pause: Callable[[int], None] = full_jitter

    def requested(self, user_id: str, payout_id: str) -> None:
        """Nothing stands in its way any more: begin, and start the chain of checks."""
        self.checked(user_id, payout_id, -1)

    def surplus(
        self,
        user_id: str,
        deposit_id: str,
        gateway: Gateway,
        payment: str,
        amount: Money,
        transfer: str | None = None,
    ) -> None:
        """A payment that is not wanted goes back, once however often this is told: its payout
        has one identity. ``transfer`` names how people have sent it back already."""
        payout = new_surplus(
            user_id=user_id,
            deposit_id=deposit_id,
            gateway=gateway,
            payment=payment,
            amount=amount,
            at=self.clock.now(),
            transfer=transfer,
            trace=correlation_id(),
        )
        # It is there already: a duplicate goes on with it.
        with suppress(ConditionFailed):
            self.outcomes.facts.commit([self.payouts.create(payout)])
        self.requested(user_id, payout.payout_id)

    def signalled(self, user_id: str, payout_id: str) -> None:
        """Something is said to have happened: look now. Raises GatewayUnavailable: deliver it
        again later."""
        self._advance(user_id, payout_id, signalled=True)

    def hinted(
        self,
        user_id: str,
        payout_id: str,
        attempt: int,
        *,
        reason: PayoutReason | None = None,
        reference: str | None = None,
    ) -> None:
        """An unsigned message says how an order ended: kept as a hint, and the gateway is asked.
        One about an earlier order says nothing of the one that is under way. ``reference`` names
        the order where its answer was lost; a reversal has another name."""

        def once() -> bool:
            payout = self.payouts.get(user_id, payout_id)
            if payout is None or payout.attempt != attempt or payout.asked_at is None:
                metric("HintOfNoPayout")
                return False
            named = reference if payout.rail is Rail.MPESA_B2C else None
            hint = {"hinted": payout.hinted or reason, "reference": payout.reference or named}
            if hint != {"hinted": payout.hinted, "reference": payout.reference}:
                self.outcomes.keep(payout, payout.noted(**hint))
            return True

        if on_fresh_state(once, self.pause):
            self.signalled(user_id, payout_id)

    def answered(
        self,
        user_id: str,
        payout_id: str,
        attempt: int,
        read: Callable[[Payout], PayoutOutcome],
    ) -> None:
        """A gateway answers by a message what it was asked for: ``read`` says what that means
        for the payout."""
        payout = self.payouts.get(user_id, payout_id)
        if payout is None or payout.attempt != attempt:
            metric("AnswerAboutNoPayout")
            return
        self.told(user_id, payout_id, read(payout))

    def told(self, user_id: str, payout_id: str, outcome: PayoutOutcome) -> None:
        """A message proves what became of it."""
        payout = self.deciding.apply(user_id, payout_id, outcome, looked=False)
        if payout is not None and payout.contradicted:
            self.requested(user_id, payout_id)

    def checked(self, user_id: str, payout_id: str, attempt: int) -> None:
        """Move on as far as possible; schedule the next check while something is awaited. A
        gateway that is down does not end the chain."""
        try:
            payout = self._advance(user_id, payout_id)
        except GatewayUnavailable:
            payout = self.payouts.get(user_id, payout_id)
        if payout is not None and payout.gateway_next and payout.due is not None:
            self._await(payout, attempt)

    def _await(self, payout: Payout, attempt: int) -> None:
        now = self.clock.now()
        if now < payout.chain_ends_at:
            subject = {"user_id": payout.user_id, "payout_id": payout.payout_id}
            self.checks.schedule(CHECK, subject, attempt + 1)
            return
        # Paid after all it is only to be booked: nobody has to find out anything.
        if payout.contradicted or (payout.look_at is not None and now < payout.look_at):
            return
        # Whoever changed it meanwhile looks after it.
        with suppress(ConditionFailed):
            if is_overdue(payout, now):
                self.outcomes.unanswered(payout, look_at=next_look(payout, now))
            else:
                self.outcomes.keep(payout, payout.noted(look_at=next_look(payout, now)))

    def _advance(self, user_id: str, payout_id: str, *, signalled: bool = False) -> Payout | None:
        """The payout as it is then; None when there is none."""

        def once() -> Payout | None:
            known = self.deciding.read(user_id, payout_id)
            if known is None:
                return None
            continue_trace(known.payout.trace)
            return self._step(known, signalled)

        return on_fresh_state(once, self.pause)

    def _step(self, known: Known, signalled: bool) -> Payout | None:
        payout = known.payout
        if payout.found_out:
            return self.outcomes.as_found(known)
        if payout.review:
            return payout
        if payout.contradicted:
            return self.after_all.settle(known)
        match payout.status:
            case status if status in AT_GATEWAY and payout.came_back:
                return self.outcomes.came_back(known, PayoutReason.RETURNED_BY_BANK)
            case PayoutStatus.RECALLED if payout.paid_after_all:
                said = PaidOut(
                    payout.reference or "", receipt=payout.receipt, fee_minor=payout.fee_minor
                )
                return self.outcomes.paid(known, said)
            case PayoutStatus.RECALLED:
                return self._send(known)
            case PayoutStatus.AWAITING_CONSENT:
                return self.requoting.awaited(payout)
            case PayoutStatus.READY if not payout.at_broker:
                return self._send(known)
            case PayoutStatus.SENDING | PayoutStatus.SENT:
                return self._look(known)
            case PayoutStatus.PAID if signalled:
                return self._look(known)
        return payout

    def _send(self, known: Known) -> Payout | None:
        payout, now = known.payout, self.clock.now()
        rail = self.rails[payout.rail]
        if stopped(payout, known.wallet):
            return self._wait(payout)
        if disputed(payout, known.deposit):
            return self.outcomes.taken_back(known)
        try:
            destination = self._destination(payout)
        except PayeeStopped:
            return self._wait(payout)
        except NotFound:
            return self.outcomes.failed(known, PayoutReason.RECEIVER_NOT_ABLE)
        priced = self.requoting.priced(known)
        if isinstance(priced, Payout):
            return priced
        ready = priced.payout
        if ready.status is PayoutStatus.READY:
            ready = ready.moved(PayoutStatus.RECALLED, now)
        intent = ready.moved(
            PayoutStatus.SENDING, now, tries=1, asked_at=payout.asked_at or now, reason=None
        )
        leaving = self.outcomes.leaving(known, intent, *priced.events)
        return self._follow(leaving, rail.send, destination)

    def _wait(self, payout: Payout) -> Payout:
        if payout.reason is PayoutReason.UNDER_REVIEW:
            return payout
        metric("PayoutBlocked", rail=payout.rail.value)
        return self.outcomes.keep(payout, payout.noted(reason=PayoutReason.UNDER_REVIEW))

    def _destination(self, payout: Payout) -> Mapping[str, str]:
        if payout.account_id is None:
            return {}
        return self.destinations.details(payout.user_id, payout.account_id)

    def _follow(
        self,
        intent: Known,
        send: Callable[[Payout, Mapping[str, str]], SendResult],
        destination: Mapping[str, str],
    ) -> Payout | None:
        payout = intent.payout
        outcome = send(payout, destination)
        if not isinstance(outcome, NeverSent):
            return self.deciding.apply(
                payout.user_id, payout.payout_id, outcome, looked=True, known=intent
            )
        if payout.tries > 1:
            return payout  # of an earlier order nothing is known
        metric("PayoutNeverSent", rail=payout.rail.value)
        back = payout.moved(PayoutStatus.RECALLED, self.clock.now())
        try:
            return self.outcomes.keep(payout, back)
        except ConditionFailed:
            # Somebody else has asked the gateway, or knows more: what is known of this order
            # alone says nothing about theirs.
            return self.payouts.get(payout.user_id, payout.payout_id)

    def _look(self, known: Known) -> Payout | None:
        payout, now = known.payout, self.clock.now()
        outcome = self.rails[payout.rail].look_up(payout)
        if not isinstance(outcome, Silence) or not may_repeat(payout, now):
            return self.deciding.apply(
                payout.user_id, payout.payout_id, outcome, looked=True, known=known
            )
        try:
            destination = self._destination(payout)
        except (NotFound, PayeeStopped):
            return payout  # the first order may have been taken: nothing is decided
        again = self.outcomes.keep(payout, payout.noted(tries=payout.tries + 1))
        send = self.rails[payout.rail].send
        return self._follow(Known(again, known.wallet, known.deposit), send, destination)
