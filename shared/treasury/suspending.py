"""Deciding whose money in suspense is, or that it goes back; large sums take two people.

Whoever decides has no right to write in the journal: a worker credits what was agreed, and the
engine of payouts pays back.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from shared.cases.ports import Cases
from shared.kernel.clock import Clock
from shared.kernel.errors import NotFound
from shared.kernel.events import Event
from shared.kernel.money import Currency
from shared.payments.events import DepositFailedV1, SurplusReceivedV1
from shared.payments.methods import Gateway
from shared.payments.ports import Deposits, ExchangeRates, People
from shared.payments.reasons import Reason
from shared.payments.states import TRANSITIONS, DepositStatus
from shared.payments.suspended import (
    METHODS_OF_NOBODYS,
    Suspended,
    SuspendedPayments,
    sent_back,
)
from shared.payouts.errors import TransferKnown
from shared.payouts.making import surplus_id
from shared.platform.contention import full_jitter
from shared.platform.idempotency import IdempotencyKeys, Intent, once
from shared.platform.work import ConditionFailed, LostRace, UnitOfWork, Write, retry_lost_race
from shared.treasury import suspense_cases
from shared.treasury.crediting import Claims, quoted
from shared.treasury.errors import (
    ClaimedByBank,
    MayNotBeCredited,
    PaidForAnother,
    SecondPersonNeeded,
    SuspenseDecided,
)
from shared.treasury.suspense import Decision, DecisionStatus, Way, alone, checked_transfer
from shared.treasury.suspense_store import WRITE, SuspenseStore

OPERATIONS = {Way.MATCH: "matchSuspense", Way.RETURN: "returnSuspense"}
_TRIES = 6
_MOVED = frozenset({WRITE, "case", "deposit"})
"""Writes whose conditions fail when somebody else was faster."""

type Record = Callable[[Decision, Suspended], Sequence[Write]]
"""The writes that belong to the same fact, from the decision as it becomes."""


class Transfers(Protocol):
    """Where transfers of our bank are noted that paid something."""

    def transfer(self, reference: str, payout_id: str) -> Write:
        """See Payouts."""


class Purses(Protocol):
    """Where wallets are opened."""

    def open(self, user_id: str) -> Sequence[Write]:
        """The empty wallets of somebody who has none."""


@dataclass(frozen=True, slots=True)
class Suspending:
    """The ports of this use case. ``alone_minor`` is the most of each currency that one person
    decides without a second."""

    suspended: SuspendedPayments
    decisions: SuspenseStore
    deposits: Deposits
    people: People
    rates: ExchangeRates
    purses: Purses
    transfers: Transfers
    claims: Claims
    cases: Cases
    keys: IdempotencyKeys
    facts: UnitOfWork
    clock: Clock
    alone_minor: Mapping[Currency, int]
    pause: Callable[[int], None] = full_jitter

    def find(self, gateway: Gateway, payment: str) -> tuple[Suspended, Decision | None]:
        """A payment in suspense, and what was decided about it. Raises NotFound."""
        found = self.suspended.get(gateway, payment)
        if found is None:
            raise NotFound(what="The payment")
        return found, self.decisions.get(gateway, payment)

    def propose(
        self,
        by: str,
        key: str,
        of: tuple[Gateway, str],
        user_id: str | None,
        reason: str,
        record: Record,
        transfer: str | None = None,
    ) -> Decision:
        """Have a payment credited to ``user_id``, or, for None, sent back; propose it where it
        takes a second person. ``transfer`` names how people have sent it back from our own bank:
        that always takes two.

        The same key with the same content is the same decision. Raises NotFound, InvalidValue,
        IdempotencyKeyReused, TransferKnown, SuspenseDecided, ClaimedByBank, PaidForAnother,
        MayNotBeCredited, RateUnavailable and TemporarilyUnavailable; nothing was changed then.
        """
        gateway, payment = of
        way = Way.RETURN if user_id is None else Way.MATCH
        transfer = checked_transfer(way, gateway, transfer)
        by_hand = () if transfer is None else (transfer,)
        content = (gateway.value, payment, user_id, reason, *by_hand)
        intent = Intent(by, OPERATIONS[way], key, content)

        told: list[Event] = []

        def make() -> tuple[Decision, str, list[Write]]:
            found, before = self.find(gateway, payment)
            if before is not None and before.status is not DecisionStatus.REJECTED:
                raise SuspenseDecided()
            self._check(found, user_id, transfer)
            decision = self._new(found, way, user_id, by, reason, transfer)
            if before is not None:
                decision = decision.instead_of(before)
            decision = _handed_on(decision, found)
            writes, told[:] = self._meaning(before, decision, found)
            return decision, payment, [*writes, *record(decision, found)]

        return self._retried(
            lambda: once(
                self.keys,
                self.facts,
                intent,
                make=make,
                read=lambda _: self._decision(gateway, payment),
                tell=lambda _: tuple(told),
            )[0]
        )

    def decide(self, by: str, of: tuple[Gateway, str], agreed: bool, record: Record) -> Decision:
        """A second person's word about a proposal.

        The same word of the same person again is success. Raises NotFound, SecondPersonNeeded,
        SuspenseDecided, and what ``propose`` raises.
        """

        def attempt() -> Decision:
            found, before = self.find(*of)
            if before is None:
                raise NotFound(what="The proposal")
            if before.status is not DecisionStatus.PROPOSED:
                rejected = before.status is DecisionStatus.REJECTED
                if (before.decided_by, rejected) == (by, not agreed):
                    return before
                raise SuspenseDecided()
            if before.proposed_by == by:
                raise SecondPersonNeeded()
            if agreed:
                self._check(found, before.user_id, before.transfer)
            after = _handed_on(before.decided(agreed, by, self.clock.now()), found)
            writes, told = self._meaning(before, after, found)
            self.facts.commit([*writes, *record(after, found)], *told)
            return after

        return self._retried(attempt)

    def _new(
        self,
        found: Suspended,
        way: Way,
        user_id: str | None,
        by: str,
        reason: str,
        transfer: str | None,
    ) -> Decision:
        # Nobody else sees that money left the bank: by hand it always takes two.
        at_once = transfer is None and alone(found.amount, self.alone_minor)
        return Decision(
            gateway=found.gateway,
            payment=found.payment,
            amount=found.amount,
            way=way,
            user_id=user_id,
            proposed_by=by,
            proposed_at=self.clock.now(),
            reason=reason,
            status=DecisionStatus.AGREED if at_once else DecisionStatus.PROPOSED,
            transfer=transfer,
        )

    def _check(self, found: Suspended, user_id: str | None, transfer: str | None) -> None:
        # What people have sent back they have sent back, whoever claims it.
        asked = found.owner if transfer is None else None
        if asked is not None and self.claims.against(asked, found.subject, found.payment):
            raise ClaimedByBank()
        if user_id is None:
            return
        if found.owner not in (None, user_id):
            raise PaidForAnother()
        standing = self.people.standing(user_id)
        if not standing.identity_approved or standing.broker_refused:
            raise MayNotBeCredited()
        if found.owner is None and found.gateway not in METHODS_OF_NOBODYS:
            raise MayNotBeCredited()
        if found.owner is not None:
            deposit = self.deposits.get(user_id, found.subject)
            if deposit is None:
                raise NotFound(what="The deposit")
            if DepositStatus.SETTLED not in TRANSITIONS[deposit.method][deposit.status]:
                raise MayNotBeCredited()
        quoted(self.rates, self.clock, found)

    def _meaning(
        self, before: Decision | None, after: Decision, found: Suspended
    ) -> tuple[list[Write], list[Event]]:
        """What is written with a decision, and told of it."""
        writes = [self.decisions.save(before, after)]
        if after.status in (DecisionStatus.PROPOSED, DecisionStatus.REJECTED):
            return writes, []
        if after.way is not Way.RETURN:
            return writes, []  # whoever credits it closes its case
        ending, told = self._ending(found)
        writes += suspense_cases.closed(self.cases, found, after, self.clock.now())
        if after.transfer is not None and after.result is not None:
            writes.append(self.transfers.transfer(after.transfer, after.result))
        writes += [*ending, self.suspended.dealt_with(found)]
        return writes, [_surplus(found, after.transfer), *told]

    def _ending(self, found: Suspended) -> tuple[Sequence[Write], Sequence[Event]]:
        """What goes back settles no deposit: the one that it was paid for has failed."""
        if found.owner is None:
            # Its payout is nobody's we know: the chain of its entries needs a wallet.
            return self.purses.open(found.payer[0]), ()
        deposit = self.deposits.get(found.owner, found.subject)
        ended = None if deposit is None else sent_back(deposit, self.clock.now())
        if deposit is None or ended is None:
            return (), ()
        failed = DepositFailedV1(
            user_id=ended.user_id,
            deposit_id=ended.deposit_id,
            gateway=ended.gateway.value,
            reason=Reason.SENT_BACK.value,
        )
        return [self.deposits.save(deposit, ended)], [failed]

    def _decision(self, gateway: Gateway, payment: str) -> Decision:
        found = self.decisions.get(gateway, payment)
        if found is None:
            raise NotFound(what="The proposal")
        return found

    def _retried(self, attempt: Callable[[], Decision]) -> Decision:
        def once_more() -> Decision:
            try:
                return attempt()
            except ConditionFailed as failure:
                if "transfer" in failure.found:
                    raise TransferKnown() from None
                if failure.found and failure.found.keys() <= _MOVED:
                    raise LostRace from None
                raise

        return retry_lost_race(once_more, tries=_TRIES, pause=self.pause)


def _handed_on(decision: Decision, found: Suspended) -> Decision:
    """What goes back is done with when those who pay out are told of it."""
    if decision.way is not Way.RETURN or decision.status is not DecisionStatus.AGREED:
        return decision
    _, deposit_id = found.payer
    payout_id = surplus_id(deposit_id, found.gateway, found.payment)
    return decision.done(payout_id)


def _surplus(found: Suspended, transfer: str | None) -> SurplusReceivedV1:
    user_id, deposit_id = found.payer
    return SurplusReceivedV1(
        user_id=user_id,
        deposit_id=deposit_id,
        gateway=found.gateway.value,
        payment=found.payment,
        currency=found.amount.currency.value,
        amount_minor=found.amount.minor,
        transfer=transfer,
    )
