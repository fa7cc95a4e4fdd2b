"""A tax that the broker withheld, of a dividend that does not come."""

from datetime import date, timedelta
from typing import Any

from shared.corporate_actions.model import TAX_AWAITED, ActionStatus, ActivityKind, action_id
from shared.corporate_actions.rows import action_key
from shared.kernel.clock import to_text
from shared.market_data.announcements import ActionKind

OLD, SHARE = date(2025, 6, 2), 10**9


def known(world: Any, user: str) -> Any:
    """The action of what the broker told of alone."""
    name = f"broker:QUAL:2026-03-13:{ActionKind.CASH_DIVIDEND.value}"
    place = action_id(user, name, date(2026, 3, 13))
    return world.actions.load(user, "QUAL", [place]).actions[place]


def test_a_tax_without_any_dividend_is_looked_at_after_some_days_and_then_is_a_case(
    world: Any, make_line: Any
) -> None:
    user = world.person((OLD, 4 * SHARE, 30_000), cash=10)
    world.crediting.apply(make_line(ActivityKind.TAX, "-0.36"))
    action = known(world, user)
    assert (action.status, action.withheld_minor, action.owed_minor) == (
        ActionStatus.WITHDRAWN,
        36,
        26,
    )
    assert action.due == world.clock.now() + TAX_AWAITED
    pages = [world.database.pending(each, to_text(action.due), 10) for each in range(16)]
    waiting = [item.sk for page in pages for item in page.items]
    assert waiting == [action_key(user, action.action_id).sk]
    world.chasing.look(user, action.action_id)
    assert world.open_cases() == []
    world.clock.advance(TAX_AWAITED)
    for _ in range(2):
        world.chasing.look(user, action.action_id)
    (case,) = world.open_cases()
    facts = dict(case.facts)
    assert (facts["what"], facts["withheld_minor"], facts["owed_minor"]) == (
        "TAX_WITHOUT_DIVIDEND",
        "36",
        "26",
    )
    assert (case.user_id, known(world, user).due) == (user, None)
    assert (world.wallet(user).posted, world.wallet(user).owed) == (0, 26)


def test_a_dividend_that_comes_in_time_pays_for_its_tax_and_nobody_is_asked(
    world: Any, make_line: Any
) -> None:
    user = world.person((OLD, 4 * SHARE, 30_000))
    world.crediting.apply(make_line(ActivityKind.TAX, "-0.36"))
    world.clock.advance(timedelta(days=2))
    world.crediting.apply(make_line(ActivityKind.DIVIDEND, "1.20"))
    wallet = world.wallet(user)
    assert (wallet.posted, wallet.held, wallet.owed) == (84, 0, 0)
    world.clock.advance(TAX_AWAITED)
    action = known(world, user)
    world.chasing.look(user, action.action_id)
    assert "TAX_WITHOUT_DIVIDEND" not in {dict(one.facts)["what"] for one in world.open_cases()}


def test_a_tax_that_is_given_back_ends_the_debt_first_and_the_rest_is_cash(
    world: Any, make_line: Any
) -> None:
    user = world.person((OLD, 4 * SHARE, 30_000), cash=10)
    world.crediting.apply(make_line(ActivityKind.TAX, "-0.36", "a"))
    world.crediting.apply(make_line(ActivityKind.TAX, "0.36", "b"))
    wallet = world.wallet(user)
    assert (wallet.posted, wallet.held, wallet.owed) == (10, 0, 0)
    action = known(world, user)
    assert (action.withheld_minor, action.owed_minor) == (0, 0)
    balances = world.balances(user)
    assert balances[(f"customer:{user}:cash", "USD/2")] == -10
    assert not any("receivable" in account for account, _ in balances)
    world.clock.advance(TAX_AWAITED)
    world.chasing.look(user, action.action_id)
    assert (world.open_cases(), known(world, user).due) == ([], None)


def test_a_claim_that_ends_without_money_tells_of_the_tax_that_was_taken_on_it(
    world: Any, make_dividend: Any, make_line: Any
) -> None:
    user = world.person((OLD, 4 * SHARE, 30_000), cash=100)
    world.announce(make_dividend())
    world.declaring.book(user, make_dividend(), world.market.now)
    world.crediting.apply(make_line(ActivityKind.TAX, "-0.36"))
    world.announce(make_dividend(withdrawn=True))
    world.clock.advance(timedelta(days=26))
    action = world.action(user, make_dividend())
    world.chasing.look(user, action.action_id)
    assert world.action(user, make_dividend()).status is ActionStatus.WITHDRAWN
    (case,) = world.open_cases()
    assert dict(case.facts)["what"] == "TAX_WITHOUT_DIVIDEND"
