"""What holds for every order of events, every repetition and every crash."""

from contextlib import suppress
from datetime import timedelta

from hypothesis import example, given, settings
from hypothesis import strategies as st

from shared.kernel.errors import BaobabError, IllegalTransition
from shared.kernel.money import Currency, Money
from shared.kernel.states import advance
from shared.payments.methods import Gateway
from shared.payments.model import DepositStatus
from shared.payments.ports import JournalState
from shared.payouts.model import HOLDING, TRANSITIONS, PayoutStatus, Purpose, Rail
from shared.payouts.ports import PaidOut
from shared.payouts.states import NOT_PAID as ENDED
from tests.payouts.conftest import CAME_BACK, NOT_PAID

S = PayoutStatus
STATUSES = st.sampled_from(list(S))
STEPS = st.sampled_from(
    [
        "recall",
        "send",
        "journal",
        "signal",
        "decide_paid",
        "decide_refused",
        "told_paid",
        "told_refused",
        "told_back",
        "cancel",
        "repeat",
        "time",
        "day",
        "die_before",
        "die_after",
        "die_after_two",
        "lose_journal",
        "refuse_journal",
        "broker_waits",
        "broker_works",
        "lose_order",
        "crash_order",
        "never_sent",
        "silence",
        "block",
        "unblock",
        "sweep",
    ]
)


@given(STATUSES, STATUSES)
def test_only_listed_moves_are_possible(source, target):
    try:
        assert advance(TRANSITIONS, source, target) is target
        assert target in TRANSITIONS[source]
    except IllegalTransition:
        assert target not in TRANSITIONS[source]


def test_what_is_rejected_or_returned_stays_so():
    assert {one for one in S if not TRANSITIONS[one]} == {S.REJECTED, S.RETURNED}


class Play:
    """Acts one step after another on a world, as deliveries with at-least-once would."""

    def __init__(self, world, kind):
        self.world, self.kind = world, kind
        self.deposit = world.deposit(funded=kind != "early_refund")
        self.payout = self.begin()
        self.told, self.waiting = set(), []

    def begin(self):
        world = self.world
        if self.kind in ("refund", "early_refund"):
            return world.refund(self.deposit, begin=False)
        if self.kind == "surplus":
            self.do_repeat()
            return world.payouts.page(world.user_id, limit=1)[0][0]
        rail = Rail.MPESA_B2C if self.kind == "phone" else Rail.STRIPE_PAYOUT
        return world.withdrawal(6_000, rail=rail, begin=False)

    @property
    def rail(self):
        return self.world.rails[self.payout.rail]

    def act(self, step):
        with suppress(BaobabError, RuntimeError):
            getattr(self, f"do_{step}")()

    def do_recall(self):
        self.world.recall(self.payout)

    def do_send(self):
        self.world.send(self.payout)

    def do_sweep(self):
        now = self.world.now(self.payout)
        if now.due is not None and now.due <= self.world.clock.now():
            self.do_send() if now.gateway_next else self.do_recall()

    def do_journal(self):
        for one in list(self.world.broker.journals.values()):
            self.world.recalling.journal_changed(one.journal_id)

    def do_signal(self):
        self.world.sending.signalled(self.world.user_id, self.payout.payout_id)

    def tell(self, outcome):
        # A gateway tells of orders that it has, and of nothing else.
        if self.rail.orders:
            self.told.add(type(outcome).__name__)
            # Whoever dies over a message is given it again.
            self.waiting.append(outcome)
            self.world.told(self.payout, outcome)
            self.waiting.remove(outcome)

    def do_decide_paid(self):
        if "CameBack" not in self.told:
            self.rail.decide(PaidOut("po_1", self.payout.amount))

    def do_decide_refused(self):
        if not any(isinstance(one, PaidOut) for one in self.rail.orders.values()):
            self.rail.decide(NOT_PAID)

    def do_told_paid(self):
        self.do_decide_paid()
        self.tell(PaidOut("po_1", self.payout.amount, fee_minor=7))

    def do_told_refused(self):
        if "PaidOut" not in self.told:
            self.tell(NOT_PAID)

    def do_told_back(self):
        if self.rail.orders:
            self.rail.decide(CAME_BACK)
            self.tell(CAME_BACK)

    def do_cancel(self):
        self.world.requests.cancel(self.world.user_id, self.payout.payout_id)

    def do_repeat(self):
        if self.kind == "surplus":
            amount = Money(10_000, Currency.USD)
            self.world.sending.surplus(
                self.world.user_id, self.deposit.deposit_id, Gateway.STRIPE, "pi_2", amount
            )

    def do_time(self):
        self.world.clock.advance(timedelta(seconds=40))

    def do_day(self):
        self.world.clock.advance(timedelta(hours=9))

    def do_die_before(self):
        self.world.facts.script = ["before"]

    def do_die_after(self):
        self.world.facts.script = ["after"]

    def do_die_after_two(self):
        self.world.facts.script = ["ok", "after"]

    def do_lose_journal(self):
        self.world.broker.script = ["lost_answer"]

    def do_refuse_journal(self):
        self.world.broker.script = ["refused"]

    def do_broker_waits(self):
        self.world.broker.state = JournalState.WAITING

    def do_broker_works(self):
        self.world.broker.finish(JournalState.EXECUTED)

    def do_lose_order(self):
        self.rail.script = ["silence"]

    def do_crash_order(self):
        self.rail.script = ["crash_after"]

    def do_never_sent(self):
        self.rail.script = ["never_sent"]

    def do_silence(self):
        self.rail.look_script = ["silence", "down"]

    def do_block(self):
        if not self.world.wallet().blocks:
            self.world.commit(self.world.ledger.block(self.world.wallet(), 1))

    def do_unblock(self):
        if self.world.wallet().blocks:
            self.world.commit(self.world.ledger.block(self.world.wallet(), -1))

    def drain(self):
        """No more faults: the broker works, the gateway decides, what is awaited is swept."""
        self.world.facts.script.clear()
        self.world.broker.script.clear()
        self.rail.script.clear()
        self.rail.look_script.clear()
        self.do_unblock()
        self.world.broker.finish(JournalState.EXECUTED)
        for outcome in self.waiting:
            with suppress(BaobabError):
                self.world.told(self.payout, outcome)
        for _ in range(12):
            for step in ("recall", "send", "journal"):
                self.act(step)
            self.do_day()
        if self.world.now(self.payout).status in (S.SENDING, S.SENT) and self.rail.orders:
            self.act("told_paid")
        for _ in range(6):
            for step in ("recall", "send"):
                self.act(step)


