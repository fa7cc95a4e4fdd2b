"""What a year of management costs: versioned and dated data, chosen by the day. Pure."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import resources


@dataclass(frozen=True, slots=True)
class Terms:
    """One version; it holds until the day before the next one's."""

    version: int
    valid_from: date
    annual_bp: int
    """Basis points of the worth for a year of 365 days."""
    waived_below_minor: int
    """A day on which less than so many cents are held costs nothing."""


@dataclass(frozen=True, slots=True)
class TermsTable:
    """All versions by day. ValueError when two begin on one day, or one is out of bounds."""

    versions: tuple[Terms, ...]

    def __post_init__(self) -> None:
        days = [one.valid_from for one in self.versions]
        numbers = [one.version for one in self.versions]
        if days != sorted(set(days)) or numbers != sorted(set(numbers)):
            raise ValueError("each version begins after the one before")
        if any(not 0 <= one.annual_bp <= 1_000 for one in self.versions):
            raise ValueError("a year costs between nothing and ten per cent")
        if any(one.waived_below_minor < 0 for one in self.versions):
            raise ValueError("the least worth is not negative")

    def on(self, day: date) -> Terms | None:
        """Those in force on a day; None before the first ones."""
        found = [one for one in self.versions if one.valid_from <= day]
        return found[-1] if found else None


def table_of(versions: Sequence[Terms]) -> TermsTable:
    """A table out of versions in any order."""
    return TermsTable(tuple(sorted(versions, key=lambda one: one.valid_from)))


@cache
def published() -> TermsTable:
    """The table that is in force: ``terms.json`` beside this module."""
    text = resources.files("shared.management_fees").joinpath("terms.json").read_text()
    return table_of(
        [
            Terms(
                version=one["version"],
                valid_from=date.fromisoformat(one["valid_from"]),
                annual_bp=one["annual_bp"],
                waived_below_minor=one["waived_below_minor"],
            )
            for one in json.loads(text)["versions"]
        ]
    )
