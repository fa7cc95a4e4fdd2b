"""Withdrawals: asked for under limits and rules, previewed by the same steps, and taken back."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from shared.cases.model import CaseKind, new_case
from shared.cases.ports import Cases
from shared.kernel.clock import Clock
from shared.kernel.errors import NotFound
from shared.kernel.events import Event
from shared.kernel.ids import Ids, Kind
from shared.payments.races import on_fresh_state
from shared.payouts.errors import PayoutNotCancellable
from shared.payouts.events import PayoutStoppedV1
from shared.payouts.holding import holding
from shared.payouts.making import new_withdrawal
from shared.payouts.model import Payout, PayoutStatus, Purpose
from shared.payouts.ports import Payouts
from shared.payouts.reasons import PayoutReason
from shared.payouts.requests import PayoutRequests
from shared.platform.contention import full_jitter
from shared.platform.correlation import correlation_id
from shared.platform.idempotency import IdempotencyKeys, Intent, once
from shared.platform.observability import logger
from shared.platform.work import UnitOfWork, Write
from shared.withdrawals.deciding import Deciding, Wanted
from shared.withdrawals.events import WithdrawalRequestedV1
from shared.withdrawals.model import RAILS, Asked, approvals_needed
from shared.withdrawals.offers import Decided, Offer
from shared.withdrawals.ports import Histories, PayoutAccounts
from shared.withdrawals.screening import (
    PARAMETERS,
    RULES_FACT,
    Movement,
    Rule,
    Wish,
    findings,
)


@dataclass(frozen=True, slots=True)
class Withdrawals:
    """What a person can do about withdrawals."""

    deciding: Deciding
    accounts: PayoutAccounts
    payouts: Payouts
    requests: PayoutRequests
    cases: Cases
    histories: Histories
    keys: IdempotencyKeys
    facts: UnitOfWork
    clock: Clock
    ids: Ids
    approval_minor: int
    pause: Callable[[int], None] = full_jitter

    def request(self, user_id: str, *, idempotency_key: str, wish: Wanted) -> Payout:
        """The withdrawal of this key, its money held.

        The same key with the same content gives the same withdrawal; with other content it
        raises IdempotencyKeyReused. Raises what ``preview`` raises; nothing is recorded then, and
        the key is free. A rule that hits, or a large amount, is no refusal: it waits for staff.
        """
        intent = Intent(user_id, "requestWithdrawal", idempotency_key, wish.content)

        def attempt() -> Payout:
            told: list[Event] = []
            payout, created = once(
                self.keys,
                self.facts,
                intent,
                make=lambda: self._made(user_id, wish, told),
                read=lambda payout_id: self.withdrawal(user_id, payout_id),
                tell=lambda _: told,
            )
            if created:
                logger("withdrawals").info("requested", extra={"payout_id": payout.payout_id})
            return payout

        return on_fresh_state(attempt, self.pause)

    def preview(self, user_id: str, wish: Wanted) -> Offer:
        """What would come of it, without doing anything. Raises what ``Deciding.decide`` raises.
        It tells nothing of rules for staff.
        """
        return self.deciding.decide(user_id, wish).offer

    def withdrawal(self, user_id: str, payout_id: str) -> Payout:
        """One withdrawal of this person; NotFound for those of others, and other payouts."""
        found = self.payouts.get(user_id, payout_id)
        if found is None or found.purpose is not Purpose.WITHDRAWAL:
            raise NotFound(what="The withdrawal")
        return found

    def cancel(self, user_id: str, *, idempotency_key: str, payout_id: str) -> Payout:
        """Take it back: the money is free at once, or when it is back from the firm.

        One that was taken back before is success. Raises NotFound, PayoutNotCancellable once the
        broker or the gateway is at work on it, and IdempotencyKeyReused.
        """
        intent = Intent(user_id, "cancelWithdrawal", idempotency_key, (payout_id,))

        def attempt() -> Payout:
            told: list[Event] = []
            payout, _ = once(
                self.keys,
                self.facts,
                intent,
                make=lambda: self._taken_back(user_id, payout_id, told),
                read=lambda known: self.withdrawal(user_id, known),
                tell=lambda _: told,
            )
            return payout

        return on_fresh_state(attempt, self.pause)

    def _taken_back(
        self, user_id: str, payout_id: str, told: list[Event]
    ) -> tuple[Payout, str, Sequence[Write]]:
        before, wallet = self.payouts.with_wallet(user_id, payout_id)
        if before is None or before.purpose is not Purpose.WITHDRAWAL:
            raise NotFound(what="The withdrawal")
        if PayoutStatus.CANCELLED in (before.status, before.ending):
            return before, payout_id, []
        if not before.cancellable:
            raise PayoutNotCancellable()
        after, writes = self.requests.cancelled(before, wallet, None)
        if after.status is PayoutStatus.RETURNING:
            told.append(PayoutStoppedV1(user_id=user_id, payout_id=payout_id))
        return after, payout_id, writes

    def _made(
        self, user_id: str, wish: Wanted, told: list[Event]
    ) -> tuple[Payout, str, Sequence[Write]]:
        decided = self.deciding.decide(user_id, wish)
        rules = self._findings(user_id, decided)
        payout = self._payout(user_id, decided, in_review=bool(rules))
        writes, event = self.requests.writes(payout, decided.counter.wallet)
        payout, _ = holding(payout, decided.counter.wallet, payout.held_minor)
        asked = Asked(payout.payout_id, wish.account_id, payout.debited.minor)
        desk = decided.counter.desk
        after = desk.with_withdrawal(asked, self.clock.now(), decided.ended_unpaid, decided.open_)
        writes = [*writes, self.accounts.use(desk, after)]
        if rules:
            case = new_case(
                CaseKind.WITHDRAWAL_REVIEW,
                payout.payout_id,
                self.clock.now(),
                user_id=user_id,
                **{RULES_FACT: ",".join(rules)},
            )
            writes.append(self.cases.open(case))
        told += [event, _requested(payout)]
        return payout, payout.payout_id, writes

    def _findings(self, user_id: str, decided: Decided) -> tuple[Rule, ...]:
        now, offer = self.clock.now(), decided.offer
        wish = Wish(
            at=now,
            minor=offer.conversion.debited.minor,
            available_minor=decided.reach_minor,
            raised_minor=offer.lacks_minor,
            account_added_at=offer.account.created_at,
        )
        return findings(
            wish,
            self.histories.activity(user_id, now - PARAMETERS.looks_back),
            [Movement(one.at, one.debited_minor) for one in decided.before],
            approval_minor=self.approval_minor,
        )

    def _payout(self, user_id: str, decided: Decided, *, in_review: bool) -> Payout:
        offer = decided.offer
        conversion, account = offer.conversion, offer.account
        estimated = offer.everything is not None
        minor = conversion.debited.minor
        needed = approvals_needed(minor, self.approval_minor, estimated=estimated)
        status, reason = PayoutStatus.READY, None
        if in_review or needed:
            status, reason = PayoutStatus.IN_REVIEW, PayoutReason.UNDER_REVIEW
        elif offer.lacks_minor or estimated:
            status, reason = PayoutStatus.RAISING, PayoutReason.CASH_RAISED
        elif offer.not_before is not None:
            status, reason = PayoutStatus.COOLING, PayoutReason.NEW_ACCOUNT
        payout = new_withdrawal(
            user_id=user_id,
            payout_id=self.ids.new(Kind.PAYOUT),
            rail=RAILS[account.kind],
            debited=conversion.debited,
            amount=conversion.amount,
            quote=conversion.quote,
            account_id=account.account_id,
            shown_as=account.shown_as,
            at=self.clock.now(),
            status=status,
            not_before=offer.not_before,
            lacks_minor=offer.lacks_minor,
            goal_id=offer.goal_id,
            everything=offer.everything,
            trace=correlation_id(),
        )
        return replace(payout, reason=reason)


def _requested(payout: Payout) -> WithdrawalRequestedV1:
    return WithdrawalRequestedV1(
        user_id=payout.user_id,
        payout_id=payout.payout_id,
        debited_minor=payout.debited.minor,
        currency=payout.amount.currency.value,
        amount_minor=payout.amount.minor,
    )
