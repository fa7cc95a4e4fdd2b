"""A withdrawal that waited: at which rate it is sent, and when its owner is asked."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from shared.kernel.money import Currency, Money
from shared.ledger.model import EntryKind
from shared.payments.methods import Method
from shared.payouts.events import ConsentAskedV1, ConsentLapsedV1, WithdrawalRequotedV1
from shared.payouts.model import Payout, Rail
from shared.payouts.model import PayoutStatus as S
from shared.payouts.ports import NotPaid, PaidOut
from shared.payouts.reasons import PayoutReason
from shared.payouts.requoting import agreed
from shared.payouts.terms import EARLIER_KEPT, Terms, with_earlier
from tests.payouts.conftest import World
from tests.payouts.twins import CONSENT, Crash

KES = Currency.KES
WAITED = timedelta(days=2)
LOCKED = Decimal("129.5") * 9850 / 10_000
"""The customer's rate of the request; 40 dollars make 5102 whole shillings."""


def waited(world: World, **changes: object) -> Payout:
    """The firm has the cash, and the weekend is over."""
    world.deposit()
    payout = world.withdrawal(begin=False, **changes)
    world.recall(payout)
    world.clock.advance(WAITED)
    return world.now(payout)


def statuses(payout: Payout) -> list[S]:
    return [one.status for one in payout.moves]


def rail(world: World, payout: Payout):
    return world.rails[payout.rail]


def told(world: World, kind: type) -> list[object]:
    return [event for event in world.facts.published if isinstance(event, kind)]


def test_in_time_the_rate_of_the_request_is_sent_and_no_other_is_looked_at(world):
    world.deposit()
    payout = world.withdrawal(begin=False)
    late = replace(payout.quote, expires_at=world.clock.now() + timedelta(microseconds=1))
    world.commit(world.payouts.save(payout, payout.noted(quote=late)))
    world.rates.rate = "140"
    world.recall(payout)
    world.send(payout)
    sent = world.now(payout)
    assert (sent.status, sent.amount, sent.quote, sent.earlier) == (S.SENT, payout.amount, late, ())
    assert world.rates.asked == 0


def test_at_the_very_moment_of_expiry_it_is_over(world):
    world.deposit()
    payout = world.withdrawal(begin=False)
    world.recall(payout)
    world.rates.rate = "140"
    world.send(payout)
    assert world.rates.asked == 1
    assert world.now(payout).amount == Money(551_600, KES)


def test_a_better_rate_of_now_is_sent_however_much_better_and_told(world):
    payout = waited(world)
    world.rates.rate = "140"
    world.send(payout)
    sent = world.now(payout)
    assert statuses(sent)[-3:] == [S.RECALLED, S.SENDING, S.SENT]
    assert (sent.debited, sent.amount) == (payout.debited, Money(551_600, KES))
    assert sent.quote.mid.rate == Decimal(140)
    assert sent.quote.replaced == LOCKED
    assert sent.earlier == (Terms(payout.quote, payout.amount, world.clock.now()),)
    assert told(world, WithdrawalRequotedV1) == [
        WithdrawalRequotedV1(
            user_id=world.user_id,
            payout_id=payout.payout_id,
            debited_minor=4_000,
            currency="KES",
            amount_minor=551_600,
            was_minor=payout.amount.minor,
        )
    ]
    assert told(world, ConsentAskedV1) == []
    world.told(payout, PaidOut("po_1", Money(551_600, KES)))
    assert world.now(payout).status is S.PAID
    assert world.money() == (6_000, 0, 0)
    books = world.books()
    assert books["house:gateway_clearing:mpesa:KES", "KES/2"] == -551_600
    assert books["house:fx_position", "KES/2"] == 551_600
    assert books["house:fx_position", "USD/2"] == -4_000
    (entry,) = [
        one.entry.draft
        for one in world.ledger.entries(world.user_id, Currency.USD, limit=50).entries
        if one.entry.draft.kind is EntryKind.WITHDRAWAL_PAID
    ]
    assert entry.memo["rate"] == "137.9"
    assert entry.memo["replaced_rate"] == format(LOCKED, "f")
    world.check_conserved()


def test_the_same_rate_of_now_changes_and_tells_nothing(world):
    payout = waited(world)
    world.send(payout)
    sent = world.now(payout)
    assert (sent.status, sent.quote, sent.earlier) == (S.SENT, payout.quote, ())
    assert told(world, WithdrawalRequotedV1) == []


@pytest.mark.parametrize(
    ("rate", "asks"), [("128.198", False), ("128.197", True), ("129.4", False), ("1", True)]
)
def test_up_to_the_tolerance_it_is_sent_beyond_it_the_owner_is_asked(world, rate, asks):
    """5102 shillings less 1 % are 5050.98: 5051 at 128.198 and the spread, 5050 below."""
    payout = waited(world)
    world.rates.rate = rate
    world.send(payout)
    after = world.now(payout)
    assert after.status is (S.AWAITING_CONSENT if asks else S.SENT)
    assert rail(world, payout).sent == (0 if asks else 1)
    assert (after.amount == payout.amount) is asks


