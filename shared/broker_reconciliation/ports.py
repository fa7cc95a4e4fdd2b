"""What reconciling with brokers needs: both sides of an account, and rows of its own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from shared.broker_reconciliation.model import DayReport, Looked, Outcome, Record, Segment
from shared.cases.model import MoneyCase
from shared.ledger.model import Entry
from shared.platform.work import Write


@dataclass(frozen=True, slots=True)
class Ours:
    """What our side knows of a person, read after the broker was asked."""

    account_id: str | None
    rows: Mapping[str, int]
    """Our positions, nano-shares by symbol, less what is owed."""
    unsettled_minor: int
    open_orders: int
    borrows: bool | None
    """Whether the account may borrow, as far as we were told."""
    entries: Sequence[Entry]
    """Of the person's chain in order of ``seq``: those behind the record's, without a gap, and
    some before them."""


class Accounts(Protocol):
    """Our side of accounts."""

    def record(self, user_id: str) -> Record:
        """What is remembered; one request."""

    def standing(self, user_id: str) -> tuple[MoneyCase | None, bool, bool]:
        """The case about the account, whether its trading is stopped because of it, and whether
        it is stopped for another reason; one request."""

    def read(self, record: Record, on: date) -> Ours:
        """State and journal: two requests, more where there are many entries. ``on`` is the
        market's day, for what has settled."""

    def account_of(self, user_id: str) -> str | None:
        """The account at the broker; one request."""

    def save(self, record: Record) -> Write:
        """The write ``record``, under the condition that it is still as it was read."""

    def flag(self, user_id: str, borrows: bool) -> Write:
        """The write ``trading_account``: what the broker tells of the account, for the rules."""

    def stop(self, user_id: str, case_id: str, at: datetime) -> Write:
        """The write ``hold``: automatic trading of the account is stopped."""

    def release(self, user_id: str) -> Write:
        """The write ``hold``: it goes on, where it was stopped for our reason."""


@dataclass(frozen=True, slots=True)
class OpenAccount:
    """An account of a day that does not agree, or of which nothing is known, as it was told."""

    user_id: str
    account_id: str
    outcome: Outcome
    ours_minor: int
    theirs: str
    """Dollars as a decimal; empty where the broker did not tell."""
    ours: Mapping[str, int]
    shares: Mapping[str, int]
    """Theirs."""
    difference: str
    since: datetime | None
    noted_at: datetime | None = None
    """When it was looked at last; the system's time."""


class Days(Protocol):
    """How far days have come, and their reports."""

    def segments(self, day: date) -> dict[int, Segment]:
        """Those of which something is known, by number; one request."""

    def segment(self, day: date, number: int) -> Segment:
        """One of them."""

    def keep(self, day: date, segment: Segment) -> Segment:
        """Write how far it has come: as it is from now on. ConditionFailed when somebody else has
        written since it was read."""

    def note(self, day: date, looked: Looked) -> None:
        """Write what was found of an account that did not agree at first. The last one wins."""

    def noted(self, day: date) -> Sequence[OpenAccount]:
        """All of those."""

    def last_report(self, before: date) -> DayReport | None:
        """The report of the newest day before."""

    def report(self, day: date) -> DayReport | None:
        """The day's report, or None."""

    def add_report(self, report: DayReport) -> Write:
        """The write ``report``, which fails where the day has one."""

    def reports(
        self, *, limit: int, after: date | None = None
    ) -> tuple[Sequence[DayReport], date | None]:
        """Newest first, behind a day; and where it continues."""
