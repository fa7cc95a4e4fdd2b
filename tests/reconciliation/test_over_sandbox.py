"""The gateways' own statements, from the sandbox: what is planted is found, and nothing else."""

from datetime import UTC, datetime, timedelta

import pytest

from shared.kernel.clock import FixedClock
from shared.kernel.money import Currency
from shared.ledger.model import EntryKind
from shared.payments.providers.adyen_report import AdyenReports
from shared.payments.providers.stripe_listing import StripeListing
from shared.platform.http import http_client
from shared.platform.memory import MemoryDatabase
from shared.reconciliation.imported import ImportedLines, ImportedStatement
from shared.reconciliation.model import Book, Category, Party, Status
from shared.reconciliation.providers.adyen_statement import items_of
from shared.reconciliation.providers.stripe_statement import StripeStatement
from shared.reconciliation.settlement_reports import SettlementReports
from tests.payments.stripe.desk import Desk as StripeDesk
from tests.payments.stripe.desk import deposit_of
from tests.payments.test_adyen_report import SECRET, closed, paid
from tests.reconciliation.desk import Desk

USD = Currency.USD


@pytest.fixture
def stripe(sandbox, sandbox_url):
    one = StripeDesk(sandbox, sandbox_url)
    yield one
    one.close()


def opposite(desk, book, day):
    """Statuses by category and reference, of the report of a day."""
    report = desk.reconciling.read(desk.reconciling.run(book, day))
    assert report.difference_minor == sum(line.difference_minor for line in report.open)
    return report, {(line.category, line.reference): line.status for line in report.lines}


def test_a_payment_that_is_lost_here_or_doubled_there_is_found_at_stripe(stripe):
    desk = Desk(MemoryDatabase())
    known, lost = (stripe.paid(deposit_of(minor)) for minor in (10_000, 5_000))
    today = datetime.now(UTC).date()
    desk.clock = FixedClock(datetime.now(UTC) + timedelta(days=2))
    listing = StripeListing(lambda: stripe.client)
    desk = desk.over({Party.STRIPE: StripeStatement(listing, desk.clock)})
    desk.ours(10_000, today, payment=known, gateway_fee_minor="320")
    desk.ours(-320, today, kind="GATEWAY_FEE", payment=known, gateway="STRIPE")
    desk.ours(700, today, payment="pi_planted", gateway_fee_minor="0")
    report, found = opposite(desk, desk.book, today)
    assert found == {
        (Category.PAYMENT, known): Status.MATCHED,
        (Category.FEE, known): Status.MATCHED,
        (Category.PAYMENT, lost): Status.MISSING_HERE,
        (Category.FEE, lost): Status.MISSING_HERE,
        (Category.PAYMENT, "pi_planted"): Status.MISSING_THERE,
    }
    assert report.difference_minor == 700 - (5_000 - 175)
    assert report.stated_minor == report.theirs.closing == 10_000 - 320 + 5_000 - 175
    assert {dict(case.facts)["line"] for case in desk.open_cases()} == {lost, "pi_planted"}
    # Its fee waits for its settlement, which may know it.
    assert desk.house.entries(USD).entries == ()


@pytest.fixture
def taking(sandbox_url):
    """Reports of the sandbox's Adyen, into the books of a desk."""
    desk = Desk(MemoryDatabase(), Book(Party.ADYEN, USD))
    desk.clock = FixedClock(datetime.now(UTC))
    lines = ImportedLines(desk.database, desk.clock)
    base = f"{sandbox_url}/adyen/reports"
    with http_client(base) as http:
        yield (
            desk,
            lines,
            SettlementReports(
                fetch=AdyenReports(http, lambda: SECRET, base).fetch,
                items=lambda listed, day: items_of(listed, "t1", day),
                lines=lines,
                house=desk.house,
                facts=desk.facts,
                clock=desk.clock,
            ),
        )


def test_an_adyen_report_is_taken_once_its_payout_is_booked_and_a_lost_payment_found(
    sandbox, taking
):
    desk, lines, reports = taking
    known, lost = paid(sandbox), paid(sandbox, 777)
    address = closed(sandbox).format("BaobabSandbox")
    assert reports.take(address) > 0
    assert [reports.take(address) for _ in range(2)] == [0, 0]
    (stored,) = desk.house.entries(USD).entries
    assert stored.entry.draft.kind is EntryKind.GATEWAY_PAYOUT_SENT
    assert stored.entry.draft.postings[0].account == "house:money_in_transit:adyen:USD"
    today = desk.clock.now().date()
    items = ImportedStatement(Party.ADYEN, lines).items(USD, today, today)
    # All that the batch has earned is paid out by it.
    assert sum(item.minor for item in items) == 0
    desk.ours(10_000, today, payment=known)
    desk.project()
    desk.clock.advance(timedelta(days=2))
    desk = desk.over({Party.ADYEN: ImportedStatement(Party.ADYEN, lines)})
    _, found = opposite(desk, desk.book, today)
    assert found[Category.PAYMENT, known] is Status.MATCHED
    assert found[Category.PAYMENT, lost] is Status.MISSING_HERE
    assert found[Category.PAYOUT, stored.entry.draft.reference] is Status.MATCHED
    assert {dict(case.facts)["line"] for case in desk.open_cases()} == {lost}
    kinds = [one.entry.draft.kind for one in desk.house.entries(USD).entries]
    assert kinds.count(EntryKind.GATEWAY_FEE) >= 1
    # Fees of the payment that is lost wait for it.
    assert found[Category.FEE, lost] is Status.MISSING_HERE


def test_an_address_elsewhere_is_not_called_and_rings(taking):
    desk, _, reports = taking
    assert reports.take("https://evil.example/download/a.csv") == 0
    assert desk.house.entries(USD).entries == ()
