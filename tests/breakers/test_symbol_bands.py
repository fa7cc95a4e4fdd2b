"""A symbol's breaker: bands by time of day, its pause, and the prices that its mean is made of."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from shared.breakers.symbols import Sample, band_at, judged, move_of, sampled
from shared.kernel.money import Currency, Price
from shared.market_data.calendar import session_on
from shared.market_data.model import Breaker, BreakerState, Quote

SESSION = session_on(date(2026, 3, 2))
NOON = datetime(2026, 3, 2, 17, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
OPEN, HALF, CLOSED = BreakerState.OPEN, BreakerState.HALF_OPEN, BreakerState.CLOSED


def quote(price, at=NOON):
    return Quote("QUAL", Price(Decimal(price), Currency.USD), at, "test", at)


def samples(*prices):
    return tuple(Sample(NOON - at * MINUTE, Decimal(one)) for at, one in prices)


@pytest.mark.parametrize(
    ("at", "band"),
    [
        (datetime(2026, 3, 2, 14, 30, tzinfo=UTC), "0.10"),
        (datetime(2026, 3, 2, 14, 45, tzinfo=UTC), "0.05"),
        (datetime(2026, 3, 2, 20, 34, 59, tzinfo=UTC), "0.05"),
        (datetime(2026, 3, 2, 20, 35, tzinfo=UTC), "0.10"),
    ],
)
def test_bands_are_doubled_at_both_bells(at, band) -> None:
    assert SESSION is not None
    assert band_at(at, SESSION) == Decimal(band)


def test_a_price_is_compared_with_the_mean_of_five_minutes() -> None:
    known = samples((6, "1000"), (5, "101"), (1, "99"), (0, "3"))
    assert move_of(known, quote("105")) == Decimal("0.05")
    assert move_of(known[:2], quote("105")) is None


def test_samples_are_newer_prices_of_the_last_minutes() -> None:
    known = {"QUAL": samples((11, "1"), (2, "2"), (0, "3")), "MTUM": samples((1, "9"))}
    assert sampled(known, {"QUAL": quote("7")}, NOON) == {"QUAL": samples((2, "2"), (0, "3"))}
    later = sampled(known, {"QUAL": quote("7", NOON + MINUTE)}, NOON + MINUTE)
    assert [str(one.price) for one in later["QUAL"]] == ["2", "3", "7"]


def of(before, move, at=NOON, session=SESSION):
    value = None if move is None else Decimal(move)
    after = judged("QUAL", before, value, session, at)
    return None if after is None else (after.name, after.state, after.reason)


def breaker(state, reason="BAND:0.0600"):
    return Breaker("volatility.QUAL", state, reason, NOON)


@pytest.mark.parametrize(
    ("move", "reason"),
    [("0.0499", None), ("0.05", "BAND:0.0500"), ("-0.05", "BAND:-0.0500"), (None, None)],
)
def test_either_way_from_the_band_on_a_symbol_pauses(move, reason) -> None:
    assert of(None, move) == (None if reason is None else ("volatility.QUAL", OPEN, reason))


def test_a_pause_lasts_five_minutes_and_then_the_symbol_is_on_trial() -> None:
    assert of(breaker(OPEN), "0", NOON + timedelta(minutes=4, seconds=59)) is None
    assert of(breaker(OPEN), "0.09", NOON + 5 * MINUTE) == ("volatility.QUAL", HALF, "PAUSE_OVER")
    assert of(breaker(HALF), "0.06", NOON + MINUTE) == ("volatility.QUAL", OPEN, "BAND:0.0600")
    assert of(breaker(HALF), "0.01", NOON + 4 * MINUTE) is None
    assert of(breaker(HALF), None, NOON + 5 * MINUTE) is None
    assert of(breaker(HALF), "0.01", NOON + 5 * MINUTE) == ("volatility.QUAL", CLOSED, "CALM")


def test_with_the_bell_it_ends_but_not_what_people_stopped() -> None:
    night = NOON + timedelta(hours=9)
    assert of(breaker(OPEN), None, night) == ("volatility.QUAL", CLOSED, "SESSION_OVER")
    assert of(breaker(OPEN), None, NOON, session=None) == (
        "volatility.QUAL",
        CLOSED,
        "SESSION_OVER",
    )
    assert of(breaker(OPEN, "STAFF"), None, night) is None
    assert of(None, None, night) is None
