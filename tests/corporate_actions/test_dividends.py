"""Dividends: who is entitled, what is expected, what is booked when it is declared and paid."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from shared.corporate_actions.declaring import Outcome
from shared.corporate_actions.dividends import cents, entitled, expected, lower_basis, tax_expected
from shared.corporate_actions.errors import OwnerUnknown
from shared.corporate_actions.model import ActionStatus, ActivityKind
from shared.portfolio.lots import Lot
from shared.portfolio.model import Position

OLD = date(2025, 6, 2)
EX = date(2026, 3, 3)
SHARE = 10**9


def test_shares_bought_on_the_ex_date_come_without_the_dividend() -> None:
    lots = (Lot(date(2026, 3, 2), "a", 2 * SHARE, 1), Lot(EX, "b", 3 * SHARE, 1))
    assert entitled(lots, EX) == 2 * SHARE


@pytest.mark.parametrize(
    ("nanos", "rate", "down", "more"),
    [
        # The broker's own sample: 2.607144585 shares at 0.30 are 0.7821433755 dollars, paid 0.78.
        (2_607_144_585, "0.3", 78, 0),
        (10 * SHARE, "0.25", 250, 0),
        (1_000_000_000, "0.005", 0, 1),
        (3 * SHARE, "0.335", 100, 1),
        (1, "0.30", 0, 0),
    ],
)
def test_a_fraction_of_a_cent_is_left_out_and_the_cent_above_it_is_known(
    nanos: int, rate: str, down: int, more: int
) -> None:
    assert expected(nanos, Decimal(rate)) == (down, more)


def test_an_amount_of_the_broker_is_never_more_than_is_there() -> None:
    assert [cents(Decimal(each)) for each in ("0.78", "0.789", "-0.3", "-0.301")] == [
        78,
        78,
        -30,
        -31,
    ]


def test_thirty_per_cent_are_expected_to_be_withheld_rounded_up() -> None:
    assert [tax_expected(each) for each in (0, 1, 78, 100, 120)] == [0, 1, 24, 30, 36]


def test_a_declared_dividend_is_a_claim_and_no_cash(world: Any, make_dividend: Any) -> None:
    user = world.person((OLD, 2_607_144_585, 30_000))
    one = make_dividend()
    assert world.declaring.book(user, one, world.market.now) is Outcome.BOOKED
    assert world.declaring.book(user, one, world.market.now) is Outcome.NOTHING
    action = world.action(user, one)
    assert (action.status, action.entitled_nanos) == (ActionStatus.DECLARED, 2_607_144_585)
    assert (action.expected_minor, action.rounded_minor) == (78, 0)
    assert world.wallet(user).posted == 0
    assert world.balances(user)["house:dividends_receivable", "USD/2"] == 78
    assert world.balances(user)[f"customer:{user}:dividends", "USD/2"] == -78
    assert world.events() == ["corporate_actions.dividend_declared.v1"]


def test_the_cent_between_is_in_the_rounding_account_until_the_broker_has_paid(
    world: Any, make_dividend: Any, make_line: Any
) -> None:
    user = world.person((OLD, 3 * SHARE, 30_000))
    one = make_dividend("0.335")
    world.announce(one)
    world.declaring.book(user, one, world.market.now)
    claims = world.balances(user)
    assert claims["house:dividends_receivable", "USD/2"] == 101
    assert claims[f"customer:{user}:dividends", "USD/2"] == -100
    assert claims["house:rounding", "USD/2"] == -1
    world.crediting.apply(make_line(ActivityKind.DIVIDEND, "1.01", per_share=Decimal("0.335")))
    assert world.wallet(user).posted == 101
    assert {place[0] for place in world.balances(user)} == {
        f"customer:{user}:cash",
        "house:customers_cash_at_broker",
        "house:shares_at_broker",
        f"customer:{user}:shares",
    }


def test_a_credit_pays_the_claim_sets_the_tax_aside_and_asks_for_a_plan(
    world: Any, make_dividend: Any, make_line: Any
) -> None:
    user = world.person((OLD, 4 * SHARE, 30_000))
    one = make_dividend()
    world.announce(one)
    world.declaring.book(user, one, world.market.now)
    credit = make_line(ActivityKind.DIVIDEND, "1.2", per_share=Decimal("0.30"))
    world.crediting.apply(credit)
    world.crediting.apply(credit)
    wallet, action = world.wallet(user), world.action(user, one)
    assert (wallet.posted, wallet.held, wallet.available) == (120, 36, 84)
    assert (action.status, action.paid_minor, action.net_minor) == (ActionStatus.PAID, 120, 84)
    assert world.kinds(user)[-2:] == ["DIVIDEND_DECLARED", "DIVIDEND_PAID"]
    # Whoever repeats it may be the first to come so far.
    assert world.asked == [(user, action.action_id, 84)] * 2
    assert world.position(user).income_minor == 120
    assert world.open_cases() == []


def test_the_tax_is_a_line_of_its_own_out_of_what_was_set_aside(
    world: Any, make_dividend: Any, make_line: Any
) -> None:
    user = world.person((OLD, 4 * SHARE, 30_000))
    one = make_dividend()
    world.announce(one)
    world.declaring.book(user, one, world.market.now)
    world.crediting.apply(make_line(ActivityKind.DIVIDEND, "1.2", per_share=Decimal("0.30")))
    world.crediting.apply(make_line(ActivityKind.TAX, "-0.3"))
    wallet, action = world.wallet(user), world.action(user, one)
    assert (wallet.posted, wallet.held, wallet.owed) == (90, 0, 0)
    assert (action.withheld_minor, action.held_minor, action.net_minor) == (30, 0, 90)
    assert world.kinds(user)[-1] == "TAX_WITHHELD"
    assert world.position(user).income_minor == 90
    assert world.balances(user)["house:customers_cash_at_broker", "USD/2"] == 90


def test_a_tax_that_comes_first_is_owed_and_the_dividend_pays_it(
    world: Any, make_dividend: Any, make_line: Any
) -> None:
    user = world.person((OLD, 4 * SHARE, 30_000), cash=10)
    one = make_dividend()
    world.announce(one)
    world.declaring.book(user, one, world.market.now)
    world.crediting.apply(make_line(ActivityKind.TAX, "-0.3"))
    assert (world.wallet(user).posted, world.wallet(user).owed) == (0, 20)
    world.crediting.apply(make_line(ActivityKind.DIVIDEND, "1.2", per_share=Decimal("0.30")))
    wallet, action = world.wallet(user), world.action(user, one)
    assert (wallet.posted, wallet.held, wallet.owed) == (100, 0, 0)
    assert (action.paid_minor, action.withheld_minor, action.owed_minor) == (120, 30, 0)
    assert world.balances(user).get((f"customer:{user}:receivable", "USD/2")) is None


def test_a_return_of_capital_lowers_the_basis_and_is_no_income(world: Any, make_line: Any) -> None:
    user = world.person((OLD, 1 * SHARE, 10_000), (OLD, 3 * SHARE, 60))
    world.crediting.apply(make_line(ActivityKind.RETURN_OF_CAPITAL, "4.00"))
    position = world.position(user)
    assert [lot.cost_minor for lot in position.lots] == [9_900, 0]
    assert (position.cost_minor, position.realised_minor, position.income_minor) == (9_900, 240, 0)
    assert world.wallet(user).posted == 400
    assert world.wallet(user).held == 0
    assert world.kinds(user)[-1] == "CAPITAL_RETURNED"


def test_a_basis_is_never_below_zero_and_the_rest_is_a_gain() -> None:
    lots = (Lot(OLD, "a", SHARE, 50), Lot(OLD, "b", SHARE, 1_000))
    after = lower_basis(Position("u", "QUAL", 2 * SHARE, 1_050, lots=lots), 301)
    assert [lot.cost_minor for lot in after.lots] == [0, 850]
    assert (after.cost_minor, after.realised_minor) == (850, 101)
    assert [(lot.acquired, lot.nanos) for lot in after.lots] == [(OLD, SHARE), (OLD, SHARE)]


def test_what_the_broker_pays_without_an_announcement_is_theirs_and_somebody_looks(
    world: Any, make_line: Any
) -> None:
    user = world.person((OLD, 4 * SHARE, 30_000))
    world.crediting.apply(make_line(ActivityKind.DIVIDEND, "1.20"))
    assert (world.wallet(user).posted, world.wallet(user).held) == (120, 36)
    assert world.asked[0][2] == 84
    world.clock.advance(timedelta(days=11))
    world.chasing.look(user, world.asked[0][1])
    (case,) = world.open_cases()
    assert dict(case.facts)["what"] == "AMOUNT_DIFFERS"
    assert (case.user_id, case.subject) == (user, world.asked[0][1])


def test_an_account_that_is_nobodys_is_asked_about_again(world: Any, make_line: Any) -> None:
    with pytest.raises(OwnerUnknown):
        world.crediting.apply(make_line(ActivityKind.DIVIDEND, "1.20"))


def test_a_credit_that_the_broker_reverses_goes_back_out_of_the_cash(
    world: Any, make_dividend: Any, make_line: Any
) -> None:
    user = world.person((OLD, 4 * SHARE, 30_000))
    one = make_dividend()
    world.announce(one)
    world.declaring.book(user, one, world.market.now)
    world.crediting.apply(make_line(ActivityKind.DIVIDEND, "1.2", "a"))
    world.crediting.apply(make_line(ActivityKind.DIVIDEND, "-1.2", "b"))
    wallet = world.wallet(user)
    assert (wallet.posted, wallet.held, wallet.owed) == (0, 0, 0)
    assert world.position(user).income_minor == 0
    assert world.kinds(user)[-1] == "DIVIDEND_TAKEN_BACK"
    assert [dict(case.facts)["what"] for case in world.open_cases()] == ["TAKEN_BACK_BY_BROKER"]


def test_a_line_that_was_corrected_before_it_was_heard_is_not_booked(
    world: Any, make_line: Any
) -> None:
    user = world.person((OLD, 4 * SHARE, 30_000))
    line = make_line(ActivityKind.DIVIDEND, "1.2", "same")
    world.crediting.apply(make_line(ActivityKind.DIVIDEND, "1.2", "same", executed=False))
    world.crediting.apply(line)
    assert world.wallet(user).posted == 0
    assert len(world.open_cases()) == 1


def test_a_dividend_that_does_not_come_is_somebodys_to_look_at(
    world: Any, make_dividend: Any
) -> None:
    user = world.person((OLD, 4 * SHARE, 30_000))
    one = make_dividend()
    world.announce(one)
    world.declaring.book(user, one, world.market.now)
    action = world.action(user, one)
    world.clock.advance(timedelta(days=24))
    world.chasing.look(user, action.action_id)
    assert world.open_cases() == []
    world.clock.advance(timedelta(days=2))
    world.chasing.look(user, action.action_id)
    world.chasing.look(user, action.action_id)
    (case,) = world.open_cases()
    assert dict(case.facts)["what"] == "NOT_PAID"
    assert world.action(user, one).status is ActionStatus.DECLARED


def test_a_dividend_that_was_announced_by_mistake_leaves_no_claim(
    world: Any, make_dividend: Any
) -> None:
    user = world.person((OLD, 4 * SHARE, 30_000))
    world.announce(make_dividend())
    world.declaring.book(user, make_dividend(), world.market.now)
    world.announce(make_dividend(withdrawn=True))
    world.clock.advance(timedelta(days=26))
    action = world.action(user, make_dividend())
    world.chasing.look(user, action.action_id)
    assert world.action(user, make_dividend()).status is ActionStatus.WITHDRAWN
    assert ("house:dividends_receivable", "USD/2") not in world.balances(user)
    assert world.open_cases() == []


def test_what_was_set_aside_is_free_when_no_tax_came(
    world: Any, make_dividend: Any, make_line: Any
) -> None:
    user = world.person((OLD, 4 * SHARE, 30_000))
    one = make_dividend()
    world.announce(one)
    world.declaring.book(user, one, world.market.now)
    world.crediting.apply(make_line(ActivityKind.DIVIDEND, "1.2", per_share=Decimal("0.30")))
    name = world.action(user, one).action_id
    world.clock.advance(timedelta(days=9))
    world.chasing.look(user, name)
    assert world.wallet(user).held == 36
    assert world.asked[-1] == (user, name, 84)
    world.clock.advance(timedelta(days=2))
    world.chasing.look(user, name)
    assert (world.wallet(user).held, world.wallet(user).available) == (0, 120)
    assert world.action(user, one).status is ActionStatus.DONE
    asked = len(world.asked)
    world.chasing.look(user, name)
    assert len(world.asked) == asked
