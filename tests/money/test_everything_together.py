"""All ways in and out at one wallet, in any order, repeated and with crashes: the books are those
of the gateways and of the broker, nothing is negative, and nothing waits unseen."""

import random
from collections import Counter, defaultdict
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.cases.model import CaseStatus
from shared.disputes.model import DisputeStatus
from shared.disputes.ports import Reading
from shared.kernel.errors import BaobabError, IllegalTransition
from shared.kernel.ids import Kind
from shared.kernel.money import Currency, Money
from shared.ledger.accounts import customer_cash, receivable
from shared.ledger.model import EntryKind
from shared.payments.methods import Gateway
from shared.payments.ports import Failed, Paid
from shared.payments.reasons import Reason
from shared.payments.routing import TRIES
from shared.payments.settlement import Hint
from shared.payments.states import AT_GATEWAY, CREDITED, OPEN, DepositStatus
from shared.payouts.making import new_withdrawal
from shared.payouts.model import HOLDING, PayoutStatus, Purpose, Rail
from shared.payouts.ports import CameBack, NotPaid, PaidOut, Taken
from shared.payouts.reasons import PayoutReason
from shared.platform.work import ConditionFailed
from tests.disputes.test_what_a_deposit_says import says_the_truth
from tests.money.conftest import USD, Everything
from tests.payments.conftest import Crash as PaymentsCrash
from tests.payouts.conftest import Crash as PayoutsCrash

D, S = DisputeStatus, DepositStatus
DEAD = (PaymentsCrash, PayoutsCrash, BaobabError, ConditionFailed)
"""What ends a process, or a delivery: the message comes again."""
NAMES = (
    "card",
    "card_twice_begun",
    "mpesa",
    "pay",
    "pay",
    "decline",
    "event",
    "event",
    "event",
    "repeat_event",
    "check",
    "check",
    "reserve",
    "fill",
    "release",
    "sell",
    "withdraw",
    "withdraw",
    "refund",
    "refund",
    "cancel",
    "open_dispute",
    "win",
    "lose",
    "think_again",
    "older_news",
    "pay_out",
    "pay_out",
    "do_not_pay_out",
    "send_back",
    "collect",
    "time",
    "sweep",
    "die_before",
    "die_after",
    "broker_dies",
    "broker_refuses",
    "rail_dies",
)
STEPS = st.sampled_from(NAMES)


