"""A withdrawal that waited gets the rate of its sending, and its owner is asked when that is bad.

The rate of the request holds until its quote expires. Whatever is sent later is converted anew,
from the same dollars, in the one write that also records that the gateway is about to be asked:
from then on the rate never changes, whatever the gateway answers. Refunds keep the rate of their
deposit for ever, because they undo it.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from shared.kernel.clock import Clock
from shared.kernel.events import Event
from shared.payouts import telling
from shared.payouts.model import Payout, PayoutStatus, Purpose
from shared.payouts.outcomes import Known, Outcomes
from shared.payouts.ports import FreshRates, NotPaid, Requote
from shared.payouts.reasons import PayoutReason
from shared.payouts.returning import returning
from shared.payouts.terms import Terms, with_earlier
from shared.platform.observability import metric


def is_over(payout: Payout, now: datetime) -> bool:
    """Whether the locked rate may not be sent at any more."""
    if payout.quote is None or payout.purpose is not Purpose.WITHDRAWAL:
        return False
    return payout.asked_at is None and now >= payout.quote.expires_at


def is_worse(payout: Payout, requote: Requote, tolerance: int) -> bool:
    """Whether more than ``tolerance`` basis points of what the person last agreed to are lost."""
    lost = payout.amount.minor - requote.amount.minor
    return lost * 10_000 > tolerance * payout.amount.minor


def requoted(payout: Payout, requote: Requote, now: datetime) -> Payout:
    """With another rate for the same dollars; the one it replaces is kept. ValueError where there
    is none to replace."""
    if payout.quote is None or requote.amount.currency is not payout.amount.currency:
        raise ValueError("nothing is converted like this")
    return replace(
        payout,
        quote=replace(requote.quote, replaced=payout.quote.rate),
        amount=requote.amount,
        earlier=with_earlier(payout.earlier, Terms(payout.quote, payout.amount, now)),
    )


def agreed(payout: Payout, now: datetime) -> Payout:
    """Its owner takes the offer: it goes on. IllegalTransition when none is open."""
    offer = payout.offer
    going_on = payout.moved(PayoutStatus.RECALLED, now, reason=None)
    return (
        going_on if offer is None else requoted(going_on, Requote(offer.quote, offer.amount), now)
    )


@dataclass(frozen=True, slots=True)
class Priced:
    """A payout at a rate that it may be sent at, not stored yet, and what is then told."""

    payout: Payout
    events: tuple[Event, ...] = ()


@dataclass(frozen=True, slots=True)
class Requoting:
    """``tolerance`` is in basis points of what would have arrived; what is worse than that waits
    ``consent_within`` for its owner's consent, and is then taken back."""

    rates: FreshRates
    outcomes: Outcomes
    clock: Clock
    tolerance: int
    consent_within: timedelta

    def priced(self, known: Known) -> Priced | Payout:
        """What may be sent now; or the payout as it was kept because it may not."""
        before, now = known.payout, self.clock.now()
        if before.quote is None or not is_over(before, now):
            return Priced(before)
        fresh = self.rates.fresh(before)
        if fresh is None:
            return self._wait(before)
        if isinstance(fresh, NotPaid):
            return self.outcomes.failed(known, fresh.reason)
        if (fresh.quote.rate, fresh.amount) == (before.quote.rate, before.amount):
            return Priced(before)
        if is_worse(before, fresh, self.tolerance):
            return self._ask(before, fresh, now)
        after = requoted(before, fresh, now)
        told = after.amount != before.amount
        return Priced(after, (telling.requoted(before, after),) if told else ())

    def awaited(self, before: Payout) -> Payout:
        """One whose owner was asked: once the time is over, it is taken back."""
        now = self.clock.now()
        if before.offer is not None and now < before.offer.ends_at:
            return before
        metric("ConsentLapsed", rail=before.rail.value)
        after = returning(before, PayoutStatus.CANCELLED, now, reason=PayoutReason.RATE_NOT_AGREED)
        return self.outcomes.keep(before, after, telling.lapsed(after), telling.stopped(after))

    def _ask(self, before: Payout, fresh: Requote, now: datetime) -> Payout:
        metric("ConsentAsked", rail=before.rail.value)
        until = now + self.consent_within
        after = before.moved(
            PayoutStatus.AWAITING_CONSENT,
            now,
            reason=PayoutReason.RATE_CHANGED,
            offer=Terms(fresh.quote, fresh.amount, until),
            look_at=until,
        )
        return self.outcomes.keep(before, after, telling.consent_asked(before, fresh, until))

    def _wait(self, before: Payout) -> Payout:
        metric("PayoutWaitsForRate", currency=before.amount.currency.value)
        if before.reason is PayoutReason.RATE_UNAVAILABLE:
            return before
        return self.outcomes.keep(before, before.noted(reason=PayoutReason.RATE_UNAVAILABLE))
