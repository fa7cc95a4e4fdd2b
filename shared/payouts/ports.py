"""What payouts ask of gateways, of the broker, and of other contexts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from shared.kernel.money import Currency, Money
from shared.ledger.model import Wallet
from shared.payments.ports import JournalState
from shared.payments.quoting import FxQuote
from shared.payouts.model import Payout, Purpose, Rail
from shared.payouts.reasons import PayoutReason
from shared.platform.work import Write


@dataclass(frozen=True, slots=True)
class Taken:
    """The gateway has the order and works on it."""

    reference: str


@dataclass(frozen=True, slots=True)
class PaidOut:
    """The payee has the money. ``amount`` is None where the gateway does not say it;
    ``receiver`` is the name that the gateway gives, where it does."""

    reference: str
    amount: Money | None = None
    receipt: str | None = None
    fee_minor: int | None = None
    receiver: str | None = None


@dataclass(frozen=True, slots=True)
class NotPaid:
    """The gateway will not pay, certainly: the same order never goes out any more."""

    reason: PayoutReason


@dataclass(frozen=True, slots=True)
class CameBack:
    """It was paid and came back to us."""

    reason: PayoutReason


@dataclass(frozen=True, slots=True)
class NeverSent:
    """The gateway certainly did not take the order: it may be given again."""


@dataclass(frozen=True, slots=True)
class Silence:
    """The gateway may or may not have the order, or says nothing about it."""


@dataclass(frozen=True, slots=True)
class Requote:
    """A rate of now, and what arrives at it of the same dollars."""

    quote: FxQuote
    amount: Money


type SendResult = Taken | PaidOut | NotPaid | NeverSent | Silence
type PayoutOutcome = Taken | PaidOut | NotPaid | CameBack | Silence


class PayoutRail(Protocol):
    """One way out. Its texts never leave the adapter: reasons come from our catalogue."""

    def send(self, payout: Payout, destination: Mapping[str, str]) -> SendResult:
        """Order it under ``payout.key``; the same key never pays twice where the gateway keeps
        keys. Never raises for what the gateway or the network does. ``destination`` is what the
        payout account keeps sealed, such as ``{"phone": "2547…"}`` or ``{"stripe_account": …,
        "external_account": …}``; empty for refunds, which go to ``payout.source``."""

    def look_up(self, payout: Payout) -> PayoutOutcome:
        """What became of it; GatewayUnavailable when the gateway cannot be asked. A gateway that
        answers later, by a message (M-Pesa), is asked and Silence comes back."""


@dataclass(frozen=True, slots=True)
class RecallJournal:
    """Cash moved, or to be moved, between a person's broker account and the firm's."""

    journal_id: str
    state: JournalState
    account_id: str
    """The person's."""
    amount: Money
    user_id: str
    payout_id: str
    leg: int
    """Even: to the firm's account; odd: back to the person's."""


class RecallBroker(Protocol):
    """The firm's own account at the broker, as the other end of the cash of payouts."""

    def find(self, payout: Payout) -> RecallJournal | None:
        """The journal of this payout's leg that is under way or executed, if there is one."""

    def journal(self, payout: Payout) -> RecallJournal:
        """Move ``payout.debited`` between ``payout.broker_account_id`` and the firm's account,
        in the direction of ``payout.leg``, under ``payout.journal_key``: the same key never
        moves money twice.

        Raises JournalRefused (of ``shared.payments.ports``), or GatewayUnavailable when the
        outcome is not known.
        """

    def read(self, journal_id: str) -> RecallJournal | None:
        """A journal as it stands; None when it is unknown or was not made for a payout."""


class FreshRates(Protocol):
    """What withdrawals are worth now."""

    def fresh(self, payout: Payout) -> Requote | NotPaid | None:
        """At the rate of now; None when there is none to quote, NotPaid when what would arrive
        is more than the payee can take."""


class Sales(Protocol):
    """Selling what people hold, for what cash does not cover."""

    def plan(self, payout: Payout, after: str) -> None:
        """Ask for the next plan of this payout, at least once; ``after`` is its plan before,
        empty for the first. What was planned before is planned no second time."""

    def stop(self, user_id: str, order_id: str) -> None:
        """An order is not wanted any more; nothing happens to one that has ended."""