class Play:
    """Each step is something that somebody, or time, does; ``which`` chooses of what there is."""

    def __init__(self, world: Everything) -> None:
        self.world, self.made = world, 0
        self.paid: dict[tuple[Gateway, str], Money] = {}
        """What gateways took for us, by the payment's name."""
        self.readings: dict[str, Reading] = {}
        self.said: list[Reading] = []
        self.told: list = []

    def act(self, step: str, which: int) -> None:
        with suppress(*DEAD):
            try:
                getattr(self, step)(which)
            except IllegalTransition as never:
                raise AssertionError("a message asked for an impossible move") from never
        self.holds_always()

    def deposits(self):
        return self.world.service.page(self.world.user_id, limit=50).deposits

    def payouts(self):
        return list(self.world.payouts.page(self.world.user_id, limit=200)[0])

    def disputes(self):
        user_id = self.world.user_id
        return [
            each
            for one in self.deposits()
            for each in self.world.disputes.of_deposit(user_id, one.deposit_id)
        ]

    def card(self, which):
        self.made += 1
        self.world.card(amount=("100.00", "33.33")[which % 2], key=f"key-{self.made:08}")

    def card_twice_begun(self, which):
        self.world.gateways[Gateway.STRIPE].start_script = ["no_word"] * TRIES
        self.card(which)

    def mpesa(self, which):
        self.made += 1
        self.world.mpesa(key=f"key-{self.made:08}")

    def attempts(self):
        """What can still be paid: gateway, its reference, and the deposit."""
        known = {one.deposit_id: one for one in self.deposits()}
        return [
            (name, reference, known[owner])
            for name, gateway in self.world.gateways.items()
            for reference, owner in gateway.owners.items()
            if not isinstance(gateway.attempts[reference], Paid | Failed)
            and gateway.attempts[reference].__class__.__name__ == "Waiting"
        ]

    def pay(self, which):
        for name, reference, deposit in self._one(self.attempts(), which):
            payment = f"{name.value}-{reference}"
            self.paid[name, payment] = deposit.amount
            self.world.gateways[name].attempts[reference] = Paid(payment, deposit.amount)
            self.hint(name, reference, deposit)

    def decline(self, which):
        for name, reference, deposit in self._one(self.attempts(), which):
            self.world.gateways[name].attempts[reference] = Failed(Reason.DECLINED)
            self.hint(name, reference, deposit)

    def hint(self, name, reference, deposit):
        receipt = f"RCPT{reference.replace('_', '').upper()}" if name is Gateway.MPESA else None
        hint = Hint(reference, receipt=receipt)
        self.world.settlement.signalled(deposit.user_id, deposit.deposit_id, hint, name)

    def event(self, which):
        for one in self._one(self.world.undelivered(), which):
            self.world.deliver(one)

    def repeat_event(self, which):
        for one in self._one(self.world.events_told(), which):
            self.world.deliver(one)

    def check(self, which):
        self.told += self.world.checks_waiting()
        for one in self._one(self.told, which):
            self.world.answer(one)

    def reserve(self, which):
        wallet = self.world.wallet()
        minor = min(wallet.available, 1_000 * (which + 1))
        if minor > 0 and not wallet.owed and not wallet.open_orders:
            self.world.commit(self.world.ledger.reserve(wallet, minor, orders=1))
            self.world.reserved.append(minor)

    def fill(self, which):
        for minor in self._one(self.world.reserved, which):
            self.world.trade(EntryKind.BUY, minor - minor // 7, reserved=minor)
            self.world.reserved.remove(minor)

    def release(self, which):
        for minor in self._one(self.world.reserved, which):
            wallet = self.world.wallet()
            self.world.commit(self.world.ledger.release(wallet, minor, orders=1))
            self.world.reserved.remove(minor)

    def sell(self, which):
        if self.world.shares > 0:
            self.world.trade(EntryKind.SELL, -min(self.world.shares, 1_500 * (which + 1)))

    def withdraw(self, which):
        world, minor = self.world, 900 * (which + 1)
        payout = new_withdrawal(
            user_id=world.user_id,
            payout_id=world.ids.new(Kind.PAYOUT),
            rail=(Rail.STRIPE_PAYOUT, Rail.MPESA_B2C)[which % 2],
            debited=Money(minor, Currency.USD),
            amount=Money(minor, Currency.USD),
            quote=None,
            account_id="pac_1",
            shown_as="****",
            at=world.clock.now(),
        )
        writes, event = world.requests.writes(payout, world.wallet())
        world.facts.commit(writes, event)

    def refund(self, which):
        for deposit in self._one(self.deposits(), which):
            part = Money(deposit.amount.minor // 3, deposit.amount.currency)
            amount = part if which % 2 else None
            self.made += 1
            key, refunds = f"refund-{self.made:08}", self.world.refunds
            refunds.request(self.world.user_id, key, deposit.deposit_id, amount)

    def cancel(self, which):
        mine = [one for one in self.payouts() if one.purpose is Purpose.WITHDRAWAL]
        for payout in self._one(mine, which):
            self.world.requests.cancel(self.world.user_id, payout.payout_id)

    def open_dispute(self, which):
        for (name, payment), amount in self._one(sorted(self.paid.items()), which):
            reference = f"dp{which % 2}-{payment}"
            if name is not Gateway.MPESA and reference not in self.readings:
                part = replace(amount, minor=amount.minor // 2) if which % 3 == 0 else amount
                self.tell(Reading(name, reference, payment, part, D.OPEN, True, step=2))

    def win(self, which):
        self.decide(which, D.WON)

    def lose(self, which):
        self.decide(which, D.LOST)

    def decide(self, which, status):
        undecided = [one for one in self.readings.values() if one.status is D.OPEN]
        for one in self._one(undecided, which):
            self.tell(replace(one, status=status, taken=status is D.LOST, step=3))

    def think_again(self, which):
        """The bank decides otherwise than it has."""
        decided = [one for one in self.readings.values() if one.status in (D.WON, D.LOST)]
        for one in self._one(decided, which):
            status = D.WON if one.status is D.LOST else D.LOST
            self.tell(replace(one, status=status, taken=status is D.LOST, step=one.step + 1))

    def older_news(self, which):
        """What a gateway said before it thought again arrives after it."""
        for one in self._one(self.said, which):
            self.world.disputing.proved(one)

    def tell(self, reading):
        self.readings[reading.reference] = reading
        self.said.append(reading)
        self.world.desk.readings[reading.reference] = reading
        self.world.disputing.proved(reading)

    def orders(self, *kinds):
        return [
            (rail, reference)
            for rail in self.world.rails.values()
            for reference, outcome in rail.orders.items()
            if isinstance(outcome, kinds)
        ]

    def pay_out(self, which):
        for rail, reference in self._one(self.orders(Taken), which):
            self.news(rail, reference, PaidOut(reference, rail.amounts[reference]))

    def do_not_pay_out(self, which):
        for rail, reference in self._one(self.orders(Taken), which):
            self.news(rail, reference, NotPaid(PayoutReason.GATEWAY_REFUSED))

    def send_back(self, which):
        keeping = [one for one in self.orders(PaidOut) if one[0].keeps_keys]
        for rail, reference in self._one(keeping, which):
            self.news(rail, reference, CameBack(PayoutReason.RETURNED_BY_BANK))

    def news(self, rail, reference, outcome):
        rail.orders[reference] = outcome
        self.world.sending.told(self.world.user_id, rail.made[reference], outcome)

    def collect(self, _):
        self.world.collecting.freed(self.world.user_id, "asked")

    def time(self, which):
        self.world.clock.advance(timedelta(minutes=3 * 4**which))

    def sweep(self, _):
        self.world.sweep()

    def die_before(self, _):
        self.world.facts.script = ["before"]

    def die_after(self, which):
        self.world.facts.script = ["ok"] * (which % 3) + ["after"]

    def broker_dies(self, which):
        script = [("lost_answer", "crash_after", "down")[which % 3]]
        self.world.broker.script, self.world.recalls.script = list(script), list(script)

    def broker_refuses(self, _):
        self.world.broker.script, self.world.recalls.script = ["refused"], ["refused"]

    def rail_dies(self, which):
        for rail in self.world.rails.values():
            rail.script = [("crash_after", "silence", "never_sent")[which % 3]]

    @staticmethod
    def _one(things, which):
        things = list(things)
        return [things[which % len(things)]] if things else []

    def holds_always(self):
        wallet = self.world.wallet()
        least = min(wallet.posted, wallet.held, wallet.available, wallet.blocks, wallet.owed)
        assert least >= 0, wallet
        for rail in self.world.rails.values():
            assert max(Counter(rail.made.values()).values(), default=0) <= 1

    def drain(self) -> None:
        """Every message arrives in the end, gateways decide, and time passes."""
        world = self.world
        world.facts.script.clear()
        world.broker.script.clear()
        world.recalls.script.clear()
        for gateway in world.gateways.values():
            gateway.start_script.clear()
        for _ in range(14):
            for rail in world.rails.values():
                rail.script.clear()
            world.rate()
            self._news_again()
            for message in [*world.checks_waiting(), *self.told]:
                world.answer(message)
            self.told.clear()
            for event in world.undelivered():
                world.deliver(event)
            world.clock.advance(timedelta(hours=3))
            world.sweep()

    def _news_again(self) -> None:
        known = {one.deposit_id: one for one in self.deposits()}
        for name, gateway in self.world.gateways.items():
            for reference, owner in gateway.owners.items():
                self.hint(name, reference, known[owner])
        for rail, reference in self.orders(Taken):
            rail.orders[reference] = PaidOut(reference, rail.amounts[reference])
        for rail in self.world.rails.values():
            for reference, outcome in rail.orders.items():
                self.world.sending.told(self.world.user_id, rail.made[reference], outcome)
        for reading in self.readings.values():
            self.tell(reading)


def really_held(play: Play) -> dict[tuple[str, str], int]:
    """What each gateway has of our money, by its own word."""
    held: defaultdict[tuple[str, str], int] = defaultdict(int)

    def add(gateway: str, money: Money, sign: int) -> None:
        currency = money.currency
        place = f"house:gateway_clearing:{gateway.lower()}:{currency.value}"
        held[place, currency.asset] += sign * money.minor

    for (gateway, _), amount in play.paid.items():
        add(gateway.value, amount, 1)
    for name, rail in play.world.rails.items():
        for reference, outcome in rail.orders.items():
            if isinstance(outcome, PaidOut):
                add(name.value.split("_")[0], rail.amounts[reference], -1)
    for reading in play.readings.values():
        if reading.taken:
            add(reading.gateway.value, reading.amount, -1)
    return {place: minor for place, minor in held.items() if minor}


def held_for(play: Play) -> int:
    """All reasons why money is held, in cents."""
    # What is disputed before it was forwarded is held by whom it is held for.
    waiting = [one for one in play.deposits() if one.status in AT_GATEWAY]
    waiting += [
        one for one in play.deposits() if one.before is S.SETTLED and not one.refunded_minor
    ]
    deposits = sum(one.forwarded.minor for one in waiting)
    payouts = sum(
        one.debited.minor
        for one in play.payouts()
        if one.status in HOLDING and one.at_broker
        if one.purpose is not Purpose.CLAIM or one.status is PayoutStatus.RETURNING
    )
    disputes = sum(one.reserved_minor for one in play.disputes() if one.live)
    return deposits + payouts + disputes + sum(play.world.reserved)


def check_all(play: Play) -> None:
    world, wallet, books = play.world, play.world.wallet(), play.world.books()
    cash, debt = customer_cash(world.user_id), receivable(world.user_id)
    assert books.get((cash, USD), 0) == -wallet.posted
    assert books.get((debt, USD), 0) == wallet.owed
    clearing = {place: minor for place, minor in books.items() if "clearing" in place[0]}
    assert clearing == really_held(play)
    assert books.get(("house:customers_cash_at_broker", USD), 0) == world.recalls.sync()
    assert wallet.held == held_for(play)
    live = [one for one in play.disputes() if one.live]
    assert wallet.blocks == len(live)
    assert wallet.owed >= sum(one.shortfall_minor for one in live)
    taken = sum(minor for (account, _), minor in books.items() if "house:disputed" in account)
    assert taken == sum(one.amount.minor for one in live if one.taken)
    for one in play.deposits():
        says_the_truth(world, one)
    check_nobody_gained_or_lost(play)
    check_nothing_waits_unseen(play)


def check_nobody_gained_or_lost(play: Play) -> None:
    """What a person has and owes is what came less what went, whatever happened in between; and
    what belongs to nobody is all that came twice and has not left."""
    wallet, disputes = play.world.wallet(), play.disputes()
    short = sum(one.shortfall_minor for one in disputes if one.live)
    has = wallet.posted + play.world.shares - (wallet.owed - short)
    lost = [one for one in disputes if one.status is D.LOST]
    paid = [one for one in play.payouts() if one.status is PayoutStatus.PAID]
    went = sum(one.debited.minor for one in paid if one.purpose is not Purpose.CLAIM)
    taken = sum(one.reserved_minor + one.shortfall_minor for one in lost)
    own = {(one.gateway, one.payment) for one in play.deposits() if one.status in CREDITED}
    came = sum(one.credited.minor for one in play.deposits() if one.status in CREDITED)
    assert has == came - went - taken
    twice = sum(amount.minor for name, amount in play.paid.items() if name not in own)
    back = sum(one.amount.minor for one in paid if one.purpose is Purpose.SURPLUS)
    # What went back to the payer twice is nobody's debt.
    assert books_losses(play) == sum(one.answered_minor for one in lost)
    others = [one for one in lost if (one.gateway, one.payment) not in own]
    of_nobody = [one for one in others if not one.worth_minor]
    waits = twice - back - sum(one.amount.minor for one in of_nobody)
    assert play.world.books().get(("house:suspense", USD), 0) == -waits


def books_losses(play: Play) -> int:
    return play.world.books().get(("house:losses", USD), 0)


def check_nothing_waits_unseen(play: Play) -> None:
    cases = {one.subject for one in play.world.cases.listed(CaseStatus.OPEN)}
    for deposit in play.deposits():
        if deposit.status in OPEN | AT_GATEWAY:
            assert deposit.due is not None or deposit.deposit_id in cases, deposit
    over = {PayoutStatus.PAID, PayoutStatus.FAILED, PayoutStatus.CANCELLED, PayoutStatus.RETURNED}
    for payout in play.payouts():
        if payout.status not in over or payout.contradicted:
            assert payout.due is not None or payout.payout_id in cases, payout
    for dispute in play.disputes():
        assert dispute.look_at is not None or not dispute.undecided, dispute


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(STEPS, st.integers(0, 5)), min_size=5, max_size=60))
def test_any_order_of_everything_ends_in_books_that_are_true(make_everything, steps):
    play = Play(make_everything())
    play.card(0)
    for step, which in steps:
        play.act(step, which)
    play.drain()
    check_all(play)


BACK, LOST, OPENED = ("send_back", 3), ("lose", 0), ("open_dispute", 1)


@pytest.mark.parametrize(
    "then",
    [[("open_dispute", 0), BACK], [OPENED, BACK, LOST], [OPENED, LOST, BACK]],
)
def test_a_refund_that_comes_back_around_a_dispute_leaves_nothing_held_for_ever(
    make_everything, then
):
    whole = OPENED in then
    play = Play(make_everything())
    play.card(0)
    for step, which in [("pay", 5), ("refund", 4), ("event", 2), ("pay_out", 3), *then]:
        play.act(step, which)
    play.drain()
    check_all(play)
    assert [one.status for one in play.payouts() if one.purpose is Purpose.REFUND] == [
        PayoutStatus.RETURNED
    ]
    (deposit,) = play.deposits()
    assert (deposit.status, deposit.forwarded.minor) == (S.DISPUTED, 0 if whole else 5_000)
    assert deposit.before is (S.SETTLED if whole else S.FUNDED)


@pytest.mark.parametrize("seed", [20260302, 508, 29])
def test_a_long_time_of_everything_ends_in_books_that_are_true(make_everything, seed):
    chosen = random.Random(seed)
    play = Play(make_everything())
    for _ in range(150):
        play.act(chosen.choice(NAMES), chosen.randrange(6))
    play.drain()
    check_all(play)
