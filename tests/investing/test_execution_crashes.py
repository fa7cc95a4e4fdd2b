"""A process dies before or after every call of a sale's life, and the books end alike.

The story: a plan of two sales is sent, one outcome is unknown, one order is canceled after a part
of it was traded, an execution is corrected after the end and another one busted. Every call to the
store and to the broker is a place to die at; whoever comes next repeats what a queue repeats.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from shared.investing.canceling import Canceler
from shared.investing.executing import Executor
from shared.investing.inputs import Cause
from shared.investing.model import Ending, Order, OrderStatus, Side, TakenBack
from shared.investing.plan import PlannedOrder
from shared.investing.ports import Accepted, BrokerOrder, NoAnswer
from shared.investing.roads import StoredRoads
from shared.kernel.ids import Kind
from shared.ledger.model import fold

SHARE = 10**9
SOLD = ("QUAL", "USMV")


class Crash(RuntimeError):
    """The process died."""


@dataclass
class Dying:
    """Counts calls, and dies before or after the one that it was told of."""

    at: int | None = None
    after: bool = False
    calls: int = 0

    def call[T](self, act: Callable[[], T]) -> T:
        mine, self.calls = self.calls, self.calls + 1
        if mine == self.at and not self.after:
            raise Crash
        done = act()
        if mine == self.at:
            raise Crash
        return done


@dataclass
class Facts:
    inner: Any
    dying: Dying

    def commit(self, writes: Any, *events: Any) -> None:
        self.dying.call(lambda: self.inner.commit(writes, *events))


@dataclass
class Broker:
    """Keeps orders by our id; the first answer about one symbol gets lost."""

    dying: Dying
    orders: dict[str, BrokerOrder] = field(default_factory=dict)
    placed: list[str] = field(default_factory=list)
    canceled: list[str] = field(default_factory=list)
    mute: set[str] = field(default_factory=lambda: {"USMV"})

    def submit(self, ticket: Any) -> Any:
        return self.dying.call(lambda: self._taken(ticket))

    def _taken(self, ticket: Any) -> Any:
        if ticket.client_order_id not in self.orders:
            self.placed.append(ticket.symbol)
            self.orders[ticket.client_order_id] = BrokerOrder(
                f"b-{ticket.symbol}",
                ticket.client_order_id,
                ticket.symbol,
                None,
                ended=False,
                filled_nanos=0,
                side=ticket.side,
                quantity=ticket.quantity,
            )
        if ticket.symbol in self.mute:
            self.mute.remove(ticket.symbol)
            return NoAnswer()
        return Accepted(f"b-{ticket.symbol}")

    def find(self, account_id: str, client_order_id: str) -> BrokerOrder | None:
        return self.dying.call(lambda: self.orders.get(client_order_id))

    def cancel(self, account_id: str, broker_order_id: str) -> bool:
        return self.dying.call(lambda: self.canceled.append(broker_order_id) is None)


class Polls:
    def soon(self) -> None:
        """Events come when the story tells them."""

    def again_since(self, at: Any) -> None:
        """None are lost in this story."""


@dataclass
class Story:
    """A world with a plan of sales, and its steps; each may be repeated."""

    world: Any
    make_fill: Any
    make_end: Any
    dying: Dying = field(default_factory=Dying)

    def __post_init__(self) -> None:
        world = self.world
        self.user, bought = world.invested(50_000)
        now = world.clock.now()
        for order in world.orders(self.user, bought).values():
            world.booker.apply(
                self.make_fill(order, f"buy-{order.symbol}", "0.5", "118", now, total="0.5")
            )
        self.plan = self._planned(bought)
        facts = Facts(world.facts, self.dying)
        world.booker._facts = facts
        self.broker = Broker(self.dying)
        self.executor = Executor(
            world.plans,
            self.broker,
            world.booker,
            Polls(),
            facts,
            world.clock,
            StoredRoads(world.database, world.clock),
        )
        self.canceler = Canceler(world.plans, facts, world.clock, lambda attempt: None)

    def _planned(self, bought: str) -> str:
        world, stored = self.world, self.world.plans.plan(self.user, bought)
        sales = tuple(
            PlannedOrder(symbol=symbol, side=Side.SELL, nanos=SHARE // 2) for symbol in SOLD
        )
        plan = stored.model_copy(
            update={
                "plan_id": world.ids.new(Kind.PLAN),
                "cause": Cause.WITHDRAWAL,
                "cause_id": world.ids.new(Kind.PAYOUT),
                "decision": stored.decision.model_copy(update={"orders": sales}),
            }
        )
        orders = [
            Order(
                order_id=plan.order_id(symbol),
                user_id=self.user,
                plan_id=plan.plan_id,
                account_id="11111111-1111-4111-8111-111111111111",
                symbol=symbol,
                notional_minor=0,
                side=Side.SELL,
                nanos=SHARE // 2,
                created_at=world.clock.now(),
                updated_at=world.clock.now(),
            )
            for symbol in SOLD
        ]
        reserve = world.ledger.reserve(world.wallet(self.user), 0, orders=2)
        world.facts.commit([*world.plans.add(plan, orders), reserve])
        return str(plan.plan_id)

    def order(self, symbol: str) -> Order:
        return self.world.orders(self.user, self.plan)[symbol]

    def told(self, symbol: str, key: str, quantity: str, price: str, **more: Any) -> Any:
        event = self.make_fill(self.order(symbol), key, quantity, price, self.world.clock.now())
        return replace(event, side=Side.SELL, **more)

    def steps(self) -> list[Callable[[], object]]:
        """Each as its queue delivers it."""
        book = self.world.booker.apply
        half, part = SHARE // 2, SHARE // 5

        def canceled() -> object:
            return self.canceler.request(self.user, self.order("USMV").order_id)

        def run() -> object:
            return self.executor.run(self.user, self.plan)

        def end(symbol: str, status: OrderStatus, filled: int) -> object:
            event = self.make_end(self.order(symbol), status, self.world.clock.now())
            return book(replace(event, side=Side.SELL, ending=Ending(status, filled)))

        return [
            run,
            run,
            lambda: book(self.told("QUAL", "q1", "0.2", "120.013")),
            lambda: book(self.told("USMV", "u1", "0.2", "71.007")),
            canceled,
            run,
            lambda: end("USMV", OrderStatus.CANCELED, part),
            lambda: book(
                self.told("QUAL", "q2", "0.3", "120.1", ending=Ending(OrderStatus.FILLED, half))
            ),
            lambda: book(self.told("QUAL", "q3", "0.3", "119.99", taken_back=TakenBack("q2", 0))),
            lambda: book(
                replace(
                    self.told("USMV", "u1", "0.2", "71.007"),
                    execution=None,
                    taken_back=TakenBack("u1", part),
                )
            ),
            run,
        ]

    def go(self) -> None:
        """The whole story; a step that dies is delivered again."""
        for step in self.steps():
            for _ in range(3):
                try:
                    step()
                    break
                except Crash:
                    continue
            else:
                raise AssertionError("a step died more than once")

    def end(self) -> Any:
        """All that is left of it, without times."""
        world, user = self.world, self.user
        wallet = world.wallet(user)
        entries = world.ledger.entries(user, wallet.currency, limit=500).entries
        books = fold(one.entry for one in entries)
        assert books[f"customer:{user}:cash", "USD/2"] == -wallet.posted
        positions = world.positions.state(user).positions
        for symbol, position in positions.items():
            assert -books[f"customer:{user}:shares", f"{symbol}/9"] == position.quantity_nanos
        return (
            {
                symbol: (one.status, one.filled_nanos, one.charged_minor)
                for symbol, one in world.orders(user, self.plan).items()
            },
            (wallet.posted, wallet.held, wallet.owed, wallet.open_orders, dict(wallet.settling)),
            {symbol: (one.quantity_nanos, one.cost_minor) for symbol, one in positions.items()},
            [one.entry.draft.kind for one in entries],
            sorted(name for name in world.events()),
            sorted(self.broker.placed),
            len(entries),
        )


@pytest.fixture
def story(new_world: Any, make_fill: Any, make_end: Any) -> Callable[..., Story]:
    def make(at: int | None = None, *, after: bool = False) -> Story:
        told = Story(new_world(), make_fill, make_end)
        told.dying.at, told.dying.after = at, after
        told.go()
        return told

    return make


def test_the_story_without_a_crash(story: Callable[..., Story]) -> None:
    orders, wallet, positions, *_ = story().end()
    # 0.2 * 120.013 + 0.3 * 119.99 = 59.9996; nothing is left of the other sale.
    assert orders == {
        "QUAL": (OrderStatus.FILLED, SHARE // 2, 6_000),
        "USMV": (OrderStatus.CANCELED, 0, 0),
    }
    assert wallet[1:4] == (0, 0, 0)
    assert positions["QUAL"] == (0, 0)
    assert positions["USMV"] == (SHARE // 2, 5_900)


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_whichever_call_somebody_dies_at_the_books_are_the_same(
    story: Callable[..., Story], *, after: bool
) -> None:
    whole = story()
    expected, calls = whole.end(), whole.dying.calls
    assert calls == 15
    for at in range(calls):
        found = story(at, after=after)
        assert found.end() == expected, at
        assert found.dying.calls > calls - 2


def test_everything_that_a_dead_letter_queue_held_may_be_delivered_again(
    story: Callable[..., Story],
) -> None:
    """A redrive: each message of the story once more, in another order."""
    told = story()
    expected = told.end()
    for step in [*reversed(told.steps()), *told.steps()]:
        step()
    assert told.end() == expected
    assert told.broker.placed == ["QUAL", "USMV"]
