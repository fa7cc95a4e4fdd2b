"""The firm's own cash at the broker: it has to agree now and then, and else somebody looks."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from shared.broker_reconciliation.firm import PATIENCE, SUBJECT, Firm
from shared.broker_reconciliation.model import Difference
from shared.broker_reconciliation.service import UNREAD_FOR
from shared.cases.model import CaseStatus

ACCOUNT = "firm-account"


@dataclass
class Balances:
    """See Balances; one figure."""

    minor: int = 5_000_000

    def balance(self, account: str, asset: str) -> int:
        assert (account, asset) == ("house:firm_cash_at_broker", "USD/2")
        return self.minor


@pytest.fixture
def firm(world: Any) -> Firm:
    world.broker.cash_of[ACCOUNT] = Decimal(50_000)
    return Firm(
        owner="house_t1",
        account=lambda: ACCOUNT,
        balances=Balances(),
        records=world.accounts,
        custody=world.broker,
        cases=world.cases,
        facts=world.facts,
        clock=world.clock,
    )


def test_balances_that_agree_are_no_news(firm, world) -> None:
    assert not firm.look()
    assert world.case(SUBJECT) is None
    assert world.accounts.record("house_t1").version == 0


def test_deposits_on_their_way_are_no_break_as_long_as_both_agree_now_and_then(firm, world) -> None:
    for _ in range(5):
        world.broker.cash_of[ACCOUNT] = Decimal("49900.00")
        assert firm.look().cash_minor == -10_000
        world.clock.advance(PATIENCE - timedelta(minutes=1))
        world.broker.cash_of[ACCOUNT] = Decimal(50_000)
        assert not firm.look()
        world.clock.advance(timedelta(minutes=2))
    assert world.case(SUBJECT) is None


def test_a_cent_that_never_comes_back_is_one_case_that_ends_by_itself(firm, world) -> None:
    world.broker.cash_of[ACCOUNT] = Decimal("49999.99")
    firm.look()
    world.clock.advance(PATIENCE)
    firm.look()
    case = world.case(SUBJECT)
    assert (case.status, dict(case.facts)["difference"]) == (CaseStatus.OPEN, "USD:-1")
    assert case.user_id is None
    world.broker.cash_of[ACCOUNT] = Decimal("49888.88")
    world.clock.advance(timedelta(minutes=15))
    firm.look()
    assert world.case(SUBJECT) == case
    world.broker.cash_of[ACCOUNT] = Decimal(50_000)
    firm.look()
    assert world.case(SUBJECT).status is CaseStatus.RESOLVED
    world.broker.cash_of[ACCOUNT] = Decimal("49999.99")
    firm.look()
    world.clock.advance(PATIENCE)
    firm.look()
    assert world.case(SUBJECT).status is CaseStatus.OPEN


def test_what_staff_left_covers_that_much_and_what_grows_beyond_it_opens_the_case_again(
    firm, world
) -> None:
    def told(dollars: str) -> None:
        world.broker.cash_of[ACCOUNT] = Decimal(dollars)
        firm.look()

    told("49900")
    world.clock.advance(PATIENCE)
    told("49900")
    world.settle_case(SUBJECT)
    for _ in range(3):
        world.clock.advance(PATIENCE)
        told("49900")
    assert world.case(SUBJECT).status is CaseStatus.RESOLVED
    told("45000")
    world.clock.advance(PATIENCE - timedelta(minutes=1))
    told("45000")
    # It was a deposit on its way.
    told("49900")
    world.clock.advance(timedelta(minutes=1))
    told("45000")
    assert world.case(SUBJECT).status is CaseStatus.RESOLVED
    world.clock.advance(PATIENCE)
    told("45000")
    case = world.case(SUBJECT)
    assert (case.status, dict(case.facts)["difference"]) == (CaseStatus.OPEN, "USD:-500000")
    told("49950")
    case = world.case(SUBJECT)
    assert (case.status, case.resolved_by) == (CaseStatus.RESOLVED, "broker-reconciliation")


def test_what_had_grown_before_staff_resolved_the_case_is_not_left(firm, world) -> None:
    world.broker.cash_of[ACCOUNT] = Decimal("49999.99")
    firm.look()
    world.clock.advance(PATIENCE)
    firm.look()
    world.broker.cash_of[ACCOUNT] = Decimal(40_000)
    firm.look()
    world.settle_case(SUBJECT)
    firm.look()
    assert world.case(SUBJECT).status is CaseStatus.RESOLVED
    world.clock.advance(PATIENCE)
    firm.look()
    case = world.case(SUBJECT)
    assert (case.status, dict(case.facts)["difference"]) == (CaseStatus.OPEN, "USD:-1000000")


def test_once_both_agree_nothing_is_left_any_more_and_the_other_direction_never_was(
    firm, world
) -> None:
    world.broker.cash_of[ACCOUNT] = Decimal(49_900)
    firm.look()
    world.clock.advance(PATIENCE)
    firm.look()
    world.settle_case(SUBJECT)
    firm.look()
    assert world.accounts.record("house_t1").left == Difference(-10_000)
    world.broker.cash_of[ACCOUNT] = Decimal("50000.01")
    firm.look()
    world.clock.advance(PATIENCE)
    firm.look()
    assert world.case(SUBJECT).status is CaseStatus.OPEN
    world.broker.cash_of[ACCOUNT] = Decimal(50_000)
    firm.look()
    assert world.accounts.record("house_t1").left == Difference()
    assert world.case(SUBJECT).status is CaseStatus.RESOLVED
    world.broker.cash_of[ACCOUNT] = Decimal(49_900)
    firm.look()
    world.clock.advance(PATIENCE)
    firm.look()
    assert world.case(SUBJECT).status is CaseStatus.OPEN


def test_silence_says_nothing_about_it_and_is_a_case_of_its_own_after_a_day(firm, world) -> None:
    about = f"{SUBJECT}#unread"
    world.broker.silent = True
    assert firm.look() is None
    world.clock.advance(UNREAD_FOR - timedelta(seconds=1))
    assert firm.look() is None
    assert (world.case(SUBJECT), world.case(about)) == (None, None)
    world.clock.advance(timedelta(seconds=1))
    assert firm.look() is None
    assert (world.case(SUBJECT), world.case(about).status) == (None, CaseStatus.OPEN)
    world.broker.silent = False
    assert not firm.look()
    assert world.case(about).status is CaseStatus.RESOLVED
    assert world.accounts.record("house_t1").unread_since is None


def test_silence_in_between_keeps_since_when_it_differs(firm, world) -> None:
    world.broker.cash_of[ACCOUNT] = Decimal("49999.99")
    firm.look()
    world.broker.silent = True
    firm.look()
    world.broker.silent = False
    world.clock.advance(PATIENCE)
    firm.look()
    assert world.case(SUBJECT).status is CaseStatus.OPEN
