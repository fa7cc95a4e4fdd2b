"""Goals and exclusions: a person's own, never bolder than they are, with names that stay sealed."""

import json
from datetime import date
from typing import Any

import pytest

from graphql_api.application import Application
from shared.kernel.clock import FixedClock
from shared.kernel.money import Currency
from shared.ledger.store import WalletRow
from shared.market_data.universe import SYMBOLS
from shared.platform import keys
from shared.platform.tables import Put
from shared.portfolio.model import Position
from shared.portfolio.store import PortfolioStore
from shared.strategies.service import ACTIVE_MAX
from tests.graphql_api.goals import SCHOOL, made, seen, told
from tests.graphql_api.steps import approved, open_market
from tests.graphql_api.unlimited import unlimited

DAY = date(2025, 3, 3)
GENERAL = {"path": "SPENDING", "style": "GROWTH"}
GROWTH_3 = {"AAAB": 4000, "MTUM": 900, "QUAL": 1500, "SIZE": 700, "USMV": 1700, "VLUE": 1200}


@pytest.fixture
def saver(app: Application, amina: Any) -> Any:
    """Somebody whose risk score is 3."""
    unlimited(app)
    approved(app, amina)
    return amina


def weights(goal: Any) -> dict[str, int]:
    return {one["symbol"]: one["weightBp"] for one in goal["targetWeights"]}


def hold_cash(app: Application, user_id: str, minor: int) -> None:
    row = WalletRow(
        pk=keys.user(user_id),
        sk=keys.wallet(Currency.USD),
        currency="USD",
        posted=minor,
        head="",
    )
    app.database.transact([Put("wallet", row)])


def test_everybody_has_a_general_goal_that_aims_for_the_strategy_of_their_score(
    saver: Any,
) -> None:
    (goal,) = seen(saver)
    assert goal | {"goalId": "", "targetWeights": [], "progress": {}} == {
        "goalId": "",
        "general": True,
        "name": None,
        "status": "ACTIVE",
        "target": None,
        "until": None,
        "path": "SPENDING",
        "style": "GROWTH",
        "score": None,
        "effectiveScore": 3,
        "strategy": "factor-3 v1",
        "equityBp": 6000,
        "targetWeights": [],
        "progress": {},
    }
    assert weights(goal) == GROWTH_3


def test_before_the_risk_questions_nothing_is_aimed_for(amina: Any) -> None:
    (goal,) = seen(amina)
    assert (goal["effectiveScore"], goal["strategy"], goal["targetWeights"], goal["equityBp"]) == (
        None,
        None,
        [],
        None,
    )


def test_a_goal_is_made_once_per_key_and_shown_after_the_general_one(saver: Any) -> None:
    goal = made(saver)
    assert (goal["name"], goal["target"], goal["until"], goal["general"]) == (
        "School fees",
        {"amount": "5000.00", "currency": "USD"},
        "2032-01-15",
        False,
    )
    assert made(saver) == goal
    assert told(saver, "createGoal", **SCHOOL | {"name": "Car"})["code"] == "IDEMPOTENCY_KEY_REUSED"
    assert [one["goalId"] for one in seen(saver)][1:] == [goal["goalId"]]


def test_a_date_takes_equity_away_as_its_path_says(saver: Any) -> None:
    # 70 whole months before the 15th of January 2032: between 72 (40 %) and 36 months (20 %).
    goal = made(saver, style="INCOME")
    assert (goal["equityBp"], goal["strategy"]) == (3500, "income-3 v1")
    goal = made(saver, idempotencyKey="goal-2")
    assert (goal["equityBp"], goal["strategy"]) == (3888, "factor-3 v1")
    later = made(saver, idempotencyKey="goal-3", path="RETIREMENT", until="2061-01-15")
    assert (later["equityBp"], weights(later)) == (6000, GROWTH_3)


