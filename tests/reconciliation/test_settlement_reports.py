"""Adyen's settlement reports in our books: whole or not at all, once."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from shared.kernel.money import Currency
from shared.ledger.house import HouseJournal
from shared.ledger.model import EntryKind
from shared.payments.providers.adyen_report import NotOurReport, ReportLine, ReportUnreadable
from shared.platform.tables import Database
from shared.reconciliation.imported import ImportedLines, ImportedStatement
from shared.reconciliation.model import Book, Category, Item, Party
from shared.reconciliation.providers.adyen_statement import items_of
from shared.reconciliation.settlement_reports import SettlementReports
from tests.reconciliation.desk import Desk

USD = Currency.USD
BOOK = Book(Party.ADYEN, USD)
AT = datetime(2026, 3, 2, 11, tzinfo=UTC)


def line(kind: str, minor: int, *, payment: str = "", text: str = "", batch: int = 4) -> ReportLine:
    gross = minor if payment else None
    return ReportLine(
        kind,
        payment,
        "",
        text,
        "",
        "",
        AT,
        batch,
        "USD" if payment else None,
        gross,
        "USD",
        minor,
        0,
    )


WHOLE = (
    line("Settled", 10_000, payment="PSP1"),
    line("Fee", -11),
    line("MerchantPayout", -9_989, text="TX1XT batch 4"),
)


def taking(database: Database, fetch: Callable[[str], Sequence[ReportLine]]) -> SettlementReports:
    desk = Desk(database, BOOK)
    return SettlementReports(
        fetch=fetch,
        items=lambda listed, day: items_of(listed, "t1", day),
        lines=ImportedLines(database, desk.clock),
        house=desk.house,
        facts=desk.facts,
        clock=desk.clock,
    )


def imported(reports: SettlementReports) -> list[Item]:
    today = reports.lines.today
    return list(ImportedStatement(Party.ADYEN, reports.lines).items(USD, today, today))


def entries(database: Database) -> list[EntryKind]:
    return [one.entry.draft.kind for one in HouseJournal(database, "t1").entries(USD).entries]


def test_a_whole_report_is_taken_once_with_its_payout(database: Database) -> None:
    reports = taking(database, lambda _: WHOLE)
    assert [reports.take("a.csv") for _ in range(3)] == [3, 0, 0]
    assert sum(one.minor for one in imported(reports)) == 0
    assert entries(database) == [EntryKind.GATEWAY_PAYOUT_SENT]


@pytest.mark.parametrize("lacking", range(3))
def test_of_a_report_that_lacks_a_line_nothing_counts_until_the_whole_comes(
    database: Database, lacking: int, capsys: pytest.CaptureFixture[str]
) -> None:
    part = [one for number, one in enumerate(WHOLE) if number != lacking]
    reports = taking(database, lambda _: part)
    assert reports.take("a.csv") == 0
    assert imported(reports) == []
    assert entries(database) == []
    assert "SettlementReportRefused" in capsys.readouterr().out
    assert replace(reports, fetch=lambda _: WHOLE).take("a.csv") == 3
    assert len(entries(database)) == 1


@pytest.mark.parametrize("error", [NotOurReport(), ReportUnreadable(), None])
def test_what_is_no_report_or_an_empty_one_rings(
    database: Database, error: Exception | None, capsys: pytest.CaptureFixture[str]
) -> None:
    def fetch(_: str) -> Sequence[ReportLine]:
        if error is not None:
            raise error
        return []

    reports = taking(database, fetch)
    assert reports.take("a.csv") == 0
    assert "SettlementReportRefused" in capsys.readouterr().out
    assert imported(reports) == []


def test_a_payout_that_came_back_is_no_payout_of_less_than_nothing(database: Database) -> None:
    back = (
        line("MerchantPayout", 9_989, text="TX1XT batch 4", batch=5),
        line("Balancetransfer", -9_989, batch=5),
    )
    reports = taking(database, lambda _: back)
    assert [reports.take("b.csv") for _ in range(2)] == [1, 0]
    (item,) = imported(reports)
    assert (item.category, item.reference, item.minor) == (Category.PAYOUT_BACK, "TX1XT", 9_989)
    # People record it: until then it is a break.
    assert entries(database) == []
