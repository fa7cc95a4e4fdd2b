"""Reports of reconciliation: read by those who watch, verified each time, asked for once."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from graphql_api.application import Application
from shared.audit.model import Action
from shared.audit.service import AuditTrail
from shared.audit.store import AuditStore
from shared.cases.store import CaseStore
from shared.kernel.money import Currency
from shared.ledger.house import HouseJournal
from shared.platform.outbox import OutboxRow
from shared.platform.tables import Table
from shared.reconciliation.breaks import Breaks
from shared.reconciliation.fees import Fees
from shared.reconciliation.model import Book, Category, Party
from shared.reconciliation.service import Reconciling
from shared.reconciliation.store import ReportStore
from shared.treasury.store import HouseBalances
from shared.users.roles import Role
from tests.graphql_api.staffing import appoint
from tests.reconciliation.desk import Archive, Signer, Statement, theirs

DAY = date(2026, 3, 1)
BOOK = Book(Party.STRIPE, Currency.USD)
REASON = "The statement was corrected"
REPORT = """reportId party currency day version difference { amount currency } matched missingHere
  unknownCount hash"""
ASK = """mutation($i: RunReconciliationInput!) { runReconciliation(input: $i) {
  ... on RunReconciliationPayload { report { day version } }
  ... on UserError { code } ... on InvalidInputError { field } } }"""


def made(app: Application) -> str:
    """A report with one line that is missing here."""
    statement = Statement([theirs("txn_1", Category.PAYMENT, "pi_1", 4_250, DAY)])
    cases = CaseStore(app.database)
    archive = app.report_safe.archive
    assert isinstance(archive, Archive)
    stored = Reconciling(
        HouseBalances(app.database),
        {Party.STRIPE: statement},
        ReportStore(app.database),
        archive,
        Signer(),
        Breaks(cases, app.facts, app.clock),
        Fees(HouseJournal(app.database, "t1"), app.facts, app.clock),
        app.facts,
        app.clock,
        app.ids,
    ).run(BOOK, DAY)
    return stored.report_id


def read(client: Any, report_id: str) -> Any:
    document = (
        "query($r: ReportId!) { reconciliationReport(reportId: $r) { "
        f"{REPORT} content {{ previous unknown {{ subject }} lines {{ category reference status "
        "ours { amount } theirs { amount } difference { amount } ageDays } } } }"
    )
    answer = client.graphql(document, {"r": report_id})
    assert "errors" not in answer.body, answer.body
    return answer.data["reconciliationReport"]


def ask(client: Any, **changes: Any) -> Any:
    given = {
        "idempotencyKey": "key-1",
        "party": "STRIPE",
        "currency": "USD",
        "day": "2026-03-01",
        "reason": REASON,
    } | changes
    answer = client.graphql(ASK, {"i": given})
    assert "errors" not in answer.body, answer.body
    return answer.data["runReconciliation"]


def asked(app: Application) -> list[str]:
    """Types of the events that ask for a report, in the outbox."""
    rows = [
        row
        for shard in range(8)
        for row in app.database.query(Table.OUTBOX, f"OUTBOX#{shard}", "0", "~").rows(OutboxRow)
    ]
    return [row.type for row in rows if row.type.startswith("reconciliation.")]


@pytest.fixture
def watcher(join: Callable[[str], Any], app: Application) -> Any:
    client = join("watcher@example.com")
    appoint(app, client, Role.COMPLIANCE)
    return client


def test_a_report_is_read_with_its_lines_and_is_verified(watcher: Any, app: Application) -> None:
    report_id = made(app)
    found = read(watcher, report_id)
    assert (found["reportId"], found["day"], found["version"]) == (report_id, "2026-03-01", 1)
    assert found["difference"] == {"amount": "-42.50", "currency": "USD"}
    assert (found["matched"], found["missingHere"], found["unknownCount"]) == (0, 1, 0)
    assert found["content"]["previous"] == "0" * 64
    assert found["content"]["lines"] == [
        {
            "category": "PAYMENT",
            "reference": "pi_1",
            "status": "MISSING_HERE",
            "ours": {"amount": "0.00"},
            "theirs": {"amount": "42.50"},
            "difference": {"amount": "-42.50"},
            "ageDays": 0,
        }
    ]


def test_a_report_with_a_changed_byte_shows_nothing_of_its_content(
    watcher: Any, app: Application
) -> None:
    report_id = made(app)
    archive = app.report_safe.archive
    assert isinstance(archive, Archive)
    for place, content in list(archive.kept.items()):
        archive.keep(place, content.replace(b"4250", b"4251"))
    found = read(watcher, report_id)
    assert found["content"] is None
    assert found["missingHere"] == 1
    archive.kept.clear()
    assert read(watcher, report_id)["content"] is None


def test_reports_are_listed_newest_first_by_pages(watcher: Any, app: Application) -> None:
    report_id = made(app)
    document = f"{{ reconciliationReports(first: 1) {{ nodes {{ {REPORT} }} }} }}"
    found = watcher.graphql(document).data["reconciliationReports"]
    assert [one["reportId"] for one in found["nodes"]] == [report_id]


def test_a_report_that_is_not_there_is_null(watcher: Any) -> None:
    assert read(watcher, "rep_t1_01ARZ3NDEKTSV4RRFFQ69G5FAV") is None


def test_a_day_is_asked_for_once_for_a_key_and_on_record(watcher: Any, app: Application) -> None:
    assert [ask(watcher) for _ in range(3)] == [{"report": None}] * 3
    assert asked(app) == ["reconciliation.report_asked.v1"]
    trail = AuditTrail(AuditStore(app.database), app.clock, app.ids)
    (recorded,) = [each.entry for _, each in trail.page("house_t1", 10, None).entries]
    assert recorded.action is Action.RECONCILIATION_ASKED
    assert recorded.reason == REASON
    assert recorded.after == {"book": "STRIPE:USD", "day": "2026-03-01"}
    made(app)
    assert ask(watcher, idempotencyKey="key-2") == {"report": {"day": "2026-03-01", "version": 1}}
    assert len(asked(app)) == 2


def test_the_same_key_for_another_day_is_refused(watcher: Any, app: Application) -> None:
    ask(watcher)
    assert ask(watcher, day="2026-02-28")["code"] == "IDEMPOTENCY_KEY_REUSED"
    assert len(asked(app)) == 1


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"day": "2026-03-02"}, {"code": "RECONCILIATION_DAY_NOT_OVER"}),
        ({"day": "2026-03-03"}, {"code": "RECONCILIATION_DAY_NOT_OVER"}),
        ({"day": "2020-01-01"}, {"code": "INVALID_VALUE", "field": "day"}),
        ({"reason": "no"}, {"code": "INVALID_VALUE", "field": "reason"}),
    ],
)
def test_what_cannot_be_compared_is_refused_and_nothing_recorded(
    watcher: Any, app: Application, changes: dict[str, str], code: dict[str, str]
) -> None:
    answer = ask(watcher, **changes)
    assert {name: answer.get(name) for name in code} == code
    assert asked(app) == []


def test_support_reads_no_reports_and_asks_for_none(
    join: Callable[[str], Any], app: Application
) -> None:
    client = join("support@example.com")
    appoint(app, client, Role.SUPPORT)
    given = {"idempotencyKey": "k", "party": "STRIPE", "currency": "USD", "day": "2026-03-01"}
    answer = client.graphql(ASK, {"i": given | {"reason": REASON}})
    assert answer.body["errors"]
    assert client.graphql("{ reconciliationReports { nodes { day } } }").body["errors"]
    assert asked(app) == []
