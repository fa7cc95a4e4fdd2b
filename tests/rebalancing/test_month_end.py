"""The last trading day of a month: two hundred people, one sweep, and every cent where it was."""

import logging
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_DOWN, Decimal
from fractions import Fraction
from typing import Any

import pytest

from functions.sweep_portfolios.telling import Messages
from shared.cases.model import CaseStatus
from shared.cases.store import CaseStore
from shared.investing.model import Order, Side
from shared.investing.plan import Plan, Rule, Rules
from shared.investing.reading import ask_from
from shared.investing.service import Waiting
from shared.kernel.clock import FixedClock
from shared.kernel.ids import Kind, SequentialIds
from shared.ledger import accounts
from shared.ledger.model import Draft, EntryKind, Posting, fold
from shared.ledger.purses import PurseMove
from shared.ledger.store import WalletRow
from shared.platform import keys
from shared.platform.indexes import SEGMENTS, segment_of
from shared.platform.memory import MemoryDatabase
from shared.platform.outbox import Facts
from shared.platform.queues import CheckMessage, MemoryQueue
from shared.platform.tables import Update
from shared.portfolio.holders import HolderStore
from shared.portfolio.model import BASE, Position
from shared.rebalancing.following import Follower
from shared.rebalancing.market import Market, MarketReader
from shared.rebalancing.model import Run, RunStatus, continuation
from shared.rebalancing.store import RunStore, SweepStore
from shared.rebalancing.sweeping import Sweep
from shared.strategies.founding import FOUNDING
from shared.strategies.goal_store import SavingStore
from shared.strategies.goals import Goal, Terms
from shared.strategies.model import Style, in_force, strategy_id
from shared.users.store import ProfileRow
from tests.investing.conftest import PRICES, Counting, World, fill_of

FRIDAY, MONDAY = date(2026, 2, 27), date(2026, 3, 2)
PEOPLE, GOAL_OF_EVERY = 200, 20
CASH = 10_000
WEIGHTS = in_force(FOUNDING, FRIDAY)[strategy_id(Style.GROWTH, 4)].weights


def shares(off_bp: int) -> dict[str, int]:
    """Nanos for ten thousand dollars, of which so much is in one fund and should be in another."""
    points = WEIGHTS | {"QUAL": WEIGHTS["QUAL"] + off_bp, "AAAB": WEIGHTS["AAAB"] - off_bp}
    return {name: int(each * 10**9 / Decimal(PRICES[name])) for name, each in points.items()}


def beside(nanos: Mapping[str, int]) -> bool:
    """Whether a weight is further off than its band: five points, or a quarter of it."""
    cents = {name: round(nanos[name] * Fraction(PRICES[name]) / 10**7) for name in WEIGHTS}
    whole = sum(cents.values()) + CASH
    return any(
        abs(Fraction(cents[name], whole) - Fraction(points, 10_000))
        > min(Fraction(5, 100), Fraction(points, 40_000))
        for name, points in WEIGHTS.items()
    )


