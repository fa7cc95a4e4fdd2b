"""Plans aim for what the person's goal asks for today: style, glide path, score and exclusions."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import pytest

from shared.investing.inputs import Cause, Inputs
from shared.investing.plan import Rule, plan_id
from shared.investing.planning import decide, judge
from shared.investing.reading import Ask
from shared.investing.service import Waiting
from shared.strategies.exclusions import Exclusions
from shared.strategies.fitting import with_at_most, without
from shared.strategies.founding import FOUNDING
from shared.strategies.glide import Path, equity_at
from shared.strategies.goal_store import SavingStore
from shared.strategies.goals import Terms, general_goal
from shared.strategies.model import STRATEGY_IDS, Style, equity_of
from shared.strategies.rows import strategy_key

_BY_ID = {one.id: one for one in FOUNDING}


def wants(world: Any, user_id: str, terms: Terms) -> None:
    """The person changes their general goal."""
    goal = general_goal(user_id)
    world.facts.commit([SavingStore(world.database).save(goal, goal.changed(terms, None))])


def excludes(world: Any, user_id: str, *symbols: str) -> None:
    none = Exclusions(user_id)
    after = none.changed(frozenset(symbols))
    world.facts.commit([SavingStore(world.database).exclude(none, after)])


def planned(world: Any, user_id: str, cents: int = 100_000) -> Any:
    deposit_id = world.deposit(user_id, cents)
    world.database.forget()
    result = world.planner().invest(user_id, deposit_id)
    assert (world.database.reads, world.database.writes) == (2, 1)
    assert result.plan == world.plans.plan(user_id, plan_id(deposit_id))
    return result.plan


def bought(plan: Any) -> Mapping[str, int]:
    return {one.symbol: one.notional_minor for one in plan.decision.orders}


def test_without_any_choice_a_plan_aims_for_growth_at_the_persons_score(world: Any) -> None:
    world.open_market()
    plan = planned(world, world.person(score=4))
    target = plan.inputs.target
    assert (target.id, target.version, target.score) == ("factor-4", 1, 4)
    assert target.weights == _BY_ID["factor-4"].weights


def test_a_style_reaches_the_plan_with_the_version_it_comes_from(world: Any) -> None:
    world.open_market()
    user_id = world.person(score=3)
    wants(world, user_id, Terms(style=Style.INCOME))
    plan = planned(world, user_id)
    assert (plan.inputs.target.id, plan.inputs.target.version) == ("income-3", 1)
    assert bought(plan)["AAAB"] == 64_838


def test_a_near_date_lowers_the_equity_of_the_day(world: Any) -> None:
    world.open_market()
    user_id, today = world.person(score=5), world.clock.now().date()
    until = today + timedelta(days=365)
    wants(world, user_id, Terms(until=until, path=Path.SPENDING))
    target = planned(world, user_id).inputs.target
    assert equity_at(Path.SPENDING, until, today) == 2000
    assert target.weights == with_at_most(_BY_ID["factor-5"].weights, 2000)
    assert (target.id, equity_of(target.weights)) == ("factor-5", 2000)


def test_what_is_excluded_is_not_bought_and_the_rest_of_its_class_is(world: Any) -> None:
    world.open_market()
    user_id = world.person(score=3)
    excludes(world, user_id, "MTUM", "QUAL")
    plan = planned(world, user_id)
    assert set(bought(plan)) == {"AAAB", "SIZE", "USMV", "VLUE"}
    assert plan.inputs.target.weights == without(_BY_ID["factor-3"].weights, {"MTUM", "QUAL"})


def test_a_lower_score_of_the_goal_counts_and_a_higher_one_does_not(world: Any) -> None:
    world.open_market()
    cautious, bold = world.person(score=4), world.person(score=2)
    wants(world, cautious, Terms(score=1))
    wants(world, bold, Terms(score=5))
    assert planned(world, cautious).inputs.target.id == "factor-1"
    assert planned(world, bold).inputs.target.id == "factor-2"


def test_a_plan_of_a_fitted_target_replays_to_the_same_bytes(world: Any) -> None:
    world.open_market()
    user_id = world.person(score=4)
    wants(world, user_id, Terms(until=date(2030, 6, 1), style=Style.INCOME))
    excludes(world, user_id, "SIZE")
    plan = planned(world, user_id)
    again = decide(Inputs.read(plan.inputs.canonical()))
    assert again.canonical() == plan.decision.canonical()


def test_where_the_exclusions_leave_nothing_a_deposit_waits_and_says_so(world: Any) -> None:
    world.open_market()
    user_id = world.person(score=3)
    excludes(world, user_id, "AAAB")
    deposit_id = world.deposit(user_id, 10_000)
    world.database.forget()
    result = world.planner().invest(user_id, deposit_id)
    assert result == Waiting((Rule.MODEL_PUBLISHED,))
    assert world.database.writes == 0
    assert not world.planned(user_id, deposit_id)
    inputs = world.planner()._situations.load(user_id, Ask(Cause.DEPOSIT, deposit_id)).inputs
    (check,) = judge(inputs).waits_for
    assert check.values == {"missing": "NOTHING_LEFT"}
    excluded = SavingStore(world.database).of_person(user_id).exclusions
    world.facts.commit(
        [SavingStore(world.database).exclude(excluded, excluded.changed(frozenset()))]
    )
    assert world.planner().invest(user_id, deposit_id).plan.inputs.untargeted == ""


@pytest.mark.parametrize("score", [1, 5])
def test_only_the_strategies_of_the_persons_goals_are_read(
    world: Any, monkeypatch: pytest.MonkeyPatch, score: int
) -> None:
    world.open_market()
    user_id = world.person(score=score)
    deposit_id, read = world.deposit(user_id, 10_000), []
    get_many = world.database._inner.get_many

    def watched(keys: Any) -> Any:
        read.extend(keys)
        return get_many(keys)

    monkeypatch.setattr(world.database._inner, "get_many", watched)
    world.planner().invest(user_id, deposit_id)
    assert [name for name in STRATEGY_IDS if strategy_key(name) in read] == [f"factor-{score}"]
