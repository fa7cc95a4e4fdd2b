"""Deposits: money that a person pays in, from the intent to the broker account. Pure."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from shared.kernel.ids import Kind, created_at, same_moment
from shared.kernel.money import Money
from shared.kernel.states import advance
from shared.payments.methods import (
    GATEWAYS,
    PROCESSING,
    START_WINDOW,
    Attempt,
    Gateway,
    Method,
)
from shared.payments.quoting import FxQuote
from shared.payments.reasons import Reason
from shared.payments.states import (
    AT_GATEWAY,
    CREDITED,
    OPEN,
    TRANSITIONS,
    DepositStatus,
    Move,
)

__all__ = [
    "AT_GATEWAY",
    "CREDITED",
    "OPEN",
    "TRANSITIONS",
    "Attempt",
    "Deposit",
    "DepositStatus",
    "Gateway",
    "Method",
    "Move",
]

SWEPT_AFTER = timedelta(minutes=5)
"""So long after a deposit should have moved on, its chain of checks ends and the sweep, which
comes every few minutes, asks instead: never both for ever."""

MAX_JOURNAL_ATTEMPTS = 12
"""Rejections by the broker, at the pace of the sweep about an hour, before a person looks."""
MOVES_KEPT = 24
"""Of a timeline; only a gateway that is retried for long makes more, and its oldest go."""


@dataclass(frozen=True, slots=True)
class Deposit:
    """One deposit. ``credited`` is what the USD wallet gets: the amount itself, or its worth
    at the quote that was locked when the deposit was made."""

    user_id: str
    deposit_id: str
    gateway: Gateway
    """With whom it is being paid, or was."""
    amount: Money
    credited: Money
    status: DepositStatus
    lapses_at: datetime
    method: Method = Method.CARD
    version: int = 1
    moves: tuple[Move, ...] = ()
    """Its timeline, oldest first."""
    attempts: tuple[Attempt, ...] = ()
    """What was begun at other gateways before."""
    quote: FxQuote | None = None
    reference: str | None = None
    """The gateway's name of the attempt: Checkout Session or CheckoutRequestID."""
    redirect_url: str | None = None
    pushed_to: str | None = None
    """The phone that was asked to pay, masked."""
    instructions: tuple[tuple[str, str], ...] = ()
    """Where to send a bank transfer, and with which reference: names and texts."""
    payment: str | None = None
    """The gateway's name of the payment that settled it."""
    receipt: str | None = None
    """M-Pesa's receipt number, once a callback has brought it."""
    reason: Reason | None = None
    review: bool = False
    """Held for a person to look at: nothing automatic happens any more."""
    settled_at: datetime | None = None
    funded_at: datetime | None = None
    broker_account_id: str | None = None
    journal_id: str | None = None
    journal_attempt: int = 0
    refunding_minor: int = 0
    """Of ``amount``: on its way back to the payer."""
    refunded_minor: int = 0
    """Of ``amount``: went back to the payer."""
    disputed_minor: int = 0
    """Of ``amount``: claimed by the payer's bank in disputes that are open, or were lost."""
    withheld_minor: int = 0
    """Of ``credited``, in US cents: claimed before it was forwarded, so that it stayed with the
    firm. Whoever claims it holds it."""
    before: DepositStatus | None = None
    """Of a disputed or refunded deposit: what it was, and is again if that comes to nothing."""
    planned: bool = False
    """It has its plan: nothing more happens to it. Written with the plan."""
    wakes_at: datetime | None = None
    """Settled and held back: nobody looks at it before."""
    released: bool = False
    """A member of staff gave their word: no limit on forwarding holds it."""
    trace: str = ""
    """The correlation id it was begun under, with which everything about it goes on."""
    goal_id: str = ""
    """What it is saved for; empty for the general goal."""

    @property
    def created_at(self) -> datetime:
        """When it was made."""
        return created_at(self.deposit_id)

    @property
    def quote_id(self) -> str | None:
        """Identifier of the locked quote, when money was converted."""
        return None if self.quote is None else same_moment(Kind.FX_QUOTE, self.deposit_id)

    @property
    def journal_key(self) -> str:
        """Idempotency key of the current journal: another one after a rejection only."""
        return f"{self.deposit_id}.{self.journal_attempt}"

    @property
    def due(self) -> datetime | None:
        """From when on the sweep asks for it; None when nothing is awaited."""
        if self.review:
            return None
        if self.status in OPEN:
            return self.lapses_at + SWEPT_AFTER
        if self.status in AT_GATEWAY:
            if self.status is DepositStatus.SETTLED and self.wakes_at is not None:
                return self.wakes_at
            return (self.settled_at or self.lapses_at) + SWEPT_AFTER
        if self.investable and not self.planned:
            return (self.funded_at or self.lapses_at) + SWEPT_AFTER
        return None

    @property
    def refundable_minor(self) -> int:
        """Of ``amount``: what may still go back to the payer."""
        if self.disputed_minor or self.status not in (DepositStatus.SETTLED, DepositStatus.FUNDED):
            return 0
        return self.amount.minor - self.refunding_minor - self.refunded_minor

    @property
    def forwarded(self) -> Money:
        """What goes to the person's broker account, or went there: all that no bank claimed."""
        return Money(self.credited.minor - self.withheld_minor, self.credited.currency)

    @property
    def investable(self) -> bool:
        """Its cash, or what the payer's bank leaves of it, is in the person's account."""
        if self.status is DepositStatus.DISPUTED and self.before is DepositStatus.FUNDED:
            return 0 < self.disputed_minor < self.amount.minor
        return self.status is DepositStatus.FUNDED

    @property
    def open_attempts(self) -> tuple[Attempt, ...]:
        """What may still be paid at other gateways."""
        return tuple(one for one in self.attempts if not one.closed)

    def attempt_closed(self, gateway: Gateway) -> "Deposit":
        """What was begun there cannot be paid any more, or has been dealt with."""
        attempts = tuple(
            replace(one, closed=True) if one.gateway is gateway else one for one in self.attempts
        )
        return self.noted(attempts=attempts)

    def reference_at(self, gateway: Gateway) -> str | None:
        """What this gateway calls its attempt."""
        if gateway is self.gateway:
            return self.reference
        return next((one.reference for one in self.attempts if one.gateway is gateway), None)

    def may_start(self, now: datetime) -> bool:
        """Whether the gateway may be asked to begin now: in time, and at a quote that holds."""
        in_time = now < self.created_at + START_WINDOW[self.method]
        return in_time and (self.quote is None or now < self.quote.expires_at)

    def moved(self, target: DepositStatus, at: datetime, **changes: Any) -> "Deposit":
        """In another state, if that is legal for its method; IllegalTransition otherwise."""
        status = advance(TRANSITIONS[self.method], self.status, target)
        moves = (*self.moves, Move(status, at))[-MOVES_KEPT:]
        return replace(self, status=status, version=self.version + 1, moves=moves, **changes)

    def noted(self, **changes: Any) -> "Deposit":
        """The same state with these changes."""
        return replace(self, version=self.version + 1, **changes)

    def claimed(self, at: datetime) -> "Deposit":
        """About to ask a gateway that cannot be asked twice."""
        return self.moved(DepositStatus.UNKNOWN, at)

    def unsent(self, at: datetime) -> "Deposit":
        """The gateway certainly never saw the request: it may be asked again."""
        return self.moved(DepositStatus.CREATED, at)

    def started(
        self,
        reference: str,
        at: datetime,
        *,
        redirect_url: str | None = None,
        pushed_to: str | None = None,
        instructions: tuple[tuple[str, str], ...] = (),
    ) -> "Deposit":
        """The gateway has begun and waits for the payer."""
        return self.moved(
            DepositStatus.ACTION_REQUIRED,
            at,
            reference=reference,
            redirect_url=redirect_url,
            pushed_to=pushed_to,
            instructions=instructions,
        )

    def processing(self, at: datetime) -> "Deposit":
        """The payer has done their part: a bank works on it, for days perhaps."""
        lapses_at = max(self.lapses_at, at + PROCESSING.get(self.method, timedelta(0)))
        return self.moved(DepositStatus.PENDING, at, redirect_url=None, lapses_at=lapses_at)

    def handed_to(self, gateway: Gateway) -> "Deposit":
        """Another gateway takes the place of one that does not answer. What may have been begun
        there may still be paid: it stays among the attempts."""
        replaces = self.status is DepositStatus.CREATED and gateway is not self.gateway
        if not replaces or gateway not in GATEWAYS[self.method]:
            raise ValueError(f"{gateway} cannot take the place of {self.gateway}")
        kept = tuple(one for one in self.attempts if one.gateway is not gateway)
        attempts = (*kept, Attempt(self.gateway, self.reference))
        return self.noted(gateway=gateway, attempts=attempts, reference=None, redirect_url=None)

    def told(self, reference: str | None, receipt: str | None) -> "Deposit":
        """With what a message says where nothing is known yet. Not a change by itself: the
        move or note that follows counts the version."""
        return replace(self, reference=self.reference or reference, receipt=self.receipt or receipt)

    def requoted(self, quote: FxQuote, credited: Money) -> "Deposit":
        """Paid too late for the rate that was locked: the rate of now. Not a change by itself."""
        return replace(self, quote=quote, credited=credited)

    def settled(self, at: datetime, *, payment: str, gateway: Gateway | None = None) -> "Deposit":
        """The gateway has the money; ``gateway`` when it is not the one of the last attempt."""
        by = gateway or self.gateway
        changes: dict[str, Any] = {}
        if by is not self.gateway:
            kept = tuple(one for one in self.attempts if one.gateway is not by)
            changes = {
                "gateway": by,
                "reference": self.reference_at(by),
                "attempts": (*kept, Attempt(self.gateway, self.reference)),
            }
        return self.moved(
            DepositStatus.SETTLED,
            at,
            payment=payment,
            settled_at=at,
            redirect_url=None,
            instructions=(),
            reason=None,
            **changes,
        )

    def failed(self, reason: Reason, at: datetime) -> "Deposit":
        """The gateway said no."""
        return self.moved(
            DepositStatus.FAILED, at, reason=reason, redirect_url=None, instructions=()
        )

    def cancelled(self, at: datetime) -> "Deposit":
        """The payer gave it up."""
        return self.moved(
            DepositStatus.CANCELLED,
            at,
            reason=Reason.CANCELLED,
            redirect_url=None,
            instructions=(),
        )

    def expired(self, at: datetime) -> "Deposit":
        """Nobody paid in time."""
        return self.moved(
            DepositStatus.EXPIRED, at, reason=Reason.EXPIRED, redirect_url=None, instructions=()
        )

    def held_for_review(self, reason: Reason) -> "Deposit":
        """Something does not add up: a person has to look at it."""
        return self.noted(reason=reason, review=True)

    def reviewed(self) -> "Deposit":
        """A person has looked: what is automatic goes on."""
        return self.noted(reason=None, review=False)

    def with_receipt(self, receipt: str) -> "Deposit":
        """A callback brought the receipt of a payment that was settled without it."""
        return self.noted(receipt=receipt)
