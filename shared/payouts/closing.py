"""The end of a withdrawal of everything: the last fee, what it comes to, and in which parts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from shared.investing.model import Order
from shared.kernel.clock import Clock
from shared.ledger.goal_cash import drawn
from shared.ledger.model import Wallet
from shared.ledger.ports import Ledger
from shared.ledger.purses import PurseMove
from shared.payouts import telling
from shared.payouts.everything import Everything, part_ids
from shared.payouts.holding import holding, tag_for
from shared.payouts.making import new_withdrawal
from shared.payouts.model import Payout, PayoutStatus
from shared.payouts.ports import Divisions, LastFees, Part, Payouts
from shared.payouts.reasons import PayoutReason
from shared.payouts.requests import gone_on
from shared.platform.observability import metric
from shared.platform.work import UnitOfWork, Write


@dataclass(frozen=True, slots=True)
class Closing:
    """Two facts, one after the other: the fee is charged and its cash held, once; then what is
    left is held, the amounts become exact, and it goes on. A crash in between repeats neither."""

    payouts: Payouts
    ledger: Ledger
    fees: LastFees
    divisions: Divisions
    facts: UnitOfWork
    clock: Clock

    def charged(self, payout: Payout, wallet: Wallet, sold: Sequence[Order], today: date) -> Payout:
        """With the fee until yesterday, out of what was ``sold``, and, where that is less, out of
        what was held from the beginning. One that cannot be had so is no part of it."""
        known = _everything(payout)
        fee = self.fees.due(payout.user_id, whole=not payout.goal_id, since=payout.created_at)
        known = self._repaid(payout, known, sold, fee.taken_minor)
        taken = min(fee.minor, max(wallet.settled(today), 0))
        # What came since is no part of it: it pays nothing either.
        taken -= max(_of_part(payout, wallet, taken) - _came_in(known, sold), 0)
        of_held = fee.minor - taken
        if not fee.minor or of_held > payout.held_minor:
            return self._noted(payout, known)
        after = payout.noted(
            debited=replace(payout.debited, minor=payout.debited.minor - of_held),
            purses=_kept(payout.purses, payout.held_minor - of_held),
            everything=replace(
                known,
                fee_minor=fee.minor + (known.fee_minor or 0),
                later_minor=known.later_minor - _of_part(payout, wallet, taken),
            ),
        )
        hold = self.ledger.reserve(wallet, taken, orders=0, to_leave=True, on=today)
        self.facts.commit([self.payouts.save(payout, after), hold, *fee.writes])
        self.fees.collect(payout.user_id, fee.charge_id)
        metric("ClosingFeeMinor", fee.minor)
        return after

    def _repaid(
        self, payout: Payout, known: Everything, sold: Sequence[Order], minor: int
    ) -> Everything:
        """With a fee that was charged when its last order ended, before what that sold had
        settled: something that came since has paid it, and has it back. A named goal's sales owe
        the general goal's cash nothing."""
        if tag_for(payout.user_id, payout.goal_id):
            return replace(known, fee_minor=0)
        own = min(minor, _came_in(known, sold))
        return replace(known, fee_minor=own, later_minor=known.later_minor - own)

    def _noted(self, payout: Payout, known: Everything) -> Payout:
        after = payout.noted(everything=known)
        self.facts.commit([self.payouts.save(payout, after)])
        return after

    def ended(
        self, payout: Payout, wallet: Wallet, sold: Sequence[Order], free: int, today: date
    ) -> Payout | None:
        """Held, exact, and on its way; None where it comes to too little to be paid out. What
        ``sold`` brought is in it, and what had to settle, but never more than is ``free``: cash
        that came since stays."""
        more = min(_came_in(_everything(payout), sold), free)
        ids = part_ids(payout.payout_id)
        division = self.divisions.of(payout, payout.held_minor + more, ids)
        if division is None:
            return None
        first, rest = division.parts[0], division.parts[1:]
        whole = sum(part.debited.minor for part in division.parts)
        held, hold = self._held(payout, wallet, whole - payout.held_minor, today)
        purses = _shared_out(held.purses, [part.debited.minor for part in division.parts])
        after = self._exact(payout, first, purses[0])
        followers = [
            self._follower(after, part, payout_id, own)
            for part, payout_id, own in zip(rest, ids, purses[1:], strict=False)
        ]
        writes = [
            self.payouts.save(payout, after),
            hold,
            *map(self.payouts.create, followers),
            *division.writes,
        ]
        self.facts.commit(writes, *map(telling.requested, (after, *followers)))
        metric("CashRaised", plans=str(payout.raises))
        return after

    def _held(
        self, payout: Payout, wallet: Wallet, minor: int, today: date
    ) -> tuple[Payout, Write]:
        if minor < 0:
            # What makes no whole unit of what arrives is free again, for the goal whose it was.
            purses = _kept(payout.purses, payout.held_minor + minor)
            back = [PurseMove(tag, had - purses.get(tag, 0)) for tag, had in payout.purses.items()]
            free = self.ledger.release(wallet, -minor, orders=0, purses=back)
            return replace(payout, purses=purses), free
        held, moves = holding(payout, wallet, minor)
        hold = self.ledger.reserve(wallet, minor, orders=0, to_leave=True, on=today, purses=moves)
        return held, hold

    def _exact(self, payout: Payout, first: Part, purses: dict[str, int]) -> Payout:
        full = replace(
            payout,
            debited=first.debited,
            amount=first.amount,
            lacks_minor=0,
            settles_on=None,
            purses=purses,
            everything=replace(_everything(payout), exact=True),
            not_before=_later(payout.not_before, first.not_before),
        )
        return _named(gone_on(full, self.clock.now()), payout)

    def _follower(
        self, first: Payout, part: Part, payout_id: str, purses: dict[str, int]
    ) -> Payout:
        now = self.clock.now()
        not_before = _later(first.not_before, part.not_before)
        cools = not_before is not None and now < not_before
        follower = new_withdrawal(
            user_id=first.user_id,
            payout_id=payout_id,
            rail=first.rail,
            debited=part.debited,
            amount=part.amount,
            quote=first.quote,
            account_id=first.account_id or "",
            shown_as=first.shown_as or "",
            at=now,
            status=PayoutStatus.COOLING if cools else PayoutStatus.READY,
            not_before=not_before,
            goal_id=first.goal_id,
            everything=first.everything,
            trace=first.trace,
        )
        return _named(replace(follower, purses=purses), first)


