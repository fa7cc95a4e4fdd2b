"""Withdrawals: asked for under limits and rules, previewed by the same steps, and taken back."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from shared.cases.model import CaseKind, new_case
from shared.cases.ports import Cases
from shared.kernel.clock import Clock
from shared.kernel.errors import InvalidValue, NotFound
from shared.kernel.events import Event
from shared.kernel.ids import Ids, Kind
from shared.kernel.money import Currency, Money
from shared.ledger.model import settled_by
from shared.payments.errors import RateUnavailable
from shared.payments.ports import ExchangeRates
from shared.payments.races import on_fresh_state
from shared.payouts.errors import PayoutNotCancellable
from shared.payouts.events import PayoutStoppedV1
from shared.payouts.making import new_withdrawal
from shared.payouts.model import Payout, PayoutStatus, Purpose
from shared.payouts.ports import Payouts
from shared.payouts.reasons import PayoutReason
from shared.payouts.requests import PayoutRequests
from shared.payouts.states import NOT_PAID
from shared.platform.contention import full_jitter
from shared.platform.correlation import correlation_id
from shared.platform.idempotency import IdempotencyKeys, Intent, once
from shared.platform.observability import logger
from shared.platform.work import UnitOfWork, Write
from shared.withdrawals.conversion import STEPS, Conversion, converted, quoted
from shared.withdrawals.errors import (
    IdentityNeeded,
    NotEnoughMoney,
    PayoutsBlocked,
)
from shared.withdrawals.events import WithdrawalRequestedV1
from shared.withdrawals.limits import DEBITED, PAID_OUT, check_velocity
from shared.withdrawals.model import RAILS, Asked, PayoutAccount, approvals_needed
from shared.withdrawals.ports import Counter, Histories, Holders, Outgoing, PayoutAccounts
from shared.withdrawals.screening import (
    PARAMETERS,
    RULES_FACT,
    Movement,
    Rule,
    Wish,
    findings,
)


@dataclass(frozen=True, slots=True)
class Offer:
    """A withdrawal as it would be made now."""

    account: PayoutAccount
    conversion: Conversion
    not_before: datetime | None
    """The account is new: nothing leaves before."""


@dataclass(frozen=True, slots=True)
class _Decided:
    """An offer with all that it was decided on."""

    offer: Offer
    counter: Counter
    before: Sequence[Asked]
    """Withdrawals that count: paid, or still to be."""
    ended_unpaid: frozenset[str]
    open_: frozenset[str]


@dataclass(frozen=True, slots=True)
class Withdrawals:
    """What a person can do about withdrawals."""

    accounts: PayoutAccounts
    outgoing: Outgoing
    payouts: Payouts
    requests: PayoutRequests
    cases: Cases
    holders: Holders
    histories: Histories
    rates: ExchangeRates
    keys: IdempotencyKeys
    facts: UnitOfWork
    clock: Clock
    ids: Ids
    approval_minor: int
    pause: Callable[[int], None] = full_jitter

    def request(
        self, user_id: str, *, idempotency_key: str, account_id: str, amount: Money
    ) -> Payout:
        """The withdrawal of this key, its money held. ``amount`` are dollars.

        The same key with the same content gives the same withdrawal; with other content it
        raises IdempotencyKeyReused. Raises what ``preview`` raises; nothing is recorded then, and
        the key is free. A rule that hits, or a large amount, is no refusal: it waits for staff.
        """
        content = (account_id, amount.minor, amount.currency.value)
        intent = Intent(user_id, "requestWithdrawal", idempotency_key, content)

        def attempt() -> Payout:
            told: list[Event] = []
            payout, created = once(
                self.keys,
                self.facts,
                intent,
                make=lambda: self._made(user_id, account_id, amount, told),
                read=lambda payout_id: self.withdrawal(user_id, payout_id),
                tell=lambda _: told,
            )
            if created:
                logger("withdrawals").info("requested", extra={"payout_id": payout.payout_id})
            return payout

        return on_fresh_state(attempt, self.pause)

    def preview(self, user_id: str, account_id: str, amount: Money) -> Offer:
        """What would come of it, without doing anything.

        Raises NotFound for an account that is not the person's or was removed, IdentityNeeded,
        PayoutsBlocked, InvalidValue for other currencies than dollars, AmountNotPaidOut,
        NotEnoughMoney, RateUnavailable, TooOften. It tells nothing of rules for staff.
        """
        return self._decide(user_id, account_id, amount).offer

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

    def _decide(self, user_id: str, account_id: str, amount: Money) -> _Decided:
        if amount.currency is not Currency.USD:
            raise InvalidValue(field="amount", reason="must be in dollars")
        holder = self.holders.holder(user_id)
        if holder is None or not holder.approved:
            raise IdentityNeeded()
        counter = self.accounts.counter(user_id, account_id)
        account, wallet = counter.account, counter.wallet
        if account is None or not account.active:
            raise NotFound(what="The payout account")
        if wallet.blocks or wallet.owed:
            raise PayoutsBlocked()
        DEBITED[account.kind].check(amount)
        now = self.clock.now()
        conversion = self._converted(account, amount, now)
        settled = max(wallet.settled(settled_by(now)), 0)
        if conversion.debited.minor > settled:
            raise NotEnoughMoney(available=str(Money(settled, Currency.USD)))
        known = self.outgoing.known(user_id, [one.payout_id for one in counter.desk.asked])
        unpaid = frozenset(name for name, one in known.items() if _came_to_nothing(one))
        before = [one for one in counter.desk.asked if one.payout_id not in unpaid]
        check_velocity(before, conversion.debited, now)
        open_ = {name for name, one in known.items() if one.status is not PayoutStatus.PAID}
        not_before = account.usable_at if now < account.usable_at else None
        offer = Offer(account, conversion, not_before)
        return _Decided(offer, counter, before, unpaid, frozenset(open_ - unpaid))

    def _converted(self, account: PayoutAccount, amount: Money, now: datetime) -> Conversion:
        quote = quoted(self.rates, account.currency, now)
        conversion = converted(amount, account.currency, STEPS[account.kind], quote)
        if account.kind in PAID_OUT:
            PAID_OUT[account.kind].check(conversion.amount)
        if conversion.amount.minor <= 0:
            # A rate that makes nothing of somebody's money is wrong, and could not be booked.
            raise RateUnavailable()
        return conversion

    def _made(
        self, user_id: str, account_id: str, amount: Money, told: list[Event]
    ) -> tuple[Payout, str, Sequence[Write]]:
        decided = self._decide(user_id, account_id, amount)
        rules = self._findings(user_id, decided)
        payout = self._payout(user_id, decided, in_review=bool(rules))
        writes, event = self.requests.writes(payout, decided.counter.wallet)
        asked = Asked(payout.payout_id, account_id, payout.debited.minor)
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

    def _findings(self, user_id: str, decided: _Decided) -> tuple[Rule, ...]:
        now, offer = self.clock.now(), decided.offer
        wish = Wish(
            at=now,
            minor=offer.conversion.debited.minor,
            available_minor=decided.counter.wallet.available,
            account_added_at=offer.account.created_at,
        )
        return findings(
            wish,
            self.histories.activity(user_id, now - PARAMETERS.looks_back),
            [Movement(one.at, one.debited_minor) for one in decided.before],
            approval_minor=self.approval_minor,
        )

    def _payout(self, user_id: str, decided: _Decided, *, in_review: bool) -> Payout:
        offer = decided.offer
        conversion, account = offer.conversion, offer.account
        needed = approvals_needed(conversion.debited.minor, self.approval_minor)
        status, reason = PayoutStatus.READY, None
        if in_review or needed:
            status, reason = PayoutStatus.IN_REVIEW, PayoutReason.UNDER_REVIEW
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
            trace=correlation_id(),
        )
        return replace(payout, reason=reason)


def _came_to_nothing(payout: Payout) -> bool:
    return payout.status in NOT_PAID or payout.ending is not None


def _requested(payout: Payout) -> WithdrawalRequestedV1:
    return WithdrawalRequestedV1(
        user_id=payout.user_id,
        payout_id=payout.payout_id,
        debited_minor=payout.debited.minor,
        currency=payout.amount.currency.value,
        amount_minor=payout.amount.minor,
    )
