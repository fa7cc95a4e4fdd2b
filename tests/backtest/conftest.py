"""Prices, and half a year of them through the whole machine."""

import contextlib
import io
from datetime import date

import pytest

from tools.backtest.history import load
from tools.backtest.replay import Replay, Scenario


@pytest.fixture(scope="session")
def history():
    return load()


@pytest.fixture(scope="session")
def crash(history):
    """From before the fall of March 2020 until orders flowed again: the replay and its result."""
    some = history.between(date(2020, 2, 3), date(2020, 6, 3))
    replay = Replay(some, Scenario(score=3, first_minor=2_000_000, monthly_minor=10_000))
    with contextlib.redirect_stdout(io.StringIO()):
        return replay, replay.run()
