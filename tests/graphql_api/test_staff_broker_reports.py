"""Members of staff read what each day's reconciliation with the brokers found."""

from datetime import date
from typing import Any

import pytest

from shared.broker_reconciliation.model import DayReport
from shared.broker_reconciliation.store import DayStore
from shared.users.roles import Role

READ = """query($first: Int!, $after: Cursor) { staff {
  brokerReports(first: $first, after: $after) {
  nodes { day agreed underWay differs accepted unread ours { amount } theirs { amount } hash }
  pageInfo { hasNextPage endCursor } } } }"""


def made(app: Any, *days: date) -> None:
    store = DayStore(app.database, app.clock)
    for number, day in enumerate(days):
        report = DayReport(
            day, f"hash-{number}", "place", "sig", app.clock.now(), 7, 1, 2, 3, 4, 12_345, 12_300
        )
        app.facts.commit([store.add_report(report)])


def read(client: Any, **values: Any) -> Any:
    answer = client.graphql(READ, {"first": 20} | values)
    assert "errors" not in answer.body, answer.body
    return answer.data["staff"]["brokerReports"]


def test_reports_are_read_newest_first_page_by_page(app: Any, staff: Any) -> None:
    officer = staff(Role.COMPLIANCE)
    assert read(officer)["nodes"] == []
    made(app, date(2026, 2, 27), date(2026, 3, 2), date(2026, 3, 3))
    page = read(officer, first=2)
    assert [one["day"] for one in page["nodes"]] == ["2026-03-03", "2026-03-02"]
    assert page["pageInfo"]["hasNextPage"] is True
    rest = read(officer, first=2, after=page["pageInfo"]["endCursor"])
    assert rest["nodes"] == [
        {
            "day": "2026-02-27",
            "agreed": 7,
            "underWay": 1,
            "differs": 2,
            "accepted": 3,
            "unread": 4,
            "ours": {"amount": "123.45"},
            "theirs": {"amount": "123.00"},
            "hash": "hash-0",
        }
    ]
    assert rest["pageInfo"]["hasNextPage"] is False


@pytest.mark.parametrize("role", [Role.SUPPORT, None])
def test_only_those_who_watch_read_them(app: Any, staff: Any, amina: Any, role: Any) -> None:
    made(app, date(2026, 3, 2))
    client = amina if role is None else staff(role)
    answer = client.graphql(READ, {"first": 20})
    assert "2026-03-02" not in str(answer.body)
    assert "errors" in answer.body


def test_a_cursor_with_a_day_that_no_calendar_has_is_refused(staff: Any) -> None:
    # Of 2026-02-31.
    answer = staff(Role.ADMIN).graphql(READ, {"first": 20, "after": "MjAyNi0wMi0zMQ"})
    assert answer.body["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"
