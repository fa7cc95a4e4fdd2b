"""What disputes ask of gateways, and where they are kept."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from shared.disputes.model import Dispute, DisputeStatus
from shared.disputes.reasons import DisputeReason
from shared.kernel.money import Money
from shared.ledger.model import Wallet
from shared.payments.methods import Gateway
from shared.payments.model import Deposit
from shared.payouts.model import Payout
from shared.platform.work import Write


@dataclass(frozen=True, slots=True)
class Reading:
    """A dispute as its gateway says it stands."""

    gateway: Gateway
    reference: str
    payment: str
    amount: Money
    status: DisputeStatus
    taken: bool
    """Whether the money has left our balance at the gateway."""
    fee_minor: int = 0
    """What the gateway has charged for it so far, in ``amount``'s currency."""
    reason: DisputeReason = DisputeReason.OTHER
    evidence_due: datetime | None = None
    step: int = 0
    """Of a gateway that cannot be asked: how far its messages have come with this one."""

    def __post_init__(self) -> None:
        if self.amount.minor <= 0 or self.fee_minor < 0:
            raise ValueError("a dispute is about money")


class DisputeDesk(Protocol):
    """A gateway that can be asked about disputes."""

    def read(self, reference: str) -> Reading | None:
        """The dispute as it stands; None when the gateway knows none of this name.
        GatewayUnavailable when it cannot be asked."""


type Desks = Mapping[Gateway, DisputeDesk]
"""The gateways that can be asked; the others tell by signed messages alone."""


@dataclass(frozen=True, slots=True)
class File:
    """All that is decided upon: a deposit, its person's USD wallet, its disputes and its refunds;
    of payments that were never credited, which of them went back to the payer."""

    deposit: Deposit
    wallet: Wallet
    disputes: Sequence[Dispute] = ()
    sent_back: Collection[str] = frozenset()
    refunds: Sequence[Payout] = ()
    open_minor: int = 0
    """Of what the wallet owes: US cents for disputes that are open, of all its deposits."""

    def dispute(self, dispute_id: str) -> Dispute | None:
        """One of them."""
        return next((one for one in self.disputes if one.dispute_id == dispute_id), None)


@dataclass(frozen=True, slots=True)
class Debts:
    """What a person owes: the wallet, and the undecided disputes that make a part of it."""

    wallet: Wallet
    disputes: Sequence[Dispute]

    @property
    def open_minor(self) -> int:
        """US cents that are owed for disputes that are open."""
        return sum(one.shortfall_minor for one in self.disputes)

    @property
    def settled_minor(self) -> int:
        """US cents that are owed whatever becomes of the open disputes."""
        return max(self.wallet.owed - self.open_minor, 0)

    @property
    def payable_minor(self) -> int:
        """US cents by which free cash can lower it now."""
        return max(min(self.wallet.available, self.wallet.owed), 0)


class Disputes(Protocol):
    """Where disputes are kept. Writes are committed by the use case with those of others."""

    def owner(self, gateway: Gateway, payment: str) -> tuple[str, str] | None:
        """The person and the deposit that a gateway's payment was counted for."""

    def file(self, user_id: str, deposit_id: str) -> File | None:
        """A deposit with its disputes, in two reads; None when there is no such deposit."""

    def of_deposit(self, user_id: str, deposit_id: str) -> Sequence[Dispute]:
        """A deposit's disputes, the order is that of their names."""

    def debts(self, user_id: str) -> Debts:
        """What a person owes, the wallet read first: who opens a dispute since, changes it."""

    def create(self, dispute: Dispute) -> Write:
        """The write ``dispute``; it must be new."""

    def save(self, before: Dispute, after: Dispute) -> Write:
        """A write, under the condition that nobody changed it since."""

    def gone(self, dispute: Dispute) -> Write:
        """The write ``external``: its payment is not in suspense any more, so that nobody is
        credited with it."""

    def back(self, dispute: Dispute) -> Write:
        """The write ``external``: the opposite, where it was in suspense before."""
