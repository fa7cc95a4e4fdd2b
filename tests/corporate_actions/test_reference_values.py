"""Known cases of dividends and splits, each through everything that the product does with it."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from shared.corporate_actions.declaring import begins
from shared.corporate_actions.model import ActionStatus, ActivityKind, RunStatus
from shared.corporate_actions.providers.alpaca import activity
from shared.corporate_actions.running import round_over
from shared.kernel.clock import to_text
from shared.kernel.money import Currency, Price
from shared.market_data.announcements import ActionKind
from shared.market_data.model import Quote
from shared.market_data.store import MarketStore
from shared.portfolio.lots import Sale

OLD, EX, SHARE = date(2025, 6, 2), date(2026, 3, 3), 10**9
ACCOUNT = "11111111-1111-4111-8111-111111111111"


def finish(world: Any) -> Any:
    """All runs that are due, to the end of their round."""
    runner = world.runner()
    for run in runner.due(["QUAL"]):
        while not round_over(run := runner.step(run)):
            pass
    return world.runs.recent(date(2026, 1, 1))


def told(kind: str, amount: str, settled: date, **more: Any) -> Any:
    """A line as the broker writes it."""
    line = {"id": f"nta-{kind}", "account_id": ACCOUNT, "symbol": "QUAL", "status": "executed"}
    at = {"at": to_text(datetime.combine(settled, datetime.min.time(), UTC))}
    day = {"settle_date": settled.isoformat(), "net_amount": Decimal(amount), "entry_type": kind}
    return activity({**line, **at, **day, **more})


def traded_since(world: Any, user: str, nanos: int) -> None:
    """Somebody sells on the ex-date."""
    position = world.position(user)
    after, _ = position.sell(Sale(EX, nanos, 100))
    world.facts.commit([world.positions.save(after)])


def test_shares_held_before_the_open_are_entitled_whatever_is_sold_at_the_open(
    world: Any, make_dividend: Any
) -> None:
    user = world.person((OLD, 2_607_144_585, 30_000), (EX, 5 * SHARE, 30_000), cash=500)
    world.facts.commit([world.ledger.reserve(world.wallet(user), 100, orders=1)])
    world.announce(make_dividend())
    finish(world)
    assert world.balances(user).get(("house:dividends_receivable", "USD/2")) is None
    world.market.now = datetime(2026, 3, 3, 13, 30, tzinfo=UTC)
    assert finish(world)["div-1"].status is RunStatus.DONE
    traded_since(world, user, 7 * SHARE)
    world.market.now = datetime(2026, 3, 3, 15, 0, tzinfo=UTC)
    finish(world)
    action = world.action(user, make_dividend())
    assert (action.entitled_nanos, action.expected_minor) == (2_607_144_585, 78)


def test_the_claim_is_booked_at_the_ex_date_and_cash_when_it_is_credited_late(
    world: Any, make_dividend: Any
) -> None:
    user = world.person((OLD, 2_607_144_585, 30_000))
    one = make_dividend()
    world.announce(one)
    finish(world)
    assert world.wallet(user).posted == 0
    assert world.balances(user)["house:dividends_receivable", "USD/2"] == 78
    late = EX + timedelta(days=10 + 13)
    world.clock.advance(timedelta(days=24))
    world.chasing.look(user, world.action(user, one).action_id)
    words = "Cash DIV @ 0.3, Pos QTY: 2.607144585, Rec Date: 2026-03-03"
    credit = told("DIV", "0.78", late, per_share_amount=Decimal("0.3"), description=words, qty=0)
    world.crediting.apply(credit)
    assert (world.wallet(user).posted, world.open_cases()) == (78, [])
    assert world.balances(user).get(("house:dividends_receivable", "USD/2")) is None
    assert world.action(user, one).status is ActionStatus.PAID


def test_a_tax_is_withheld_on_a_line_of_its_own_and_what_is_left_is_invested(
    world: Any, make_dividend: Any
) -> None:
    user = world.person((OLD, 4 * SHARE, 30_000))
    one, day = make_dividend(), EX + timedelta(days=10)
    world.announce(one)
    finish(world)
    world.crediting.apply(told("DIV", "1.2", day, per_share_amount=Decimal("0.3")))
    world.crediting.apply(told("DIVNRA", "-0.3", day))
    action = world.action(user, one)
    assert (action.paid_minor, action.withheld_minor, action.net_minor) == (120, 30, 90)
    assert world.kinds(user)[-3:] == ["DIVIDEND_DECLARED", "DIVIDEND_PAID", "TAX_WITHHELD"]
    assert world.asked[-1] == (user, action.action_id, 90)


def test_a_return_of_capital_lowers_what_the_shares_cost(world: Any) -> None:
    user = world.person((OLD, SHARE, 10_000), (date(2026, 1, 5), 3 * SHARE, 45_000))
    world.crediting.apply(told("DIVROC", "4.00", EX))
    position = world.position(user)
    assert [lot.cost_minor for lot in position.lots] == [9_900, 44_700]
    assert [lot.acquired for lot in position.lots] == [OLD, date(2026, 1, 5)]
    assert (position.income_minor, position.realised_minor) == (0, 0)


def test_the_fraction_of_a_cent_is_rounded_down_and_the_rest_is_the_rounding_accounts(
    world: Any, make_dividend: Any
) -> None:
    user = world.person((OLD, 3 * SHARE, 30_000))
    world.announce(make_dividend("0.335"))
    finish(world)
    claims = world.balances(user)
    assert claims[f"customer:{user}:dividends", "USD/2"] == -100
    assert claims["house:rounding", "USD/2"] == -1


def test_a_split_takes_effect_on_its_ex_date_even_where_it_is_payable_before(
    world: Any, make_split: Any
) -> None:
    """As SRE's of 2023: payable on the 21st of August, without the old shares from the 22nd."""
    user = world.person((OLD, 3 * SHARE, 30_000))
    world.announce(make_split(payable_date=EX - timedelta(days=1)))
    world.market.now = begins(EX) - timedelta(seconds=1)
    assert finish(world) == {}
    assert world.position(user).quantity_nanos == 3 * SHARE
    world.market.now = begins(EX)
    assert finish(world)["split-1"].status is RunStatus.DONE
    assert world.position(user).quantity_nanos == 6 * SHARE


