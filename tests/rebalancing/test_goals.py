"""Goals in the sweep: each is seen, and judged, exactly as the planner sees its part."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.investing.bands import due
from shared.investing.inputs import Band, Cause, Inputs, Rules
from shared.investing.proposing import propose, worths
from shared.investing.reading import Ask
from shared.investing.rebalanced import Mark, MarkStatus, marked
from shared.investing.situations import DepositRows, SituationStore
from shared.kernel.clock import FixedClock
from shared.kernel.ids import Kind, SequentialIds
from shared.ledger.purses import Purse, purses_text
from shared.ledger.store import WalletRow
from shared.platform import keys
from shared.platform.indexes import segment_of
from shared.platform.memory import MemoryDatabase
from shared.platform.outbox import Facts
from shared.platform.tables import Put, Update
from shared.portfolio.holders import Holder, HolderStore
from shared.portfolio.model import BASE, Position
from shared.portfolio.store import PortfolioStore
from shared.rebalancing.candidates import Candidate, Continues, Skip, Targets, looked_at
from shared.rebalancing.judging import judged
from shared.rebalancing.market import MarketReader
from shared.strategies.exclusions import Exclusions
from shared.strategies.goal_store import SavingStore
from shared.strategies.goals import Goal, Terms, general_goal_id
from shared.strategies.model import Style
from shared.users.store import ProfileRow
from tests.investing.conftest import PRICES, Counting, World

NOW = datetime(2026, 3, 2, 15, 30, tzinfo=UTC)
TODAY = NOW.date()


def _no_deposit(*_: object) -> Any:
    pytest.fail("a rebalance reads no deposit")


NONE = DepositRows(_no_deposit, _no_deposit, _no_deposit)


@dataclass(frozen=True)
class Part:
    """What a goal has: nano-shares by symbol, cents of which some settle tomorrow, a last run."""

    nanos: Mapping[str, int]
    cash: int = 0
    later: int = 0
    last: Mark | None = None
    style: Style = Style.GROWTH
    active: bool = True


class Town:
    """People with goals in a market that is open."""

    def __init__(self) -> None:
        clock = FixedClock(NOW)
        self.ids = SequentialIds("t1", clock)
        database = MemoryDatabase()
        self.world = World(Counting(database), Facts(database, clock, self.ids), clock, self.ids)
        self.database: Any = self.world.database
        self.clock = clock
        self.world.open_market()
        self.market = MarketReader(self.database, clock, timedelta(hours=1)).look()

    def somebody(
        self, general: Part, *others: Part, held: int = 0, owed: int = 0, excluded: str = ""
    ) -> tuple[str, list[str]]:
        """Their rows as they are stored; the ids of their goals, empty for the general one."""
        user, parts = self.world.person(score=4), (general, *others)
        saving, goals = SavingStore(self.database), [Goal(user, general_goal_id(user))]
        for part in parts[1:]:
            terms = Terms(style=part.style)
            goals.append(Goal(user, self.ids.new(Kind.GOAL), terms, b"sealed", version=1))
            self.database.write(saving.save(None, goals[-1]))
            if not part.active:
                self.database.write(saving.save(goals[-1], goals[-1].archived()))
        if excluded:
            none = Exclusions(user)
            self.database.write(saving.exclude(none, none.changed(frozenset({excluded}))))
        names = ["" if goal.general else goal.goal_id for goal in goals]
        for name, part in zip(names, parts, strict=True):
            if part.last is not None:
                mark = replace(part.last, user_id=user, goal_id=name)
                self.database.write(marked(Mark(user, name), mark))
        self._hold(user, goals, parts)
        self.database.write(_wallet(user, goals, parts, held, owed))
        place = ProfileRow.segment.set(segment_of(user))
        self.database.write(Update("profile", ProfileRow, keys.user(user), keys.PROFILE, (place,)))
        return user, names

    def _hold(self, user: str, goals: list[Goal], parts: tuple[Part, ...]) -> None:
        for symbol in sorted({symbol for part in parts for symbol in part.nanos}):
            position = Position(user, symbol)
            for number, (goal, part) in enumerate(zip(goals, parts, strict=True)):
                nanos = part.nanos.get(symbol, 0)
                for half in (nanos // 2, nanos - nanos // 2) if nanos else ():
                    order = f"ord_t1_0000{number}"
                    position = position.buy(order, date(2025, 1, 2), half, 100, goal.tag)
            self.database.write(PortfolioStore(self.database).save(position))

    def holder(self, user: str) -> Holder:
        """As the index has them."""
        page = HolderStore(self.database).page(int(segment_of(user).removeprefix("HOLDERS#")))
        return next(each for each in page.holders if each.user_id == user)

    def seen(self, user: str) -> list[Candidate | Continues | Skip]:
        """What the sweep has to do for them."""
        return list(looked_at(self.holder(user), Targets(self.market.strategies, TODAY), TODAY))

    def planned(self, user: str, goal_id: str, rules: Rules) -> Inputs:
        """What the planner would decide on."""
        ask = Ask(Cause.REBALANCE, self.ids.new(Kind.RUN), goal_id=goal_id)
        return SituationStore(self.database, NONE, self.clock, rules).load(user, ask).inputs


def _wallet(user: str, goals: list[Goal], parts: tuple[Part, ...], held: int, owed: int) -> Put:
    purses = {
        goal.tag: Purse(part.cash, {TODAY + timedelta(days=1): part.later} if part.later else {})
        for goal, part in zip(goals, parts, strict=True)
        if goal.tag and part.cash
    }
    cash, later = (sum(getattr(part, name) for part in parts) for name in ("cash", "later"))
    tomorrow = (TODAY + timedelta(days=1)).isoformat()
    row = WalletRow(
        pk=keys.user(user),
        sk=keys.wallet(BASE),
        currency=BASE.value,
        posted=cash + held,
        held=held,
        available=cash,
        owed=owed,
        head="0" * 64,
        settling=f"{TODAY.isoformat()}=5,{tomorrow}={later}",
        purses=purses_text(purses) or None,
        segment=segment_of(user),
    )
    return Put("wallet", row)


def last_runs() -> st.SearchStrategy[Mark | None]:
    """None, or completed some days ago."""
    ago = st.integers(0, 400).map(lambda days: TODAY - timedelta(days=days))
    return st.none() | ago.map(lambda day: Mark("", run_id="r", completed_on=day))


parts = st.builds(
    Part,
    nanos=st.dictionaries(st.sampled_from(sorted(PRICES)), st.integers(1, 3 * 10**9)),
    cash=st.integers(0, 30_000),
    later=st.integers(0, 20_000),
    last=last_runs(),
    style=st.sampled_from([Style.GROWTH, Style.INCOME]),
    active=st.sampled_from([True, True, False]),
)
TOWN = Town()


@given(
    st.lists(parts, min_size=1, max_size=4),
    st.sampled_from([0, 700]),
    st.sampled_from([0, 9_000, 60_000]),
    st.sampled_from(["", "MTUM"]),
    st.sampled_from(Band),
)
def test_each_goal_is_due_exactly_when_the_planner_says_so_of_its_part(
    found: list[Part], held: int, owed: int, excluded: str, band: Band
) -> None:
    user, goals = TOWN.somebody(*found, held=held, owed=owed, excluded=excluded)
    rules, market = Rules(band=band), TOWN.market
    if not any(part.nanos for part in found):
        return
    seen = [one for one in TOWN.seen(user) if isinstance(one, Candidate)]
    by_goal = {one.goal_id: one for one in seen}
    assert len(by_goal) == len(seen)
    for goal_id, part in zip(goals, found, strict=True):
        inputs = TOWN.planned(user, goal_id, rules)
        if (goal_id and not part.active) or not inputs.held:
            assert goal_id not in by_goal
        else:
            one = by_goal[goal_id]
            assert (one.held, one.available) == (inputs.held, inputs.available_minor)
            assert max(one.available - max(one.unsettled, 0), 0) == inputs.settled_minor
            assert (one.unsettled, one.last) == (inputs.unsettled_minor, inputs.last_rebalanced)
            assert inputs.target is not None
            assert one.targets == inputs.target.weights
            assert one.beside == inputs.beside.keys() & inputs.held.keys()
            result = judged([one], market.prices, rules, TODAY)
            expected = due(inputs, worths(inputs), inputs.target.weights, TODAY)
            assert result.due == int(expected.due)
            assert bool(result.asked) == bool(propose(inputs).orders)


def test_a_run_of_one_goal_keeps_the_others_from_nothing() -> None:
    held = {"MTUM": 10**9}
    rests = Mark("", run_id="r", until=TODAY + timedelta(days=2))
    settles = Mark("", status=MarkStatus.SETTLING, run_id="r", until=TODAY)
    trades = Mark("", status=MarkStatus.TRADING, run_id="r")
    user, (_, first, second, third, fourth) = TOWN.somebody(
        Part(held, last=rests),
        Part(held, last=settles),
        Part(held, last=trades),
        Part(held),
        Part({}, cash=500),
    )
    resting, goes_on, open_run, candidate, empty = TOWN.seen(user)
    assert (resting, open_run, empty) == (Skip.RESTING, Skip.RUN_OPEN, Skip.NOTHING_HELD)
    assert goes_on == Continues(user, first)
    assert isinstance(candidate, Candidate)
    assert (candidate.goal_id, candidate.beside) == (third, frozenset({"MTUM"}))
    assert second != fourth


def test_what_a_goal_that_was_given_up_holds_is_judged_with_the_general_one() -> None:
    user, (_, over) = TOWN.somebody(
        Part({"MTUM": 10**9}, cash=100), Part({"MTUM": 10**9, "AAAB": 5}, cash=300, active=False)
    )
    (general,) = TOWN.seen(user)
    assert isinstance(general, Candidate)
    assert (general.goal_id, general.available) == ("", 400)
    assert general.held == {"AAAB": 5, "MTUM": 2 * 10**9}
    assert general.beside == frozenset()
    assert over


def test_a_position_tells_the_index_of_named_goals_and_of_no_others() -> None:
    user, (_, goal) = TOWN.somebody(Part({"MTUM": 7, "AAAB": 3}), Part({"MTUM": 5}, cash=20))
    holder = TOWN.holder(user)
    assert holder.positions == {"AAAB": 3, "MTUM": 12}
    assert holder.shares == {"MTUM": {goal[-6:]: 5}}
    assert holder.purses == {goal[-6:]: Purse(20)}
    (alone,) = [row for row in holder.items if row.sk == keys.position("AAAB")]
    assert "shares" not in alone.attributes