class Town:
    """Everybody, a broker who fills at once, and the workers of the platform."""

    def __init__(self) -> None:
        self.clock = FixedClock(datetime(2026, 2, 27, 15, 30, tzinfo=UTC))
        self.ids = SequentialIds("t1", self.clock)
        database = MemoryDatabase()
        facts = Facts(database, self.clock, self.ids)
        self.world = World(Counting(database), facts, self.clock, self.ids)
        self.database: Any = self.world.database
        self.world.open_market()
        self.planning, self.going_on, self.segments = MemoryQueue(), MemoryQueue(), MemoryQueue()
        self.cases = CaseStore(self.database)
        self.runs = RunStore(self.database)
        self.sweeps = SweepStore(self.database, self.clock)
        self.market = market = MarketReader(self.database, self.clock, timedelta(minutes=2))
        told = Messages(
            self.planning, self.going_on, self.segments, self.cases, facts, self.clock.now
        )
        self.sweep = Sweep(
            HolderStore(self.database), self.sweeps, self.market_now, told, self.clock, Rules()
        )
        self.follower = Follower(self.runs, facts, self.clock, market.today, self, lambda _: None)
        self.read: dict[date, Market] = {}
        self.planner = self.world.planner()
        self.broker_cash, self.broker_shares = 0, Counter[str]()

    def market_now(self, symbols: Iterable[str] = ()) -> Market:
        """Read once a day: nothing moves in between."""
        day = self.clock.now().date()
        if day not in self.read:
            self.read[day] = self.market.look(symbols)
        return self.read[day]

    def ask(self, run: Run) -> None:
        """See Continuations."""
        self.planning.send(CheckMessage("planning", continuation(run)))

    def saver(self, general: Mapping[str, int], named: Mapping[str, int] | None = None) -> str:
        """Somebody who has held this, and a hundred dollars for each goal, for a year."""
        user = self.world.person(score=4)
        goal = Goal(user, self.ids.new(Kind.GOAL), Terms(), b"sealed", version=1)
        owned = [("", general), *([(goal.tag, named)] if named else [])]
        cash = CASH * len(owned)
        positions = {name: Position(user, name) for name in WEIGHTS}
        for number, (tag, nanos) in enumerate(owned):
            for name, each in nanos.items():
                day = date(2025, 1, 2 + number)
                positions[name] = positions[name].buy("ord_t1_0", day, each, 100_000, tag)
        writes = [self.world.positions.save(each) for each in positions.values()]
        if named:
            writes.append(SavingStore(self.database).save(None, goal))
        place = ProfileRow.segment.set(segment_of(user))
        writes.append(Update("profile", ProfileRow, keys.user(user), keys.PROFILE, (place,)))
        draft = self._bought(user, cash, positions)
        wallet = self.world.wallet(user)
        purses = [PurseMove(goal.tag, CASH)] if named else []
        ledger = self.world.ledger
        self.world.facts.commit([*writes, *ledger.post(wallet, draft, posted=cash, purses=purses)])
        # As the first order leaves it: in the index.
        place = WalletRow.segment.set(segment_of(user))
        sk = keys.wallet(BASE)
        self.database.write(Update("wallet", WalletRow, keys.user(user), sk, (place,)))
        return user

    def _bought(self, user: str, cash: int, positions: Mapping[str, Position]) -> Draft:
        self.broker_cash += cash
        moves = {BASE.asset: cash}
        for name, position in positions.items():
            self.broker_shares[name] += position.quantity_nanos
            moves[f"{name}/9"] = position.quantity_nanos
        legs = []
        for asset, amount in moves.items():
            in_cash = asset == BASE.asset
            there = accounts.customers_cash_at_broker() if in_cash else accounts.shares_at_broker()
            theirs = accounts.customer_cash(user) if in_cash else accounts.customer_shares(user)
            legs += [Posting(there, asset, amount), Posting(theirs, asset, -amount)]
        return Draft(EntryKind.BUY, "opening", self.clock.now(), tuple(legs))

    def sweep_all(self) -> tuple[int, int]:
        """The schedule's tick and all that it sends; how many segments, how many messages."""
        before = len(self.planning.sent) + len(self.going_on.sent)
        sent = self.sweep.tick()
        for number in range(SEGMENTS):
            self.sweep.walk(self.clock.now().date(), number)
        return sent, len(self.planning.sent) + len(self.going_on.sent) - before

    def plan_all(self) -> list[Plan]:
        """The queue of planning: who has to wait for orders of another goal is asked for again."""
        found, messages = [], [message for message, _ in self.planning.sent]
        self.planning.sent.clear()
        for message in messages:
            assert isinstance(message, CheckMessage)
            result = self.planner.plan(message.subject["user_id"], ask_from(message.subject))
            if isinstance(result, Waiting):
                assert result.rules == (Rule.NO_ORDERS_IN_FLIGHT,)
                self.planning.send(message)
            elif result.plan is not None:
                found.append(result.plan)
        return found

    def carry_out(self, plans: Iterable[Plan]) -> list[Run]:
        """All of their orders, and what their runs say then."""
        found = []
        for plan in plans:
            self.follower.look(plan.user_id, plan.plan_id)
            self.fill(plan)
            run = self.follower.look(plan.user_id, plan.plan_id)
            assert run is not None
            found.append(run)
        return found

    def fill(self, plan: Plan) -> None:
        """The broker fills all orders at the prices of the market, and keeps books of its own."""
        for order in self.world.plans.orders(plan.user_id, plan.order_ids):
            price = Decimal(PRICES[order.symbol])
            quantity = self._quantity(order, price)
            event = fill_of(
                order, "x", str(quantity), str(price), self.clock.now(), total=str(quantity)
            )
            after = self.world.booker.apply(replace(event, side=order.side))
            sign = 1 if order.side is Side.BUY else -1
            self.broker_shares[order.symbol] += sign * int(quantity * 10**9)
            self.broker_cash -= sign * after.charged_minor

    def _quantity(self, order: Order, price: Decimal) -> Decimal:
        if order.side is Side.SELL:
            return Decimal(order.nanos) / 10**9
        return (Decimal(order.notional_minor) / 100 / price).quantize(Decimal("1e-9"), ROUND_DOWN)

    def next_day(self) -> None:
        """Monday, at the same prices."""
        self.clock.advance(timedelta(days=3))
        self.world.open_market()

    def assert_books_agree(self, users: Iterable[str]) -> Counter[tuple[str, str]]:
        """Each person's journal says what they have; all of them together."""
        together: Counter[tuple[str, str]] = Counter()
        for user in users:
            wallet, state = self.world.wallet(user), self.world.positions.state(user)
            entries = self.world.ledger.entries(user, BASE, limit=100).entries
            books = fold(one.entry for one in entries)
            assert books[accounts.customer_cash(user), BASE.asset] == -wallet.posted
            assert (wallet.held, wallet.open_orders) == (0, 0)
            assert sum(purse.minor for purse in wallet.purses.values()) <= wallet.available
            for name, position in state.positions.items():
                held = books[accounts.customer_shares(user), f"{name}/9"]
                assert -held == position.quantity_nanos
                assert sum(lot.nanos for lot in position.lots) == position.quantity_nanos
            together.update(books)
        return together

    def assert_broker_agrees(self, together: Mapping[tuple[str, str], int]) -> None:
        """What the journal says of the broker is what the broker has."""
        assert together[accounts.customers_cash_at_broker(), BASE.asset] == self.broker_cash
        for name in WEIGHTS:
            assert together[accounts.shares_at_broker(), f"{name}/9"] == self.broker_shares[name]


