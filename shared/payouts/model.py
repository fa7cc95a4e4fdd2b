"""Money that leaves: from the request to the payee's account, or back. Pure.

One payout is one movement out, whatever asked for it. The money of a withdrawal or a refund is
held in the wallet from the request on, comes back from the broker, and leaves the books only
when the gateway says that it was paid.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

from shared.kernel.ids import Kind, created_at, same_moment
from shared.kernel.money import Money
from shared.kernel.states import advance
from shared.payments.quoting import FxQuote
from shared.payouts.everything import Everything
from shared.payouts.findings import Finding
from shared.payouts.reasons import PayoutReason
from shared.payouts.remedies import Remedy
from shared.payouts.states import (
    AT_GATEWAY,
    AWAITED,
    CANCELLABLE,
    HOLDING,
    TRANSITIONS,
    PayoutMove,
    PayoutStatus,
)
from shared.payouts.terms import Terms
from shared.payouts.ways import GATEWAY_OF, KEEPS_KEYS, Purpose, Rail

__all__ = [
    "CANCELLABLE",
    "GATEWAY_OF",
    "HOLDING",
    "KEEPS_KEYS",
    "TRANSITIONS",
    "Payout",
    "PayoutMove",
    "PayoutStatus",
    "Purpose",
    "Rail",
]


SWEPT_AFTER = timedelta(minutes=5)
"""So long after a payout entered a state its chain of checks ends, and the sweep asks instead."""
MAX_RECALLS = 12
"""Refusals by the broker, at the pace of the sweep about an hour, before a person looks."""
MOVES_KEPT = 24
HELD_FOR = frozenset({PayoutReason.AMOUNT_MISMATCH, PayoutReason.BROKER_REJECTED})
"""What a look of a person answers."""


@dataclass(frozen=True, slots=True)
class Payout:
    """One movement out. ``debited`` is what the USD wallet loses (zero for a surplus),
    ``amount`` what the payee gets."""

    user_id: str
    payout_id: str
    purpose: Purpose
    rail: Rail
    debited: Money
    amount: Money
    status: PayoutStatus
    version: int = 1
    moves: tuple[PayoutMove, ...] = ()
    at_broker: bool = True
    """The cash is in the person's account at the broker, so it comes to the firm's first and the
    payout itself holds the money. False of a surplus, and of a refund of a deposit that is
    SETTLED only: there the deposit holds it."""
    quote: FxQuote | None = None
    """Dollars into ``amount``'s currency, when they differ: of a withdrawal the rate when it was
    asked for or sent, of a refund the one of its deposit."""
    earlier: tuple[Terms, ...] = ()
    """Rates of a withdrawal that were over before it was sent, oldest first."""
    offer: Terms | None = None
    """What a person who has to agree would get now."""
    account_id: str | None = None
    """The payout account of a withdrawal."""
    shown_as: str | None = None
    """Where it goes, masked, such as ``2547*****678`` or ``**** 4242``."""
    deposit_id: str | None = None
    """The deposit that a refund or a surplus belongs to."""
    source: str | None = None
    """The gateway's payment that goes back: PaymentIntent, pspReference, M-Pesa receipt."""
    not_before: datetime | None = None
    goal_id: str = ""
    """The goal whose money a withdrawal is; empty for the person's, wherever it is."""
    purses: Mapping[str, int] = field(default_factory=dict)
    """Cents of what is held that came out of the purses of named goals, by tag: they go back there
    when it is not paid."""
    everything: Everything | None = None
    """Of a withdrawal of all there is."""
    lacks_minor: int = 0
    """Cents of ``debited`` that are not held yet: cash did not cover them."""
    raises: int = 1
    """Plans to raise what is lacking that were asked for, with the one that is next."""
    settles_on: date | None = None
    """The day on which what was sold for it has settled, once all orders have ended."""
    reference: str | None = None
    """The gateway's name of it: refund, payout or ConversationID."""
    receipt: str | None = None
    """M-Pesa's receipt number."""
    fee_minor: int | None = None
    """What the gateway charged for it, in ``amount``'s currency."""
    reason: PayoutReason | None = None
    hinted: PayoutReason | None = None
    """Why nothing was paid, as an unsigned message claims: it counts only beside a proof."""
    review: bool = False
    """Something does not add up: nothing automatic happens any more."""
    attempt: int = 0
    """Of sending: another key is used after a certain refusal only."""
    tries: int = 0
    """How often the gateway was asked since the payout is SENDING."""
    asked_at: datetime | None = None
    """When the gateway was asked first."""
    look_at: datetime | None = None
    """When the sweep is to ask again for one that takes long."""
    escalated: bool = False
    """A case was opened because no answer comes."""
    ending: PayoutStatus | None = None
    """Of a payout that is RETURNING: what it is once the cash is back."""
    paid_after_all: bool = False
    """The gateway paid, although it or we had taken it for not paid."""
    came_back: bool = False
    """It came back to us: whatever is still told of its having been paid is older."""
    leg: int = 0
    """Of the cash between the two accounts at the broker: even ones bring it to the firm, odd
    ones back to the person."""
    recalls: int = 0
    """Instructions to the broker on this leg that were refused."""
    journal_id: str | None = None
    broker_account_id: str | None = None
    recalled_at: datetime | None = None
    paid_at: datetime | None = None
    asked_by: str | None = None
    """The member of staff who asked for it, when it was not the person."""
    agreed_by: str | None = None
    """The first member of staff who agreed, where two are needed."""
    finding: Finding | None = None
    """What members of staff found out, where the gateway leaves it open."""
    remedy: Remedy | None = None
    """What members of staff want to be done about a surplus that could not go back."""
    followed_by: str | None = None
    """The payout that pays in its place."""
    trace: str = ""

    @property
    def created_at(self) -> datetime:
        """When it was asked for."""
        return created_at(self.payout_id)

    @property
    def gateway(self) -> str:
        """Whose clearing account it leaves, such as ``STRIPE``."""
        return GATEWAY_OF[self.rail]

    @property
    def key(self) -> str:
        """Idempotency key at the gateway (Stripe, Adyen) or OriginatorConversationID (M-Pesa)."""
        return self.payout_id if self.attempt == 0 else f"{self.payout_id}.{self.attempt}"

    @property
    def journal_key(self) -> str:
        """Idempotency key of the broker's journal."""
        return f"{self.payout_id}.{self.leg}.{self.recalls}"

    @property
    def held_minor(self) -> int:
        """Cents that it holds while it holds anything."""
        return self.debited.minor - self.lacks_minor

    @property
    def estimated(self) -> bool:
        """Whether the amounts are what is expected only: not all of it is sold yet."""
        return self.everything is not None and not self.everything.exact

    @property
    def raised_first(self) -> bool:
        """Whether cash has still to be raised for it."""
        return self.lacks_minor > 0 or self.estimated

    @property
    def quote_id(self) -> str | None:
        """Identifier of the quote, when money is converted: a refund's is its deposit's."""
        if self.quote is None:
            return None
        made_with = self.deposit_id or self.payout_id
        return same_moment(Kind.FX_QUOTE, made_with)

    @property
    def entered_at(self) -> datetime:
        """When it entered its state."""
        return self.moves[-1].at if self.moves else self.created_at

    @property
    def chain_ends_at(self) -> datetime:
        """Until when each check schedules the next; from then on the sweep asks alone. It does
        not begin anew when the gateway or the broker turns the payout back."""
        if self.recalls or self.status is PayoutStatus.AWAITING_CONSENT:
            return self.entered_at
        turned_back = self.status in (PayoutStatus.RECALLED, PayoutStatus.SENDING)
        began = self.asked_at if turned_back and self.asked_at is not None else self.entered_at
        return began + SWEPT_AFTER

    @property
    def cancellable(self) -> bool:
        """Whether the person may still take it back."""
        theirs = self.purpose is not Purpose.CLAIM
        return theirs and self.status in CANCELLABLE and not self.paid_after_all

    @property
    def contradicted(self) -> bool:
        """It has ended unpaid in our books, and the gateway says that it was paid."""
        ended = self.status in (PayoutStatus.FAILED, PayoutStatus.CANCELLED)
        return ended and self.paid_after_all

    @property
    def unsettled(self) -> bool:
        """Whether the gateway was asked and staff have to find out how it ended: something does
        not add up, or no answer came for too long."""
        asked = self.status in AT_GATEWAY and self.asked_at is not None
        return asked and self._word_counts and (self.review or self.escalated)

    @property
    def found_out(self) -> bool:
        """Whether the word of staff is to be carried out."""
        agreed = self.finding is not None and self.finding.agreed
        return agreed and self.status in AT_GATEWAY and self._word_counts

    @property
    def _word_counts(self) -> bool:
        """The gateway has proved nothing since."""
        return not (self.paid_after_all or self.came_back)

    @property
    def stuck(self) -> bool:
        """Whether it is on the list of staff."""
        return self.review or self.undelivered or (self.unsettled and not self.found_out)

    @property
    def undelivered(self) -> bool:
        """A payer's money is still here, and nobody has said yet how it goes back."""
        ended = self.status in (PayoutStatus.FAILED, PayoutStatus.RETURNED)
        open_still = self.followed_by is None and not self.contradicted
        return self.purpose is Purpose.SURPLUS and ended and open_still

    @property
    def gateway_next(self) -> bool:
        """Whether its next step is one of the gateway's part, not of the broker's."""
        started = self.status is PayoutStatus.READY and not self.at_broker
        return started or self.contradicted or self.status in AT_GATEWAY

    @property
    def due(self) -> datetime | None:
        """From when on the sweep asks for it; None when nothing is awaited."""
        held = self.review and not self.found_out
        if held or not (self.status in AWAITED or self.contradicted):
            return None
        if self.status is PayoutStatus.COOLING and self.not_before is not None:
            return self.not_before
        return self.look_at or self.entered_at + SWEPT_AFTER

    def moved(self, target: PayoutStatus, at: datetime, **changes: Any) -> "Payout":
        """In another state, if that is legal; IllegalTransition otherwise."""
        status = advance(TRANSITIONS, self.status, target)
        moves = (*self.moves, PayoutMove(status, at))[-MOVES_KEPT:]
        everywhere: dict[str, Any] = {"look_at": None, "ending": None, "offer": None}
        return replace(
            self, status=status, version=self.version + 1, moves=moves, **(everywhere | changes)
        )

    def noted(self, **changes: Any) -> "Payout":
        """The same state with these changes."""
        return replace(self, version=self.version + 1, **changes)

    def held_for_review(self, reason: PayoutReason) -> "Payout":
        """Something does not add up: a person has to look at it."""
        return self.noted(reason=reason, review=True)

    def reviewed(self) -> "Payout":
        """A person has looked: what is automatic goes on. Why it was not paid stays known."""
        reason = None if self.reason in HELD_FOR else self.reason
        return self.noted(reason=reason, review=False, recalls=self.recalls + 1)
