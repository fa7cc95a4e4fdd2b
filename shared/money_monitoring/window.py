"""What is remembered of a person's movements: bounded, and the same in whichever order they come.

Movements join like sets: hearing of one twice, or of its parts in another order, gives the same.
What falls out of the window leaves only the moment at which something last happened before it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from shared.money_monitoring.names import Rule

KEPT = timedelta(days=90)
"""Before the newest movement; longer than any rule looks back."""
MOST = 120
"""Movements of one person at once."""


class Kind(StrEnum):
    """What moved."""

    DEPOSIT = "DEPOSIT"
    WITHDRAWAL = "WITHDRAWAL"
    ACCOUNT = "ACCOUNT"
    """A payout account was added: no money, but a way for it."""


class Payer(StrEnum):
    """Whose phone paid, as far as it was told."""

    OWN = "OWN"
    OTHER = "OTHER"
    UNTOLD = "UNTOLD"


@dataclass(frozen=True, slots=True)
class Movement:
    """One movement, in US cents. What is None was not told, or not looked at yet."""

    id: str
    kind: Kind
    at: datetime
    minor: int = 0
    void: bool = False
    """It came to nothing, or came back."""
    payer: Payer = Payer.UNTOLD
    instrument: str = ""
    """From or to what, masked; empty where nobody says."""
    countries: frozenset[str] | None = None
    """What of the person, or of the account, belongs to a country of the rule: RESIDENCE,
    NATIONALITY, TAX, ACCOUNT. Never the country itself."""
    account_at: datetime | None = None
    """When the payout account of a withdrawal was added."""
    left_minor: int | None = None
    """What a withdrawal leaves: cash, and shares at their cost."""
    bought_minor: int | None = None
    """What was bought shortly before a withdrawal, less what was sold for it."""
    flagged: frozenset[Rule] = frozenset()
    """Rules of which an alert names it."""

    def joined(self, other: "Movement") -> "Movement":
        """What both know of the same movement."""
        payer = max(self.payer, other.payer, key=_PAYERS.index)
        return replace(
            self,
            at=min(self.at, other.at),
            minor=max(self.minor, other.minor),
            void=self.void or other.void,
            payer=payer,
            instrument=max(self.instrument, other.instrument),
            countries=_both(self.countries, other.countries),
            account_at=_known(self.account_at, other.account_at),
            left_minor=_known(self.left_minor, other.left_minor),
            bought_minor=_known(self.bought_minor, other.bought_minor),
            flagged=self.flagged | other.flagged,
        )


_PAYERS = (Payer.UNTOLD, Payer.OWN, Payer.OTHER)


def _both(one: frozenset[str] | None, other: frozenset[str] | None) -> frozenset[str] | None:
    if one is None or other is None:
        return other if one is None else one
    return one | other


def _known[T: (int, datetime)](one: T | None, other: T | None) -> T | None:
    if one is None or other is None:
        return other if one is None else one
    return min(one, other)


@dataclass(frozen=True, slots=True)
class Slot:
    """The newest alert of a rule: its number, and whether it still waits for an answer."""

    number: int
    open: bool


@dataclass(frozen=True, slots=True)
class Window:
    """One per person. ``version`` is 0 while nothing was heard of them."""

    user_id: str
    version: int = 0
    movements: tuple[Movement, ...] = ()
    """Oldest first."""
    last_before: datetime | None = None
    """The newest movement that is not among them; None when there never was one."""
    slots: Mapping[Rule, Slot] = field(default_factory=dict)

    def get(self, movement_id: str) -> Movement | None:
        """One of the movements."""
        return next((one for one in self.movements if one.id == movement_id), None)

    def heard(self, *movements: Movement) -> "Window":
        """With these too; the same window when all of it was known."""
        known = {one.id: one for one in self.movements}
        for new in movements:
            known[new.id] = known[new.id].joined(new) if new.id in known else new
        kept, last = _pruned(known.values(), self.last_before)
        return replace(self, movements=kept, last_before=last)

    def flagged(self, rule: Rule, ids: Iterable[str], slot: Slot) -> "Window":
        """An alert of this rule names these movements."""
        named = frozenset(ids)
        marked = tuple(
            replace(one, flagged=one.flagged | {rule}) if one.id in named else one
            for one in self.movements
        )
        return replace(self, movements=marked, slots={**self.slots, rule: slot})

    def answered(self, rule: Rule) -> "Window":
        """The newest alert of this rule is closed: what comes next is another one."""
        slot = self.slots[rule]
        return replace(self, slots={**self.slots, rule: replace(slot, open=False)})


def _pruned(
    movements: Iterable[Movement], last_before: datetime | None
) -> tuple[tuple[Movement, ...], datetime | None]:
    ordered = sorted(movements, key=lambda one: (one.at, one.id))
    begin = ordered[-1].at - KEPT if ordered else None
    kept = [one for one in ordered if begin is not None and one.at > begin][-MOST:]
    gone = [one.at for one in ordered[: len(ordered) - len(kept)]]
    return tuple(kept), max((*gone, *([] if last_before is None else [last_before])), default=None)
