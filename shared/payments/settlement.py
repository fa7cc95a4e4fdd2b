"""Finding out at the gateways what became of a payment, and having it booked exactly once."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from shared.ledger.model import Wallet
from shared.payments.cash_balances import when_over
from shared.payments.errors import GatewayUnavailable, RateUnavailable
from shared.payments.methods import GATEWAYS, UNREPEATABLE, Gateway, Method
from shared.payments.model import Deposit
from shared.payments.ports import (
    Failed,
    Lapsed,
    NoAnswer,
    Outcome,
    Paid,
    PaymentLookup,
    Processing,
    Waiting,
)
from shared.payments.races import on_fresh_state
from shared.payments.reasons import Reason
from shared.payments.settling import NoRate, Settling, alert
from shared.payments.states import CREDITED, OPEN, TRANSITIONS, DepositStatus
from shared.payments.words import Hint, Word, differs
from shared.platform.contention import full_jitter
from shared.platform.correlation import continue_trace
from shared.platform.observability import metric
from shared.platform.queues import Checks

__all__ = ["LATE", "Hint", "Settlement"]

LATE = timedelta(hours=24)
"""So long after the expiry a gateway that never said yes or no is still asked."""
_CLOSES_ITSELF = frozenset({Method.CARD, Method.BANK_DEBIT})
"""Their gateways close the page, and say so; the others may never say anything."""


@dataclass(frozen=True, slots=True)
class Settlement:
    """The use case behind every webhook and every check of a payment."""

    settling: Settling
    gateways: Mapping[Gateway, PaymentLookup]
    checks: Checks
    pause: Callable[[int], None] = full_jitter

    def signalled(
        self,
        user_id: str,
        deposit_id: str,
        hint: Hint,
        gateway: Gateway | None = None,
        proved: Outcome | None = None,
    ) -> None:
        """A webhook of ``gateway`` came: look now, or take what its signature proves. Raises
        GatewayUnavailable: deliver it again later."""
        before = self._look(user_id, deposit_id, hint, gateway, proved)
        if before is not None and before not in OPEN:
            # The chain of checks has ended with the deposit: this late word begins another.
            self.checks.schedule("payment", _subject(user_id, deposit_id))

    def checked(self, user_id: str, deposit_id: str, attempt: int) -> None:
        """A delayed check came: look, and schedule the next one while the answer is open.

        A gateway that is down does not end the chain: the dead letters would get the check
        within a minute, and nobody else looks before the sweep does.
        """
        try:
            awaited = self._look(user_id, deposit_id, Hint(), None, None) is not None
        except GatewayUnavailable:
            awaited = self._still_awaited(user_id, deposit_id)
            if not awaited:
                raise
        if awaited:
            self.checks.schedule("payment", _subject(user_id, deposit_id), attempt + 1)

    def _still_awaited(self, user_id: str, deposit_id: str) -> bool:
        """Whether the deposit's own chain is to look again, and not the sweep."""
        deposit, now = self.settling.deposits.get(user_id, deposit_id), self.settling.clock.now()
        if deposit is None:
            return False
        if deposit.status in CREDITED:
            return bool(deposit.open_attempts) and now < deposit.lapses_at + LATE
        if deposit.due is not None:
            return now < deposit.due
        return deposit.status is DepositStatus.EXPIRED and now < deposit.lapses_at + LATE

    def _look(
        self,
        user_id: str,
        deposit_id: str,
        hint: Hint,
        gateway: Gateway | None,
        proved: Outcome | None,
    ) -> DepositStatus | None:
        """None when nothing more is awaited, else the status that was found."""
        deposit, wallet = self.settling.deposits.with_wallet(user_id, deposit_id)
        if deposit is None:
            # Somebody else's payment at a gateway account that we share, never one of ours:
            # a deposit is recorded before its gateway hears of it.
            metric("PaymentOfUnknownDeposit")
            return None
        continue_trace(deposit.trace)
        if gateway is not None and gateway not in GATEWAYS[deposit.method]:
            metric("SignalOfAnotherGateway", gateway=gateway.value)
            return None
        words = self._words(deposit, hint, gateway, proved)
        reads = iter([(deposit, wallet)])

        def decide(word: Word) -> bool:
            # The first try uses what was read; only a lost race costs another read.
            current, purse = next(reads, None) or self.settling.deposits.with_wallet(
                user_id, deposit_id
            )
            return current is not None and self._decide(current, purse, word)

        awaited = [on_fresh_state(partial(decide, word), self.pause) for word in words]
        if any(awaited):
            return deposit.status
        if deposit.method is Method.BANK_TRANSFER:
            when_over(self.checks, deposit.reference)
        return None

    def _words(
        self, deposit: Deposit, hint: Hint, gateway: Gateway | None, proved: Outcome | None
    ) -> list[Word]:
        """What each gateway that has to be asked says."""
        by = gateway or deposit.gateway
        told, hint = hint, self._own(deposit, by, hint)
        if proved is not None:
            # What comes of its own accord is known by its payment: this is of another one.
            other = deposit.method is Method.PAYBILL and told.receipt != deposit.receipt
            once = deposit.method is not Method.PAYBILL
            return [Word(by, NoAnswer() if other else proved, hint, said_once=once)]
        settled_here = by is deposit.gateway and deposit.status in CREDITED
        if deposit.review or (settled_here and not deposit.open_attempts):
            return [Word(by, NoAnswer(), hint)]
        asked = [] if settled_here else [by]
        if gateway is None:
            asked += [one.gateway for one in deposit.open_attempts if one.reference]
        words = [Word(one, self._ask(deposit, one, hint), hint) for one in dict.fromkeys(asked)]
        # Who was paid comes first: the words of the others then close what is left open.
        words.sort(key=lambda word: not isinstance(word.outcome, Paid))
        return words or [Word(by, NoAnswer(), hint)]

    def _own(self, deposit: Deposit, by: Gateway, hint: Hint) -> Hint:
        known = deposit.reference_at(by)
        if known and hint.reference and known != hint.reference:
            metric("HintOfAnotherPayment", gateway=by.value)
            return Hint()
        return hint

    def _ask(self, deposit: Deposit, by: Gateway, hint: Hint) -> Outcome:
        told = hint.reference
        if told is None and deposit.method is Method.BANK_TRANSFER:
            told = hint.intent
        reference = deposit.reference_at(by) or told
        if reference is None or by not in self.gateways:
            return NoAnswer()
        outcome = self.gateways[by].look_up(deposit, reference)
        if by is deposit.gateway or not isinstance(outcome, Waiting):
            return outcome
        # Another gateway has taken its place: nobody should pay here any more.
        return Lapsed() if self.gateways[by].cancel(deposit, reference) else outcome

    def _decide(self, before: Deposit, wallet: Wallet, word: Word) -> bool:
        """Whether another look is needed later."""
        if before.status in CREDITED or before.review:
            return self._after_the_fact(before, wallet, word)
        hint, current = word.hint, word.by is before.gateway
        told = before.told(hint.reference, hint.receipt) if current else before
        match word.outcome:
            case Paid() as paid:
                return self._paid(before, told, wallet, word, paid)
            case Failed() | Lapsed() if not current:
                if any(one.gateway is word.by for one in before.open_attempts):
                    self.settling.close_attempt(before, word.by)
                return True
            case Failed() | Lapsed() if before.status not in OPEN:
                self.settling.stays_ended(before)
                return False
            case Failed(reason):
                self.settling.end(before, told.failed(reason, self.settling.clock.now()))
                return False
            case Lapsed():
                self.settling.end(before, told.expired(self.settling.clock.now()))
                return False
            case Processing() if current and _may_be_pending(before):
                self.settling.keep(before, told.processing(self.settling.clock.now()))
                return True
            case Waiting() | Processing() | NoAnswer():
                if differs(before, hint):
                    self.settling.hold(before, told.held_for_review(Reason.AMOUNT_MISMATCH))
                    return False
                return self._wait(before, told, word)

    def _paid(self, before: Deposit, told: Deposit, wallet: Wallet, word: Word, paid: Paid) -> bool:
        by = word.by
        if paid.amount not in (None, before.amount):
            self.settling.other_amount(before, told, wallet, by, paid)
            return False
        if differs(before, word.hint):
            self.settling.hold(before, told.held_for_review(Reason.AMOUNT_MISMATCH))
            return False
        try:
            after = self.settling.settle(before, told, wallet, by, paid)
        except NoRate:
            if word.said_once:
                raise RateUnavailable() from None
            return True
        return after is not None and bool(after.open_attempts)

    def _wait(self, before: Deposit, told: Deposit, word: Word) -> bool:
        now = self.settling.clock.now()
        working = isinstance(word.outcome, Waiting | Processing)
        closes_itself = before.method in _CLOSES_ITSELF and working
        # Whoever knows the name of a push was told it by the gateway: the request did arrive.
        begun = told.reference if before.method is Method.MPESA else None
        if now >= before.lapses_at and before.status in OPEN and not closes_itself:
            if not self._closed(before, told, word):
                # A part of a transfer may have come: a person has to look at it in the end.
                return self._still_asked(before, word.by)
            lost = begun is None and before.status is DepositStatus.UNKNOWN
            self.settling.end(before, told.expired(now), unknown=lost)
        elif before.status is DepositStatus.UNKNOWN and begun is not None:
            self.settling.keep(before, told.started(begun, now))
        elif told != before:
            self.settling.keep(before, told.noted())
        if closes_itself:
            # Who says for a day too long that they work on it has to be asked by a person.
            return self._still_asked(before, word.by) and (before.due is None or now < before.due)
        if now < before.lapses_at:
            return True
        if told.reference is None:
            return False
        if isinstance(word.outcome, Waiting) and now >= before.lapses_at + LATE:
            return False
        return self._still_asked(before, word.by)

    def _still_asked(self, deposit: Deposit, by: Gateway) -> bool:
        """For a day after its end; then a person has to know."""
        if self.settling.clock.now() < deposit.lapses_at + LATE:
            return True
        self.settling.escalate(deposit, by)
        return False

    def _closed(self, before: Deposit, told: Deposit, word: Word) -> bool:
        """Whether it certainly cannot be paid any more, or nothing can be done about it."""
        if before.method is not Method.BANK_TRANSFER or told.reference is None:
            return True
        return self.gateways[word.by].cancel(before, told.reference)

    def _after_the_fact(self, deposit: Deposit, wallet: Wallet, word: Word) -> bool:
        """What a late word still adds: another payment, or M-Pesa's receipt number."""
        hint, outcome = word.hint, word.outcome
        if deposit.status not in CREDITED:
            if word.said_once and isinstance(outcome, Paid):
                # Somebody looks at the deposit: the money waits for them, in the books.
                self.settling.other_amount(deposit, deposit, wallet, word.by, outcome)
            return False
        known = (deposit.payment, deposit.receipt)
        # Who is asked once pays once, under whichever name the gateway tells of it.
        once = deposit.method in UNREPEATABLE and word.by is deposit.gateway
        if isinstance(outcome, Paid) and outcome.payment not in known and not once:
            self.settling.second_payment(deposit, wallet, word.by, outcome)
            return len(deposit.open_attempts) > 1
        if word.by is not deposit.gateway:
            if isinstance(outcome, Failed | Lapsed):
                if any(one.gateway is word.by for one in deposit.open_attempts):
                    self.settling.close_attempt(deposit, word.by)
                return len(deposit.open_attempts) > 1
            if isinstance(outcome, Waiting | Processing):
                return self._still_asked(deposit, word.by)
            return self.settling.clock.now() < deposit.lapses_at + LATE
        if differs(deposit, hint):
            alert(deposit, Reason.AMOUNT_MISMATCH)
        elif hint.receipt is not None and deposit.receipt is None:
            self.settling.receipt(deposit, hint.receipt)
        return bool(deposit.open_attempts)


def _subject(user_id: str, deposit_id: str) -> dict[str, str]:
    return {"user_id": user_id, "deposit_id": deposit_id}


def _may_be_pending(deposit: Deposit) -> bool:
    """Not of one that had ended for us: that waits for the proof of payment as it is."""
    return DepositStatus.PENDING in TRANSITIONS[deposit.method][deposit.status]