def test_a_much_worse_rate_waits_for_the_owner_and_holds_the_money(world):
    payout = waited(world)
    world.rates.rate = "120"
    world.send(payout)
    asked = world.now(payout)
    until = world.clock.now() + CONSENT
    assert (asked.status, asked.reason) == (S.AWAITING_CONSENT, PayoutReason.RATE_CHANGED)
    assert (asked.amount, asked.quote, asked.earlier) == (payout.amount, payout.quote, ())
    assert asked.offer.amount == Money(472_800, KES)
    assert (asked.offer.ends_at, asked.due, asked.cancellable) == (until, until, True)
    assert rail(world, payout).sent == 0
    assert world.money() == (10_000, 4_000, 0)
    assert told(world, ConsentAskedV1) == [
        ConsentAskedV1(
            user_id=world.user_id,
            payout_id=payout.payout_id,
            debited_minor=4_000,
            currency="KES",
            amount_minor=472_800,
            was_minor=payout.amount.minor,
            answer_by=until,
        )
    ]
    # Nobody asks again, nothing is scheduled until the deadline, whatever is delivered.
    checks = world.checks()
    world.clock.advance(CONSENT - timedelta(seconds=1))
    world.rates.rate = "140"
    world.send(payout)
    world.recall(payout)
    assert world.now(payout) == asked
    assert world.checks() == checks
    assert world.open_cases() == []


def test_with_consent_it_goes_on_at_the_rate_that_was_agreed_to(world):
    payout = waited(world)
    world.rates.rate = "120"
    world.send(payout)
    world.clock.advance(timedelta(hours=20))
    asked = world.now(payout)
    world.commit(world.payouts.save(asked, agreed(asked, world.clock.now())))
    # A little worse once more: measured by what was agreed to, not by the first rate.
    world.rates.rate = "119"
    world.send(payout)
    sent = world.now(payout)
    assert (sent.status, sent.amount, sent.offer) == (S.SENT, Money(468_800, KES), None)
    assert [one.amount.minor for one in sent.earlier] == [payout.amount.minor, 472_800]
    assert sent.quote.replaced == Decimal(120) * 9850 / 10_000
    assert S.AWAITING_CONSENT in statuses(sent)
    assert len(told(world, ConsentAskedV1)) == 1


def test_a_rate_that_fell_again_after_consent_is_asked_for_again(world):
    payout = waited(world)
    world.rates.rate = "120"
    world.send(payout)
    asked = world.now(payout)
    world.commit(world.payouts.save(asked, agreed(asked, world.clock.now())))
    world.rates.rate = "110"
    world.send(payout)
    again = world.now(payout)
    assert (again.status, again.amount.minor) == (S.AWAITING_CONSENT, 472_800)
    assert again.offer.amount.minor == 433_400
    assert rail(world, payout).sent == 0


def test_without_an_answer_the_money_is_free_again(world):
    payout = waited(world)
    world.rates.rate = "120"
    world.send(payout)
    world.clock.advance(CONSENT)
    world.send(payout)
    back = world.now(payout)
    assert (back.status, back.ending) == (S.RETURNING, S.CANCELLED)
    assert (back.reason, back.offer) == (PayoutReason.RATE_NOT_AGREED, None)
    assert told(world, ConsentLapsedV1) == [
        ConsentLapsedV1(user_id=world.user_id, payout_id=payout.payout_id, debited_minor=4_000)
    ]
    assert world.events()[-1] == "payouts.payout_stopped.v1"
    world.recall(payout)
    assert world.now(payout).status is S.CANCELLED
    assert world.money() == (10_000, 0, 0)
    assert rail(world, payout).sent == 0
    world.check_conserved()


def test_its_owner_may_take_it_back_instead_and_the_cash_goes_home_first(world):
    payout = waited(world)
    world.rates.rate = "120"
    world.send(payout)
    back = world.requests.cancel(world.user_id, payout.payout_id)
    assert (back.status, back.ending, back.offer) == (S.RETURNING, S.CANCELLED, None)
    assert world.money() == (10_000, 4_000, 0)
    world.recall(payout)
    assert world.now(payout).status is S.CANCELLED
    assert world.money() == (10_000, 0, 0)
    assert world.broker.cash == 10_000
    world.check_conserved()


def test_without_a_rate_it_waits_and_alarms_and_goes_on_when_there_is_one(world, capsys):
    payout = waited(world)
    world.rates.none = True
    for _ in range(3):
        world.send(payout)
    waits = world.now(payout)
    assert (waits.status, waits.reason) == (S.RECALLED, PayoutReason.RATE_UNAVAILABLE)
    assert (waits.amount, waits.quote) == (payout.amount, payout.quote)
    assert waits.cancellable
    assert waits.due is not None
    assert rail(world, payout).sent == 0
    assert capsys.readouterr().out.count("PayoutWaitsForRate") >= 3
    world.rates.none, world.rates.rate = False, "130"
    world.send(payout)
    sent = world.now(payout)
    assert (sent.status, sent.reason, sent.amount.minor) == (S.SENT, None, 512_200)


