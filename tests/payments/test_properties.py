"""What holds for every order of events, every repetition and every crash."""

from contextlib import suppress
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from shared.kernel.errors import BaobabError, IllegalTransition
from shared.kernel.states import advance
from shared.payments.methods import Method
from shared.payments.model import CREDITED, TRANSITIONS, DepositStatus, Gateway
from shared.payments.ports import Failed, JournalState, Paid
from shared.payments.reasons import Reason
from shared.payments.settlement import Hint

STATUSES = st.sampled_from(list(DepositStatus))
STEPS = st.sampled_from(
    [
        "repeat",
        "signal",
        "check",
        "callback",
        "pay",
        "fail",
        "time",
        "fund",
        "journal",
        "execute",
        "reject",
        "silence",
        "die_before",
        "die_after",
        "lose_journal_answer",
        "breaker",
    ]
)


METHODS = st.sampled_from(list(Method))


@given(METHODS, STATUSES, STATUSES)
def test_only_listed_moves_are_possible(method, source, target):
    try:
        assert advance(TRANSITIONS[method], source, target) is target
        assert target in TRANSITIONS[method][source]
    except IllegalTransition:
        assert target not in TRANSITIONS[method][source]


@given(METHODS, st.lists(STATUSES, max_size=8))
def test_credited_money_stays_credited_or_goes_back(method, targets):
    status = DepositStatus.SETTLED
    for target in targets:
        with suppress(IllegalTransition):
            status = advance(TRANSITIONS[method], status, target)
        assert status in CREDITED


class Play:
    """Acts one step after another on a world, as deliveries with at-least-once would."""

    def __init__(self, world, gateway):
        self.world = world
        self.gateway = gateway
        self.make = world.card if gateway is Gateway.STRIPE else world.mpesa
        self.paid = False
        self.deposit = None

    def begin(self):
        with suppress(BaobabError, RuntimeError):
            self.deposit = self.make()

    def act(self, step):
        with suppress(BaobabError, RuntimeError):
            getattr(self, f"do_{step}")()

    @property
    def vendor(self):
        return self.world.gateways[self.gateway]

    @property
    def known(self):
        page = self.world.service.page(self.world.user_id, limit=5)
        assert len(page.deposits) <= 1
        return page.deposits[0] if page.deposits else None

    @property
    def reference(self):
        return next(iter(self.vendor.attempts), None)

    def do_repeat(self):
        self.make()

    def do_signal(self):
        if self.known:
            named = self.reference if self.gateway is Gateway.STRIPE else None
            self.world.signal(self.known, Hint(named))

    def do_check(self):
        if self.known:
            self.world.check(self.known)

    def do_callback(self):
        if self.known and self.paid and self.gateway is Gateway.MPESA:
            hint = Hint(self.reference, self.known.amount, "LHG31AA5TX")
            self.world.signal(self.known, hint)

    def do_pay(self):
        if self.reference:
            amount = self.known.amount if self.gateway is Gateway.STRIPE else None
            self.vendor.set(self.known, Paid(self.reference, amount))
            self.paid = True

    def do_fail(self):
        if self.reference and not self.paid:
            self.vendor.set(self.known, Failed(Reason.NO_RESPONSE))

    def do_time(self):
        self.world.clock.advance(timedelta(minutes=7))

    def do_fund(self):
        if self.known:
            self.world.fund(self.known)

    def do_journal(self):
        self.world.funding.journal_changed("j1")

    def do_execute(self):
        self.world.broker.finish(JournalState.EXECUTED)

    def do_reject(self):
        self.world.broker.finish(JournalState.REJECTED)

    def do_silence(self):
        self.vendor.look_script = ["silent", "down"]

    def do_die_before(self):
        self.world.facts.script = ["before"]

    def do_die_after(self):
        self.world.facts.script = ["ok", "after"]

    def do_lose_journal_answer(self):
        self.world.broker.script = ["lost_answer"]

    def do_breaker(self):
        self.world.person(broker_status="SUBMITTED")

    def drain(self):
        """No more faults: everything that is owed arrives at least once."""
        self.world.facts.script.clear()
        self.vendor.look_script.clear()
        self.world.broker.script.clear()
        self.world.person()
        self.world.broker.finish(JournalState.EXECUTED)
        for _ in range(4):
            for step in ("callback", "signal", "check", "fund"):
                getattr(self, f"do_{step}")()


@settings(max_examples=80, deadline=None)
@given(
    gateway=st.sampled_from([Gateway.STRIPE, Gateway.MPESA]),
    begin=st.sampled_from(["ok", "no_word", "crash_before", "crash_after", "not_sent"]),
    steps=st.lists(STEPS, max_size=14),
)
def test_money_is_neither_lost_nor_doubled_nor_made_up(gateway, begin, steps, make_world_plain):
    world = make_world_plain()
    world.broker.state = JournalState.WAITING
    play = Play(world, gateway)
    play.vendor.start_script = [begin]
    play.begin()
    for step in steps:
        play.act(step)
        wallet = world.wallet()
        assert wallet.available >= 0
        assert wallet.held >= 0
        assert not wallet.posted or play.paid
    play.drain()
    deposit, wallet, books = play.known, world.wallet(), world.books()
    assert world.events().count("payments.deposit_settled.v1") == (1 if play.paid else 0)
    if not play.paid:
        assert (wallet.posted, books, world.broker.moved) == (0, {}, 0)
        return
    credited = deposit.credited.minor
    assert deposit.status is DepositStatus.FUNDED
    assert (wallet.posted, wallet.held) == (credited, 0)
    assert world.broker.moved == credited
    assert books[f"customer:{world.user_id}:cash", "USD/2"] == -credited
    assert books["house:customers_cash_at_broker", "USD/2"] == credited
    clearing = f"house:gateway_clearing:{gateway.value.lower()}:{deposit.amount.currency.value}"
    assert books[clearing, deposit.amount.currency.asset] == deposit.amount.minor
    assert len(play.vendor.attempts) == 1
    assert world.events().count("payments.deposit_funded.v1") == 1
