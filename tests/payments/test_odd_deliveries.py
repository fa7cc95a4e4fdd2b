"""What gateways tell twice, late, in another order or wrongly, by each gateway: the defined end."""

from dataclasses import dataclass
from datetime import timedelta

import pytest

from shared.cases.model import CaseStatus
from shared.kernel.money import Money
from shared.payments.methods import Gateway
from shared.payments.ports import Failed, Lapsed, Paid, Waiting
from shared.payments.reasons import Reason
from shared.payments.routing import TRIES
from shared.payments.settlement import Hint
from shared.payments.states import DepositStatus
from tests.payments.world import World

S = DepositStatus
ASKED = (Gateway.STRIPE, Gateway.MPESA, Gateway.ADYEN)


@dataclass
class Teller:
    """A gateway, as far as its messages go. ``world`` has the person and the books."""

    world: World
    gateway: Gateway

    def begun(self, key="key-1"):
        if self.gateway is Gateway.MPESA:
            return self.world.mpesa(key=key)
        if self.gateway is Gateway.ADYEN:
            self.world.gateways[Gateway.STRIPE].start_script = ["not_sent"] * TRIES
        deposit = self.world.card(key=key)
        assert deposit.gateway is self.gateway
        return deposit

    def reference(self, deposit):
        owners = self.world.gateways[self.gateway].owners
        (one,) = [name for name, owner in owners.items() if owner == deposit.deposit_id]
        return one

    def stands(self, deposit, outcome):
        self.world.gateways[self.gateway].set(deposit, outcome)

    def paid(self, deposit, amount=None, payment=None):
        """The gateway takes the money and tells of it. M-Pesa's own answer has no amount."""
        amount, payment = amount or deposit.amount, payment or f"pay_{deposit.deposit_id}"
        known = None if self.gateway is Gateway.MPESA else amount
        word = Paid(payment, known)
        self.stands(deposit, word)
        if self.gateway is Gateway.MPESA:
            receipt = f"RKT{deposit.deposit_id[-7:]}"
            self._tell(deposit, Hint(self.reference(deposit), amount, receipt), None)
        elif self.gateway is Gateway.ADYEN:
            self._tell(deposit, Hint(), word)
        else:
            self._tell(deposit, Hint(self.reference(deposit)), None)

    def declined(self, deposit):
        """An attempt came to nothing: at Stripe and Adyen the page stays open for another."""
        self._tell(deposit, Hint(self.reference(deposit)), None)

    def _tell(self, deposit, hint, proved):
        named = (self.world.user_id, deposit.deposit_id)
        self.world.settlement.signalled(*named, hint, self.gateway, proved)

    def settled_once(self, deposit):
        """The deposit is settled, its money is in the books once, and nobody has to look."""
        now, wallet = self.world.now(deposit), self.world.wallet()
        asset = deposit.amount.currency.asset
        clearing = f"house:gateway_clearing:{self.gateway.value.lower()}"
        books = self.world.books()
        assert now.status is S.SETTLED
        assert (wallet.posted, wallet.held) == (now.credited.minor, now.credited.minor)
        assert books[f"{clearing}:{deposit.amount.currency.value}", asset] == deposit.amount.minor
        assert self.world.events().count("payments.deposit_settled.v1") == 1
        assert self.world.cases.listed(CaseStatus.OPEN) == []


@pytest.fixture(params=ASKED)
def teller(request, world):
    return Teller(world, request.param)


@pytest.mark.parametrize("times", [2, 5])
def test_the_same_news_again_credits_once(teller, times):
    deposit = teller.begun()
    for _ in range(times):
        teller.paid(deposit)
    teller.settled_once(deposit)


def test_the_same_news_played_again_days_later_changes_nothing(teller):
    deposit = teller.begun()
    teller.paid(deposit)
    books = teller.world.books()
    teller.world.clock.advance(timedelta(days=30))
    teller.paid(deposit)
    assert teller.world.books() == books
    teller.settled_once(deposit)


