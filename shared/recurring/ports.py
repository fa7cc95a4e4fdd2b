"""What standing orders ask of other contexts and of where they are kept."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from shared.kernel.events import Event
from shared.payments.model import Deposit
from shared.payments.ports import StartResult
from shared.platform.work import Write
from shared.recurring.model import Occurrence, Schedule


class KeptCard(Protocol):
    """A card that its owner let the gateway keep."""

    @property
    def customer(self) -> str:
        """The gateway's name of its owner."""

    @property
    def payment_method(self) -> str:
        """The gateway's name of the card."""

    @property
    def last4(self) -> str:
        """The end of its number."""


class CardKeeper(Protocol):
    """The gateway that keeps cards."""

    def saved_method(self, reference: str) -> KeptCard | None:
        """The card kept by a payment, by the gateway's name of the payment's page; None when
        none was. GatewayUnavailable when that cannot be found out."""

    def charge_saved(self, deposit: Deposit, customer: str, payment_method: str) -> StartResult:
        """Charge a card that was kept; the same deposit never twice."""


class Instruments(Protocol):
    """Phone numbers and cards, sealed with the key of their owner."""

    def seal(self, user_id: str, secret: Mapping[str, str]) -> bytes:
        """As ciphertext; NotFound when there is no such person."""

    def open(self, user_id: str, sealed: bytes) -> Mapping[str, str]:
        """As it was sealed; NotFound when there is no such person."""


class Charges(Protocol):
    """Deposits, as an occurrence makes them."""

    def begin(self, schedule: Schedule, occurrence: Occurrence) -> Deposit:
        """The deposit of the occurrence's current attempt, begun as far as possible; the same
        attempt always has the same deposit. Raises what makes a deposit impossible."""

    def begun(self, schedule: Schedule, occurrence: Occurrence) -> Deposit | None:
        """The deposit of the current attempt, if one was recorded."""

    def deposit(self, user_id: str, deposit_id: str) -> Deposit | None:
        """One deposit as it stands."""


@dataclass(frozen=True, slots=True)
class OccurrencePage:
    """Occurrences newest first; ``after`` continues when not None."""

    occurrences: tuple[Occurrence, ...]
    after: str | None


class Schedules(Protocol):
    """Where standing orders and occurrences are kept. Writes are committed by the use case."""

    def get(self, user_id: str, schedule_id: str) -> Schedule | None:
        """One standing order."""

    def of_person(self, user_id: str) -> Sequence[Schedule]:
        """All of a person's, the oldest first."""

    def create(self, schedule: Schedule, tells: Event) -> Write:
        """The write ``schedule``; it must be new."""

    def save(self, before: Schedule, after: Schedule, tells: Event | None = None) -> Write:
        """The write ``schedule``, under the condition that nobody changed it since."""

    def occurrence(
        self, user_id: str, schedule_id: str, on: date
    ) -> tuple[Schedule | None, Occurrence | None]:
        """A standing order and one of its occurrences, in one read."""

    def occurrences(
        self, user_id: str, schedule_id: str, *, limit: int, after: str | None = None
    ) -> OccurrencePage:
        """Those of a standing order that were begun or left out, newest first."""

    def begin(self, occurrence: Occurrence, tells: Event | None = None) -> Write:
        """The write ``occurrence``; it must be new: there is one per day, ever."""

    def save_occurrence(
        self, before: Occurrence, after: Occurrence, tells: Event | None = None
    ) -> Write:
        """The write ``occurrence``, under the condition that nobody changed it since."""