def test_without_a_rate_for_a_day_a_case_is_opened(world):
    payout = waited(world)
    world.rates.none = True
    world.clock.advance(timedelta(hours=25))
    world.send(payout)
    (case,) = world.open_cases()
    assert (case.subject, world.now(payout).escalated) == (payout.payout_id, True)


def test_more_than_the_payee_can_take_ends_unpaid_before_anybody_is_asked(world):
    payout = waited(world)
    world.rates.answer = NotPaid(PayoutReason.LIMIT_EXCEEDED)
    world.send(payout)
    back = world.now(payout)
    assert (back.status, back.ending) == (S.RETURNING, S.FAILED)
    assert (back.reason, rail(world, payout).sent) == (PayoutReason.LIMIT_EXCEEDED, 0)
    world.recall(payout)
    assert world.money() == (10_000, 0, 0)


def test_after_the_gateway_was_asked_once_the_rate_never_changes(world):
    payout = waited(world)
    world.rates.rate = "130"
    rail(world, payout).script += ["never_sent", "never_sent"]
    world.send(payout)
    turned_back = world.now(payout)
    assert (turned_back.status, turned_back.amount.minor) == (S.RECALLED, 512_200)
    for rate in ("100", "150"):
        world.clock.advance(WAITED)
        world.rates.rate = rate
        world.send(payout)
    sent = world.now(payout)
    assert (sent.status, sent.amount.minor) == (S.SENT, 512_200)
    assert len(sent.earlier) == 1
    assert world.rates.asked == 1


@pytest.mark.parametrize("rate", ["140", "120", None])
@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_crash_at_the_write_of_the_rate_changes_nothing_or_all_of_it(world, moment, rate):
    payout = waited(world)
    world.rates.rate, world.rates.none = rate, rate is None
    world.facts.script.append(moment)
    with pytest.raises(Crash):
        world.send(payout)
    left = world.now(payout)
    if moment == "before":
        assert left == payout
    assert rail(world, payout).sent == 0
    # Another rate is published before anybody looks again.
    world.rates.rate, world.rates.none = "141", False
    world.clock.advance(timedelta(minutes=1))
    world.send(payout)
    after = world.now(payout)
    if moment == "before" or rate is None:
        assert after.amount.minor == 555_500
    elif rate == "140":
        assert (after.status, after.amount.minor) == (S.SENDING, 551_600)
    else:
        assert (after.status, after.offer.amount.minor) == (S.AWAITING_CONSENT, 472_800)
    assert rail(world, payout).sent <= 1
    assert len(told(world, WithdrawalRequotedV1)) <= 1


def test_where_keys_are_kept_a_crashed_order_is_repeated_with_the_same_amount(world):
    world.deposit()
    quote = world.quote(Currency.USD, KES, "129.5")
    payout = world.withdrawal(begin=False, rail=Rail.STRIPE_PAYOUT)
    in_shillings = payout.noted(quote=quote, amount=quote.convert(payout.debited))
    world.commit(world.payouts.save(payout, in_shillings))
    world.recall(payout)
    world.rates.rate = "130"
    rail(world, payout).script.append("crash_before")
    with pytest.raises(Crash):
        world.send(payout)
    world.rates.rate = "150"
    world.clock.advance(timedelta(minutes=1))
    world.send(payout)
    assert (world.now(payout).status, world.now(payout).amount.minor) == (S.SENT, 512_200)
    assert rail(world, payout).sent == 2
    assert len(rail(world, payout).orders) == 1


def test_a_cancellation_that_is_faster_than_the_new_rate_wins_and_nothing_is_sent(world):
    payout = waited(world)
    world.rates.rate = "140"

    def cancel() -> None:
        known = world.now(payout)
        after, writes = world.requests.cancelled(known, world.wallet(), None)
        assert after.status is S.RETURNING
        world.commit(*writes)

    world.facts.script.append(cancel)
    world.send(payout)
    back = world.now(payout)
    assert (back.status, back.ending, back.earlier) == (S.RETURNING, S.CANCELLED, ())
    assert back.amount == payout.amount
    assert rail(world, payout).sent == 0


def test_a_refund_keeps_the_rate_of_its_deposit_however_long_it_waits(world):
    deposit = world.deposit(Money(1_300_000, KES), method=Method.MPESA)
    payout = world.refund(deposit, begin=False)
    world.recall(payout)
    world.clock.advance(timedelta(days=90))
    world.rates.rate = "1"
    world.send(payout)
    sent = world.now(payout)
    assert (sent.status, sent.amount, sent.debited) == (
        S.SENT,
        deposit.amount,
        deposit.credited,
    )
    assert (sent.quote, sent.earlier) == (deposit.quote, ())
    assert world.rates.asked == 0


def test_of_many_earlier_rates_the_first_and_the_last_are_kept(world):
    quote = world.quote(Currency.USD, KES, "129.5")
    known: tuple[Terms, ...] = ()
    for number in range(30):
        known = with_earlier(known, Terms(quote, Money(number, KES), world.clock.now()))
    assert [one.amount.minor for one in known] == [0, *range(21, 30)]
    assert len(known) == EARLIER_KEPT
