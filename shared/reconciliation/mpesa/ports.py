"""What the questions of a report ask of M-Pesa."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from shared.reconciliation.mpesa.model import Question


class PushAnswer(StrEnum):
    """What M-Pesa says about a push."""

    PAID = "PAID"
    NOT_PAID = "NOT_PAID"
    NOTHING = "NOTHING"


class Inquiry(Protocol):
    """Every method raises GatewayUnavailable when the question was not taken: ask again later."""

    def shortcodes(self) -> tuple[str, str]:
        """Ours: the one that people pay to, and the one that pays out."""

    def balances(self, question: Question) -> str | None:
        """Ask what lies on a shortcode's accounts. M-Pesa's name of the question, which its
        answer has too; None where it tells none."""

    def transaction(self, question: Question) -> None:
        """Ask about a transaction; the answer comes later, to the question's path."""

    def push(self, question: Question) -> PushAnswer:
        """What became of a push."""


@dataclass(frozen=True, slots=True)
class AccountsTold:
    """An answer about accounts: name and minor units of each, when, and to which question."""

    accounts: Sequence[tuple[str, int]]
    at: datetime | None
    conversation: str | None