@pytest.fixture
def quiet() -> Iterator[None]:
    """A thousand events tell of themselves."""
    logging.disable(logging.INFO)
    yield
    logging.disable(logging.NOTSET)


def settled(town: Town) -> dict[tuple[str, str], int]:
    """Everybody, with a goal of their own or without, by how far they are off."""
    found = {}
    for number in range(PEOPLE):
        off, of_goal = number * 3, 700 if number % GOAL_OF_EVERY == 0 else None
        user = town.saver(shares(off), None if of_goal is None else shares(of_goal))
        found[user, ""] = off
        for goal in SavingStore(town.database).of_person(user).goals[1:]:
            found[user, goal.goal_id] = of_goal or 0
    return found


@pytest.mark.usefixtures("quiet")
def test_at_the_end_of_a_month_exactly_those_beside_their_targets_are_brought_there() -> None:
    town = Town()
    parts = settled(town)
    users = sorted({user for user, _ in parts})
    due = {key for key, off in parts.items() if beside(shares(off))}
    twice = {user for user, goal in due if goal} & {user for user, goal in due if not goal}
    assert (len(users), len(due), len(twice)) == (PEOPLE, 48, 1)

    assert town.sweep_all() == (SEGMENTS, len(due))
    asked = [message.subject for message, _ in town.planning.sent]
    assert {(one["user_id"], one.get("goal_id", "")) for one in asked} == due
    first = town.plan_all()
    assert len(first) == len(due) - len(twice)
    runs = town.carry_out(first)
    # Somebody both of whose goals are due has the second plan once the first one's orders ended.
    runs += town.carry_out(town.plan_all())
    assert {(run.user_id, run.goal_id) for run in runs} == due
    assert {(run.status, run.why, run.next_on) for run in runs} == {
        (RunStatus.SETTLING, "BAND", MONDAY)
    }
    town.assert_books_agree({user for user, _ in due})

    # The same day's sweep once more, and its messages once more, do nothing.
    assert town.sweep_all() == (0, 0)
    for subject in asked[::5]:
        town.planning.send(CheckMessage("planning", subject))
    assert (town.plan_all(), town.planning.sent) == ([], [])

    town.next_day()
    assert town.sweep_all() == (SEGMENTS, len(due))
    assert (len(town.going_on.sent), town.planning.sent) == (len(due), [])
    for message, _ in town.going_on.sent:
        assert isinstance(message, CheckMessage)
        town.follower.go_on(message.subject["user_id"], message.subject["goal_id"])
    runs = town.carry_out(town.plan_all()) + town.carry_out(town.plan_all())
    assert {(run.user_id, run.goal_id) for run in runs} == due
    assert {(run.status, run.ended_on, len(run.plan_ids)) for run in runs} == {
        (RunStatus.COMPLETED, MONDAY, 2)
    }
    assert len({run.run_id for run in runs}) == len(due)
    town.assert_broker_agrees(town.assert_books_agree(users))
    assert town.cases.listed(CaseStatus.OPEN) == []
    for user in users:
        goals = [goal for other, goal in due if other == user]
        assert len(town.runs.of_person(user, 5).runs) == len(goals)
