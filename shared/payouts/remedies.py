"""What becomes of a payment that could not be sent back: once more, elsewhere, by hand. Pure."""

import json
from dataclasses import asdict, dataclass, replace
from enum import StrEnum

from shared.kernel.errors import InvalidValue
from shared.kernel.ids import Kind, derived
from shared.payouts.findings import checked_reference


class RemedyWay(StrEnum):
    """What staff decide."""

    AGAIN = "AGAIN"
    """The same way once more."""
    ACCOUNT = "ACCOUNT"
    """To a payout account of the payer's own."""
    BY_HAND = "BY_HAND"
    """People have paid it from the firm's own bank."""


@dataclass(frozen=True, slots=True)
class Remedy:
    """The word of one member of staff, or of two who say the same: always two are needed.
    ``target`` is a payout account's id, the bank's name of the transfer, or empty."""

    way: RemedyWay
    target: str
    by: str
    also: str | None = None

    @property
    def agreed(self) -> bool:
        """It counts."""
        return self.also is not None

    def says(self, way: RemedyWay, target: str) -> bool:
        """Whether it is this word."""
        return (self.way, self.target) == (way, target)

    def confirmed(self, by: str) -> "Remedy":
        """A second one wants the same."""
        return replace(self, also=by)

    def text(self) -> str:
        """For a row."""
        return json.dumps(asdict(self), separators=(",", ":"))

    @classmethod
    def of_text(cls, text: str) -> "Remedy":
        """Out of a row."""
        known = json.loads(text)
        return cls(**(known | {"way": RemedyWay(known["way"])}))


def checked_target(way: RemedyWay, account_id: str | None, reference: str | None) -> str:
    """The target of a way; InvalidValue for one that is missing or not its own."""
    if (account_id is not None) is not (way is RemedyWay.ACCOUNT):
        raise InvalidValue(field="payoutAccountId", reason="must be given for ACCOUNT, only")
    if (reference is not None) is not (way is RemedyWay.BY_HAND):
        raise InvalidValue(field="reference", reason="must be given for BY_HAND, only")
    if reference is not None:
        return checked_reference(reference)
    return account_id or ""


def follower_id(payout_id: str) -> str:
    """The one payout that takes the place of another."""
    return derived(Kind.PAYOUT, payout_id, "instead")
