"""From the wallet to the person's broker account: one journal per deposit, whatever happens."""

from dataclasses import replace
from datetime import timedelta

import pytest

from shared.kernel.clock import to_text
from shared.kernel.money import Currency, Money
from shared.market_data.model import BreakerState
from shared.payments.errors import GatewayUnavailable
from shared.payments.events import DepositFundedV1
from shared.payments.model import MAX_JOURNAL_ATTEMPTS, DepositStatus, Gateway
from shared.payments.ports import JournalState, Paid
from shared.payments.reasons import Reason


@pytest.fixture
def settled(world):
    return make_settled(world)


def make_settled(world, amount="100.00", key="key-1"):
    deposit = world.card(amount, key=key)
    world.gateways[Gateway.STRIPE].set(deposit, Paid(f"pi_{key}", deposit.amount))
    world.signal(deposit)
    world.facts.published.clear()
    return world.now(deposit)


def test_settled_money_moves_to_the_person_and_is_free(world, settled):
    world.fund(settled)
    funded = world.now(settled)
    assert funded.status is DepositStatus.FUNDED
    assert funded.journal_id == "j1"
    assert funded.funded_at == world.clock.now()
    wallet = world.wallet()
    assert (wallet.posted, wallet.held, wallet.available) == (10_000, 0, 10_000)
    assert world.facts.published == [
        DepositFundedV1(
            user_id=world.user_id,
            deposit_id=settled.deposit_id,
            currency="USD",
            amount_minor=10_000,
        )
    ]
    books = world.books()
    assert books["house:customers_cash_at_broker", "USD/2"] == 10_000
    assert books["house:firm_cash_at_broker", "USD/2"] == -10_000
    assert world.funding_queue.sent == []


def test_repeated_deliveries_move_money_once(world, settled):
    for _ in range(3):
        world.fund(settled)
    assert world.broker.instructed == 1
    assert world.broker.moved == 10_000
    assert len(world.facts.published) == 1


def test_without_an_account_it_waits_for_the_account(world):
    world.person(broker_status="SUBMITTED")
    first, second = make_settled(world, key="a"), make_settled(world, "5.00", key="b")
    world.fund(first)
    world.fund(second)
    assert world.broker.instructed == 0
    assert world.funding_queue.sent == []
    assert world.now(first).status is DepositStatus.SETTLED
    world.person()
    world.funding.account_opened(world.user_id)
    assert world.now(first).status is DepositStatus.FUNDED
    assert world.now(second).status is DepositStatus.FUNDED
    assert world.broker.moved == 10_500


def test_an_open_breaker_stops_and_a_closed_one_lets_on(world, settled):
    world.breaker(BreakerState.OPEN)
    world.fund(settled)
    assert world.now(settled) == settled
    assert world.checks_sent()[-1] == ("funding", 0, 2)
    world.breaker(BreakerState.CLOSED)
    world.funding.checked(world.user_id, settled.deposit_id, 0)
    assert world.now(settled).status is DepositStatus.FUNDED


def test_more_than_the_limit_waits_with_its_reason(world, settled):
    object.__setattr__(world.funding, "limit_minor", 9_999)
    world.fund(settled)
    world.fund(settled)
    waiting = world.now(settled)
    assert (waiting.status, waiting.reason) == (
        DepositStatus.SETTLED,
        Reason.OVER_FUNDING_LIMIT,
    )
    assert waiting.version == settled.version + 1
    assert world.broker.instructed == 0
    object.__setattr__(world.funding, "limit_minor", 10_000)
    world.fund(settled)
    assert world.now(settled).status is DepositStatus.FUNDED
    assert world.now(settled).reason is None


def test_a_journal_under_way_is_followed_until_it_executes(world, settled):
    world.broker.state = JournalState.WAITING
    world.fund(settled)
    assert world.now(settled).status is DepositStatus.FUNDING
    assert world.wallet().available == 0
    assert world.checks_sent()[-1] == ("funding", 0, 2)
    world.broker.finish(JournalState.EXECUTED)
    world.funding.checked(world.user_id, settled.deposit_id, 0)
    assert world.now(settled).status is DepositStatus.FUNDED
    assert world.broker.instructed == 1


def test_the_brokers_event_is_a_hint_to_read_the_journal(world, settled):
    world.broker.state = JournalState.WAITING
    world.fund(settled)
    world.funding.journal_changed("j1")
    assert world.now(settled).status is DepositStatus.FUNDING
    world.broker.finish(JournalState.EXECUTED)
    world.funding.journal_changed("j1")
    world.funding.journal_changed("j1")
    world.funding.journal_changed("unknown")
    assert world.now(settled).status is DepositStatus.FUNDED
    assert len(world.facts.published) == 1


