"""Accounts that may borrow: as brokers tell it, kept in the state, and read by the rules."""

from decimal import Decimal
from typing import Any

import pytest

from shared.investing.borrowing import borrowing, borrows_from
from shared.investing.brokers.alpaca_custody import AlpacaCustody
from shared.investing.brokers.ibkr_custody import IbkrCustody
from shared.investing.errors import AccountUnreadable
from shared.investing.plan import plan_id
from shared.investing.ports import CashHeld
from shared.investing.rules.names import Rule


class Wire:
    """Answers by path."""

    def __init__(self, **answers: Any) -> None:
        self.answers = answers

    def get(self, path: str, **parameters: str) -> Any:
        return self.answers[path.rsplit("/", 1)[-1]]


class Sessions:
    def live(self) -> bool:
        return True


HELD = {"cash": "10.005", "cash_withdrawable": "10"}


@pytest.mark.parametrize(
    ("told", "borrows"),
    [
        ({"multiplier": "1"}, False),
        ({"multiplier": "2"}, True),
        ({"multiplier": "4"}, True),
        ({"multiplier": "1", "pattern_day_trader": False}, False),
        # Flagged by the broker, with too little to borrow on.
        ({"multiplier": "1", "pattern_day_trader": True}, True),
        ({"pattern_day_trader": True}, True),
        ({"multiplier": None}, None),
        ({}, None),
    ],
)
def test_alpaca_tells_it_by_multiplier_and_by_flag(told, borrows) -> None:
    custody = AlpacaCustody(Wire(account=HELD | told))
    assert custody.cash("a") == CashHeld(Decimal("10.005"), Decimal(10), borrows)


def test_a_multiplier_that_is_none_makes_the_account_unreadable() -> None:
    with pytest.raises(AccountUnreadable):
        AlpacaCustody(Wire(account=HELD | {"multiplier": "many"})).cash("a")


@pytest.mark.parametrize(
    ("lines", "borrows"),
    [
        ([{"id": "DU1", "tradingType": "STKCASH"}], False),
        ([{"id": "DU1", "tradingType": "STKNOPT"}], True),
        ([{"id": "DU1", "tradingType": "PMRGN"}], True),
        ([{"id": "DU2", "tradingType": "PMRGN"}, {"id": "DU1", "tradingType": "STKCASH"}], False),
        ([{"id": "DU2", "tradingType": "PMRGN"}], None),
        ([{"id": "DU1"}], None),
        ([], None),
    ],
)
def test_interactive_brokers_tells_it_by_the_type_of_trading(lines, borrows) -> None:
    ledger = {"USD": {"cashbalance": "10.005", "settledcash": "10"}}
    custody = IbkrCustody(Wire(accounts=lines, ledger=ledger), Sessions())
    assert custody.cash("DU1") == CashHeld(Decimal("10.005"), Decimal(10), borrows)


@pytest.mark.parametrize(("told", "margin"), [(None, False), (False, False), (True, True)])
def test_planning_reads_it_with_the_persons_state_and_asks_nobody(world, told, margin) -> None:
    world.open_market()
    user_id = world.person()
    if told is not None:
        world.facts.commit([borrowing(user_id, not told)])
        world.facts.commit([borrowing(user_id, told)])
    assert borrows_from(world.positions.state(user_id).trading) is told
    deposit_id = world.deposit(user_id, 10_000)
    world.database.forget()
    world.planner().invest(user_id, deposit_id)
    assert (world.database.reads, world.database.writes) == (2, 1)
    plan = world.plans.plan(user_id, plan_id(deposit_id))
    assert plan.inputs.risk.margin is margin
    (check,) = (one for one in plan.decision.checks if one.rule is Rule.PATTERN_DAY_TRADING)
    assert check.values["account"] == ("MARGIN" if margin else "CASH")
