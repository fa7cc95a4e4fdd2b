"""Reference rates as a client of Frankfurter reads them."""

import json
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest

from sandbox.fx.series import NoRate, RateSeries, published_series


def read(sandbox, path, **params):
    answer = sandbox.get(f"/fx/v2/{path}", params=params)
    return json.loads(answer.raise_for_status().text, parse_float=Decimal)


def test_the_newest_rate_is_that_of_the_business_day(sandbox):
    assert read(sandbox, "rate/USD/KES") == {
        "date": "2026-03-02",
        "base": "USD",
        "quote": "KES",
        "rate": Decimal("129.0200"),
    }
    sandbox.post("/_control/clock", json={"now": "2026-03-19T12:00:00Z"}).raise_for_status()
    assert read(sandbox, "rate/USD/KES")["rate"] == Decimal("129.5200")


def test_euros_and_rand_are_crossed_from_the_euros_reference_rates(sandbox):
    rows = read(sandbox, "rates", base="USD", quotes="EUR,ZAR", date="2026-02-27")
    assert [(row["quote"], row["date"]) for row in rows] == [
        ("EUR", "2026-02-27"),
        ("ZAR", "2026-02-27"),
    ]
    euros, rand = (row["rate"] for row in rows)
    assert euros == Decimal("0.8470986870")
    assert rand == Decimal("15.94053367")
    assert read(sandbox, "rate/EUR/USD", date="2026-02-27")["rate"] == Decimal("1.1805")
    assert read(sandbox, "rate/EUR/ZAR", date="2026-02-27")["rate"] == Decimal("18.8178")


def test_of_two_publications_the_older_day_is_told(sandbox):
    # Easter Monday of 2025 and the Friday before: no reference rates of the euro.
    assert read(sandbox, "rate/USD/EUR", date="2025-04-21")["date"] == "2025-04-17"
    answer = read(sandbox, "rate/EUR/KES", date="2025-04-22")
    assert answer["date"] == "2025-04-22"
    assert answer["rate"].quantize(Decimal("0.01")) == Decimal("148.96")


def test_shillings_cost_the_inverse_to_ten_digits(sandbox):
    rate = read(sandbox, "rate/kes/usd")["rate"]
    assert rate == Decimal("0.007750736320")
    assert abs(rate * Decimal("129.02") - 1) < Decimal("1e-9")


def test_a_past_day_has_the_rate_that_was_then_newest(sandbox):
    assert read(sandbox, "rate/USD/KES", date="2024-03-17") == {
        "date": "2024-03-15",
        "base": "USD",
        "quote": "KES",
        "rate": Decimal("135.1470"),
    }


def test_the_list_has_the_asked_quotes_or_all_with_the_identity(sandbox):
    (row,) = read(sandbox, "rates", base="KES", quotes="USD")
    assert (row["base"], row["quote"]) == ("KES", "USD")
    rows = read(sandbox, "rates", base="KES", date="2026-01-31")
    assert [(row["quote"], row["date"]) for row in rows] == [
        ("EUR", "2026-01-30"),
        ("KES", "2026-01-30"),
        ("USD", "2026-01-30"),
        ("ZAR", "2026-01-30"),
    ]
    assert rows[1]["rate"] == 1


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


def test_the_written_series_have_weekdays_only_and_no_jump_that_would_be_doubted():
    series = published_series()
    days = [date(2024, 1, 5) + timedelta(days=each) for each in range(1500)]
    for quote in ("EUR", "KES", "ZAR"):
        found = dict(series.rate("USD", quote, day) for day in days)
        assert all(day.weekday() < 5 for day in found)
        assert all(later - day <= timedelta(days=5) for day, later in pairwise(found))
        rates = list(found.values())
        assert max(abs(now / before - 1) for before, now in pairwise(rates)) < Decimal("0.05")
    with pytest.raises(NoRate):
        series.rate("USD", "KES", date(2024, 1, 4))


def test_a_rate_holds_from_its_own_day_on():
    series = RateSeries({"KES": [(date(2026, 1, 5), Decimal(100)), (date(2026, 1, 9), Decimal(2))]})
    assert [series.rate("USD", "KES", date(2026, 1, day))[1] for day in (5, 8, 9)] == [100, 100, 2]


def test_after_its_last_day_a_series_repeats_itself_weekday_by_weekday():
    published = [
        (date(2025, 3, 3) + timedelta(days=each), Decimal(each + 1)) for each in range(400)
    ]
    series = RateSeries({"KES": published})
    last = published[-1][0]
    for later in (1, 7, 300, 365, 700):
        day = last + timedelta(days=later)
        back = timedelta(weeks=52 if later <= 364 else 104)
        assert series.rate("USD", "KES", day) == (day, dict(published)[day - back])
    sparse = RateSeries({"KES": [(date(2025, 1, 1), Decimal(1)), (date(2025, 12, 20), Decimal(2))]})
    assert sparse.rate("USD", "KES", date(2025, 12, 22)) == (date(2025, 12, 20), 2)
    assert sparse.rate("USD", "KES", date(2025, 12, 31)) == (date(2025, 12, 31), 1)
