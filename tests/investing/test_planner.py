"""From a funded deposit to a plan: exact, explained, once, and only when everything is known."""

import threading
from datetime import timedelta
from decimal import Decimal

import pytest

from shared.investing.explaining import explain, explain_plan
from shared.investing.model import OrderStatus
from shared.investing.plan import Inputs, Outcome, PlanOutcome, Rule, Rules, hash_of, plan_id
from shared.investing.planning import decide
from shared.investing.service import Planned, Waiting
from shared.market_data.model import Breaker, BreakerState
from shared.platform.tables import Table


def test_a_deposit_becomes_orders_with_reserved_money_in_two_reads_and_one_write(world) -> None:
    world.open_market()
    user_id = world.person(score=3)
    deposit_id = world.deposit(user_id, 10_000)
    world.database.forget()

    result = world.planner().invest(user_id, deposit_id)

    assert (world.database.reads, world.database.writes) == (2, 1)
    assert isinstance(result, Planned)
    orders = world.orders(user_id, plan_id(deposit_id))
    assert {symbol: one.notional_minor for symbol, one in orders.items()} == {
        "AAAB": 3990,
        "MTUM": 898,
        "QUAL": 1496,
        "SIZE": 698,
        "USMV": 1696,
        "VLUE": 1197,
    }
    assert all(one.status is OrderStatus.PLANNED for one in orders.values())
    wallet = world.wallet(user_id)
    assert (wallet.posted, wallet.held, wallet.open_orders) == (10_000, 9_975, 6)
    assert world.events() == ["investing.plan_created.v1"]


def test_the_deposit_is_told_of_its_plan_in_the_same_fact(world) -> None:
    world.open_market()
    user_id = world.person()
    rich = world.deposit(user_id, 10_000)
    world.planner().invest(user_id, rich)
    assert world.planned(user_id, rich)
    world.open_market(is_open=False)
    waiting = world.deposit(user_id, 5_000)
    assert isinstance(world.planner().invest(user_id, waiting), Waiting)
    assert not world.planned(user_id, waiting)


def test_a_plan_without_orders_ends_the_waiting_too(world) -> None:
    world.open_market()
    user_id = world.person()
    deposit_id = world.deposit(user_id, 50)
    result = world.planner().invest(user_id, deposit_id)
    assert result.plan.decision.outcome is PlanOutcome.NOTHING_TO_BUY
    assert world.planned(user_id, deposit_id)


@pytest.mark.parametrize("first", [10_000, 50])
def test_money_that_came_while_planning_is_planned_with_not_passed_over(
    world, monkeypatch, first
) -> None:
    world.open_market()
    user_id = world.person()
    deposit_id = world.deposit(user_id, first)
    planner = world.planner()
    load, late = planner._situations.load, []

    def slowly(user, deposit):
        situation = load(user, deposit)
        if not late:
            late.append(world.deposit(user_id, 20_000))
        return situation

    monkeypatch.setattr(planner._situations, "load", slowly)
    result = planner.invest(user_id, deposit_id)
    assert result.plan.inputs.available_minor == first + 20_000
    assert world.wallet(user_id).held == result.plan.decision.notional_minor > 19_000


def test_a_second_delivery_changes_nothing(world) -> None:
    user_id, plan = world.invested()
    before = world.wallet(user_id)
    again = world.planner().invest(user_id, f"dep_t1_{plan.removeprefix('pln_t1_')}")
    assert again == Planned(None)
    assert world.wallet(user_id) == before
    assert world.events() == ["investing.plan_created.v1"]


def test_stored_inputs_replay_to_the_same_bytes(world) -> None:
    user_id, plan = world.invested(score=4)
    stored = world.plans.plan(user_id, plan)
    replayed = decide(Inputs.read(stored.inputs.canonical()))
    assert replayed.canonical() == stored.decision.canonical()
    assert hash_of(stored.inputs.canonical()) == stored.inputs_hash


def test_weights_before_and_after_and_every_check_are_stored(world) -> None:
    user_id, plan = world.invested()
    decision = world.plans.plan(user_id, plan).decision
    assert decision.before["CASH"] == Decimal(1)
    assert decision.after["CASH"] == Decimal("0.002500")
    assert decision.after["AAAB"] == Decimal("0.399000")
    assert sum(decision.after.values()) == 1
    # No law that knows wash sales applies to this person.
    assert {one.rule for one in decision.checks} == set(Rule) - {Rule.WASH_SALE}
    assert {one.outcome for one in decision.checks} == {Outcome.PASS}
    assert (decision.drift_before, decision.drift_after) == (Decimal(1), Decimal("0.0025"))


