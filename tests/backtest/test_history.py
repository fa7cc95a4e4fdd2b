"""The prices are those of the years that they are said to be of."""

from datetime import date, timedelta
from decimal import Decimal

from shared.breakers.market import LEVELS
from shared.market_data.calendar import sessions
from shared.market_data.universe import UNIVERSE
from tools.backtest.history import BOND_IS_OLDER


def test_every_session_of_nine_years_has_a_price_of_everything(history) -> None:
    first, last = date(2014, 1, 2), date(2022, 12, 28)
    assert history.days == tuple(each.day for each in sessions(first, last))
    assert len(history.days) == 2264
    assert history.closes.keys() == UNIVERSE.keys()


def test_the_bonds_yields_are_four_years_older() -> None:
    assert timedelta(days=4 * 365) < BOND_IS_OLDER < timedelta(days=4 * 365 + 50)


def test_the_nine_shares_fall_by_a_level_on_two_of_the_days_on_which_the_market_did(
    history,
) -> None:
    """The index fell by more than 7 % on 2020-03-09, 03-12 and 03-16; their median on the first of
    them by 6.2 %."""
    fallen = {day: move for day, move in history.market.items() if move <= LEVELS[0]}
    assert list(fallen) == [date(2020, 3, 12), date(2020, 3, 16)]
    assert history.market[date(2020, 3, 9)].quantize(Decimal("0.0001")) == Decimal("-0.0615")
