"""Reports of reconciliation: what members of staff read, and ask for."""

import re
from datetime import date, datetime
from typing import Annotated

import strawberry

from graphql_api.context import Context
from graphql_api.errors import Failure, answered
from graphql_api.money import Money, money_of, money_or_none
from graphql_api.pages import PAGE_CAP, Connection, connection_of, from_cursor, page_size
from graphql_api.rules import INHERITED, Info, any_of, field, object_type
from graphql_api.scalars import Cursor, IdempotencyKey, MoneyCaseId, ReportId, Text
from graphql_api.staff_audit import trail_of
from graphql_api.staff_duties import acting
from shared.audit.reconciliation import ReconciliationDuties
from shared.kernel import money
from shared.kernel.money import Currency
from shared.platform import keys
from shared.platform.idempotency import IdempotencyKeys
from shared.reconciliation.asking import Asking
from shared.reconciliation.model import Book, Category, Line, Party, Status, Unknown
from shared.reconciliation.ports import StoredReport
from shared.reconciliation.report import Report
from shared.reconciliation.store import ReportStore
from shared.users.roles import Role

strawberry.enum(Party, name="StatementParty", description="Whose statement books are held against.")
strawberry.enum(Category, name="StatementCategory", description="What a line is about.")
strawberry.enum(
    Status, name="StatementStatus", description="How the two sides stand to each other."
)
WATCHERS = any_of(Role.COMPLIANCE, Role.ADMIN)
_PLACE = re.compile(r"[0-9A-HJKMNP-TV-Z]{26}", re.ASCII)


@object_type(description="Everything that both sides say about one thing.")
class StatementLine:
    """See the description."""

    category: Category = field(INHERITED, "What it is about.")
    reference: str = field(INHERITED, "The name by which both sides know it.")
    status: Status = field(INHERITED, "How the two sides stand to each other.")
    ours: Money = field(INHERITED, "The sum in our books.")
    theirs: Money = field(INHERITED, "The sum on the statement.")
    difference: Money = field(INHERITED, "Ours less theirs.")
    age_days: int = field(INHERITED, "Whole days since its first line.")


@object_type(description="A payment or a payout without a final word for too long.")
class UnknownPayment:
    """See the description."""

    case_id: MoneyCaseId = field(INHERITED, "The case that was opened about it.")
    subject: str = field(INHERITED, "Identifier of the deposit or the payout.")
    age_days: int = field(INHERITED, "Whole days since then.")


@object_type(description="The whole of a report, as it was signed.")
class ReconciliationContent:
    """See the description."""

    report: strawberry.Private[Report]

    @field(WATCHERS, "What agrees and what does not, by category and reference; at most 50.")
    def lines(
        self, status: Status | None = None, first: int = 50, skip: int = 0
    ) -> list[StatementLine]:
        """See the description."""
        size = page_size(first)
        found = [one for one in self.report.lines if status is None or one.status is status]
        start = max(0, skip)
        return [_line(self.report, one) for one in found[start : start + size]]

    @field(WATCHERS, "Payments and payouts without a final word, the oldest first; at most 50.")
    def unknown(self) -> list[UnknownPayment]:
        """See the description."""
        return [_unknown(self.report, one) for one in self.report.unknown[:PAGE_CAP]]

    @field(WATCHERS, "The hash of the report before it; zeroes in the first.")
    def previous(self) -> str:
        """See the description."""
        return self.report.previous


@object_type(description="A book of ours against a statement, until the end of a day in UTC.")
class ReconciliationReport:
    """See the description."""

    report_id: ReportId = field(INHERITED, "Identifier.")
    party: Party = field(INHERITED, "Whose statement.")
    currency: Currency = field(INHERITED, "Of the book.")
    since: date = field(INHERITED, "The first day of new lines.")
    day: date = field(INHERITED, "The last day.")
    version: int = field(INHERITED, "Another one was made when facts had changed.")
    made_at: datetime = field(INHERITED, "When.")
    ours: Money = field(INHERITED, "What our books say at the end.")
    theirs: Money = field(INHERITED, "The sum of the statement's lines at the end.")
    stated: Money | None = field(INHERITED, "What the party says that it holds, where it says so.")
    difference: Money = field(INHERITED, "Ours less theirs: the sum of what does not agree.")
    matched: int = field(INHERITED, "How many lines agree.")
    missing_here: int = field(INHERITED, "How many are on the statement only.")
    missing_there: int = field(INHERITED, "How many are in our books only.")
    amount_differs: int = field(INHERITED, "How many differ by an amount.")
    unknown_count: int = field(INHERITED, "How many payments have no final word.")
    hash: str = field(INHERITED, "SHA-256 of its canonical form.")
    signature: str = field(INHERITED, "Over that hash, base64.")
    stored: strawberry.Private[StoredReport]

    @field(
        WATCHERS,
        "The whole of it, verified now; null when it is not there, or is not what was signed.",
    )
    def content(self, info: Info) -> ReconciliationContent | None:
        """See the description."""
        info.context.count_read()
        report = info.context.app.report_safe.opened(self.stored)
        return None if report is None else ReconciliationContent(report=report)


