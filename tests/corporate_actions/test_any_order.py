"""Lines of the broker in any order, repeated, with deaths in between: the same in the end."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.corporate_actions.model import ActivityKind
from shared.kernel.clock import FixedClock
from shared.kernel.ids import SequentialIds
from shared.platform.memory import MemoryDatabase
from shared.platform.outbox import Facts

OLD, SHARE = date(2025, 6, 2), 10**9
SPEC = (
    ("DIVIDEND", "1.20", "a"),
    ("TAX", "-0.36", "b"),
    ("DIVIDEND", "0.40", "c"),
    ("RETURN_OF_CAPITAL", "0.25", "d"),
    ("TAX", "0.06", "e"),
)


def fresh(make_world: Any) -> Any:
    clock = FixedClock(datetime(2026, 3, 2, 15, 30, tzinfo=UTC))
    ids, database = SequentialIds("t1", clock), MemoryDatabase()
    return make_world(database, Facts(database, clock, ids), clock, ids)


@settings(
    deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60
)
@given(
    order=st.permutations(range(len(SPEC))),
    repeated=st.lists(st.integers(0, len(SPEC) - 1), max_size=6),
    cash=st.integers(0, 60),
)
def test_cash_debts_and_books_do_not_depend_on_the_order_of_lines(
    order: list[int],
    repeated: list[int],
    cash: int,
    make_world: Any,
    make_line: Any,
    make_dividend: Any,
) -> None:
    world = fresh(make_world)
    user = world.person((OLD, 4 * SHARE, 30_000), cash=cash)
    one = make_dividend()
    world.announce(one)
    world.declaring.book(user, one, world.market.now)
    for number in [*order, *repeated]:
        kind, amount, name = SPEC[number]
        rate = Decimal("0.30") if name == "a" else None
        world.crediting.apply(make_line(ActivityKind[kind], amount, name, per_share=rate))
        wallet = world.wallet(user)
        assert wallet.available >= 0
    action, wallet, position = world.action(user, one), world.wallet(user), world.position(user)
    assert wallet.posted - wallet.owed == cash + 120 - 36 + 40 + 25 + 6
    assert (action.paid_minor, action.withheld_minor) == (185, 30)
    assert (position.income_minor, position.cost_minor) == (130, 29_975)
    books = world.balances(user)
    assert books["house:customers_cash_at_broker", "USD/2"] == cash + 155
    assert books.get(("house:dividends_receivable", "USD/2")) is None
    assert books.get((f"customer:{user}:receivable", "USD/2"), 0) == wallet.owed
    for asset in ("USD/2", "QUAL/9"):
        assert sum(total for (_, unit), total in books.items() if unit == asset) == 0