def test_two_for_one_halves_the_cost_of_a_share_and_keeps_basis_and_dates(
    world: Any, make_split: Any
) -> None:
    user = world.person((OLD, 10 * SHARE, 100_000), (date(2026, 1, 5), 5 * SHARE, 60_000))
    world.announce(make_split())
    finish(world)
    position = world.position(user)
    per_share = [lot.cost_minor * SHARE // lot.nanos for lot in position.lots]
    assert per_share == [5_000, 6_000]
    assert [lot.acquired for lot in position.lots] == [OLD, date(2026, 1, 5)]
    assert (position.quantity_nanos, position.cost_minor) == (30 * SHARE, 160_000)


def test_open_orders_of_the_symbol_are_canceled_before_a_split(world: Any, make_split: Any) -> None:
    user = world.person((OLD, SHARE, 10_000), cash=500)
    world.facts.commit([world.ledger.reserve(world.wallet(user), 100, orders=1)])
    world.announce(make_split())
    finish(world)
    assert world.canceled == [(user, "QUAL")]
    assert world.position(user).quantity_nanos == SHARE


@pytest.mark.parametrize(
    ("bought", "short", "long"), [(date(2025, 3, 12), 0, 27), (date(2025, 3, 13), 27, 0)]
)
def test_what_a_reverse_split_leaves_of_a_share_is_a_taxable_sale(
    world: Any, make_split: Any, bought: date, short: int, long: int
) -> None:
    """The broker's own 1 for 10 of 0.29194239 shares, whose rest is paid out at 51.38; held for
    more than a year it is a long gain."""
    user = world.person((bought, 291_942_390, 123))
    world.announce(make_split(new="1", old="10"))
    finish(world)
    assert world.position(user).quantity_nanos == 29_194_239
    line = told("CIL", "1.50", date(2026, 3, 13), qty=Decimal("-0.029194239"))
    world.crediting.apply(line)
    position = world.position(user)
    assert (position.quantity_nanos, position.cost_minor, position.realised_minor) == (0, 0, 27)
    (stored,) = world.ledger.entries(user, Currency.USD, limit=1).entries
    memo = stored.entry.draft.memo
    assert (stored.entry.draft.kind.value, world.wallet(user).posted) == ("CASH_IN_LIEU", 150)
    assert (memo["short_gain"], memo["long_gain"]) == (str(short), str(long))


def test_a_real_two_for_one_moves_nobodys_worth_but_by_what_the_market_did(
    world: Any, make_split: Any
) -> None:
    """AAPL closed at 88.990 on 2005-02-25 and at 44.860 on 2005-02-28, after 2 for 1: adjusted
    from 5.718228 to 5.765135."""
    store, user = MarketStore(world.database), world.person((OLD, 7 * SHARE, 62_293))

    def trades(price: str, at: datetime) -> None:
        quote = Price(Decimal(price), Currency.USD)
        store.keep_quotes([Quote("QUAL", quote, at, "t", world.clock.now())])
        world.clock.advance(timedelta(minutes=1))

    def worth() -> Decimal:
        price = store.quote_records(["QUAL"])["QUAL"].trusted.price.value
        return price * world.position(user).quantity_nanos / SHARE

    trades("88.990", begins(EX))
    before = worth()
    world.announce(make_split())
    finish(world)
    assert worth() == before == Decimal("622.930")
    world.clock.advance(timedelta(minutes=1))
    trades("44.860", datetime(2026, 3, 3, 21, 0, tzinfo=UTC))
    adjusted = Decimal("5.765135") / Decimal("5.718228")
    assert round(worth() / before, 6) == round(adjusted, 6) == Decimal("1.008203")


@pytest.mark.parametrize("kind", [ActionKind.SPIN_OFF, ActionKind.STOCK_MERGER])
def test_a_spin_off_and_a_merger_wait_for_a_person(
    world: Any, make_split: Any, kind: ActionKind
) -> None:
    user = world.person((OLD, SHARE, 10_000))
    world.announce(make_split(kind=kind))
    assert finish(world)["split-1"].status is RunStatus.BY_PEOPLE
    (case,) = world.open_cases()
    assert dict(case.facts)["what"] == "NEEDS_PERSON"
    assert (world.stopped(), world.kinds(user)) == ("STAFF_NEEDS_PERSON", ["BUY"])


def test_a_line_of_cash_in_lieu_is_no_dividend() -> None:
    assert told("CIL", "1.50", EX).kind is ActivityKind.CASH_IN_LIEU
