"""The broker's part: one journal each way, whatever happens between any two lines."""

from dataclasses import replace
from datetime import timedelta

import pytest

from shared.kernel.errors import BaobabError
from shared.kernel.money import Currency, Money
from shared.payments.errors import GatewayUnavailable
from shared.payments.ports import JournalState, Standing
from shared.payouts.model import MAX_RECALLS, SWEPT_AFTER, PayoutStatus
from shared.payouts.reasons import PayoutReason
from tests.payouts.test_not_paid import case_kinds
from tests.payouts.twins import Crash

S = PayoutStatus


def asked(world):
    world.deposit()
    return world.withdrawal(begin=False)


def test_the_intent_is_written_before_the_broker_is_asked(world):
    payout = asked(world)
    world.broker.script = ["down"]
    world.recall(payout)
    intent = world.now(payout)
    assert (intent.status, intent.journal_id) == (S.RECALLING, None)
    assert intent.broker_account_id is not None
    assert world.checks() == [("recall", 0, 2)]


@pytest.mark.parametrize("step", ["lost_answer", "crash_after", "down"])
def test_an_instruction_of_unknown_outcome_moves_the_cash_once(world, step):
    payout = asked(world)
    world.broker.script = [step]
    if step == "crash_after":
        with pytest.raises(Crash):
            world.recall(payout)
    else:
        world.recall(payout)
    for _ in range(3):
        world.recall(payout)
    assert world.now(payout).status is S.RECALLED
    assert len(world.broker.journals) == 1
    assert world.broker.cash == 6_000


@pytest.mark.parametrize("script", [["before"], ["after"], ["ok", "before"], ["ok", "after"],
                                    ["ok", "ok", "before"], ["ok", "ok", "after"]])  # fmt: skip
def test_a_crash_around_each_fact_moves_the_cash_once(world, script):
    payout = asked(world)
    world.facts.script = script
    with pytest.raises(Crash):
        world.recall(payout)
    for _ in range(3):
        world.recall(payout)
    assert world.now(payout).status is S.RECALLED
    assert world.broker.instructed <= 2
    assert len(world.broker.journals) == 1
    assert world.broker.cash == 6_000
    world.check_conserved()


def test_a_journal_under_way_is_followed_by_checks_and_by_the_brokers_word(world):
    payout = asked(world)
    world.broker.state = JournalState.WAITING
    world.recall(payout)
    assert world.now(payout).journal_id == "j1"
    assert world.books()["house:customers_cash_at_broker", "USD/2"] == 10_000
    world.recalling.checked(world.user_id, payout.payout_id, 0)
    assert world.checks() == [("recall", 0, 2), ("recall", 1, 5)]
    world.broker.finish(JournalState.EXECUTED)
    world.recalling.journal_changed("j1")
    assert world.now(payout).status is S.RECALLED
    world.recalling.journal_changed("j1")
    assert world.events().count("payouts.cash_recalled.v1") == 1
    world.check_conserved()


def test_a_journal_of_somebody_else_changes_nothing(world):
    asked(world)
    before = world.facts.commits
    world.recalling.journal_changed("j9")
    assert world.facts.commits == before


def test_after_a_refusal_another_key_is_used_and_the_sweep_asks(world):
    payout = asked(world)
    world.broker.script = ["refused"]
    world.recall(payout)
    waiting = world.now(payout)
    assert (waiting.status, waiting.recalls, waiting.review) == (S.READY, 1, False)
    assert waiting.reason is PayoutReason.BROKER_REJECTED
    assert waiting.due == world.clock.now() + SWEPT_AFTER
    assert world.recall_queue.sent == []
    world.recall(payout)
    assert list(world.broker.journals) == [f"{payout.payout_id}.0.1"]
    assert world.now(payout).status is S.RECALLED
    assert world.now(payout).reason is None


def test_an_instruction_whose_answer_was_lost_is_found_under_its_older_key(world):
    payout = asked(world)
    world.broker.state = JournalState.WAITING
    world.broker.script = ["lost_answer", "refused"]
    world.recall(payout)
    lost = world.now(payout)
    # Refused under the same key while the older one is under way: another key would move twice.
    world.commit(world.payouts.save(lost, lost.moved(S.READY, world.clock.now(), recalls=1)))
    world.broker.finish(JournalState.EXECUTED)
    world.recall(payout)
    assert world.now(payout).status is S.RECALLED
    assert len(world.broker.journals) == 1
    assert world.broker.cash == 6_000


def test_after_many_refusals_a_person_looks(world):
    payout = asked(world)
    world.broker.script = ["refused"] * 20
    for _ in range(20):
        world.recall(payout)
    held = world.now(payout)
    assert (held.status, held.recalls, held.review) == (S.READY, MAX_RECALLS, True)
    assert held.due is None
    assert world.broker.instructed == MAX_RECALLS
    assert case_kinds(world) == ["PAYOUT_FAILED"]
    world.broker.script.clear()
    world.commit(world.payouts.save(held, held.reviewed()))
    world.recall(payout)
    assert world.now(payout).status is S.RECALLED


def test_a_rejected_journal_counts_as_a_refusal(world):
    payout = asked(world)
    world.broker.cash = 0
    world.recall(payout)
    assert (world.now(payout).status, world.now(payout).recalls) == (S.READY, 1)
    world.broker.cash = 10_000
    world.recall(payout)
    assert world.now(payout).status is S.RECALLED


def test_without_an_account_it_waits_and_then_somebody_knows(world):
    payout = asked(world)
    world.broker.person = Standing(True, True, None)
    world.recall(payout)
    waiting = world.now(payout)
    assert (waiting.status, waiting.recalls) == (S.READY, 1)
    assert waiting.due == world.clock.now() + SWEPT_AFTER
    for _ in range(MAX_RECALLS):
        world.recall(payout)
    assert world.now(payout).review
    assert world.broker.instructed == 0


@pytest.mark.parametrize(
    "changes",
    [{"amount": Money(1, Currency.USD)}, {"account_id": "other"}, {"leg": 2}],
)
def test_cash_that_moved_otherwise_than_told_is_held_for_a_person(world, changes):
    payout = asked(world)
    world.broker.state = JournalState.WAITING
    world.recall(payout)
    key = next(iter(world.broker.journals))
    moved = replace(world.broker.journals[key], state=JournalState.EXECUTED, **changes)
    world.broker.journals[key] = moved
    world.recall(payout)
    held = world.now(payout)
    assert (held.status, held.review) == (S.RECALLING, True)
    assert case_kinds(world) == ["AMOUNT_MISMATCH"]
    assert world.books()["house:customers_cash_at_broker", "USD/2"] == 10_000


def test_a_broker_that_is_down_does_not_end_the_chain_until_the_sweep_asks(world):
    payout = asked(world)
    world.broker.state = JournalState.WAITING
    world.recall(payout)

    def down(journal_id):
        raise GatewayUnavailable

    world.broker.read = down
    world.recalling.checked(world.user_id, payout.payout_id, 0)
    assert world.checks()[-1] == ("recall", 1, 5)
    world.clock.advance(timedelta(minutes=6))
    world.recalling.checked(world.user_id, payout.payout_id, 1)
    assert len(world.checks()) == 2
    assert world.now(payout).due < world.clock.now()
    with pytest.raises(BaobabError):
        world.recalling.journal_changed("j1")
