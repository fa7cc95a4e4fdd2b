"""What of a wallet's cash belongs to named goals; the rest is the general one's. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from shared.kernel.money import allocate


@dataclass(frozen=True, slots=True)
class Purse:
    """Cash of one goal in minor units, never negative."""

    minor: int = 0
    settling: Mapping[date, int] = field(default_factory=dict)
    """What its sales brought, by the day on which it settles; days that are over may be there."""

    def unsettled(self, on: date) -> int:
        """What of it settles after this day."""
        later = sum(minor for day, minor in self.settling.items() if day > on)
        return min(later, self.minor)


@dataclass(frozen=True, slots=True)
class PurseMove:
    """A change of the purse of a goal, by its tag; none is lowered below zero."""

    tag: str
    minor: int
    settling: Mapping[date, int] = field(default_factory=dict)


def moved(
    purses: Mapping[str, Purse], moves: Iterable[PurseMove], available: int
) -> Mapping[str, Purse]:
    """The purses after these moves, of a wallet with so much ``available`` then.

    Together they never exceed that: what left the wallet for something else came out of all of
    them in proportion, to the cent, once the general goal had nothing left.
    """
    after = dict(purses)
    for move in moves:
        after[move.tag] = _with(after.get(move.tag, Purse()), move)
    total = sum(each.minor for each in after.values())
    there = max(available, 0)
    if total > there:
        tags = sorted(after)
        parts = allocate(there, [after[tag].minor for tag in tags])
        after = {
            tag: Purse(part, after[tag].settling) for tag, part in zip(tags, parts, strict=True)
        }
    return {tag: purse for tag, purse in sorted(after.items()) if purse.minor}


def _with(purse: Purse, move: PurseMove) -> Purse:
    settling = dict(purse.settling)
    if move.settling:
        # What settles before the day of a new trade has settled.
        first = min(move.settling)
        settling = {day: minor for day, minor in settling.items() if day >= first}
        for day, minor in move.settling.items():
            settling[day] = max(settling.get(day, 0) + minor, 0)
    kept = {day: minor for day, minor in sorted(settling.items()) if minor}
    return Purse(max(purse.minor + move.minor, 0), kept)


def purses_text(purses: Mapping[str, Purse]) -> str:
    """As a wallet's row keeps them: ``TAG=cents;day:cents``, with commas between."""
    return ",".join(
        ";".join(
            (f"{tag}={purse.minor}", *(f"{day}:{minor}" for day, minor in purse.settling.items()))
        )
        for tag, purse in sorted(purses.items())
    )


def purses_from(text: str) -> dict[str, Purse]:
    """The purses of ``purses_text``."""
    found = {}
    for part in text.split(",") if text else ():
        head, *days = part.split(";")
        tag, minor = head.split("=")
        pairs = (day.split(":") for day in days)
        found[tag] = Purse(int(minor), {date.fromisoformat(day): int(of) for day, of in pairs})
    return found
