"""When a rebalance is due: bands, the calendar, and the cooldown after a completed run."""

from datetime import date
from typing import Any

import pytest

from shared.investing.bands import breaches, due
from shared.investing.inputs import Band, Inputs, Period, Rules

TARGETS = {"VTI": 4000, "VXUS": 2500, "BND": 2500, "BNDX": 1000}
TODAY = date(2026, 3, 2)


def inputs(**changes: Any) -> Inputs:
    known: dict[str, Any] = {
        "cause_id": "run",
        "person_active": True,
        "identity_approved": True,
        "score": 3,
        "account_active": True,
        "available_minor": 0,
        "open_orders": 0,
        "held": {},
        "target": None,
        "prices": {},
        "assets": {},
        "breakers": {},
        "market_open": True,
        "business_now": None,
    }
    return Inputs(**known | changes)


@pytest.mark.parametrize(
    ("band", "values", "cash", "found"),
    [
        # Four times 25 % against 30/20/30/20 is a drift of 10 %.
        (Band.PORTFOLIO, [30, 20, 30, 20], 0, {"PORTFOLIO": "0.100000 over 0.050000"}),
        (Band.PORTFOLIO, [27, 23, 27, 23], 0, {}),
        (Band.PORTFOLIO, [275, 225, 275, 225], 0, {}),
        (Band.PORTFOLIO, [95, 95, 95, 95], 21, {"PORTFOLIO": "0.052369 over 0.050000"}),
        (Band.ABSOLUTE, [30, 20, 25, 25], 0, {}),
        (Band.ABSOLUTE, [31, 19, 25, 25], 0, dict.fromkeys("AB", "0.060000 over 0.050000")),
        (Band.RELATIVE, [31, 19, 25, 25], 0, {}),
        (Band.RELATIVE, [32, 18, 25, 25], 0, dict.fromkeys("AB", "0.070000 over 0.062500")),
        (Band.FIVE_25, [31, 19, 25, 25], 0, dict.fromkeys("AB", "0.060000 over 0.050000")),
        (Band.FIVE_25, [24, 24, 24, 22], 6, {"CASH": "0.060000 over 0.050000"}),
        (Band.FIVE_25, [0, 0, 0, 0], 0, {}),
    ],
)
def test_only_what_is_beyond_its_band_breaches_it(band, values, cash, found) -> None:
    quarters = dict.fromkeys("ABCD", 2500)
    held = dict(zip("ABCD", values, strict=True))
    assert breaches(held, quarters, cash, Rules(band=band)) == found


def test_of_a_small_target_a_quarter_is_less_than_five_points() -> None:
    held = {"VTI": 4300, "VXUS": 2500, "BND": 2500, "BNDX": 700}
    assert breaches(held, TARGETS, 0, Rules()) == {"BNDX": "0.030000 over 0.025000"}
    assert breaches(held, TARGETS, 0, Rules(band=Band.ABSOLUTE)) == {}


def test_what_the_model_does_not_hold_breaches_a_relative_band_at_once() -> None:
    held = {"VTI": 3999, "VXUS": 2500, "BND": 2500, "BNDX": 1000, "OLD": 1}
    assert breaches(held, TARGETS, 0, Rules()) == {"OLD": "0.000100 over 0.000000"}


HELD = {"VTI": 5000, "VXUS": 2000, "BND": 2000, "BNDX": 1000}


@pytest.mark.parametrize(
    ("last", "expected"),
    [
        (None, "BAND"),
        (date(2026, 1, 31), "BAND"),
        (date(2026, 2, 1), "COOLDOWN"),
        (date(2026, 3, 2), "COOLDOWN"),
    ],
)
def test_the_cooldown_counts_calendar_days_after_a_completed_run(last, expected) -> None:
    judged = due(inputs(last_rebalanced=last), HELD, TARGETS, date(2026, 3, 2))
    assert (judged.why, judged.due) == (expected, expected == "BAND")


def test_a_run_that_has_begun_is_judged_by_neither() -> None:
    begun = inputs(last_rebalanced=TODAY, continues=True)
    near = {"VTI": 4000, "VXUS": 2500, "BND": 2500, "BNDX": 1000}
    assert due(begun, near, TARGETS, TODAY).why == "CONTINUES"


@pytest.mark.parametrize(
    ("every", "last", "today", "expected"),
    [
        (Period.MONTH, date(2026, 1, 31), date(2026, 3, 2), "CALENDAR"),
        (Period.MONTH, None, date(2026, 3, 2), "CALENDAR"),
        (Period.QUARTER, date(2026, 1, 2), date(2026, 3, 31), "WITHIN_BANDS"),
        (Period.QUARTER, date(2026, 1, 2), date(2026, 4, 1), "CALENDAR"),
        (Period.YEAR, date(2025, 1, 2), date(2025, 12, 31), "WITHIN_BANDS"),
        (Period.YEAR, date(2025, 11, 30), date(2026, 1, 1), "CALENDAR"),
        (None, None, date(2026, 3, 2), "WITHIN_BANDS"),
    ],
)
def test_the_calendar_asks_once_in_each_period(every, last, today, expected) -> None:
    near = {"VTI": 4000, "VXUS": 2500, "BND": 2500, "BNDX": 1000}
    asked = inputs(last_rebalanced=last, rules=Rules(every=every))
    assert due(asked, near, TARGETS, today).why == expected