@pytest.mark.parametrize(
    ("case", "rule"),
    [
        ("market closed", Rule.MARKET_OPEN),
        ("price too old", Rule.PRICE_FRESH),
        ("trading stopped", Rule.BREAKER_CLOSED),
        ("deposit not funded", Rule.DEPOSIT_FUNDED),
        ("account not active", Rule.ACCOUNT_ACTIVE),
        ("market never read", Rule.MODEL_PUBLISHED),
        ("clock too old", Rule.MARKET_OPEN),
    ],
)
def test_what_must_come_first_leaves_no_trace(world, case, rule) -> None:
    if case != "market never read":
        world.open_market(is_open=case != "market closed", age=121 if "price" in case else 0)
    if case == "trading stopped":
        now = world.clock.now()
        world.market.set_breaker(Breaker("trading", BreakerState.OPEN, "volatility", now))
    user_id = world.person(broker_status="SUBMITTED" if case == "account not active" else "ACTIVE")
    deposit_id = world.deposit(user_id, 10_000, funded=case != "deposit not funded")
    if case == "clock too old":
        world.clock.advance(timedelta(hours=2))
    world.database.forget()

    result = world.planner().invest(user_id, deposit_id)

    assert isinstance(result, Waiting)
    assert rule in result.rules
    assert world.database.writes == 0
    assert world.plans.plan(user_id, plan_id(deposit_id)) is None
    assert world.wallet(user_id).open_orders == 0
    assert world.events() == []


def test_it_waits_while_earlier_orders_are_open(world) -> None:
    user_id, _ = world.invested()
    second = world.deposit(user_id, 5_000)
    result = world.planner().invest(user_id, second)
    assert result == Waiting((Rule.NO_ORDERS_IN_FLIGHT,))
    assert not result.for_market


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"kyc_status": "REJECTED"}, Rule.IDENTITY_APPROVED),
        ({"status": "SUSPENDED"}, Rule.PERSON_ACTIVE),
        ({"score": None}, Rule.SUITABILITY),
    ],
)
def test_a_refusal_is_a_plan_without_orders_that_says_why(world, changes, rule) -> None:
    world.open_market()
    user_id = world.person(**changes)
    deposit_id = world.deposit(user_id, 10_000)
    world.planner().invest(user_id, deposit_id)
    stored = world.plans.plan(user_id, plan_id(deposit_id))
    assert stored.decision.outcome is PlanOutcome.REFUSED
    failed = [one.rule for one in stored.decision.checks if one.outcome is Outcome.FAIL]
    assert failed == [rule]
    assert stored.order_ids == ()
    assert world.wallet(user_id).available == 10_000
    assert world.events() == ["investing.plan_created.v1"]
    assert "Nothing was bought" in explain_plan(stored)


def test_a_model_bolder_than_the_person_is_refused(world) -> None:
    user_id, plan = world.invested(score=3)
    inputs = world.plans.plan(user_id, plan).inputs
    bolder = inputs.model_copy(update={"score": 2})
    assert decide(bolder).outcome is PlanOutcome.REFUSED
    assert decide(inputs.model_copy(update={"score": 5})).outcome is PlanOutcome.PLANNED


def test_small_money_waits_as_cash_and_joins_the_next_deposit(world) -> None:
    world.open_market()
    user_id = world.person()
    first = world.deposit(user_id, 77)
    world.planner().invest(user_id, first)
    stored = world.plans.plan(user_id, plan_id(first))
    assert stored.decision.outcome is PlanOutcome.NOTHING_TO_BUY
    assert {one.reason for one in stored.decision.left_out} == {"BELOW_MIN"}
    second = world.deposit(user_id, 77)
    world.planner().invest(user_id, second)
    orders = world.orders(user_id, plan_id(second))
    assert {symbol: one.notional_minor for symbol, one in orders.items()} == {"AAAB": 153}


