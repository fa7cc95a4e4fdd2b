"""What members of staff found out about a payout that the gateway leaves open. Pure."""

import json
import re
from dataclasses import asdict, dataclass, replace
from enum import StrEnum

from shared.kernel.errors import InvalidValue

_REFERENCE = re.compile(r"[A-Za-z0-9_:.#-]{4,80}", re.ASCII)
"""What gateways call things, and what an audit entry takes."""


class Found(StrEnum):
    """What became of it."""

    PAID = "PAID"
    """The payee has the money."""
    NOT_PAID = "NOT_PAID"
    """The gateway will not pay, certainly."""


@dataclass(frozen=True, slots=True)
class Finding:
    """The word of one member of staff, or of two who say the same."""

    found: Found
    reference: str
    """Where it stands written: the gateway's name of the payment or of its statement's line."""
    by: str
    also: str | None = None
    """The second of two."""
    agreed: bool = False
    """It counts."""

    def says(self, found: Found, reference: str) -> bool:
        """Whether it is this word."""
        return (self.found, self.reference) == (found, reference)

    def confirmed(self, by: str) -> "Finding":
        """A second one has found the same."""
        return replace(self, also=by, agreed=True)

    def text(self) -> str:
        """For a row."""
        return json.dumps(asdict(self), separators=(",", ":"))

    @classmethod
    def of_text(cls, text: str) -> "Finding":
        """Out of a row."""
        known = json.loads(text)
        return cls(**(known | {"found": Found(known["found"])}))


def checked_reference(text: str) -> str:
    """A reference without outer blanks; InvalidValue for what no gateway would call anything."""
    reference = text.strip()
    if not _REFERENCE.fullmatch(reference):
        raise InvalidValue(
            field="reference", reason="must be 4 to 80 letters, digits and signs of _:.#-"
        )
    return reference
