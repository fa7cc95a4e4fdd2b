"""Withdrawals: held at once, limited exactly, looked at without a word, and taken back."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest

from shared.cases.model import CaseStatus
from shared.kernel.errors import IdempotencyKeyReused, InvalidValue, NotFound
from shared.kernel.ids import Kind
from shared.kernel.money import Currency, Money
from shared.payments.errors import RateUnavailable
from shared.payouts.errors import PayoutNotCancellable
from shared.payouts.model import Payout, PayoutStatus, Purpose, Rail
from shared.payouts.reasons import PayoutReason
from shared.platform.tables import as_changes
from shared.withdrawals.deciding import Wanted
from shared.withdrawals.errors import (
    AmountNotPaidOut,
    IdentityNeeded,
    NotEnoughMoney,
    PayoutsBlocked,
    TooOften,
)
from shared.withdrawals.limits import VELOCITIES
from tests.withdrawals.conftest import AMERICAN, COOLING, NOW, Crash, World

REQUESTED = ["payouts.payout_requested.v1", "withdrawals.withdrawal_requested.v1"]


def asked_for(world: World) -> list[Payout]:
    return list(world.payouts.page(world.user_id, limit=50)[0])


def untouched(world: World) -> bool:
    return asked_for(world) == [] and world.wallet().held == 0


def test_a_withdrawal_holds_its_money_and_is_ready(world: World) -> None:
    account = world.known_phone()
    world.cash(50_000)
    payout = world.withdraw(account, "100.00")
    assert (payout.status, payout.reason) == (PayoutStatus.READY, None)
    assert (payout.purpose, payout.rail) == (Purpose.WITHDRAWAL, Rail.MPESA_B2C)
    assert (payout.account_id, payout.shown_as) == (account.account_id, "2547*****678")
    # 100 / 0.0077 less 1.5 % are 12 792.2 shillings.
    assert payout.amount == Money(1_279_200, Currency.KES)
    assert payout.debited == Money(10_000, Currency.USD)
    assert payout.quote is not None
    assert payout.quote.spread == 150
    assert abs(payout.quote.mid.rate * Decimal("0.0077") - 1) < Decimal("1e-30")
    assert world.payouts.get(world.user_id, payout.payout_id) == payout
    wallet = world.wallet()
    assert (wallet.posted, wallet.held, wallet.available) == (50_000, 10_000, 40_000)
    assert world.events()[1:] == REQUESTED
    assert world.case(payout) is None


def test_a_bank_account_in_dollars_gets_what_was_asked_for(memory: World) -> None:
    account = memory.bank(AMERICAN)
    memory.cash(50_000)
    payout = memory.withdraw(account, "123.45")
    assert (payout.rail, payout.quote) == (Rail.STRIPE_PAYOUT, None)
    assert payout.debited == payout.amount == Money(12_345, Currency.USD)


def test_to_a_new_account_nothing_leaves_before_it_has_cooled_off(memory: World) -> None:
    account = memory.phone()
    memory.cash(1_000_000)
    payout = memory.withdraw(account)
    assert (payout.status, payout.reason) == (PayoutStatus.COOLING, PayoutReason.NEW_ACCOUNT)
    assert payout.not_before == payout.due == NOW + COOLING
    assert memory.wallet().held == 10_000
    memory.clock.advance(COOLING)
    assert memory.withdraw(account, key="key-2").status is PayoutStatus.READY


def test_the_preview_is_what_the_withdrawal_is(memory: World) -> None:
    account = memory.phone()
    memory.cash(1_000_000)
    amount = Money.parse("77.77", Currency.USD)
    offer = memory.withdrawals.preview(memory.user_id, Wanted(account.account_id, amount))
    assert untouched(memory)
    payout = memory.withdraw(account, "77.77")
    conversion = offer.conversion
    assert (conversion.debited, conversion.amount) == (payout.debited, payout.amount)
    assert (conversion.quote, offer.not_before) == (payout.quote, payout.not_before)


def test_the_preview_does_not_tell_what_staff_would_look_at(memory: World) -> None:
    account = memory.bank(AMERICAN)
    memory.cash(1_000_000)
    ask = memory.withdrawals.preview
    quiet = ask(memory.user_id, Wanted(account.account_id, Money(10_000, Currency.USD)))
    looked_at = ask(memory.user_id, Wanted(account.account_id, Money(950_000, Currency.USD)))
    assert quiet.not_before == looked_at.not_before
    assert {type(quiet), type(looked_at)} == {type(quiet)}
    money = {"lacks_minor", "sold_minor", "expected_on", "everything", "fee_minor"}
    named = {"account", "conversion", "not_before", "goal_id", "left"}
    assert set(quiet.__dataclass_fields__) == named | money
    assert {getattr(quiet, name) for name in money} == {0, None}
    assert (quiet.goal_id, quiet.left) == ("", ())


@pytest.mark.parametrize("minor", [200_000, 1_999_999])
def test_a_large_amount_waits_for_a_second_person_without_a_case(memory: World, minor: int) -> None:
    account = memory.bank(AMERICAN)
    memory.clock.advance(timedelta(days=30))
    memory.cash(10_000_000)
    payout = memory.withdraw(account, Money(minor, Currency.USD).amount)
    assert (payout.status, payout.reason) == (PayoutStatus.IN_REVIEW, PayoutReason.UNDER_REVIEW)
    assert payout.due is None
    assert memory.wallet().held == minor
    assert memory.case(payout) is None
    (place, held), *more = memory.reader.page(10).entries
    assert (held.payout, held.rules, more) == (payout, (), [])
    assert place.endswith(payout.payout_id)


def test_a_rule_that_hits_opens_a_case_and_the_person_reads_the_same_words(memory: World) -> None:
    account = memory.phone()
    memory.cash(100_000)
    payout = memory.withdraw(account, "950.00")
    assert (payout.status, payout.reason) == (PayoutStatus.IN_REVIEW, PayoutReason.UNDER_REVIEW)
    assert payout.not_before == NOW + COOLING
    case = memory.case(payout)
    assert case is not None
    assert (case.status, case.user_id, case.subject) == (
        CaseStatus.OPEN,
        memory.user_id,
        payout.payout_id,
    )
    assert case.facts == (("rules", "NEW_ACCOUNT_EMPTIED"),)
    ((_, held),) = memory.reader.page(10).entries
    assert (held.payout, held.rules) == (payout, ("NEW_ACCOUNT_EMPTIED",))
    assert "NEW_ACCOUNT_EMPTIED" not in str(payout)


def test_the_longest_waiting_comes_first_and_pages_continue(world: World) -> None:
    account = world.bank(AMERICAN)
    world.clock.advance(timedelta(days=30))
    world.cash(10_000_000)
    made = []
    for number in range(3):
        world.clock.advance(timedelta(minutes=1))
        made.append(world.withdraw(account, "2000.00", key=f"k-{number}"))
    first = world.reader.page(2)
    assert [held.payout for _, held in first.entries] == made[:2]
    rest = world.reader.page(2, first.after)
    assert [held.payout for _, held in rest.entries] == made[2:]
    assert rest.after is None


REFUSALS: dict[str, tuple[type[Exception], Callable[[World], None], str]] = {
    "more than there is": (NotEnoughMoney, lambda world: None, "500.01"),
    "less than M-Pesa pays": (AmountNotPaidOut, lambda world: None, "0.99"),
    "more than anybody gets at once": (AmountNotPaidOut, lambda world: None, "25000.01"),
    "nothing": (AmountNotPaidOut, lambda world: None, "0"),
    "an open dispute": (PayoutsBlocked, lambda world: world.cash(1, blocks=1), "10.00"),
    "money that is owed": (PayoutsBlocked, lambda world: world.cash(1, owed=1), "10.00"),
    "no approval": (IdentityNeeded, lambda world: world.person(kyc_status="REJECTED"), "10.00"),
    "suspended": (IdentityNeeded, lambda world: world.person(status="SUSPENDED"), "10.00"),
    "a rate of the day before yesterday": (
        RateUnavailable,
        lambda world: world.clock.advance(timedelta(days=2)),
        "10.00",
    ),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_what_is_refused_holds_nothing_and_leaves_the_key_free(memory: World, name: str) -> None:
    refusal, arrange, amount = REFUSALS[name]
    account = memory.known_phone()
    memory.cash(50_000)
    arrange(memory)
    asked = Money.parse(amount, Currency.USD)
    with pytest.raises(refusal):
        memory.withdraw(account, amount)
    with pytest.raises(refusal):
        memory.withdrawals.preview(memory.user_id, Wanted(account.account_id, asked))
    assert untouched(memory)
    assert memory.events() == ["withdrawals.payout_account_added.v1"]
    if name == "more than there is":
        assert memory.withdraw(account, "500.00").status is PayoutStatus.READY


def test_m_pesa_carries_so_many_shillings_at_once(memory: World) -> None:
    account = memory.known_phone()
    memory.cash(10_000_000)
    with pytest.raises(AmountNotPaidOut) as refused:
        memory.withdraw(account, "1990.00")
    assert refused.value.values == {"minimum": "10.00 KES", "maximum": "250000.00 KES"}
    assert untouched(memory)


def test_only_dollars_leave(memory: World) -> None:
    account = memory.known_phone()
    with pytest.raises(InvalidValue):
        memory.withdrawals.request(
            memory.user_id,
            idempotency_key="k",
            wish=Wanted(account.account_id, Money(100_000, Currency.KES)),
        )


def test_accounts_of_others_and_removed_ones_are_not_there(memory: World) -> None:
    account = memory.known_phone()
    memory.cash(50_000)
    stranger = memory.ids.new(Kind.USER)
    with pytest.raises(IdentityNeeded):
        memory.withdrawals.preview(stranger, Wanted(account.account_id, Money(1_000, Currency.USD)))
    memory.keeping.remove(memory.user_id, account.account_id)
    with pytest.raises(NotFound):
        memory.withdraw(account)
    with pytest.raises(NotFound):
        memory.withdrawals.preview(memory.user_id, Wanted("pac_?", Money(1_000, Currency.USD)))
    assert untouched(memory)


def test_one_key_is_one_withdrawal(world: World) -> None:
    account = world.known_phone()
    world.cash(50_000)
    first = world.withdraw(account)
    assert world.withdraw(account) == first
    with pytest.raises(IdempotencyKeyReused):
        world.withdraw(account, "100.01")
    world.clock.advance(timedelta(hours=25))
    assert world.withdraw(account, "100") == first
    assert asked_for(world) == [first]
    assert world.wallet().held == 10_000


@pytest.mark.parametrize("moment", ["before", "after"])
def test_after_a_crash_the_same_key_gives_the_one_withdrawal(memory: World, moment: str) -> None:
    account = memory.known_phone()
    memory.cash(50_000)
    memory.facts.script.append(moment)
    with pytest.raises(Crash):
        memory.withdraw(account)
    payout = memory.withdraw(account)
    assert asked_for(memory) == [payout]
    assert memory.wallet().held == 10_000


def test_so_many_withdrawals_in_a_day(memory: World) -> None:
    account = memory.known_phone()
    memory.cash(5_000_000)
    for number in range(VELOCITIES[0].count):
        memory.withdraw(account, "10.00", key=f"k-{number}")
    with pytest.raises(TooOften):
        memory.withdraw(account, "10.00", key="more")
    memory.clock.advance(timedelta(days=1))
    memory.rate()
    assert memory.withdraw(account, "10.00", key="more").status is PayoutStatus.READY


def test_what_came_to_nothing_does_not_count(memory: World) -> None:
    account = memory.known_phone()
    memory.cash(5_000_000)
    for number in range(3 * VELOCITIES[0].count):
        payout = memory.withdraw(account, "10.00", key=f"k-{number}")
        memory.withdrawals.cancel(
            memory.user_id, idempotency_key=f"c-{number}", payout_id=payout.payout_id
        )
    desk = memory.accounts.book(memory.user_id).desk
    assert len(desk.asked) == 1
    assert memory.wallet().held == 0


def test_a_race_for_the_last_money_ends_in_words(memory: World) -> None:
    """Somebody spends between reading and writing: it is decided again, on what is there."""
    account = memory.known_phone()
    memory.cash(10_000)
    read = memory.accounts.counter
    spent: list[int] = []

    def counter(user_id: str, account_id: str):  # as the store's
        found = read(user_id, account_id)
        if not spent:
            spent.append(1)
            change = memory.ledger.reserve(memory.wallet(), 9_000, orders=1)
            memory.database.transact(as_changes([change]))
        return found

    memory.accounts.counter = counter  # for the moment in between
    with pytest.raises(NotEnoughMoney):
        memory.withdraw(account)
    assert asked_for(memory) == []
    assert memory.wallet().held == 9_000


def test_a_dispute_of_the_same_moment_wins(memory: World) -> None:
    account = memory.known_phone()
    memory.cash(50_000)
    read = memory.accounts.counter
    opened: list[int] = []

    def counter(user_id: str, account_id: str):  # as the store's
        found = read(user_id, account_id)
        if not opened:
            opened.append(1)
            memory.database.transact(as_changes([memory.ledger.block(memory.wallet(), 1)]))
        return found

    memory.accounts.counter = counter  # for the moment in between
    with pytest.raises(PayoutsBlocked):
        memory.withdraw(account)
    assert untouched(memory)


def cancel(world: World, payout: Payout, key: str = "c-1") -> Payout:
    return world.withdrawals.cancel(world.user_id, idempotency_key=key, payout_id=payout.payout_id)


def test_taken_back_in_time_the_money_is_free_again(world: World) -> None:
    account = world.known_phone()
    world.cash(50_000)
    payout = world.withdraw(account)
    back = cancel(world, payout)
    assert (back.status, back.reason) == (PayoutStatus.CANCELLED, PayoutReason.CANCELLED)
    assert world.wallet().held == 0
    assert cancel(world, payout) == cancel(world, payout, "c-2") == back
    assert world.now(payout) == back
    assert world.wallet().held == 0
    assert world.withdraw(account) == back


def test_one_in_review_can_be_taken_back_and_leaves_the_list_but_not_the_case(
    memory: World,
) -> None:
    account = memory.phone()
    memory.cash(100_000)
    payout = memory.withdraw(account, "950.00")
    assert cancel(memory, payout).status is PayoutStatus.CANCELLED
    assert memory.reader.page(10).entries == ()
    case = memory.case(payout)
    assert case is not None
    assert case.status is CaseStatus.OPEN


def test_cash_that_is_with_the_firm_goes_back_first(memory: World) -> None:
    account = memory.known_phone()
    memory.cash(50_000)
    payout = memory.withdraw(account)
    for status in (PayoutStatus.RECALLING, PayoutStatus.RECALLED):
        payout = memory.save(payout, payout.moved(status, NOW))
    back = cancel(memory, payout)
    assert (back.status, back.ending) == (PayoutStatus.RETURNING, PayoutStatus.CANCELLED)
    assert memory.wallet().held == 10_000
    assert memory.events()[-1] == "payouts.payout_stopped.v1"
    assert cancel(memory, payout, "c-2") == back
    assert memory.events().count("payouts.payout_stopped.v1") == 1


@pytest.mark.parametrize(
    "way",
    [
        [PayoutStatus.RECALLING],
        [PayoutStatus.RECALLING, PayoutStatus.RECALLED, PayoutStatus.SENDING],
        [PayoutStatus.RECALLED, PayoutStatus.SENDING, PayoutStatus.PAID],
    ],
)
def test_too_late_is_told_and_leaves_the_key_free(memory: World, way: list[PayoutStatus]) -> None:
    account = memory.known_phone()
    memory.cash(50_000)
    payout = memory.withdraw(account)
    for status in way:
        payout = memory.save(payout, payout.moved(status, NOW))
    with pytest.raises(PayoutNotCancellable):
        cancel(memory, payout)
    assert memory.now(payout) == payout
    assert memory.wallet().held == 10_000


def test_withdrawals_of_others_and_other_payouts_are_not_there(memory: World) -> None:
    account = memory.known_phone()
    memory.cash(50_000)
    payout = memory.withdraw(account)
    stranger = memory.ids.new(Kind.USER)
    with pytest.raises(NotFound):
        memory.withdrawals.withdrawal(stranger, payout.payout_id)
    with pytest.raises(NotFound):
        memory.withdrawals.cancel(stranger, idempotency_key="k", payout_id=payout.payout_id)
    assert memory.now(payout) == payout
