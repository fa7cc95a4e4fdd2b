"""Lines about gains of corporate actions are what the positions have realised by them."""

from datetime import date
from fractions import Fraction
from typing import Any

from shared.corporate_actions.model import ActivityKind
from shared.corporate_actions.taxing import changed_shares
from shared.portfolio.lots import Lot
from shared.portfolio.model import Position
from shared.taxes.disposals import Disposal, DisposalKind, SharesChanged
from shared.taxes.report import report_of
from shared.taxes.store import TaxStore
from tests.corporate_actions.conftest import EVENING, EX, SHARE, SYMBOL, split

OLD = date(2025, 6, 2)


def entries(world: Any, user: str) -> list[Any]:
    return list(TaxStore(world.database).entries(user))


def ties_out(world: Any, user: str) -> None:
    report = report_of(entries(world, user), {SYMBOL: world.position(user)}, EX.year, 30)
    assert report.unitemised_minor == 0
    assert report.totals().gain_minor == world.position(user).realised_minor


def test_a_split_is_a_line_by_which_older_ones_are_read(world: Any) -> None:
    user = world.person((OLD, 10 * SHARE, 100_000))
    announced = split("3", "2")
    world.announce(announced)
    world.market.now = EVENING
    for _ in range(2):
        world.declaring.book(user, announced, EVENING)
    (line,) = entries(world, user)
    assert isinstance(line, SharesChanged)
    assert (line.symbol, line.new_symbol, line.effective) == (SYMBOL, SYMBOL, EX)
    assert line.ratio == Fraction(3, 2)
    ties_out(world, user)


def test_a_fraction_that_was_paid_out_is_a_sale_of_its_lots(world: Any, make_line: Any) -> None:
    user = world.person((OLD, 3 * SHARE // 2, 15_000))
    paid = make_line(ActivityKind.CASH_IN_LIEU, "60.00", nanos=-SHARE // 2, settled=EX)
    for _ in range(2):
        world.crediting.apply(paid)
    (line,) = entries(world, user)
    assert isinstance(line, Disposal)
    assert (line.kind, line.day, line.nanos) == (DisposalKind.CASH_IN_LIEU, EX, SHARE // 2)
    assert (line.proceeds_minor, line.gain_minor) == (6_000, 1_000)
    assert [(lot.acquired, lot.nanos, lot.cost_minor) for lot in line.closed] == [
        (OLD, SHARE // 2, 5_000)
    ]
    ties_out(world, user)


def test_capital_that_is_more_than_the_cost_is_a_gain_without_a_sale(
    world: Any, make_line: Any
) -> None:
    user = world.person((OLD, 1 * SHARE, 10_000), (OLD, 3 * SHARE, 60))
    world.crediting.apply(make_line(ActivityKind.RETURN_OF_CAPITAL, "4.00"))
    (line,) = entries(world, user)
    assert (line.kind, line.nanos, line.gain_minor) == (DisposalKind.CAPITAL_RETURNED, 0, 240)
    ties_out(world, user)


def test_a_dividend_is_no_gain(world: Any, make_line: Any) -> None:
    user = world.person((OLD, SHARE, 10_000))
    world.crediting.apply(make_line(ActivityKind.DIVIDEND, "4.00"))
    assert entries(world, user) == []


def test_shares_of_which_nothing_is_left_are_a_loss(world: Any) -> None:
    """A reverse split of less than a nano-share."""
    user = world.person((OLD, 3, 40))
    announced = split("1", "1000000")
    world.announce(announced)
    world.declaring.book(user, announced, EVENING)
    found = {type(one): one for one in entries(world, user)}
    assert found[Disposal].gain_minor == world.position(user).realised_minor == -40
    assert found[Disposal].kind is DisposalKind.WORTHLESS
    ties_out(world, user)


def test_another_symbol_is_told_with_both_names(world: Any) -> None:
    user = world.person((OLD, SHARE, 10_000))
    announced = split("2")
    world.announce(announced)
    world.declaring.book(user, announced, EVENING)
    action = world.action(user, announced)
    lots = (Lot(OLD, "a", SHARE, 100),)
    before = Position(user, SYMBOL, SHARE, 100, lots=lots)
    (write,) = changed_shares(action, before, Position(user, SYMBOL), "NEW", Fraction(1))
    assert (write.row.symbol, write.row.new_symbol, write.row.ratio) == (SYMBOL, "NEW", "1")
