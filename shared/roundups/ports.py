"""What round-ups ask of other contexts and of where they are kept."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from shared.kernel.events import Event
from shared.payments.model import Deposit
from shared.platform.work import Write
from shared.roundups.model import Purchase, RoundUps, Transfer


class Charges(Protocol):
    """Deposits, as a transfer makes them."""

    def begin(self, transfer: Transfer) -> Deposit:
        """The transfer's deposit, begun as far as possible; the same transfer always has the
        same deposit. Raises what makes a deposit impossible."""

    def begun(self, transfer: Transfer) -> Deposit | None:
        """The transfer's deposit, if one was recorded."""

    def deposit(self, user_id: str, deposit_id: str) -> Deposit | None:
        """One deposit as it stands."""


@dataclass(frozen=True, slots=True)
class TransferPage:
    """Transfers newest first; ``after`` continues when not None."""

    transfers: tuple[Transfer, ...]
    after: str | None


class Pools(Protocol):
    """Where round-ups, purchases and transfers are kept. Writes are committed by the use case."""

    def get(self, user_id: str) -> RoundUps | None:
        """A person's round-ups, ended ones too; None when they never had any."""

    def save(self, before: RoundUps | None, after: RoundUps, tells: Event | None = None) -> Write:
        """The write ``round_ups``, under the condition that nobody changed it since ``before``;
        None is for the first time."""

    def purchases(self, user_id: str, purchase_ids: Sequence[str]) -> Mapping[str, Purchase]:
        """Those of these that were recorded, by identifier; at most 100."""

    def record(self, purchase: Purchase) -> Write:
        """The write ``purchase <id>``; it must be new: one counts once for ever."""

    def save_purchase(self, before: Purchase, after: Purchase) -> Write:
        """The write ``purchase <id>``, under the condition that its state is the one before."""

    def transfer(self, user_id: str, number: int) -> Transfer | None:
        """One transfer."""

    def transfers(self, user_id: str, *, limit: int, after: str | None = None) -> TransferPage:
        """All of a person's, newest first."""

    def begin(self, transfer: Transfer) -> Write:
        """The write ``transfer``; it must be new: each pool is collected once."""

    def save_transfer(self, before: Transfer, after: Transfer, tells: Event | None = None) -> Write:
        """The write ``transfer``, under the condition that nobody changed it since."""
