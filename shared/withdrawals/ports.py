"""What withdrawals ask of people, gateways, their own rows, and of payouts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from shared.ledger.model import Wallet
from shared.payouts.model import Payout
from shared.platform.work import Write
from shared.withdrawals.model import Desk, PayoutAccount
from shared.withdrawals.screening import Activity


@dataclass(frozen=True, slots=True)
class Holder:
    """A person, as far as their money may go to them."""

    user_id: str
    approved: bool
    """Active, and with an approved identity."""
    wrapped_key: bytes
    profile: bytes
    """Sealed, with the name in it."""


class Holders(Protocol):
    """People, and sealing with their own data keys."""

    def holder(self, user_id: str) -> Holder | None:
        """Somebody; None when there is nobody."""

    def name(self, holder: Holder) -> str | None:
        """As the identity check has confirmed it; None when it did not."""

    def seal(self, holder: Holder, details: Mapping[str, str]) -> bytes:
        """Encrypted for this person alone."""


class BankAccounts(Protocol):
    """The gateway that pays to banks."""

    def register(
        self, user_id: str, country: str, currency: str, holder: str, numbers: Mapping[str, str]
    ) -> Mapping[str, str]:
        """Make an account known: what ``PayoutRail.send`` needs of it afterwards. The same
        numbers of the same person give the same. ``country`` is alpha-2.

        Raises PayoutAccountRefused for numbers that the gateway does not take, and
        GatewayUnavailable when it does not answer.
        """


@dataclass(frozen=True, slots=True)
class AccountBook:
    """A person's payout accounts, removed ones too, and the desk that they are changed at."""

    desk: Desk
    accounts: tuple[PayoutAccount, ...] = ()

    @property
    def active(self) -> tuple[PayoutAccount, ...]:
        """Those that can be paid out to, oldest first."""
        return tuple(one for one in self.accounts if one.active)


@dataclass(frozen=True, slots=True)
class Counter:
    """What a withdrawal is decided on: read together."""

    desk: Desk
    account: PayoutAccount | None
    wallet: Wallet


class PayoutAccounts(Protocol):
    """Where payout accounts and desks are kept."""

    def book(self, user_id: str) -> AccountBook:
        """All accounts of a person, in one read."""

    def get(self, user_id: str, account_id: str) -> PayoutAccount | None:
        """One account, active or removed."""

    def counter(self, user_id: str, account_id: str) -> Counter:
        """Desk, account and USD wallet, in one read."""

    def add(self, account: PayoutAccount) -> Write:
        """The write ``payout_account``; it must be new."""

    def remove(self, account: PayoutAccount) -> Write:
        """The write ``payout_account`` of a removed account; it must have been active."""

    def use(self, before: Desk, after: Desk) -> Write:
        """The write ``desk``; its condition fails when somebody else was at the desk since."""


@dataclass(frozen=True, slots=True)
class Held:
    """A withdrawal that staff decide, and the rules that want a look at it."""

    payout: Payout
    rules: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class HeldPage:
    """The longest waiting first, each with its place; ``after`` continues."""

    entries: tuple[tuple[str, Held], ...]
    after: str | None


class HeldWithdrawals(Protocol):
    """What waits for staff."""

    def page(self, limit: int, after: str | None = None) -> HeldPage:
        """Withdrawals in review."""


class Histories(Protocol):
    """What happened in somebody's account lately."""

    def activity(self, user_id: str, since: datetime) -> Activity:
        """Deposits and purchases since then, and the newest movement before."""


@dataclass(frozen=True, slots=True)
class Raisable:
    """What selling could bring for a withdrawal, at today's prices. Cents."""

    covered: bool
    """Whether free cash, and what would be sold, come to the amount, with a little to spare."""
    sold_minor: int = 0
    """What is expected of the sales that would be made; 0 where only cash has to settle."""
    most_minor: int = 0
    """Of what could be had at most."""
    reach_minor: int = 0
    """What the person has in all, whatever it is for; 0 where that was not asked about."""


@dataclass(frozen=True, slots=True)
class Whole:
    """What taking out everything would come to at today's prices. Cents."""

    cash_minor: int
    """Free cash, with what has not settled."""
    sold_minor: int
    """What is expected of the sales that would be made."""
    fee_minor: int
    """The management fee until yesterday, charged before anything leaves."""
    holds: bool
    """Whether any shares are held, be they sold or not."""
    priced: bool = True
    """Whether all that is held has a price; if not, nothing can be said of its sale."""
    left: tuple[str, ...] = ()
    """Symbols of which something stays: no order takes it."""
    reach_minor: int = 0
    """See Raisable."""


class Sales(Protocol):
    """The planner's view of a withdrawal that cash does not cover."""

    def raisable(self, user_id: str, amount_minor: int, goal_id: str = "") -> Raisable:
        """If so much was asked for now, of a goal or of all there is, by the code that decides;
        nothing is done."""

    def everything(self, user_id: str, goal_id: str = "") -> Whole:
        """The same of everything."""


class Outgoing(Protocol):
    """A person's payouts, several at once."""

    def known(self, user_id: str, payout_ids: Sequence[str]) -> Mapping[str, Payout]:
        """Those that exist, in one read."""