def test_a_goal_may_be_more_cautious_than_its_person_and_never_bolder(saver: Any) -> None:
    cautious = made(saver, until=None, score=1)
    assert (cautious["score"], cautious["effectiveScore"], cautious["equityBp"]) == (1, 1, 2000)
    bold = made(saver, until=None, score=5, idempotencyKey="goal-2")
    assert (bold["score"], bold["effectiveScore"], bold["equityBp"]) == (5, 3, 6000)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"until": "2026-03-02"}, "until"),
        ({"until": "2107-01-01"}, "until"),
        ({"target": "0.00"}, "target"),
        ({"target": "-1.00"}, "target"),
        ({"target": "1000000000.01"}, "target"),
        ({"score": 0}, "score"),
        ({"score": 6}, "score"),
        ({"name": "x" * 61}, "name"),
        ({"name": " "}, "name"),
    ],
    ids=str,
)
def test_what_there_cannot_be_is_refused_by_its_field_and_nothing_is_kept(
    saver: Any, wrong: dict[str, Any], field: str
) -> None:
    refused = told(saver, "createGoal", **SCHOOL | wrong)
    assert (refused["code"], refused["field"]) == ("INVALID_VALUE", field)
    assert len(seen(saver, archived=True)) == 1


def test_a_refusal_is_told_in_the_persons_language(saver: Any) -> None:
    saver.graphql(
        "mutation($i: UpdateProfileInput!) { updateProfile(input: $i) { __typename } }",
        {"i": {"language": "SW"}},
    )
    refused = told(saver, "createGoal", **SCHOOL | {"until": "2026-03-02"})
    assert "lazima iwe siku ndani ya miaka 80" in refused["message"]


def test_a_changed_goal_is_as_it_was_sent_and_keeps_its_name_unless_another_is_given(
    saver: Any,
) -> None:
    goal = made(saver)
    wanted = {"goalId": goal["goalId"], "path": "RETIREMENT", "style": "INCOME", "score": 2}
    changed = told(saver, "changeGoal", **wanted)["goal"]
    assert (changed["name"], changed["target"], changed["until"], changed["strategy"]) == (
        "School fees",
        None,
        None,
        "income-2 v1",
    )
    assert told(saver, "changeGoal", **wanted)["goal"] == changed
    renamed = told(saver, "changeGoal", **wanted, name="Masomo ya watoto")["goal"]
    assert renamed == changed | {"name": "Masomo ya watoto"}
    assert seen(saver)[1] == renamed


def test_the_general_goal_changes_and_is_never_archived(saver: Any) -> None:
    (general,) = seen(saver)
    refused = told(saver, "archiveGoal", goalId=general["goalId"])
    assert refused["code"] == "GOAL_DEFAULT_STAYS"
    changed = told(saver, "changeGoal", goalId=general["goalId"], **GENERAL | {"style": "INCOME"})
    assert (changed["goal"]["general"], changed["goal"]["strategy"]) == (True, "income-3 v1")
    assert seen(saver) == [changed["goal"]]


def test_an_archived_goal_is_shown_where_asked_for_and_changes_no_more(saver: Any) -> None:
    goal_id = made(saver)["goalId"]
    archived = told(saver, "archiveGoal", goalId=goal_id)["goal"]
    assert archived["status"] == "ARCHIVED"
    assert told(saver, "archiveGoal", goalId=goal_id)["goal"] == archived
    assert [one["general"] for one in seen(saver)] == [True]
    assert seen(saver, archived=True)[1] == archived
    refused = told(saver, "changeGoal", goalId=goal_id, **GENERAL)
    assert refused["code"] == "GOAL_ARCHIVED"


def test_there_are_only_so_many_goals_at_a_time(saver: Any) -> None:
    kept = [made(saver, idempotencyKey=f"goal-{n}")["goalId"] for n in range(ACTIVE_MAX)]
    refused = told(saver, "createGoal", **SCHOOL | {"idempotencyKey": "one-more"})
    assert refused["code"] == "GOALS_TOO_MANY"
    told(saver, "archiveGoal", goalId=kept[0])
    assert made(saver, idempotencyKey="one-more")["status"] == "ACTIVE"


def test_what_is_excluded_is_in_no_target_and_its_weight_stays_in_its_class(saver: Any) -> None:
    made(saver)
    done = told(saver, "setExclusions", symbols=["VLUE", "VLUE"])
    assert done["exclusions"] == ["VLUE"]
    for goal in done["goals"]:
        assert "VLUE" not in weights(goal)
        assert sum(weights(goal).values()) == 10_000
    assert [one["equityBp"] for one in done["goals"]] == [6000, 3888]
    assert done["goals"] == seen(saver)
    assert saver.graphql("{ viewer { exclusions } }").data["viewer"]["exclusions"] == ["VLUE"]
    assert told(saver, "setExclusions", symbols=[])["goals"] != done["goals"]


