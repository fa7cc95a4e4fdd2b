"""Which rates may be used, and what two of them make of a third."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal, localcontext

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.kernel.money import Currency
from shared.market_data.model import FxQuote
from shared.market_data.rates import CONFIRMED_AFTER, RateRecord, crossed, judged, usable

USD, KES, EUR, ZAR = Currency.USD, Currency.KES, Currency.EUR, Currency.ZAR
NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
THURSDAY = datetime(2026, 4, 2, tzinfo=UTC)
"""Before Easter."""
MINUTE = timedelta(minutes=1)


def rate(text: str, quote: Currency = KES, base: Currency = USD, **changes) -> FxQuote:
    facts = {"as_of": THURSDAY, "source": "bank", "fetched_at": NOW} | changes
    return FxQuote(base, quote, Decimal(text), **facts)


@pytest.mark.parametrize(
    ("days", "good"),
    [(-2, False), (-1, True), (0, True), (2, True), (5, True), (6, True), (7, False), (365, False)],
)
def test_a_rate_lasts_over_easter_and_not_much_longer(days: int, good: bool) -> None:
    """Wednesday after Easter is day 6: four weekdays without a publication."""
    business_now = THURSDAY + timedelta(days=days, hours=9)
    assert usable(rate("129.02"), NOW, business_now) is good


def test_a_rate_that_was_read_too_long_ago_is_not_used() -> None:
    day = timedelta(days=1)
    assert usable(rate("129.02"), NOW + day, THURSDAY)
    assert not usable(rate("129.02"), NOW + day + MINUTE, THURSDAY)


@given(st.integers(0, 3000), st.integers(0, 400))
def test_weekdays_are_counted_as_a_calendar_does(first: int, later: int) -> None:
    published = datetime(2020, 1, 1, tzinfo=UTC) + timedelta(days=first)
    between = [published + timedelta(days=each) for each in range(1, later + 1)]
    weekdays = sum(day.weekday() < 5 for day in between)
    known = rate("1", as_of=published)
    assert usable(known, NOW, published + timedelta(days=later)) is (weekdays <= 4)


def test_a_change_within_the_limit_is_believed_at_once() -> None:
    known = RateRecord(rate("100"))
    for text in ("105", "95.3", "100"):
        assert judged(known, rate(text)) == RateRecord(rate(text))
    assert judged(None, rate("1")) == RateRecord(rate("1"))


@pytest.mark.parametrize("text", ["105.01", "95.2", "0.01", "10000"])
def test_a_jump_is_kept_beside_what_is_believed(text: str) -> None:
    known = RateRecord(rate("100"))
    doubtful = judged(known, rate(text))
    assert doubtful == RateRecord(rate("100"), rate(text))
    again = rate(text, fetched_at=NOW + CONFIRMED_AFTER - MINUTE)
    assert judged(doubtful, again) == doubtful


def test_a_jump_is_confirmed_by_time_or_by_another_days_publication() -> None:
    doubtful = RateRecord(rate("100"), rate("120"))
    later = rate("121", fetched_at=NOW + CONFIRMED_AFTER)
    assert judged(doubtful, later) == RateRecord(later)
    next_day = rate("119", as_of=THURSDAY + timedelta(days=1), fetched_at=NOW + MINUTE)
    assert judged(doubtful, next_day) == RateRecord(next_day)


def test_another_jump_begins_the_doubt_anew() -> None:
    doubtful = RateRecord(rate("100"), rate("120"))
    other = rate("150", fetched_at=NOW + CONFIRMED_AFTER)
    assert judged(doubtful, other) == RateRecord(rate("100"), other)


def test_a_pair_is_taken_inverted_or_crossed_and_its_source_says_so() -> None:
    older = THURSDAY - timedelta(days=1)
    known = {
        (USD, KES): rate("129.02"),
        (USD, EUR): rate("0.85", EUR, as_of=older),
        (ZAR, USD): rate("0.0625", USD, ZAR),
    }
    direct = crossed(known, USD, KES)
    assert direct is not None
    assert (direct.rate, direct.source, direct.as_of) == (Decimal("129.02"), "bank", THURSDAY)
    inverse = crossed(known, KES, USD)
    assert inverse is not None
    assert inverse.source == "bank:inverse"
    assert str(inverse.rate) == "0.0077507363199503952875523174701596651682"
    cross = crossed(known, EUR, KES)
    assert cross is not None
    assert (cross.source, cross.as_of) == ("bank:cross", older)
    rand = crossed(known, KES, ZAR)
    assert rand is not None
    with localcontext(prec=50):
        assert abs(cross.rate * Decimal("0.85") - Decimal("129.02")) < Decimal("1e-34")
        assert abs(rand.rate * Decimal("129.02") - 16) < Decimal("1e-34")


@given(st.decimals("0.0001", "100000", places=10))
def test_there_and_back_is_where_it_began(value: Decimal) -> None:
    there = crossed({(USD, KES): rate(str(value))}, USD, KES)
    back = crossed({(USD, KES): rate(str(value))}, KES, USD)
    assert there is not None
    assert back is not None
    with localcontext(prec=50):
        assert abs(there.rate * back.rate - 1) < Decimal("1e-36")
