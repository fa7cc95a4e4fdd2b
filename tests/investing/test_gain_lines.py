"""Lines about gains: whatever the exchange says, they are what the positions have realised."""

import itertools
from dataclasses import replace
from typing import Any

from shared.investing.model import OrderStatus, TakenBack
from shared.portfolio.lots import LotMethod, TaxRates
from shared.taxes.disposals import Disposal, DisposalKind
from shared.taxes.report import report_of
from shared.taxes.store import TaxStore
from tests.investing.test_selling import SHARE, bust, holder, selling, sold

__all__ = ["holder"]


def lines(world: Any, user_id: str) -> list[Disposal]:
    found = TaxStore(world.database).entries(user_id)
    return [one for one in found if isinstance(one, Disposal) and (one.nanos or one.gain_minor)]


def ties_out(world: Any, user_id: str) -> None:
    positions = world.positions.state(user_id).positions
    year = world.clock.now().year
    report = report_of(TaxStore(world.database).entries(user_id), positions, year, 30)
    assert report.unitemised_minor == 0
    realised = sum(position.realised_minor for position in positions.values())
    assert report.totals().gain_minor == realised


def test_a_sale_is_one_line_with_the_lots_that_it_closed(
    world: Any, make_fill: Any, holder: Any
) -> None:
    user_id, _ = holder
    order, now = selling(world, user_id), world.clock.now()
    world.booker.apply(sold(make_fill, order, "s1", "0.2", "120", now))
    after = world.booker.apply(sold(make_fill, order, "s2", "0.3", "121", now, total="0.5"))
    (line,) = lines(world, user_id)
    assert (line.symbol, line.kind, line.day) == ("QUAL", DisposalKind.SALE, now.date())
    assert (line.nanos, line.proceeds_minor) == (SHARE // 2, after.charged_minor)
    assert line.closed == after.closed
    assert line.gain_minor == after.charged_minor - 5_900
    ties_out(world, user_id)


def test_a_sale_that_is_taken_back_is_no_line(
    world: Any, make_fill: Any, make_end: Any, holder: Any
) -> None:
    user_id, _ = holder
    order, now = selling(world, user_id), world.clock.now()
    world.booker.apply(sold(make_fill, order, "s1", "0.5", "120", now, total="0.5"))
    for _ in range(2):
        world.booker.apply(bust(make_end, order, "s1", SHARE // 2, now))
    assert lines(world, user_id) == []
    ties_out(world, user_id)


def test_a_buy_that_is_taken_back_after_its_shares_were_sold_corrects_the_gain(
    world: Any, make_fill: Any, make_end: Any, holder: Any
) -> None:
    user_id, plan = holder
    order, now = selling(world, user_id), world.clock.now()
    world.booker.apply(sold(make_fill, order, "s1", "0.5", "120", now, total="0.5"))
    bought = world.orders(user_id, plan)["QUAL"]
    for _ in range(2):
        world.booker.apply(bust(make_end, bought, "buy-QUAL", SHARE // 2, now))
    ties_out(world, user_id)
    assert [(one.kind, one.gain_minor) for one in lines(world, user_id)] == [
        (DisposalKind.SALE, 100),
        (DisposalKind.CORRECTED, 5_900),
    ]


def test_in_any_order_of_news_the_lines_are_what_was_realised(
    new_world: Any, make_fill: Any, make_end: Any
) -> None:
    ends = set()
    for arrival in itertools.permutations(range(4)):
        world = new_world()
        user_id, plan = world.invested(50_000)
        now = world.clock.now()
        for order in world.orders(user_id, plan).values():
            world.booker.apply(make_fill(order, f"b{order.symbol}", "0.5", "118", now, total="0.5"))
        order, bought = selling(world, user_id), world.orders(user_id, plan)["QUAL"]
        news = [
            sold(make_fill, order, "s1", "0.2", "120.013", now),
            sold(make_fill, order, "s2", "0.3", "120.027", now, total="0.5"),
            replace(
                sold(make_fill, order, "s3", "0.25", "119.5", now), taken_back=TakenBack("s2", 0)
            ),
            bust(make_end, bought, "bQUAL", SHARE // 2, now),
        ]
        for number in (*arrival, *arrival):
            world.booker.apply(news[number])
            ties_out(world, user_id)
        ends.add(sum(one.gain_minor for one in lines(world, user_id)))
    assert len(ends) == 1


def test_an_order_keeps_the_rates_by_which_its_lots_are_chosen(
    world: Any, make_fill: Any, make_end: Any, holder: Any
) -> None:
    user_id, _ = holder
    order = replace(selling(world, user_id), method=LotMethod.MIN_TAX, rates=TaxRates(1_000, 4_000))
    world.facts.commit([world.plans.save(order)])
    (kept,) = world.plans.orders(user_id, [order.order_id])
    assert (kept.method, kept.rates) == (LotMethod.MIN_TAX, TaxRates(1_000, 4_000))
    end = make_end(order, OrderStatus.CANCELED, world.clock.now(), filled="0")
    after = world.booker.apply(replace(end, side=order.side))
    assert after.rates == TaxRates(1_000, 4_000)
    assert lines(world, user_id) == []
