"""Every mutation that takes a key has all ten lines of what the key promises under test."""

import re
from types import ModuleType

from graphql_api.rates import MONEY_MUTATIONS
from tests.graphql_api import test_idempotency_lines_of_staff as staff
from tests.payments import test_idempotency_lines as deposits
from tests.recurring import test_idempotency_lines as recurring
from tests.refunds import test_idempotency_lines_of_refunds as refunds
from tests.roundups import test_idempotency_lines_of_round_ups as round_ups
from tests.strategies import test_idempotency_lines_of_strategies as strategies
from tests.withdrawals import test_idempotency_lines as withdrawals

SHOWN_BY: dict[ModuleType, set[str]] = {
    deposits: {"createDeposit"},
    recurring: set(recurring.MUTATIONS),
    refunds: set(refunds.DOCUMENTS),
    round_ups: set(round_ups.MUTATIONS),
    staff: set(staff.MUTATIONS),
    strategies: set(strategies.MUTATIONS),
    withdrawals: set(withdrawals.MUTATIONS),
}


def test_each_mutation_that_moves_money_has_its_lines() -> None:
    shown = [name for names in SHOWN_BY.values() for name in names]
    assert sorted(shown) == sorted(MONEY_MUTATIONS)


def test_no_line_is_left_out() -> None:
    for module in SHOWN_BY:
        tests = " ".join(name for name in vars(module) if name.startswith("test_line_"))
        lines = {int(number) for number in re.findall(r"(?:line|and)_([0-9]+)", tests)}
        assert lines == set(range(1, 11)), module.__name__