@object_type()
class ReconciliationQuery:
    """The root of reconciliation."""

    @field(WATCHERS, "Reports of reconciliation, newest first.")
    def reconciliation_reports(
        self, info: Info, first: int = 20, after: Cursor | None = None
    ) -> Connection[ReconciliationReport]:
        """See the description."""
        size = page_size(first)
        place = None if after is None else from_cursor(after, _PLACE)
        info.context.count_read()
        page = ReportStore(info.context.app.database).page(limit=size, after=place)
        return connection_of([(at, _view(one)) for at, one in page.entries], page.after)

    @field(WATCHERS, "One report; null when there is none.")
    def reconciliation_report(self, info: Info, report_id: ReportId) -> ReconciliationReport | None:
        """See the description."""
        info.context.count_read()
        found = ReportStore(info.context.app.database).get(report_id)
        return None if found is None else _view(found)


@strawberry.input(description="Which book and day are to be compared, and why.")
class RunReconciliationInput:
    """See the description."""

    idempotency_key: IdempotencyKey = strawberry.field(
        description="New for every wish; repeat it when no answer came."
    )
    party: Party = strawberry.field(description="Whose statement.")
    currency: Currency = strawberry.field(description="Of the book.")
    day: date = strawberry.field(description="A day in UTC that is over.")
    reason: Text = strawberry.field(
        description="Why: 10 to 500 characters, kept for good; no personal data."
    )


@object_type(description="It was asked for, now or before.")
class RunReconciliationPayload:
    """See the description."""

    report: ReconciliationReport | None = field(
        INHERITED, "The newest report of that day as it stands now; null while there is none."
    )


RunReconciliationResult = Annotated[
    RunReconciliationPayload | Failure,
    strawberry.union("RunReconciliationResult", description="Asked for, or why not."),
]


@object_type()
class ReconciliationMutation:
    """Mutations about reconciliation."""

    @field(
        WATCHERS.with_step_up(),
        "Compare a day now, or again. When nothing has changed the report stays the same one.",
    )
    def run_reconciliation(
        self, info: Info, input: RunReconciliationInput
    ) -> RunReconciliationResult:
        """See the description."""
        context = info.context

        def run() -> RunReconciliationPayload:
            book = Book(input.party, input.currency)
            _duties(context).run(
                acting(context), input.idempotency_key, book, input.day, input.reason
            )
            found = ReportStore(context.app.database).of(book, input.day)
            return RunReconciliationPayload(report=None if found is None else _view(found))

        return answered(run, context.language)


def _duties(context: Context) -> ReconciliationDuties:
    app = context.app
    asking = Asking(IdempotencyKeys(app.database), app.facts, app.clock)
    return ReconciliationDuties(keys.house_of(app.settings.cell), asking, trail_of(context))


def _view(one: StoredReport) -> ReconciliationReport:
    def sum_of(minor: int) -> money.Money:
        return money.Money(minor, one.book.currency)

    stated = None if one.stated_minor is None else sum_of(one.stated_minor)
    return ReconciliationReport(
        report_id=ReportId(one.report_id),
        party=one.book.party,
        currency=one.book.currency,
        since=one.since,
        day=one.day,
        version=one.version,
        made_at=one.made_at,
        ours=money_of(sum_of(one.ours_minor)),
        theirs=money_of(sum_of(one.theirs_minor)),
        stated=money_or_none(stated),
        difference=money_of(sum_of(one.difference_minor)),
        matched=one.matched,
        missing_here=one.missing_here,
        missing_there=one.missing_there,
        amount_differs=one.amount_differs,
        unknown_count=one.unknown,
        hash=one.hash,
        signature=one.signature,
        stored=one,
    )


def _line(report: Report, line: Line) -> StatementLine:
    def sum_of(minor: int) -> Money:
        return money_of(money.Money(minor, report.book.currency))

    return StatementLine(
        category=line.category,
        reference=line.reference,
        status=line.status,
        ours=sum_of(line.ours_minor),
        theirs=sum_of(line.theirs_minor),
        difference=sum_of(line.difference_minor),
        age_days=line.age_days(report.day),
    )


def _unknown(report: Report, one: Unknown) -> UnknownPayment:
    return UnknownPayment(
        case_id=MoneyCaseId(one.case_id),
        subject=one.subject,
        age_days=max(0, (report.day - one.opened_on).days),
    )
