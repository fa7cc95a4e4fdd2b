"""Reference rates as a client of Frankfurter reads them."""

import json
from datetime import date, timedelta
from decimal import Decimal

import pytest

from sandbox.fx.series import NoRate, RateSeries, published_series


def read(sandbox, path, **params):
    answer = sandbox.get(f"/fx/v2/{path}", params=params)
    return json.loads(answer.raise_for_status().text, parse_float=Decimal)


def test_the_newest_rate_is_that_of_the_business_day(sandbox):
    assert read(sandbox, "rate/USD/KES") == {
        "date": "2026-02-27",
        "base": "USD",
        "quote": "KES",
        "rate": Decimal("129.0200"),
    }
    sandbox.post("/_control/clock", json={"now": "2026-03-20T12:00:00Z"}).raise_for_status()
    assert read(sandbox, "rate/USD/KES")["rate"] == Decimal("129.5200")


def test_shillings_cost_the_inverse_to_ten_digits(sandbox):
    rate = read(sandbox, "rate/kes/usd")["rate"]
    assert rate == Decimal("0.007750736320")
    assert abs(rate * Decimal("129.02") - 1) < Decimal("1e-9")


def test_a_past_day_has_the_rate_that_was_then_newest(sandbox):
    assert read(sandbox, "rate/USD/KES", date="2024-03-15") == {
        "date": "2024-02-29",
        "base": "USD",
        "quote": "KES",
        "rate": Decimal("143.5891"),
    }


def test_the_list_has_the_asked_quotes_or_all_with_the_identity(sandbox):
    (row,) = read(sandbox, "rates", base="KES", quotes="USD")
    assert (row["base"], row["quote"]) == ("KES", "USD")
    rows = read(sandbox, "rates", base="KES", date="2026-01-31")
    assert [(row["quote"], row["date"]) for row in rows] == [
        ("KES", "2026-01-30"),
        ("USD", "2026-01-30"),
    ]
    assert rows[0]["rate"] == 1


@pytest.mark.parametrize(
    ("path", "status", "message"),
    [
        ("rate/KES/XXX", 404, "not found"),
        ("rate/KES/US1", 422, "invalid currency"),
        ("rates?base=EURO", 422, "invalid currency"),
        ("rates?quotes=", 422, "invalid currency"),
        ("rate/KES/USD?date=2026-02-30", 422, "invalid date"),
        ("rate/KES/USD?date=20260201", 422, "invalid date"),
        ("rate/KES/USD?date=2023-12-31", 404, "not found"),
        ("rate/KES/USD?date=2030-01-01", 404, "not found"),
        ("nothing", 404, "not found"),
    ],
)
def test_what_does_not_exist_says_so(sandbox, path, status, message):
    answer = sandbox.get(f"/fx/v2/{path}")
    assert (answer.status_code, answer.json()) == (status, {"message": message})


def test_the_source_may_be_down_or_busy(sandbox, fault):
    fault("fx", "rate", "error", status=503)
    fault("fx", "rate", "rate_limited")
    assert sandbox.get("/fx/v2/rate/KES/USD").status_code == 429
    assert sandbox.get("/fx/v2/rate/KES/USD").status_code == 503
    assert sandbox.get("/fx/v2/rate/KES/USD").status_code == 200


def test_the_written_series_is_one_rate_a_month_without_gap():
    series = published_series()
    firsts = [date(year, month, 1) for year in (2024, 2025, 2026) for month in range(1, 13)]
    days = [series.rate("USD", "KES", first - timedelta(days=1)) for first in firsts[1:28]]
    assert [(day.year, day.month) for day, _ in days] == [
        (first.year, first.month) for first in firsts[:27]
    ]
    with pytest.raises(NoRate):
        series.rate("USD", "KES", date(2024, 1, 30))
    rates = [rate for _, rate in days]
    assert (min(rates), max(rates)) == (Decimal("129.0101"), Decimal("160.7510"))


def test_a_rate_holds_from_its_own_day_on():
    series = RateSeries([(date(2026, 1, 5), Decimal(100)), (date(2026, 1, 9), Decimal(200))])
    assert [series.rate("USD", "KES", date(2026, 1, day))[1] for day in (5, 8, 9, 30)] == [
        100,
        100,
        200,
        200,
    ]
