"""What staff read of a report of reconciliation beyond its head: every line, page by page."""

from typing import Any

from tools.journey.person import Person

PAGE = 50
LINES = """query($r: ReportId!, $skip: Int!) { reconciliationReport(reportId: $r) {
  content { lines(first: 50, skip: $skip) {
    category reference status ours { amount currency } theirs { amount currency }
    difference { amount currency } } } } }"""


def lines_of(officer: Person, report_id: str) -> list[Any]:
    """All lines of a report."""
    found: list[Any] = []
    while True:
        seen = officer.client.graphql(LINES, r=report_id, skip=len(found))
        page = seen["content"]["lines"]
        found += page
        if len(page) < PAGE:
            return found
