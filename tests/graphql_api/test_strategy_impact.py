"""What a proposal would trade is told before it is decided, for a stated sample, by the planner."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from graphql_api.application import Application
from shared.kernel.clock import FixedClock
from shared.kernel.money import Currency, Price
from shared.market_data.model import Asset, MarketClock, Quote
from shared.market_data.store import MarketStore
from shared.market_data.universe import UNIVERSE
from shared.portfolio.model import Position
from shared.portfolio.store import PortfolioStore
from shared.strategies.rows import keep_in_force
from shared.users.roles import Role
from tests.graphql_api.goals import SCHOOL, told
from tests.graphql_api.steps import approved
from tests.graphql_api.test_previews import rows
from tests.graphql_api.test_strategies import decide, propose
from tests.graphql_api.unlimited import unlimited

DAY = date(2025, 3, 3)
HELD = {"AAAB": 40, "MTUM": 9, "QUAL": 15, "SIZE": 7, "USMV": 17, "VLUE": 12}
"""At 100 dollars each this is exactly the growth strategy of score 3."""
MORE_MOMENTUM = {"AAAB": 4000, "MTUM": 2000, "QUAL": 1500, "SIZE": 700, "USMV": 600, "VLUE": 1200}
IMPACT = """impact { sampled seen complete peopleAffected peopleWithoutTarget peopleUnpriced
  withIt { ordersCount buy { amount } sell { amount } }
  withoutIt { ordersCount buy { amount } sell { amount } } }"""
ONE = f"query($p: ProposalId!) {{ strategyProposal(proposalId: $p) {{ {IMPACT} }} }}"
NOTHING = {"ordersCount": 0, "buy": {"amount": "0.00"}, "sell": {"amount": "0.00"}}


def holding(app: Application, client: Any, score: int = 3, held: Any = None) -> Any:
    """Somebody with an account at the broker who holds this many shares."""
    approved(app, client)
    app.facts.commit([app.users.set_risk_score(client.user_id, score, "2026-1")])
    app.facts.commit([app.users.set_broker_account(client.user_id, "acc-1", "ACTIVE")])
    store = PortfolioStore(app.database)
    for symbol, shares in (HELD if held is None else held).items():
        position = Position(client.user_id, symbol).buy(
            "ord-00001", DAY, shares * 10**9, shares * 9_000
        )
        app.facts.commit([store.save(position)])
    return client


@pytest.fixture
def admin(app: Application, clock: FixedClock, staff: Callable[..., Any]) -> Any:
    unlimited(app)
    market, now = MarketStore(app.database), clock.now()
    closes = now + timedelta(hours=5)
    market.keep_clock(MarketClock(now, True, now + timedelta(days=1), closes, now))
    market.keep_quotes(
        Quote(name, Price(Decimal(100), Currency.USD), now, "test", now) for name in UNIVERSE
    )
    market.keep_assets(
        Asset(name, one.name, one.type, f"id-{name}", True, True, now)
        for name, one in UNIVERSE.items()
    )
    keep_in_force(app.database, now.date())
    return staff(Role.ADMIN)


def weighted(weights: dict[str, int]) -> list[dict[str, Any]]:
    return [{"symbol": name, "weightBp": points} for name, points in weights.items()]


def impact(client: Any, proposal: Any) -> Any:
    return client.graphql(ONE, {"p": proposal["proposalId"]}).data["strategyProposal"]["impact"]


def test_people_of_the_strategy_are_found_and_what_the_planner_would_do_is_summed(
    app: Application, admin: Any, join: Callable[[str], Any]
) -> None:
    amina = holding(app, join("amina@example.com"))
    holding(app, join("bold@example.com"), score=4)
    careful = holding(app, join("careful@example.com"))
    (general,) = careful.graphql("{ viewer { goals { goalId } } }").data["viewer"]["goals"]
    told(careful, "changeGoal", **general, path="SPENDING", style="INCOME")
    proposal = propose(admin, weights=weighted(MORE_MOMENTUM))["proposal"]
    before = rows(app, amina.user_id)
    assert impact(admin, proposal) == {
        "sampled": 1,
        "seen": 3,
        "complete": True,
        "peopleAffected": 1,
        "peopleWithoutTarget": 0,
        "peopleUnpriced": 0,
        # 17 shares down to 6; nothing is bought before that has settled.
        "withIt": {"ordersCount": 1, "buy": {"amount": "0.00"}, "sell": {"amount": "1100.00"}},
        "withoutIt": NOTHING,
    }
    assert rows(app, amina.user_id) == before


def test_a_goal_with_another_strategy_brings_its_person_into_the_sample(
    app: Application, admin: Any, join: Callable[[str], Any]
) -> None:
    bold = holding(app, join("bold@example.com"), score=4)
    proposal = propose(admin, weights=weighted(MORE_MOMENTUM))["proposal"]
    assert (impact(admin, proposal)["seen"], impact(admin, proposal)["sampled"]) == (1, 0)
    told(bold, "createGoal", **SCHOOL | {"score": 3, "until": None})
    found = impact(admin, proposal)
    # Nothing is bought for the goal yet, and the general one aims for another strategy.
    assert (found["sampled"], found["peopleAffected"]) == (1, 1)
    assert (found["withIt"], found["withoutIt"]) == (NOTHING, NOTHING)


def test_weights_that_change_nothing_affect_nobody_and_one_in_force_is_compared_with_itself(
    app: Application, admin: Any, join: Callable[[str], Any], staff: Callable[..., Any]
) -> None:
    holding(app, join("amina@example.com"))
    same = {name: shares * 100 for name, shares in HELD.items()}
    proposal = propose(admin, weights=weighted(same))["proposal"]
    found = impact(admin, proposal)
    assert (found["sampled"], found["peopleAffected"], found["withIt"]) == (1, 0, NOTHING)
    decide(staff(Role.COMPLIANCE), proposal)
    assert impact(admin, proposal) == found


def test_people_without_a_target_or_prices_are_counted_and_not_guessed(
    app: Application, admin: Any, join: Callable[[str], Any]
) -> None:
    holding(app, join("amina@example.com"), held=HELD | {"GONE": 1})
    excluding = holding(app, join("picky@example.com"))
    told(excluding, "setExclusions", symbols=["MTUM", "QUAL"])
    only_two = {"AAAB": 4000, "MTUM": 3000, "QUAL": 3000}
    found = impact(admin, propose(admin, weights=weighted(only_two))["proposal"])
    assert (
        found["sampled"],
        found["peopleAffected"],
        found["peopleWithoutTarget"],
        found["peopleUnpriced"],
    ) == (2, 2, 1, 1)


def test_an_answer_has_one_impact_at_most(admin: Any) -> None:
    proposal = propose(admin)["proposal"]
    twice = f"""query($p: ProposalId!) {{ one: strategyProposal(proposalId: $p) {{ {IMPACT} }}
      two: strategyProposal(proposalId: $p) {{ {IMPACT} }} }}"""
    refused = admin.graphql(twice, {"p": proposal["proposalId"]})
    assert refused.codes == ["INVALID_VALUE"]
