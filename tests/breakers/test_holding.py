"""The kill switch: one transition however many press it, and a race that somebody else won."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest

from shared.breakers.changing import Changing
from shared.breakers.holding import Holding
from shared.breakers.names import GLOBAL, breaker_of
from shared.investing.reading import BREAKERS, halted_by
from shared.kernel.clock import FixedClock
from shared.kernel.errors import NotFound
from shared.kernel.ids import SequentialIds
from shared.market_data.breakers import Switches
from shared.market_data.model import Breaker, BreakerState
from shared.platform.memory import MemoryDatabase
from shared.platform.outbox import Facts

NOW = datetime(2026, 3, 2, 17, 0, tzinfo=UTC)
CLOCK = FixedClock(NOW)


@pytest.fixture
def holding():
    database = MemoryDatabase()
    facts = Facts(database, CLOCK, SequentialIds("t1", CLOCK))
    return Holding(Changing(Switches(database), facts), CLOCK, ("QUAL",), lambda attempt: None)


def test_the_planner_reads_the_same_breakers() -> None:
    assert BREAKERS == GLOBAL
    assert halted_by("QUAL") == breaker_of("QUAL")


def test_of_many_who_stop_at_once_one_does_and_all_succeed(holding) -> None:
    recorded = []

    def record(before, after):
        recorded.append(after)
        return []

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: holding.stop("trading", record), range(8)))
    found = holding.changing.switches.read(["trading"])
    assert found == {"trading": Breaker("trading", BreakerState.OPEN, "STAFF", NOW)}
    assert recorded[0] == found["trading"]


def test_who_loses_a_race_looks_again(holding) -> None:
    calls = []

    def record(before, after):
        if not calls:
            # A measure opens it between the look and the write.
            other = Breaker("volatility", BreakerState.OPEN, "EWMA:0.5000", NOW)
            holding.changing.change(before, other, lambda *_: [])
        calls.append(before)
        return []

    holding.stop("volatility", record)
    assert [None if one is None else one.reason for one in calls] == [None, "EWMA:0.5000"]
    assert holding.changing.switches.read(["volatility"])["volatility"].reason == "STAFF"


@pytest.mark.parametrize("name", ["fx", "prefunding", "volatility.NONE", "volatility."])
def test_what_is_no_breaker_of_orders_is_not_found(holding, name) -> None:
    with pytest.raises(NotFound):
        holding.stop(name, lambda *_: [])
    assert holding.changing.switches.read([name]) == {}
