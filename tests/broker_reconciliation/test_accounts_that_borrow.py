"""Whether an account may borrow is kept for the rules when the broker tells it, once."""

from decimal import Decimal

import pytest

from shared.broker_reconciliation.model import Outcome
from shared.investing.borrowing import borrows_from
from shared.investing.ports import CashHeld


@pytest.fixture
def written(world, monkeypatch):
    """Names of all writes."""
    names, commit = [], world.facts.commit

    def counted(writes, *events):
        names.extend(write.name for write in writes)
        commit(writes, *events)

    monkeypatch.setattr(world.facts, "commit", counted)
    return names


def test_what_the_broker_tells_is_kept_when_it_is_news(world, written) -> None:
    user_id = world.person()
    told: list[bool | None] = []

    def cash(account_id):
        return CashHeld(Decimal(1_000), Decimal(1_000), told[-1])

    world.broker.cash = cash
    known = []
    for said in (None, False, False, True, None, True, False):
        told.append(said)
        assert world.look(user_id).outcome is Outcome.AGREES
        known.append(borrows_from(world.positions.state(user_id).trading))
    assert known == [None, False, False, True, True, True, False]
    assert written.count("trading_account") == 3


def test_it_is_kept_of_an_account_that_differs_too(world) -> None:
    user_id = world.person()
    world.broker.cash = lambda account_id: CashHeld(Decimal(999), Decimal(999), borrows=True)
    assert world.look(user_id).outcome is not Outcome.AGREES
    assert borrows_from(world.positions.state(user_id).trading) is True