@pytest.mark.parametrize(
    ("symbols", "code"),
    [
        (["AAAB"], "STRATEGY_NOTHING_LEFT"),
        (["TSLA"], "INVALID_VALUE"),
        ([one for one in SYMBOLS if one not in ("AAAB", "QUAL")], "STRATEGY_TOO_NARROW"),
    ],
)
def test_exclusions_that_leave_no_portfolio_are_refused(
    saver: Any, symbols: list[str], code: str
) -> None:
    told(saver, "setExclusions", symbols=["SIZE"])
    assert told(saver, "setExclusions", symbols=symbols)["code"] == code
    assert saver.graphql("{ viewer { exclusions } }").data["viewer"]["exclusions"] == ["SIZE"]


def test_progress_is_what_is_saved_of_what_is_wanted_rounded_down(
    saver: Any, app: Application
) -> None:
    (general,) = seen(saver)
    for minor, share, reached in ((333_333, "0.333333", False), (1_000_000, "1.000000", True)):
        hold_cash(app, saver.user_id, minor)
        wanted = {"goalId": general["goalId"], "target": "10000.00", **GENERAL}
        progress = told(saver, "changeGoal", **wanted)["goal"]["progress"]
        assert progress == {
            "worth": {"amount": f"{minor // 100}.{minor % 100:02}"},
            "fraction": share,
            "reached": reached,
            "asOf": None,
            "stale": False,
        }
    hold_cash(app, saver.user_id, 999_999_999)
    assert seen(saver)[0]["progress"]["fraction"] == "1.000000"


def test_progress_says_how_old_the_prices_are_and_is_unknown_where_one_is_missing(
    saver: Any, app: Application, clock: FixedClock
) -> None:
    open_market(app, clock)
    store = PortfolioStore(app.database)

    def buys(symbol: str) -> None:
        position = Position(saver.user_id, symbol).buy("ord-00001", DAY, 10 * 10**9, 40_000)
        app.facts.commit([store.save(position)])

    buys("VLUE")
    fresh = seen(saver)[0]["progress"]
    assert (fresh["worth"], fresh["asOf"], fresh["stale"]) == (
        {"amount": "1005.00"},
        "2026-03-02T15:30:00.000000Z",
        False,
    )
    buys("AAAB")
    # Its price is an hour old.
    old = seen(saver)[0]["progress"]
    assert (old["worth"], old["asOf"], old["stale"]) == (
        {"amount": "1505.00"},
        "2026-03-02T14:30:00.000000Z",
        True,
    )
    buys("MTUM")
    unknown = seen(saver)[0]["progress"]
    assert (unknown["worth"], unknown["fraction"], unknown["reached"]) == (None, None, None)


def test_a_name_lies_sealed_and_is_in_no_line_of_the_log_and_no_event(
    saver: Any, database: Any, capfd: pytest.CaptureFixture[str]
) -> None:
    goal = made(saver, name="Nyumba ya Mama")
    told(saver, "changeGoal", goalId=goal["goalId"], name="Nyumba ya Baba", **GENERAL)
    told(saver, "archiveGoal", goalId=goal["goalId"])
    stored = repr(database._items)
    logged = capfd.readouterr()
    for text in (stored, logged.out, logged.err):
        assert "Nyumba" not in text
    assert "Nyumba ya Baba" in json.dumps(seen(saver, archived=True))


def test_names_are_opened_by_the_request_without_a_read_for_each(saver: Any, database: Any) -> None:
    for number in range(3):
        made(saver, idempotencyKey=f"goal-{number}", name=f"Goal {number}")
    database.requests.clear()
    general, *named = seen(saver)
    assert (general["name"], {one["name"] for one in named}) == (
        None,
        {"Goal 0", "Goal 1", "Goal 2"},
    )
    # The person, their state with all goals, and what their rate takes.
    assert [each.partition(" ")[0] for each in database.requests].count("query") == 1
    assert len(database.requests) <= 4, database.requests