@dataclass(frozen=True, slots=True)
class LastFee:
    """A management fee that is charged before everything is paid out. ``writes`` make it; its
    cash, ``minor`` cents, is held by the caller in the same fact."""

    charge_id: str = ""
    """Empty while there is nothing to be charged now."""
    minor: int = 0
    writes: Sequence[Write] = ()
    taken_minor: int = 0
    """Of one that was charged when the last order ended, out of whatever cash was there."""


class LastFees(Protocol):
    """What managing somebody's money has cost until yesterday."""

    def due(self, user_id: str, *, whole: bool, since: datetime) -> LastFee:
        """To be charged now, and charged ``since`` a time; nothing of what the broker would not
        move, and, unless ``whole``, as long as shares are held: then the month's end charges it."""

    def collect(self, user_id: str, charge_id: str) -> None:
        """Its cash is held: let the broker move it soon. Nothing is lost without this."""


@dataclass(frozen=True, slots=True)
class Part:
    """What leaves at once, in one payout: so many dollars, and what arrives of them."""

    debited: Money
    amount: Money
    not_before: datetime | None
    """When the limits let it leave."""


@dataclass(frozen=True, slots=True)
class Division:
    """The parts of a withdrawal, the first one its own; ``writes`` count them against limits."""

    parts: tuple[Part, ...]
    writes: Sequence[Write]


class Divisions(Protocol):
    """What a withdrawal pays out at the rate of its request, and in how many parts."""

    def of(self, payout: Payout, minor: int, followers: Sequence[str]) -> Division | None:
        """Of so many cents, no part larger than what can be paid out at once; ``followers`` are
        the identifiers of the others, as many as there may be. None for too little to be paid."""


class Names(Protocol):
    """What people are called, as far as their identity was checked."""

    def name_of(self, user_id: str) -> str | None:
        """The person's full name; None when it is not known or was erased."""


class Destinations(Protocol):
    """Payout accounts, as far as the engine needs them."""

    def details(self, user_id: str, account_id: str) -> Mapping[str, str]:
        """What ``PayoutRail.send`` needs; NotFound for an account that is gone."""


@dataclass(frozen=True, slots=True)
class PayoutAccountShown:
    """A payout account, as far as is needed to choose it."""

    rail: Rail
    currency: Currency
    shown_as: str


class PayoutAccounts(Protocol):
    """Where people have said that money may go."""

    def usable(self, user_id: str, account_id: str, at: datetime) -> PayoutAccountShown | None:
        """One of the person's own; None for one that is gone, or too new."""


class Claims(Protocol):
    """What payers' banks claim."""

    def against(self, user_id: str, deposit_id: str, payment: str) -> bool:
        """Whether a dispute of this payment of the deposit is open, or was lost."""


class Payouts(Protocol):
    """Where payouts are kept. Writes are committed by the use case with those of others."""

    def get(self, user_id: str, payout_id: str) -> Payout | None:
        """One payout."""

    def with_wallet(self, user_id: str, payout_id: str) -> tuple[Payout | None, Wallet]:
        """A payout and the person's USD wallet, in one read."""

    def page(
        self,
        user_id: str,
        *,
        limit: int,
        after: str | None = None,
        purpose: Purpose | None = None,
    ) -> tuple[Sequence[Payout], str | None]:
        """The person's payouts (of one purpose), newest first, and where to go on."""

    def since(
        self, user_id: str, moment: datetime, *, purpose: Purpose | None = None
    ) -> Sequence[Payout]:
        """The person's payouts (of one purpose) that were asked for since then, newest first."""

    def in_review(self, limit: int) -> Sequence[Payout]:
        """Payouts that wait for a second person, the one that waits longest first."""

    def create(self, payout: Payout) -> Write:
        """The write ``payout``; it must be new."""

    def transfer(self, reference: str, payout_id: str) -> Write:
        """The write ``transfer``: a transfer of the firm's bank, by the bank's name of it, pays
        this payout and nothing else."""

    def save(self, before: Payout, after: Payout) -> Write:
        """The write ``payout``, under the condition that nobody changed it since."""


@dataclass(frozen=True, slots=True)
class StuckPage:
    """The longest waiting first, each with its place; ``after`` continues."""

    entries: tuple[tuple[str, Payout], ...]
    after: str | None


class StuckPayouts(Protocol):
    """What waits for somebody of the firm."""

    def stuck(self, limit: int, after: str | None = None) -> StuckPage:
        """Payouts that are held for a look, or of which no answer came for too long."""
