"""What is special about a withdrawal of everything: its amount is known at the end only. Pure."""

import json
from dataclasses import dataclass
from datetime import date

from shared.kernel.ids import Kind, derived


@dataclass(frozen=True, slots=True)
class Everything:
    """Beside a payout whose ``debited`` and ``amount`` are estimates until it is ``exact``.

    What arrives after it was asked for is no part of it: neither cash, nor what was bought later.
    """

    until: date
    """New York's day on which it was asked for: what was bought later stays."""
    later_minor: int = 0
    """Cents that were there and had not settled."""
    later_on: date | None = None
    """The last day on which some of them settle."""
    sells: bool = True
    """Whether there was anything to sell."""
    fee_minor: int | None = None
    """The last management fee that came out of what was sold; None before it was asked about."""
    exact: bool = False
    """Everything is sold and settled: the amounts are what leaves."""

    def text(self) -> str:
        """For a row."""
        content = {
            "until": self.until.isoformat(),
            "later": self.later_minor,
            "on": None if self.later_on is None else self.later_on.isoformat(),
            "sells": self.sells,
            "fee": self.fee_minor,
            "exact": self.exact,
        }
        return json.dumps(content, separators=(",", ":"))

    @classmethod
    def of_text(cls, text: str) -> "Everything":
        """Out of a row."""
        known = json.loads(text)
        on = known["on"]
        return cls(
            until=date.fromisoformat(known["until"]),
            later_minor=known["later"],
            later_on=None if on is None else date.fromisoformat(on),
            sells=known["sells"],
            fee_minor=known["fee"],
            exact=known["exact"],
        )


MAX_PARTS = 25
"""Of one withdrawal: as many as the limits let leave within a month."""


def part_ids(payout_id: str) -> list[str]:
    """Identifiers of what follows the first part."""
    return [derived(Kind.PAYOUT, payout_id, "part", str(n)) for n in range(2, MAX_PARTS + 1)]