KINDS = st.sampled_from(["phone", "bank", "refund", "early_refund", "surplus"])


def check_now(play):
    """What holds between any two steps."""
    world = play.world
    payout, wallet = world.now(play.payout), world.wallet()
    world.check_conserved(moving=payout.status in (S.RECALLING, S.RETURNING))
    moving = payout.status not in ENDED | {S.PAID}
    if moving or payout.contradicted:
        assert payout.review or payout.due is not None, (
            "it is asked for by itself, or somebody knows"
        )
    if payout.at_broker:
        assert wallet.held == (payout.debited.minor if payout.status in HOLDING else 0)
    assert len(play.rail.orders) <= 1


@settings(max_examples=150, deadline=None)
@given(kind=KINDS, steps=st.lists(STEPS, max_size=24))
@example(kind="early_refund", steps=["send", "told_refused", "die_before", "told_paid"])
def test_money_leaves_once_or_stays_and_books_and_broker_agree(kind, steps, make_world):
    play = Play(make_world(), kind)
    for step in steps:
        play.act(step)
        check_now(play)
    play.drain()
    check_now(play)
    world, payout = play.world, play.world.now(play.payout)
    wallet, books = world.wallet(), world.books()
    paid = payout.status is S.PAID
    lost = payout.status is S.SENDING and not play.rail.orders
    assert paid or payout.status in ENDED or lost or payout.review
    assert world.events().count("payouts.payout_paid.v1") <= 1 + world.events().count(
        "payouts.payout_returned.v1"
    )
    if "CameBack" in play.told:
        assert payout.status in (S.RETURNED, S.FAILED)
    elif "PaidOut" in play.told:
        assert paid
    out = payout.debited.minor if paid else 0
    assert wallet.posted == 10_000 - out
    assert wallet.owed == 0
    if lost or payout.review:
        return
    deposit = world.deposit_now(play.deposit)
    assert deposit.refunding_minor == 0
    refund = payout.purpose is Purpose.REFUND
    assert (deposit.status is DepositStatus.REFUNDED) == (refund and paid)
    assert wallet.held == (10_000 if kind == "early_refund" and not paid else 0)
    assert world.broker.cash == (0 if kind == "early_refund" else 10_000 - out)
    clearing = sum(amount for (name, _), amount in books.items() if "gateway_clearing" in name)
    assert clearing == 10_000 - (payout.amount.minor if paid else 0) - fees_of(books)


def fees_of(books):
    return sum(amount for (name, _), amount in books.items() if name.startswith("house:fees"))
