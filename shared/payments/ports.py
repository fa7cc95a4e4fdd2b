"""What payments ask of gateways, of the broker, and of other contexts."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from shared.kernel.money import Currency, FxRate, Money
from shared.ledger.model import Wallet
from shared.payments.methods import Gateway
from shared.payments.model import Deposit
from shared.payments.reasons import Reason
from shared.payments.seasoning import Exposure
from shared.platform.work import Write
from shared.strategies.goals import Goal


@dataclass(frozen=True, slots=True)
class Started:
    """The gateway waits for the payer."""

    reference: str
    redirect_url: str | None = None
    pushed_to: str | None = None
    instructions: tuple[tuple[str, str], ...] = ()
    """Where to send a bank transfer: names and texts."""


@dataclass(frozen=True, slots=True)
class Refused:
    """The gateway will not begin this payment."""

    reason: Reason


@dataclass(frozen=True, slots=True)
class NotSent:
    """The gateway certainly did not take the request."""


@dataclass(frozen=True, slots=True)
class NoWord:
    """The request may or may not have reached the gateway."""


type StartResult = Started | Refused | NotSent | NoWord


@dataclass(frozen=True, slots=True)
class Paid:
    """The gateway has the money. ``amount`` is None where the gateway does not say it."""

    payment: str
    amount: Money | None
    fee_minor: int | None = None


@dataclass(frozen=True, slots=True)
class Waiting:
    """The payer may still pay."""


@dataclass(frozen=True, slots=True)
class Processing:
    """The payer has done their part; the gateway or a bank works on it."""


@dataclass(frozen=True, slots=True)
class Failed:
    """The gateway said no."""

    reason: Reason


@dataclass(frozen=True, slots=True)
class Lapsed:
    """The gateway has closed the attempt unpaid."""


@dataclass(frozen=True, slots=True)
class NoAnswer:
    """The gateway answered without saying anything about this payment."""


type Outcome = Paid | Waiting | Processing | Failed | Lapsed | NoAnswer


class PaymentLookup(Protocol):
    """One gateway, asked what became of a payment. Its texts never leave the adapter: reasons
    come from our catalogue."""

    def look_up(self, deposit: Deposit, reference: str) -> Outcome:
        """What became of the attempt; GatewayUnavailable when the gateway cannot be asked."""

    def cancel(self, deposit: Deposit, reference: str) -> bool:
        """Close what was begun. True when it certainly cannot be paid any more, False when it
        was paid or a bank works on it; GatewayUnavailable when that is not known."""


class PaymentGateway(PaymentLookup, Protocol):
    """One gateway, asked to begin a payment too."""

    def start(self, deposit: Deposit, phone: str | None, *, save_card: bool = False) -> StartResult:
        """Ask the gateway to begin; never raises for what the gateway or the network does.
        ``save_card`` keeps the card for later charges, where the gateway does that for us."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What payments need to know of a person."""

    identity_approved: bool
    risk_assessed: bool
    broker_account_id: str | None
    """Only when the account is active."""
    broker_refused: bool = False
    """The broker opens no account for this person, or has closed it: money would be stuck."""


class Purposes(Protocol):
    """What people save for."""

    def get(self, user_id: str, goal_id: str) -> Goal | None:
        """One of a person's goals; the general one is there before it was ever written."""


class People(Protocol):
    """Persons, as the users context knows them."""

    def standing(self, user_id: str) -> Standing:
        """The person's standing; NotFound when there is no such person."""


class ExchangeRates(Protocol):
    """Published rates, as the market data context keeps them."""

    def between(self, base: Currency, quote: Currency) -> FxRate | None:
        """Units of ``quote`` for one of ``base``, or None when there is none to quote."""


class Breakers(Protocol):
    """Switches that stop automatic money movements."""

    def is_open(self, name: str) -> bool:
        """Whether the movement is stopped; an unknown breaker is closed."""


class JournalState(StrEnum):
    """What the broker has done with an instruction."""

    WAITING = "WAITING"
    EXECUTED = "EXECUTED"
    REJECTED = "REJECTED"


@dataclass(frozen=True, slots=True)
class CashJournal:
    """Cash moved, or to be moved, from the firm's broker account to a person's."""

    journal_id: str
    state: JournalState
    account_id: str
    amount: Money
    user_id: str
    deposit_id: str


class JournalRefused(Exception):
    """The broker did not take the instruction and never will under this key."""


class FirmBroker(Protocol):
    """The firm's own account at the broker."""

    def find(self, deposit: Deposit) -> CashJournal | None:
        """The journal of this deposit that is under way or executed, if there is one."""

    def journal(self, deposit: Deposit) -> CashJournal:
        """Move the credited amount to ``deposit.broker_account_id`` under
        ``deposit.journal_key``; the same key never moves money twice.

        Raises JournalRefused, or GatewayUnavailable when the outcome is not known.
        """

    def read(self, journal_id: str) -> CashJournal | None:
        """A journal as it stands; None when it is unknown or was not made for a deposit."""


@dataclass(frozen=True, slots=True)
class DepositPage:
    """Deposits newest first; ``after`` continues when not None."""

    deposits: tuple[Deposit, ...]
    after: str | None


class Exposures(Protocol):
    """Which deposits of a person were forwarded while the payer's bank could take them back."""

    def read(self, user_id: str) -> Exposure:
        """Those that were written down, each as it stands now; two reads."""

    def keep(self, exposure: Exposure, deposit_ids: tuple[str, ...]) -> Write:
        """The write ``forwarded``: these are they now; it fails when somebody else wrote since."""


class Deposits(Protocol):
    """Where deposits are kept. Writes are committed by the use case with those of others."""

    def get(self, user_id: str, deposit_id: str) -> Deposit | None:
        """One deposit."""

    def with_wallet(self, user_id: str, deposit_id: str) -> tuple[Deposit | None, Wallet]:
        """A deposit and the person's USD wallet, in one read."""

    def settled(self, user_id: str) -> Sequence[Deposit]:
        """The person's deposits that are credited and not yet at the broker."""

    def page(self, user_id: str, *, limit: int, after: str | None = None) -> DepositPage:
        """The person's deposits, newest first."""

    def create(self, deposit: Deposit) -> Write:
        """The write ``deposit``; it must be new."""

    def save(self, before: Deposit, after: Deposit) -> Write:
        """The write ``deposit``, under the condition that nobody changed it since."""

    def claim_payment(
        self,
        deposit: Deposit,
        *references: str,
        gateway: Gateway | None = None,
        suspended: Money | None = None,
    ) -> list[Write]:
        """The writes ``external:<reference>``: each payment of a gateway (the deposit's, unless
        it is named) counts once, ever. ``suspended`` is what was booked in suspense of it."""
