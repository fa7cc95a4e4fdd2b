"""What was said about a payment: hints that nobody believes, and words that count. Pure."""

from dataclasses import dataclass

from shared.kernel.money import Money
from shared.payments.methods import Gateway
from shared.payments.model import Deposit
from shared.payments.ports import Outcome


@dataclass(frozen=True, slots=True)
class Hint:
    """What an unverified message says about a payment; nothing of it is believed.

    ``paid`` is the amount it claims, ``receipt`` the receipt number it claims; ``intent`` is a
    name that is the reference where a payment has no page.
    """

    reference: str | None = None
    paid: Money | None = None
    receipt: str | None = None
    intent: str | None = None


@dataclass(frozen=True, slots=True)
class Word:
    """What was found out, and at which gateway."""

    by: Gateway
    outcome: Outcome
    hint: Hint = Hint()
    said_once: bool = False
    """A message proves it and the gateway never says it when it is asked: who lets it go has lost
    it."""


def differs(deposit: Deposit, hint: Hint) -> bool:
    """Whether a message claims that another amount was paid than the one asked for."""
    return hint.paid is not None and hint.paid != deposit.amount
