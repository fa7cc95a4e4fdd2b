"""Plans of before rules had dates, and plans of now, replay to the same bytes."""

import json
from pathlib import Path

import pytest

from shared.investing.explaining import explain_decision, told
from shared.investing.plan import Inputs, hash_of
from shared.investing.planning import decide, judge
from shared.investing.rules.names import FIRST

STORED = json.loads(
    Path(__file__).with_name("stored_before_rules_had_dates.json").read_text(encoding="utf-8")
)


@pytest.mark.parametrize("name", sorted(STORED))
def test_what_was_stored_before_rules_had_dates_still_replays_to_the_same_bytes(name: str) -> None:
    stored = STORED[name]
    inputs = Inputs.read(stored["inputs"])
    judged = judge(inputs)
    assert inputs.risk is None
    assert inputs.canonical() == stored["inputs"]
    assert judged.decision.canonical() == stored["decision"]
    assert [each.rule.value for each in judged.waits_for] == stored["waits_for"]
    assert [each.rule for each in judged.decision.checks] == list(FIRST)
    assert explain_decision(inputs, judged.decision, "sw")


def test_a_plan_of_now_replays_from_its_text_with_the_rules_that_were_in_force(new_world) -> None:
    world = new_world()
    user_id, plan_id = world.invested()
    plan = world.plans.plan(user_id, plan_id)
    text = plan.inputs.canonical()
    assert hash_of(text) == plan.inputs_hash
    assert decide(Inputs.read(text)).canonical() == plan.decision.canonical()
    assert [each.rule for each in plan.decision.checks] != list(FIRST)


def test_a_replay_takes_the_parameters_that_were_stored_and_not_those_of_today(new_world) -> None:
    world = new_world()
    user_id, plan_id = world.invested()
    stored = json.loads(world.plans.plan(user_id, plan_id).inputs.canonical())
    stored["risk"]["rules"]["ORDER_SIZE"]["max_bp"] = 100
    refused = decide(Inputs.read(json.dumps(stored)))
    failed = [each for each in told(refused.checks) if each.outcome.value == "FAIL"]
    assert [each.rule.value for each in failed] == ["ORDER_SIZE"]
    assert failed[0].detail.startswith("Not so: The largest purchase is 0.399000 of your account")
