"""Deposits: money that a person pays in, from the intent to the broker account. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from shared.kernel.ids import Kind, created_at, same_moment
from shared.kernel.money import Currency, Money
from shared.kernel.states import Transitions, advance
from shared.payments.quoting import FxQuote
from shared.payments.reasons import Reason


class Gateway(StrEnum):
    """Through whom the money comes."""

    STRIPE = "STRIPE"
    MPESA = "MPESA"


class DepositStatus(StrEnum):
    """Where a deposit stands."""

    CREATED = "CREATED"
    """Recorded; the gateway does not know of it, or was asked in a way that may be repeated."""
    UNKNOWN = "UNKNOWN"
    """The gateway was asked, or was about to be, in a way that must not be repeated, and its
    answer is missing: the payer may or may not see a request."""
    PENDING = "PENDING"
    """The gateway waits for the payer: a page to visit, or a prompt on the phone."""
    SETTLED = "SETTLED"
    """The gateway has the money and the wallet is credited, all of it still held."""
    FUNDING = "FUNDING"
    """The broker is being asked to move the firm's cash to the person's account."""
    FUNDED = "FUNDED"
    """The cash is in the person's broker account and free to be invested. It is looked after
    until it has its plan."""
    FAILED = "FAILED"
    """The gateway said no. A later proof of payment by the gateway still settles it."""
    EXPIRED = "EXPIRED"
    """Nobody paid in time as far as we know. A late payment still settles it."""


TRANSITIONS: Transitions[DepositStatus] = {
    DepositStatus.CREATED: frozenset(
        {
            DepositStatus.UNKNOWN,
            DepositStatus.PENDING,
            DepositStatus.SETTLED,
            DepositStatus.FAILED,
            DepositStatus.EXPIRED,
        }
    ),
    DepositStatus.UNKNOWN: frozenset(
        {
            DepositStatus.CREATED,
            DepositStatus.PENDING,
            DepositStatus.SETTLED,
            DepositStatus.FAILED,
            DepositStatus.EXPIRED,
        }
    ),
    DepositStatus.PENDING: frozenset(
        {DepositStatus.SETTLED, DepositStatus.FAILED, DepositStatus.EXPIRED}
    ),
    DepositStatus.FAILED: frozenset({DepositStatus.SETTLED}),
    DepositStatus.EXPIRED: frozenset({DepositStatus.SETTLED}),
    DepositStatus.SETTLED: frozenset({DepositStatus.FUNDING}),
    DepositStatus.FUNDING: frozenset({DepositStatus.FUNDED, DepositStatus.SETTLED}),
    DepositStatus.FUNDED: frozenset(),
}

OPEN = frozenset({DepositStatus.CREATED, DepositStatus.UNKNOWN, DepositStatus.PENDING})
"""The gateway's word is still awaited."""
AT_GATEWAY = frozenset({DepositStatus.SETTLED, DepositStatus.FUNDING})
"""The money is on its way to the broker."""
CREDITED = frozenset({DepositStatus.SETTLED, DepositStatus.FUNDING, DepositStatus.FUNDED})
"""The wallet has the money."""

LIFETIME: Mapping[Gateway, timedelta] = {
    Gateway.STRIPE: timedelta(hours=1),
    Gateway.MPESA: timedelta(minutes=10),
}
"""From creation to expiry. Stripe wants at least 30 minutes from the moment it makes the page."""

START_WINDOW: Mapping[Gateway, timedelta] = {
    Gateway.STRIPE: timedelta(minutes=25),
    Gateway.MPESA: timedelta(minutes=5),
}
"""From creation to the last moment at which the gateway may (still) be asked to begin."""

SWEPT_AFTER = timedelta(minutes=5)
"""So long after a deposit should have moved on, its chain of checks ends and the sweep, which
comes every few minutes, asks instead: never both for ever."""

MAX_JOURNAL_ATTEMPTS = 12
"""Rejections by the broker, at the pace of the sweep about an hour, before a person looks."""