def test_concentration_binds_a_portfolio_that_could_be_spread(world) -> None:
    user_id, plan = world.invested()
    inputs = world.plans.plan(user_id, plan).inputs
    lopsided = inputs.target.model_copy(update={"weights": {"QUAL": 9_000, "AAAB": 1_000}})
    inputs = inputs.model_copy(update={"target": lopsided, "score": 5})
    refused = decide(inputs)
    assert refused.outcome is PlanOutcome.REFUSED
    assert refused.orders == ()
    (check,) = [one for one in refused.checks if one.rule is Rule.CONCENTRATION]
    assert check.values["QUAL"] == "0.897700 over 0.4"
    small = decide(inputs.model_copy(update={"available_minor": 5_000}))
    assert small.outcome is PlanOutcome.PLANNED
    assert small.checks[-1].outcome is Outcome.WARN


def test_what_is_too_large_and_not_bought_only_warns(world) -> None:
    user_id, plan = world.invested()
    inputs = world.plans.plan(user_id, plan).inputs
    heavy = inputs.model_copy(update={"held": {"QUAL": 100 * 10**9}})
    decision = decide(heavy)
    assert decision.outcome is PlanOutcome.PLANNED
    assert decision.order("QUAL") is None
    assert decision.checks[-1].outcome is Outcome.WARN


def test_an_asset_that_does_not_trade_leaves_its_money_as_cash(world) -> None:
    user_id, plan = world.invested()
    inputs = world.plans.plan(user_id, plan).inputs
    halted = inputs.assets["SIZE"].model_copy(update={"buyable": False})
    decision = decide(inputs.model_copy(update={"assets": {**inputs.assets, "SIZE": halted}}))
    assert decision.order("SIZE") is None
    assert decision.left_minor == 25 + 698
    assert [(one.symbol, one.amount_minor) for one in decision.left_out] == [("SIZE", 698)]


def test_two_deposits_at_once_never_spend_money_twice(world) -> None:
    world.open_market()
    user_id = world.person()
    deposits = [world.deposit(user_id, 10_000) for _ in range(2)]
    results = []

    def plan(deposit_id: str) -> None:
        results.append(world.planner().invest(user_id, deposit_id))

    threads = [threading.Thread(target=plan, args=(one,)) for one in deposits]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    wallet = world.wallet(user_id)
    planned = [one for one in results if isinstance(one, Planned)]
    assert wallet.held == 19_950
    assert wallet.available == 50
    assert len(planned) in (1, 2)


def test_the_reasons_can_be_read_in_english_and_swahili(world) -> None:
    user_id, plan = world.invested()
    stored = world.plans.plan(user_id, plan)
    why = explain(stored, "QUAL")
    assert why.summary == (
        "This order buys US quality factor ETF (QUAL) for 14.96 USD because your plan for risk "
        "level 3 of 5 aims for 15.0 % in it and it was at 0.0 %; with this plan it comes to "
        "15.0 %."
    )
    assert (why.target, why.actual, why.after) == (
        Decimal("0.15"),
        Decimal(0),
        Decimal("0.149600"),
    )
    assert len(why.checks) == len(Rule) - 1
    assert explain(stored, "QUAL", "sw").summary.startswith("Agizo hili linanunua")
    assert explain_plan(stored) == "99.75 USD is invested in 6 orders; 0.25 USD stays cash."
    assert {one.detail for one in explain(stored, "QUAL", "sw").checks}.isdisjoint(
        {one.detail for one in why.checks}
    )


def test_rows_stay_small(world) -> None:
    user_id, _ = world.invested()
    page = world.database.query(Table.CORE, f"USER#{user_id}", "FEED#", "FEED#~")
    sizes: dict[str, int] = {}
    for item in page.items:
        sizes[item.kind] = max(sizes.get(item.kind, 0), len(str(dict(item.attributes))))
    assert sizes["order"] < 1024
    assert sizes["plan"] < 8 * 1024


def test_rules_are_a_part_of_the_stored_inputs(world) -> None:
    world.open_market()
    user_id = world.person()
    deposit_id = world.deposit(user_id, 10_000)
    world.planner(Rules(buffer_bp=100)).invest(user_id, deposit_id)
    stored = world.plans.plan(user_id, plan_id(deposit_id))
    assert stored.inputs.rules.buffer_bp == 100
    assert stored.decision.left_minor == 100
