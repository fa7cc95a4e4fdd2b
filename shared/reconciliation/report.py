"""A report: what was compared, line by line, in one canonical form that is hashed and signed."""

import hashlib
import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from shared.kernel.clock import from_text, to_text
from shared.reconciliation.model import Book, Category, Item, Line, Status, Totals, Unknown

FORM = 1
GENESIS = "0" * 64
"""What the first report of a book follows."""


@dataclass(frozen=True, slots=True)
class Report:
    """One book from ``since`` until the end of ``day``, both in UTC."""

    book: Book
    since: date
    day: date
    ours: Totals
    theirs: Totals
    stated_minor: int | None
    """What the party itself says that it holds for us at the end; None where it says nothing."""
    lines: tuple[Line, ...]
    seen: Mapping[str, date]
    """Lines of the newest days that are in this report or in one before it."""
    unknown: tuple[Unknown, ...]
    previous: str
    """The hash of the report before."""
    off_since: date | None = None
    """Since when the party's own figure differs from the sum of its lines by this amount."""

    @property
    def open(self) -> tuple[Line, ...]:
        """What does not agree, and is carried on."""
        return tuple(line for line in self.lines if line.status is not Status.MATCHED)

    @property
    def difference_minor(self) -> int:
        """Ours less theirs: the sum of what is open, to the last unit."""
        return self.ours.closing - self.theirs.closing

    @property
    def unexplained_minor(self) -> int:
        """By how much the party's own figure differs from the sum of its lines."""
        return unexplained(self.stated_minor, self.theirs)

    @property
    def counts(self) -> Mapping[Status, int]:
        """Lines by status."""
        found = Counter(line.status for line in self.lines)
        return {status: found[status] for status in Status}

    def canonical(self) -> bytes:
        """The one form of it: the same facts give the same bytes."""
        text = json.dumps(_content(self), separators=(",", ":"), sort_keys=True)
        return text.encode("ascii")

    @property
    def hash(self) -> str:
        """SHA-256 over the canonical form."""
        return digest(self.canonical())


def unexplained(stated_minor: int | None, theirs: Totals) -> int:
    """What a party says that it holds, less the sum of its lines."""
    return 0 if stated_minor is None else stated_minor - theirs.closing


def digest(content: bytes) -> str:
    """SHA-256 in lower-case hex."""
    return hashlib.sha256(content).hexdigest()


def _content(report: Report) -> dict[str, Any]:
    sums = {
        status.value: sum(one.difference_minor for one in report.lines if one.status is status)
        for status in Status
    }
    return {
        "form": FORM,
        "book": report.book.name,
        "since": report.since.isoformat(),
        "day": report.day.isoformat(),
        "ours": _totals(report.ours),
        "theirs": _totals(report.theirs),
        "stated": report.stated_minor,
        "difference": report.difference_minor,
        "counts": {status.value: count for status, count in report.counts.items()},
        "sums": sums,
        "lines": [_line(one, report.day) for one in report.lines],
        "seen": {name: day.isoformat() for name, day in report.seen.items()},
        "unknown": [
            [one.case_id, one.subject, one.opened_on.isoformat()] for one in report.unknown
        ],
        "previous": report.previous,
    } | ({} if report.off_since is None else {"off_since": report.off_since.isoformat()})


def _totals(one: Totals) -> dict[str, int]:
    return {"opening": one.opening, "moved": one.moved, "closing": one.closing}


def _line(line: Line, day: date) -> dict[str, Any]:
    return {
        "category": line.category.value,
        "reference": line.reference,
        "status": line.status.value,
        "first_day": line.first_day.isoformat(),
        "age_days": line.age_days(day),
        "difference": line.difference_minor,
        "ours": [_item(item) for item in line.ours],
        "theirs": [_item(item) for item in line.theirs],
    }


def _item(item: Item) -> list[Any]:
    return [item.name, item.minor, to_text(item.at), item.day.isoformat(), item.fee_known]


def read(content: bytes) -> Report:
    """Out of its canonical form; ValueError for anything else."""
    try:
        told = json.loads(content)
        report = Report(
            book=Book.named(told["book"]),
            since=date.fromisoformat(told["since"]),
            day=date.fromisoformat(told["day"]),
            ours=Totals(told["ours"]["opening"], told["ours"]["moved"]),
            theirs=Totals(told["theirs"]["opening"], told["theirs"]["moved"]),
            stated_minor=told["stated"],
            lines=tuple(_read_line(one) for one in told["lines"]),
            seen={name: date.fromisoformat(day) for name, day in told["seen"].items()},
            unknown=tuple(
                Unknown(case_id, subject, date.fromisoformat(day))
                for case_id, subject, day in told["unknown"]
            ),
            previous=told["previous"],
            off_since=date.fromisoformat(told["off_since"]) if "off_since" in told else None,
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError("not a report") from error
    if report.canonical() != content:
        raise ValueError("not the canonical form of a report")
    return report


def _read_line(told: Mapping[str, Any]) -> Line:
    category, reference = Category(told["category"]), told["reference"]
    sides = [
        tuple(
            Item(
                name, category, reference, minor, from_text(at), date.fromisoformat(day), fee_known
            )
            for name, minor, at, day, fee_known in told[side]
        )
        for side in ("ours", "theirs")
    ]
    ours, theirs = sides
    first = date.fromisoformat(told["first_day"])
    return Line(category, reference, ours, theirs, first)
