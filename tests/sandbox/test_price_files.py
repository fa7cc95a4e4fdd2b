"""The committed price files: whole, dated, positive, and what their provenance says."""

import csv
import hashlib
import json
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pytest

DATA = Path(__file__).parents[2] / "sandbox" / "data"
PROVENANCE = json.loads((DATA / "provenance.json").read_text())["files"]
LARGEST_FILE = 250_000

by_file = pytest.mark.parametrize("entry", PROVENANCE, ids=lambda entry: entry["file"])


def rows(entry):
    header, *found = csv.reader((DATA / entry["file"]).read_text().splitlines())
    assert header == ["date", *entry["symbols"]]
    return [(date.fromisoformat(row[0]), row[1:]) for row in found]


@by_file
def test_a_file_is_the_one_that_was_drawn(entry):
    body = (DATA / entry["file"]).read_bytes()
    assert hashlib.sha256(body).hexdigest() == entry["sha256"]
    assert len(body) < LARGEST_FILE
    assert entry["sha256"] in (DATA / "PROVENANCE.md").read_text()


@by_file
def test_days_are_weekdays_in_order_without_long_gaps(entry):
    days = [day for day, _ in rows(entry)]
    assert len(days) == entry["rows"]
    assert (days[0].isoformat(), days[-1].isoformat()) == (entry["first"], entry["last"])
    assert all(day.weekday() < 5 for day in days)
    assert all(timedelta(0) < later - day <= timedelta(days=10) for day, later in pairwise(days))


@by_file
def test_prices_are_positive_decimals_of_four_places(entry):
    for _, prices in rows(entry):
        assert len(prices) == len(entry["symbols"])
        for text in prices:
            price = Decimal(text)
            assert price > 0
            assert price == price.quantize(Decimal("0.0001"))
            assert "e" not in text.lower()


@by_file
def test_the_shift_is_whole_weeks_and_leads_back_to_the_source(entry):
    back = timedelta(weeks=entry["shift_weeks"])
    for ours, theirs in (("first", "source_first"), ("last", "source_last")):
        shifted = date.fromisoformat(entry[ours]) - back
        assert shifted.isoformat() == entry[theirs]
    assert entry["licence"] in {"BSD-3-Clause", "NCSA"}


def test_every_series_covers_the_same_years():
    assert max(entry["first"] for entry in PROVENANCE) == "2018-12-27"
    assert min(entry["last"] for entry in PROVENANCE) == "2027-12-22"
    assert {symbol for entry in PROVENANCE for symbol in entry["symbols"]} == {
        *("MTUM", "QUAL", "SIZE", "USMV", "VLUE", "AAAB"),
        *("AAPL", "JNJ", "JPM", "KO", "MSFT", "PG", "UNH", "WMT", "XOM"),
    }


def test_the_closes_are_those_of_the_source():
    # First and last closes of the source, 260 weeks before.
    etfs = dict(rows(PROVENANCE[0]))
    assert etfs[date(2018, 12, 27)] == ["52.704", "48.351", "48.986", "29.338", "47.054"]
    assert etfs[date(2027, 12, 22)] == ["143.73", "111.883", "111.121", "71.134", "88.473"]


def test_the_model_bond_is_called_a_model():
    (bond,) = (entry for entry in PROVENANCE if entry["symbols"] == ["AAAB"])
    assert bond["kind"] == "model-derived"
    assert "derived from Moody's AAA yields" in bond["note"]
    first = rows(bond)[0]
    assert first == (date(2018, 12, 25), ["100"])


def test_the_first_month_of_the_bond_can_be_computed_by_hand():
    # AAA yields of the source: 5.26 % in December 2009 and in January 2010. At an unchanged
    # yield a par bond earns (1 + y)^(1/12) - 1 in its first month.
    (bond,) = (entry for entry in PROVENANCE if entry["symbols"] == ["AAAB"])
    after_a_month = date(2010, 1, 1) + timedelta(weeks=bond["shift_weeks"])
    index = dict(rows(bond))[after_a_month][0]
    assert abs(Decimal(index) - Decimal(100) * Decimal("1.0526") ** (Decimal(1) / 12)) < Decimal(
        "0.0001"
    )
