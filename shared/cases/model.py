"""Cases about money: opened by machines, closed by people. Pure."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from shared.kernel.states import Transitions, advance


class CaseKind(StrEnum):
    """What somebody has to look at."""

    SECOND_PAYMENT = "SECOND_PAYMENT"
    """A deposit was paid twice; the second payment goes back by itself."""
    AMOUNT_MISMATCH = "AMOUNT_MISMATCH"
    """Another amount or currency was paid than was asked for."""
    PAYMENT_REUSED = "PAYMENT_REUSED"
    """One payment of a gateway was claimed for two deposits."""
    UNMATCHED_MONEY = "UNMATCHED_MONEY"
    """Money came whose owner is not known: it is in suspense."""
    PAYMENT_UNKNOWN = "PAYMENT_UNKNOWN"
    """A gateway has given no answer about a payment for too long."""
    PAYOUT_UNKNOWN = "PAYOUT_UNKNOWN"
    """A gateway has given no answer about a payout for too long."""
    PAYOUT_FAILED = "PAYOUT_FAILED"
    """Money that had to go out could not."""
    RECEIVER_MISMATCH = "RECEIVER_MISMATCH"
    """Somebody of another name received a payout."""
    WITHDRAWAL_REVIEW = "WITHDRAWAL_REVIEW"
    """A rule wants a person to look at a withdrawal."""
    DISPUTE = "DISPUTE"
    """A payer's bank takes money back; evidence is due."""
    RECEIVABLE = "RECEIVABLE"
    """A person owes us money."""
    RECONCILIATION_BREAK = "RECONCILIATION_BREAK"
    """Our books and a statement differ."""
    LIMIT_REACHED = "LIMIT_REACHED"
    """A limit of the treasury tripped a breaker."""
    TRADE_TAKEN_BACK = "TRADE_TAKEN_BACK"
    """The exchange took a trade back whose shares were sold, or whose money was spent, since."""
    FUNDING_HELD = "FUNDING_HELD"
    """Money does not reach the broker without a person's word."""
    CORPORATE_ACTION = "CORPORATE_ACTION"
    """A company does something that nobody has decided about, or its broker does other than was
    announced."""
    HOLDINGS_UNREADABLE = "HOLDINGS_UNREADABLE"
    """A person's positions cannot be read: nothing automatic is done for them."""
    BROKER_DIFFERS = "BROKER_DIFFERS"
    """An account at the broker does not hold what our books say, or has not been told of for a
    day: while that is open automatic trading of the account is stopped in the first case."""
    BROKER_QUESTION = "BROKER_QUESTION"
    """The broker asks something about an order that nobody has decided about; it was not sent."""
    MONEY_ALERT = "MONEY_ALERT"
    """A rule that watches movements of money found something; it ends with its alert."""


class CaseStatus(StrEnum):
    """Where a case stands."""

    OPEN = "OPEN"
    RESOLVED = "RESOLVED"


TRANSITIONS: Transitions[CaseStatus] = {
    CaseStatus.OPEN: frozenset({CaseStatus.RESOLVED}),
    # What was looked at breaks again, in another way than was known.
    CaseStatus.RESOLVED: frozenset({CaseStatus.OPEN}),
}


@dataclass(frozen=True, slots=True)
class MoneyCase:
    """One case. ``case_id`` is made of its kind and what it is about, so that the same thing
    never opens a second one; ``facts`` are identifiers and amounts, no personal data. One that is
    open again says still who had closed it, when, and with which words."""

    case_id: str
    kind: CaseKind
    subject: str
    """Identifier of the deposit, payout, dispute or line it is about."""
    user_id: str | None
    opened_at: datetime
    facts: tuple[tuple[str, str], ...] = field(default=())
    status: CaseStatus = CaseStatus.OPEN
    resolved_at: datetime | None = None
    resolved_by: str | None = None
    note: str | None = None
    reopened_at: datetime | None = None
    """When it broke again, the last time."""
    version: int = 1

    @property
    def waits_since(self) -> datetime:
        """Since when it is what it is now, for lists."""
        if self.status is CaseStatus.RESOLVED:
            return self.resolved_at or self.opened_at
        return self.reopened_at or self.opened_at

    def resolved(self, at: datetime, by: str, note: str) -> "MoneyCase":
        """Looked at and done with."""
        status = advance(TRANSITIONS, self.status, CaseStatus.RESOLVED)
        return replace(
            self,
            status=status,
            resolved_at=at,
            resolved_by=by,
            note=note,
            version=self.version + 1,
        )

    def found_again(self, facts: tuple[tuple[str, str], ...], at: datetime) -> "MoneyCase":
        """The same thing was found once more. The same facts are a duplicate, and change nothing;
        others are added to what was known, and a case that was resolved is open again."""
        merged = tuple(sorted({**dict(self.facts), **dict(facts)}.items()))
        if merged == self.facts:
            return self
        known = replace(self, facts=merged, version=self.version + 1)
        if self.status is CaseStatus.OPEN:
            return known
        status = advance(TRANSITIONS, self.status, CaseStatus.OPEN)
        return replace(known, status=status, reopened_at=at)


def case_id_of(kind: CaseKind, subject: str) -> str:
    """The one identifier of this case: ``<KIND>:<subject>``."""
    return f"{kind.value}:{subject}"


def new_case(
    kind: CaseKind,
    subject: str,
    at: datetime,
    *,
    user_id: str | None = None,
    **facts: str,
) -> MoneyCase:
    """An open case."""
    return MoneyCase(
        case_id=case_id_of(kind, subject),
        kind=kind,
        subject=subject,
        user_id=user_id,
        opened_at=at,
        facts=tuple(sorted(facts.items())),
    )
