"""What is decided about money in suspense: whose it is, or that it goes back. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from shared.kernel.errors import InvalidValue
from shared.kernel.money import Currency, Money
from shared.kernel.states import Transitions, advance
from shared.payments.methods import Gateway
from shared.payouts.findings import checked_reference

CHECK = "suspense"
SWEPT_AFTER = timedelta(minutes=5)
RATE_WITHIN = timedelta(days=1)
"""So long an agreed match waits for a rate; then it is decided anew."""


class Way(StrEnum):
    """What becomes of it."""

    MATCH = "MATCH"
    """It is somebody's deposit."""
    RETURN = "RETURN"
    """It goes back to where it came from."""


class DecisionStatus(StrEnum):
    """Where a decision stands."""

    PROPOSED = "PROPOSED"
    """A second person has to agree."""
    AGREED = "AGREED"
    """Enough people stand for it: it is about to be carried out."""
    DONE = "DONE"
    """Credited, or handed to those who pay out."""
    REJECTED = "REJECTED"
    """A second person did not agree, or it could not be carried out: it may be decided anew."""


class Stop(StrEnum):
    """Why what was agreed could not be carried out."""

    CLAIMED_BY_BANK = "CLAIMED_BY_BANK"
    """The payer's bank was faster."""
    MAY_NOT_PAY_IN = "MAY_NOT_PAY_IN"
    """The person is gone, suspended, or was refused meanwhile."""
    DEPOSIT_SETTLED = "DEPOSIT_SETTLED"
    """Another payment has settled the deposit, or it is gone."""
    NO_RATE = "NO_RATE"
    """There was no rate for its currency for too long, or none that makes anything of it."""


_S = DecisionStatus
TRANSITIONS: Transitions[DecisionStatus] = {
    _S.PROPOSED: frozenset({_S.AGREED, _S.REJECTED}),
    # What was possible when it was agreed on may not be any more when it is carried out.
    _S.AGREED: frozenset({_S.DONE, _S.REJECTED}),
    _S.DONE: frozenset(),
    _S.REJECTED: frozenset({_S.PROPOSED, _S.AGREED}),
}


@dataclass(frozen=True, slots=True)
class Decision:
    """The one decision about a payment. ``user_id`` is whose it is, of a MATCH. ``result`` is
    the deposit that was credited, or the payout by which it goes back."""

    gateway: Gateway
    payment: str
    amount: Money
    way: Way
    user_id: str | None
    proposed_by: str
    proposed_at: datetime
    reason: str
    status: DecisionStatus = DecisionStatus.PROPOSED
    decided_by: str | None = None
    decided_at: datetime | None = None
    result: str | None = None
    transfer: str | None = None
    """Of a RETURN that people have made by hand: the bank's name of their transfer."""
    stopped_by: Stop | None = None
    """Why it is REJECTED although people agreed."""
    version: int = 1

    @property
    def agreed_at(self) -> datetime:
        """When the last word was given that it took."""
        return self.decided_at or self.proposed_at

    @property
    def due(self) -> datetime | None:
        """From when on the sweep asks for it; None when nothing is awaited."""
        if self.status is not DecisionStatus.AGREED:
            return None
        return self.agreed_at + SWEPT_AFTER

    def instead_of(self, before: "Decision") -> "Decision":
        """In the place of one that was rejected; IllegalTransition of any other one."""
        advance(TRANSITIONS, before.status, self.status)
        return replace(self, version=before.version + 1)

    def decided(self, agreed: bool, by: str, at: datetime) -> "Decision":
        """A second person's word; IllegalTransition once it was given."""
        target = DecisionStatus.AGREED if agreed else DecisionStatus.REJECTED
        return replace(
            self,
            status=advance(TRANSITIONS, self.status, target),
            decided_by=by,
            decided_at=at,
            version=self.version + 1,
        )

    def stopped(self, why: Stop) -> "Decision":
        """It cannot be carried out any more: it may be decided anew."""
        status = advance(TRANSITIONS, self.status, DecisionStatus.REJECTED)
        return replace(self, status=status, stopped_by=why, version=self.version + 1)

    def done(self, result: str) -> "Decision":
        """Carried out."""
        status = advance(TRANSITIONS, self.status, DecisionStatus.DONE)
        return replace(self, status=status, result=result, version=self.version + 1)


def checked_transfer(way: Way, gateway: Gateway, transfer: str | None) -> str | None:
    """The same without outer blanks; InvalidValue for one that no bank would name, and for none
    where only people can send money back: nobody knows the payer's account at a bank."""
    if transfer is not None:
        return checked_reference(transfer)
    if way is Way.RETURN and gateway is Gateway.BANK:
        raise InvalidValue(field="transfer", reason="must be given for money of our own bank")
    return None


def alone(amount: Money, most_minor: Mapping[Currency, int]) -> bool:
    """Whether one person may decide it: a currency without a limit always takes two."""
    return amount.minor <= most_minor.get(amount.currency, 0)
