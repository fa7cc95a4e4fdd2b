"""What is decided about money in suspense: whose it is, or that it goes back. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from shared.kernel.money import Currency, Money
from shared.kernel.states import Transitions, advance
from shared.payments.methods import Gateway

CHECK = "suspense"
SWEPT_AFTER = timedelta(minutes=5)


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
    """A second person did not agree, or the payer's bank was faster: it may be decided anew."""


_S = DecisionStatus
TRANSITIONS: Transitions[DecisionStatus] = {
    _S.PROPOSED: frozenset({_S.AGREED, _S.REJECTED}),
    # The payer's bank may take the money before it is credited.
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
    version: int = 1

    @property
    def due(self) -> datetime | None:
        """From when on the sweep asks for it; None when nothing is awaited."""
        if self.status is not DecisionStatus.AGREED:
            return None
        return (self.decided_at or self.proposed_at) + SWEPT_AFTER

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

    def stopped(self) -> "Decision":
        """It could not be carried out any more: it may be decided anew."""
        status = advance(TRANSITIONS, self.status, DecisionStatus.REJECTED)
        return replace(self, status=status, version=self.version + 1)

    def done(self, result: str) -> "Decision":
        """Carried out."""
        status = advance(TRANSITIONS, self.status, DecisionStatus.DONE)
        return replace(self, status=status, result=result, version=self.version + 1)


def alone(amount: Money, most_minor: Mapping[Currency, int]) -> bool:
    """Whether one person may decide it: a currency without a limit always takes two."""
    return amount.minor <= most_minor.get(amount.currency, 0)