@pytest.mark.parametrize("first", ["paid", "declined"])
def test_older_news_before_or_after_the_payment_decide_nothing(teller, first):
    deposit = teller.begun()
    if first == "declined":
        teller.declined(deposit)
    teller.paid(deposit)
    if first == "paid":
        teller.declined(deposit)
    teller.settled_once(deposit)


@pytest.mark.parametrize("ended", [Lapsed(), Failed(Reason.DECLINED)], ids=["expired", "failed"])
def test_a_payment_after_the_end_is_credited(teller, ended):
    deposit = teller.begun()
    teller.stands(deposit, ended)
    teller.world.clock.advance(timedelta(hours=2))
    teller.world.rate()
    teller.world.check(deposit)
    assert teller.world.now(deposit).status in (S.EXPIRED, S.FAILED)
    assert teller.world.wallet().posted == 0
    teller.paid(deposit)
    teller.paid(deposit)
    teller.settled_once(deposit)


@pytest.mark.parametrize("by", [-100, 100])
def test_another_amount_credits_nothing_and_reaches_a_person(teller, by):
    deposit = teller.begun()
    asked = deposit.amount
    teller.paid(deposit, Money(asked.minor + by, asked.currency))
    held = teller.world.now(deposit)
    assert (held.review, held.reason) == (True, Reason.AMOUNT_MISMATCH)
    assert teller.world.wallet().posted == 0
    assert "payments.deposit_settled.v1" not in teller.world.events()
    (case,) = teller.world.cases.listed(CaseStatus.OPEN)
    assert (case.kind.value, case.subject) == ("AMOUNT_MISMATCH", deposit.deposit_id)


@pytest.mark.parametrize("currency", ["EUR", "KES", "ZAR"])
@pytest.mark.parametrize("gateway", [Gateway.STRIPE, Gateway.ADYEN])
def test_another_currency_of_the_same_number_credits_nothing(world, gateway, currency):
    teller = Teller(world, gateway)
    deposit = teller.begun()
    teller.paid(deposit, Money(deposit.amount.minor, type(deposit.amount.currency)(currency)))
    held = world.now(deposit)
    assert (held.review, held.reason) == (True, Reason.AMOUNT_MISMATCH)
    assert world.wallet().posted == 0


def test_one_payment_told_for_two_deposits_credits_one(teller):
    first, second = teller.begun("key-1"), teller.begun("key-2")
    teller.paid(first, payment="pay_1")
    teller.paid(second, payment="pay_1")
    assert teller.world.now(first).status is S.SETTLED
    assert teller.world.now(second).status is not S.SETTLED
    assert teller.world.wallet().posted == teller.world.now(first).credited.minor
    (case,) = teller.world.cases.listed(CaseStatus.OPEN)
    assert (case.kind.value, case.subject) == ("PAYMENT_REUSED", second.deposit_id)


@pytest.mark.parametrize("gateway", [Gateway.STRIPE, Gateway.MPESA])
def test_news_that_name_the_payment_of_another_deposit_are_ignored(world, gateway):
    teller = Teller(world, gateway)
    first, second = teller.begun("key-1"), teller.begun("key-2")
    teller.stands(first, Paid("pay_1", None))
    hint = Hint(teller.reference(first), first.amount, "RKTAAAAAAA")
    world.settlement.signalled(world.user_id, second.deposit_id, hint, gateway)
    assert world.now(second).status is S.ACTION_REQUIRED
    assert world.now(second).receipt is None
    assert world.wallet().posted == 0
    assert teller.world.gateways[gateway].attempts[teller.reference(second)] == Waiting()


@pytest.mark.parametrize("gateway", ASKED)
def test_news_of_a_gateway_that_cannot_carry_it_are_ignored(world, gateway):
    other = Gateway.STRIPE if gateway is Gateway.MPESA else Gateway.MPESA
    deposit = Teller(world, gateway).begun()
    named = (world.user_id, deposit.deposit_id)
    world.settlement.signalled(*named, Hint(), other, Paid("pay_1", deposit.amount))
    assert world.now(deposit).status is S.ACTION_REQUIRED
    assert world.wallet().posted == 0
