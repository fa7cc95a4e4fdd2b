"""A month is charged once, out of settled cash, and nothing is made or lost on the way."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from shared.kernel.money import Currency
from shared.ledger import accounts
from shared.management_fees.accruing import UNITS_PER_CENT
from shared.management_fees.events import FeeChargedV1
from shared.management_fees.model import Charge, ChargeStatus
from shared.portfolio.store import PortfolioStore
from tests.management_fees.world import LAST, SHARE, World, saver

USD = Currency.USD
JANUARY, FEBRUARY, MARCH = date(2026, 1, 31), LAST, date(2026, 3, 31)
MILLION = 1_000_000


def conserved(charge: Charge) -> bool:
    before = charge.carried_minor * UNITS_PER_CENT + charge.before_units + charge.units
    return before == charge.amount_minor * UNITS_PER_CENT + charge.left_units


def test_a_month_is_charged_and_its_money_is_the_firms(world: World) -> None:
    user = saver(world)
    made = world.charging.month(user, FEBRUARY)
    assert made is not None
    # 10,000 dollars for 28 days: 191.78 cents.
    assert (made.status, made.amount_minor) == (ChargeStatus.CHARGED, 191)
    assert (made.first, made.last, made.days) == (date(2026, 2, 1), FEBRUARY, 28)
    assert (made.annual_bp, made.terms_version, made.closing) == (25, 1, False)
    assert conserved(made)
    assert replace(world.charge(user), version=made.version) == made
    wallet = world.wallet(user)
    assert (wallet.posted, wallet.held, wallet.fees) == (MILLION - 191, 0, 191)
    assert world.kinds(user) == ["DEPOSIT_FUNDED", "MANAGEMENT_FEE"]
    assert world.balances(user) == {
        accounts.customer_cash(user): 191 - MILLION,
        accounts.customers_cash_at_broker(): MILLION - 191,
        accounts.firm_cash_at_broker(): 191,
        accounts.management_fees(): -191,
    }
    assert world.broker.moved == 191
    assert [each for each in world.facts.events if isinstance(each, FeeChargedV1)] == [
        FeeChargedV1(
            user_id=user,
            charge_id=made.charge_id,
            amount_minor=191,
            first="2026-02-01",
            last="2026-02-28",
            closing=False,
        )
    ]
    assert world.asked == []


def test_a_fee_lowers_the_return_and_not_what_was_paid_in(world: World) -> None:
    user = saver(world)
    world.charging.month(user, FEBRUARY)
    state = PortfolioStore(world.database).state(user)
    assert state.net_deposits.minor == MILLION
    assert state.wallet(USD).posted - state.net_deposits.minor == -191


def test_a_repetition_charges_nothing(world: World) -> None:
    user = saver(world)
    first = world.charging.month(user, FEBRUARY)
    commits = world.facts.commits
    assert world.charging.month(user, FEBRUARY) is None
    assert world.charging.checked(user, first.charge_id, 3) == world.charge(user)
    assert world.charging.month(user, JANUARY) is None
    assert world.facts.commits == commits
    assert (world.wallet(user).fees, world.broker.moved) == (191, 191)


def test_what_is_less_than_a_cent_is_in_the_next_charge(world: World) -> None:
    user = saver(world)
    february = world.charging.month(user, FEBRUARY)
    world.day = date(2026, 4, 1)
    march = world.charging.month(user, MARCH)
    # 191.78 cents, and 212.28 of what is left: 404.06 together.
    assert (february.amount_minor, march.amount_minor) == (191, 213)
    assert march.before_units == february.left_units > 0
    assert (march.first, march.days) == (date(2026, 3, 1), 31)
    assert conserved(march)


def test_less_than_a_cent_is_written_down_and_charged_later(world: World) -> None:
    user = saver(world, 400)  # 0.0767 cents a month
    assert world.charging.month(user, FEBRUARY) is None
    account = world.fees.books(user, MARCH).account
    assert (account.through, account.units) == (FEBRUARY, 28 * 400 * 25)
    assert (world.charges(user), world.broker.made) == ([], {})
    assert world.kinds(user) == ["DEPOSIT_FUNDED"]


def test_somebody_who_held_nothing_costs_no_write(world: World) -> None:
    user = world.person()
    assert world.charging.month(user, FEBRUARY) is None
    assert world.facts.commits == 0
    assert world.fees.books(user, MARCH).account.version == 0


def test_months_that_were_missed_are_charged_with_the_next_one(world: World) -> None:
    user = saver(world)
    world.charging.month(user, FEBRUARY)
    world.day = date(2026, 6, 1)
    made = world.charging.month(user, date(2026, 5, 31))
    assert (made.first, made.days, made.status) == (date(2026, 3, 1), 92, ChargeStatus.CHARGED)


def test_a_person_begins_with_the_day_of_signing_up(world: World) -> None:
    user = world.person(since=date(2026, 2, 20))
    world.pay_in(user, MILLION, date(2026, 2, 21))
    made = world.charging.month(user, FEBRUARY)
    assert (made.first, made.days, made.waived_days) == (date(2026, 2, 20), 9, 1)
    assert made.units == 8 * MILLION * 25


def test_shares_count_at_their_closes_and_days_without_any_price_are_counted(world: World) -> None:
    user = saver(world)
    world.buy(user, "AAAB", 100 * SHARE, MILLION // 2, date(2026, 2, 2))
    world.prices.known = {"AAAB": {date(2026, 2, 4): "60.00"}}
    made = world.charging.month(user, FEBRUARY)
    # Ten thousand on the first; half of it while nobody knows a price; then eleven thousand.
    assert made.units == (MILLION + 2 * MILLION // 2 + 25 * 1_100_000) * 25
    assert made.unpriced_days == 2


def test_without_enough_cash_something_is_sold_and_the_charge_waits(world: World) -> None:
    user = saver(world)
    world.prices.known = {"AAAB": {date(2026, 2, 1): "100.00"}}
    world.buy(user, "AAAB", 100 * SHARE, MILLION - 100, date(2026, 2, 2))
    made = world.charging.month(user, FEBRUARY)
    assert (made.status, made.amount_minor) == (ChargeStatus.DUE, 191)
    assert world.asked == [(user, made.cause_id(world.clock.now()), 191)]
    assert world.wallet(user).held == 0
    assert world.broker.made == {}

    # A look before the sale asks for the same plan, a week later for another one.
    world.charging.checked(user, made.charge_id, 0)
    assert len({cause for _, cause, _ in world.asked}) == 1
    world.clock.advance(timedelta(days=8))
    world.charging.checked(user, made.charge_id, 0)
    assert len({cause for _, cause, _ in world.asked}) == 2

    world.day = date(2026, 3, 10)
    world.sell(user, "AAAB", 2 * SHARE, 20_000, date(2026, 3, 10))
    waits = world.charging.completed(user)
    assert waits is None
    # What was sold today settles tomorrow.
    assert world.charge(user).status is ChargeStatus.DUE
    world.day = date(2026, 3, 11)
    world.charging.completed(user)
    assert world.charge(user).status is ChargeStatus.CHARGED
    assert world.wallet(user).posted == 100 + 20_000 - 191


def test_what_cannot_be_charged_is_carried_and_nobody_owes_it(world: World) -> None:
    user = saver(world)
    world.broker.script = ["refused"] * 3
    for _ in range(3):
        world.charging.month(user, FEBRUARY)
    february = world.charge(user)
    assert february.status is ChargeStatus.DUE
    world.day = date(2026, 4, 1)
    march = world.charging.month(user, MARCH)
    assert world.charge(user).status is ChargeStatus.CARRIED
    assert (march.carried_minor, march.status) == (191, ChargeStatus.CHARGED)
    assert march.amount_minor == 191 + 213
    assert conserved(march)
    assert (world.wallet(user).fees, world.wallet(user).owed) == (404, 0)


@pytest.mark.parametrize("account", [None, "U1234567"])
def test_without_an_account_that_the_firm_can_debit_the_charge_waits(
    world: World, account: str | None
) -> None:
    user = world.person(account=account)
    world.pay_in(user, MILLION, JANUARY)
    made = world.charging.month(user, FEBRUARY)
    assert (made.status, made.amount_minor) == (ChargeStatus.DUE, 191)
    assert (world.broker.made, world.asked) == ({}, [])


def test_nothing_is_sold_for_a_fee_that_the_firm_could_not_debit(world: World) -> None:
    user = world.person(account="U1234567")
    world.pay_in(user, MILLION, JANUARY)
    world.prices.known = {"AAAB": {date(2026, 2, 1): "100.00"}}
    world.buy(user, "AAAB", 100 * SHARE, MILLION - 100, date(2026, 2, 2))
    made = world.charging.month(user, FEBRUARY)
    assert (made.status, world.asked, world.broker.made) == (ChargeStatus.DUE, [], {})


def test_who_owes_something_pays_that_first(world: World) -> None:
    user = saver(world)
    wallet = world.wallet(user)
    world.plain.commit(world.ledger.post(wallet, owed=1))
    made = world.charging.month(user, FEBRUARY)
    assert (made.status, world.wallet(user).held) == (ChargeStatus.DUE, 0)


def test_money_that_is_held_for_something_else_is_not_touched(world: World) -> None:
    user = saver(world)
    wallet = world.wallet(user)
    world.plain.commit([world.ledger.reserve(wallet, MILLION - 190, orders=0)])
    made = world.charging.month(user, FEBRUARY)
    assert made.status is ChargeStatus.DUE
    assert world.wallet(user).held == MILLION - 190


def test_who_has_sold_everything_is_charged_until_yesterday(world: World) -> None:
    user = saver(world)
    world.prices.known = {"AAAB": {date(2026, 2, 1): "100.00"}}
    world.buy(user, "AAAB", 90 * SHARE, 900_000, date(2026, 2, 2))
    world.charging.month(user, FEBRUARY)
    world.day = date(2026, 3, 12)
    world.sell(user, "AAAB", 90 * SHARE, 900_000, date(2026, 3, 11))
    closed = world.charging.completed(user)
    assert (closed.closing, closed.first, closed.last) == (
        True,
        date(2026, 3, 1),
        date(2026, 3, 11),
    )
    assert (closed.days, closed.status) == (11, ChargeStatus.CHARGED)
    assert conserved(closed)
    # Once; and the month's end has the days that came after it.
    assert world.charging.completed(user) is None
    world.day = date(2026, 4, 1)
    rest = world.charging.month(user, MARCH)
    assert (rest.first, rest.days, rest.closing) == (date(2026, 3, 12), 20, False)
    assert [each.last for each in world.charges(user)] == [MARCH, date(2026, 3, 11), FEBRUARY]


def test_who_never_held_anything_does_not_close_when_orders_end(world: World) -> None:
    user = saver(world)
    assert world.charging.completed(user) is None
    assert (world.charges(user), world.facts.commits) == ([], 0)


def test_who_still_holds_something_does_not_close(world: World) -> None:
    user = saver(world)
    world.buy(user, "AAAB", 2 * SHARE, 10_000, date(2026, 2, 2))
    world.sell(user, "AAAB", SHARE, 5_000, date(2026, 2, 20))
    assert world.charging.completed(user) is None
    assert world.charges(user) == []


def test_while_nobody_knows_the_day_nothing_is_held(world: World) -> None:
    user = saver(world)
    world.day = None
    made = world.charging.month(user, FEBRUARY)
    assert (made.status, world.wallet(user).held) == (ChargeStatus.DUE, 0)
    assert world.charging.completed(user) is None


def test_cash_that_comes_between_reading_and_writing_is_no_harm(world: World) -> None:
    user = saver(world)
    inner = world.plain.commit
    met = []

    def commit(writes, *events):
        if not met:
            met.append(1)
            world.pay_in(user, 500, date(2026, 3, 2))
        inner(writes, *events)

    world.facts = replace(world.facts, inner=type("Raced", (), {"commit": staticmethod(commit)})())
    made = world.charging.month(user, FEBRUARY)
    assert (made.status, made.amount_minor) == (ChargeStatus.CHARGED, 191)
    assert world.wallet(user).posted == MILLION + 500 - 191
