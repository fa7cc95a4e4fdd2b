"""The prices are those of the years that they are said to be of."""

from datetime import date, timedelta
from decimal import Decimal

import empyrical
import numpy as np
import pytest

from shared.breakers.market import LEVELS
from shared.market_data.calendar import sessions
from shared.market_data.universe import UNIVERSE
from tools.backtest.history import BOND_IS_OLDER


def closes(history, symbol):
    return np.array([float(history.closes[symbol][day]) for day in history.days])


def test_every_session_of_nine_years_has_a_price_of_everything(history) -> None:
    first, last = date(2014, 1, 2), date(2022, 12, 28)
    assert history.days == tuple(each.day for each in sessions(first, last))
    assert len(history.days) == 2264
    assert history.closes.keys() == UNIVERSE.keys()


def test_the_bonds_yields_are_four_years_older() -> None:
    assert timedelta(days=4 * 365) < BOND_IS_OLDER < timedelta(days=4 * 365 + 50)


@pytest.mark.parametrize(
    ("symbol", "figures"),
    [
        ("USMV", (1.4246369896, 0.1036540315, 0.1508087650, 0.7298123577, -0.3309932081)),
        ("MTUM", (None, 0.1181974611, 0.2020211880, 0.6545193962, -0.3408182567)),
    ],
)
def test_funds_have_the_returns_and_the_risk_that_are_known_of_them(
    history, symbol, figures
) -> None:
    prices = closes(history, symbol)
    returns = prices[1:] / prices[:-1] - 1
    total, yearly, deviation, sharpe, fall = figures
    if total is not None:
        assert prices[-1] / prices[0] - 1 == pytest.approx(total, abs=1e-9)
    assert empyrical.annual_return(returns) == pytest.approx(yearly, abs=1e-9)
    assert empyrical.annual_volatility(returns) == pytest.approx(deviation, abs=1e-9)
    assert empyrical.sharpe_ratio(returns) == pytest.approx(sharpe, abs=1e-9)
    assert empyrical.max_drawdown(returns) == pytest.approx(fall, abs=1e-9)


def test_the_nine_shares_fall_by_a_level_on_two_of_the_days_on_which_the_market_did(
    history,
) -> None:
    """The index fell by more than 7 % on 2020-03-09, 03-12 and 03-16; their median on the first of
    them by 6.2 %."""
    fallen = {day: move for day, move in history.market.items() if move <= LEVELS[0]}
    assert list(fallen) == [date(2020, 3, 12), date(2020, 3, 16)]
    assert history.market[date(2020, 3, 9)].quantize(Decimal("0.0001")) == Decimal("-0.0615")