@dataclass(frozen=True, slots=True)
class Deposit:
    """One deposit. ``credited`` is what the USD wallet gets: the amount itself, or its worth
    at the quote that was locked when the deposit was made."""

    user_id: str
    deposit_id: str
    gateway: Gateway
    amount: Money
    credited: Money
    status: DepositStatus
    lapses_at: datetime
    version: int = 1
    quote: FxQuote | None = None
    reference: str | None = None
    """The gateway's name of the attempt: Checkout Session or CheckoutRequestID."""
    redirect_url: str | None = None
    pushed_to: str | None = None
    """The phone that was asked to pay, masked."""
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
    planned: bool = False
    """It has its plan: nothing more happens to it. Written with the plan."""
    trace: str = ""
    """The correlation id it was begun under, with which everything about it goes on."""

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
            return (self.settled_at or self.lapses_at) + SWEPT_AFTER
        if self.status is DepositStatus.FUNDED and not self.planned:
            return (self.funded_at or self.lapses_at) + SWEPT_AFTER
        return None

    def may_start(self, now: datetime) -> bool:
        """Whether the gateway may be asked to begin now: in time, and at a quote that holds."""
        in_time = now < self.created_at + START_WINDOW[self.gateway]
        return in_time and (self.quote is None or now < self.quote.expires_at)

    def _moved(self, target: DepositStatus, **changes: Any) -> "Deposit":
        status = advance(TRANSITIONS, self.status, target)
        return replace(self, status=status, version=self.version + 1, **changes)

    def _noted(self, **changes: Any) -> "Deposit":
        return replace(self, version=self.version + 1, **changes)

    def claimed(self) -> "Deposit":
        """About to ask a gateway that cannot be asked twice."""
        return self._moved(DepositStatus.UNKNOWN)

    def unsent(self) -> "Deposit":
        """The gateway certainly never saw the request: it may be asked again."""
        return self._moved(DepositStatus.CREATED)

    def started(
        self, reference: str, *, redirect_url: str | None = None, pushed_to: str | None = None
    ) -> "Deposit":
        """The gateway has begun and waits for the payer."""
        return self._moved(
            DepositStatus.PENDING,
            reference=reference,
            redirect_url=redirect_url,
            pushed_to=pushed_to,
        )

    def told(self, reference: str | None, receipt: str | None) -> "Deposit":
        """With what a message says where nothing is known yet. Not a change by itself: the
        move or note that follows counts the version."""
        return replace(self, reference=self.reference or reference, receipt=self.receipt or receipt)

    def noted(self) -> "Deposit":
        """The same state with what was told."""
        return self._noted()

    def settled(self, at: datetime, *, payment: str) -> "Deposit":
        """The gateway has the money."""
        return self._moved(
            DepositStatus.SETTLED,
            payment=payment,
            settled_at=at,
            redirect_url=None,
            reason=None,
        )

    def failed(self, reason: Reason) -> "Deposit":
        """The gateway said no."""
        return self._moved(DepositStatus.FAILED, reason=reason, redirect_url=None)

    def expired(self) -> "Deposit":
        """Nobody paid in time."""
        return self._moved(DepositStatus.EXPIRED, reason=Reason.EXPIRED, redirect_url=None)

    def held_for_review(self, reason: Reason) -> "Deposit":
        """Something does not add up: a person has to look at it."""
        return self._noted(reason=reason, review=True)

    def with_receipt(self, receipt: str) -> "Deposit":
        """A callback brought the receipt of a payment that was settled without it."""
        return self._noted(receipt=receipt)

    def with_reason(self, reason: Reason) -> "Deposit":
        """Why it does not move on for now."""
        return self._noted(reason=reason)

    def funding(self, account_id: str) -> "Deposit":
        """The intent to move the cash, recorded before the broker is asked."""
        return self._moved(DepositStatus.FUNDING, broker_account_id=account_id, reason=None)

    def journaled(self, journal_id: str) -> "Deposit":
        """The broker has the instruction."""
        return self._noted(journal_id=journal_id)

    def journal_rejected(self) -> "Deposit":
        """The broker will not carry this instruction out; a new one needs a new key."""
        attempt = self.journal_attempt + 1
        return self._moved(
            DepositStatus.SETTLED,
            journal_id=None,
            journal_attempt=attempt,
            reason=Reason.BROKER_REJECTED,
            review=attempt >= MAX_JOURNAL_ATTEMPTS,
        )

    def funded(self, at: datetime) -> "Deposit":
        """The cash is in the person's broker account."""
        return self._moved(DepositStatus.FUNDED, funded_at=at, reason=None)


def new_deposit(
    *,
    user_id: str,
    deposit_id: str,
    gateway: Gateway,
    amount: Money,
    quote: FxQuote | None,
    trace: str = "",
) -> Deposit:
    """A deposit that only we know of. A gateway that keeps no idempotency starts as UNKNOWN:
    the one who records it is the one who asks."""
    credited = amount if quote is None else quote.convert(amount)
    if credited.currency is not Currency.USD:
        raise ValueError("only the USD wallet is credited")
    return Deposit(
        user_id=user_id,
        deposit_id=deposit_id,
        gateway=gateway,
        amount=amount,
        credited=credited,
        status=DepositStatus.UNKNOWN if gateway is Gateway.MPESA else DepositStatus.CREATED,
        lapses_at=created_at(deposit_id) + LIFETIME[gateway],
        quote=quote,
        trace=trace,
    )