@pytest.mark.parametrize("failure", ["lost_answer", "down"])
def test_an_unknown_outcome_is_looked_up_before_anything_else(world, settled, failure):
    world.broker.script = [failure]
    with pytest.raises(GatewayUnavailable):
        world.fund(settled)
    assert world.now(settled).status is DepositStatus.FUNDING
    world.fund(settled)
    assert world.now(settled).status is DepositStatus.FUNDED
    assert world.broker.instructed == (1 if failure == "lost_answer" else 2)
    assert world.broker.moved == 10_000


@pytest.mark.parametrize("commit", [0, 1, 2])
@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_crash_at_any_commit_moves_money_once(world, settled, commit, moment):
    world.facts.script = ["ok"] * commit + [moment]
    with pytest.raises(RuntimeError, match="crashed"):
        world.fund(settled)
    world.fund(settled)
    assert world.now(settled).status is DepositStatus.FUNDED
    assert world.broker.moved == 10_000
    assert world.wallet().available == 10_000
    assert len(world.facts.published) == 1


def test_a_crash_after_the_brokers_effect_adopts_the_journal(world, settled):
    world.broker.script = ["crash_after"]
    with pytest.raises(RuntimeError, match="crashed"):
        world.fund(settled)
    world.fund(settled)
    assert world.now(settled).journal_id == "j1"
    assert world.broker.instructed == 1
    assert world.broker.moved == 10_000


def test_a_rejected_journal_is_instructed_anew_under_another_key(world, settled):
    world.broker.state = JournalState.REJECTED
    world.fund(settled)
    back = world.now(settled)
    assert (back.status, back.reason, back.journal_id, back.journal_attempt) == (
        DepositStatus.SETTLED,
        Reason.BROKER_REJECTED,
        None,
        1,
    )
    assert world.wallet().available == 0
    world.broker.state = JournalState.EXECUTED
    world.fund(settled)
    assert world.now(settled).status is DepositStatus.FUNDED
    assert set(world.broker.journals) == {f"{settled.deposit_id}.0", f"{settled.deposit_id}.1"}
    assert world.broker.moved == 10_000


def test_a_refusal_after_a_lost_answer_does_not_move_the_money_twice(world, settled, monkeypatch):
    """The first instruction empties the firm's account, so that its repetition is refused."""
    world.broker.script = ["lost_answer", "refused"]
    with pytest.raises(GatewayUnavailable):
        world.fund(settled)
    with monkeypatch.context() as patch:
        patch.setattr(world.broker, "find", lambda deposit: None)  # not listed yet
        world.fund(settled)
    assert world.now(settled).journal_attempt == 1
    world.fund(settled)
    assert world.now(settled).status is DepositStatus.FUNDED
    assert set(world.broker.journals) == {f"{settled.deposit_id}.0"}
    assert world.broker.moved == world.wallet().available == 10_000


def test_a_refused_instruction_is_tried_a_bounded_number_of_times(world, settled):
    world.broker.script = ["refused"] * 50
    for _ in range(MAX_JOURNAL_ATTEMPTS + 5):
        world.fund(settled)
    held = world.now(settled)
    assert (held.status, held.review) == (DepositStatus.SETTLED, True)
    assert world.broker.instructed == MAX_JOURNAL_ATTEMPTS
    assert world.wallet().held == 10_000


@pytest.mark.parametrize(
    "change", [{"amount": Money(9_999, Currency.USD)}, {"account_id": "somebody-elses"}]
)
def test_a_journal_over_another_amount_or_account_is_held_for_a_person(world, settled, change):
    world.broker.state = JournalState.WAITING
    world.fund(settled)
    (key,) = world.broker.journals
    world.broker.journals[key] = replace(
        world.broker.journals[key], state=JournalState.EXECUTED, **change
    )
    world.funding.journal_changed("j1")
    held = world.now(settled)
    assert (held.status, held.review) == (DepositStatus.FUNDING, True)
    assert world.wallet().available == 0
    assert world.facts.published == []


def test_once_overdue_the_sweep_asks_instead_of_the_chain(world, settled):
    world.breaker(BreakerState.OPEN)
    world.clock.advance(timedelta(minutes=5))
    world.fund(settled)
    assert world.funding_queue.sent == []
    found = [
        item.attributes["check"]["S"]
        for bucket in range(16)
        for item in world.database.pending(bucket, to_text(world.clock.now()), 10).items
    ]
    assert found == ["funding"]


def test_an_unsettled_deposit_is_not_funded(world):
    deposit = world.card()
    world.fund(deposit)
    assert world.now(deposit) == deposit
    assert world.broker.instructed == 0