def _everything(payout: Payout) -> Everything:
    if payout.everything is None:
        raise ValueError("it is not of everything")
    return payout.everything


def _came_in(known: Everything, sold: Sequence[Order]) -> int:
    """Cents that it holds no cash of yet: what had to settle, and what was sold for it."""
    return max(known.later_minor + sum(order.charged_minor for order in sold), 0)


def _kept(purses: Mapping[str, int], minor: int) -> dict[str, int]:
    """What of a hold that is so much now came out of purses: the general goal's goes first."""
    return _shared_out(purses, [minor])[0]


def _of_part(payout: Payout, wallet: Wallet, minor: int) -> int:
    """What of a fee the goal's own cash loses: it is taken out of the general goal's first."""
    tag = tag_for(payout.user_id, payout.goal_id)
    if tag is None:
        return minor
    lost = drawn(wallet, minor, [])
    return lost.get(tag, 0) if tag else minor - sum(lost.values())


def _later(one: datetime | None, other: datetime | None) -> datetime | None:
    return max((each for each in (one, other) if each is not None), default=None)


def _named(after: Payout, asked: Payout) -> Payout:
    """Why it waits: the account's newness has its own reason, and so have limits."""
    waits = after.status is PayoutStatus.COOLING and after.not_before != asked.not_before
    return replace(after, reason=PayoutReason.IN_PARTS) if waits else after


def _shared_out(purses: Mapping[str, int], minors: Sequence[int]) -> list[dict[str, int]]:
    """Each part's share of what came out of purses, the first ones first; no cent twice."""
    left = dict(purses)
    shares = []
    for minor in minors:
        share, room = {}, minor
        for tag in sorted(left):
            cents = min(left[tag], room)
            if cents:
                share[tag] = cents
                left[tag] -= cents
                room -= cents
        shares.append(share)
    return shares
