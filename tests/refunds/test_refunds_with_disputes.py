"""Refunds in between the news of disputes: any order ends with the same books."""

from contextlib import suppress

from hypothesis import given, settings
from hypothesis import strategies as st

from shared.disputes.model import DisputeStatus
from shared.kernel.errors import BaobabError
from shared.kernel.money import Currency, Money
from shared.payments.model import DepositStatus
from shared.payouts.model import Payout, PayoutStatus
from tests.disputes.test_disputes_properties import WAYS, Play, holds_always
from tests.disputes.twins import Crash
from tests.refunds.conftest import Till

D, S = DisputeStatus, DepositStatus
STEPS = st.sampled_from(
    [
        "news_0",
        "news_1",
        "older_0",
        "forward_0",
        "forward_1",
        "invest",
        "sell",
        "freed",
        "check",
        "die_before",
        "die_after",
        "refund_0",
        "refund_1",
        "part_0",
        "paid_0",
        "paid_1",
        "failed_0",
        "failed_1",
    ]
)


class Both(Play):
    """The same person, who also wants money back."""

    world: Till

    def act(self, step: str) -> None:
        name, _, number = step.partition("_")
        if name in ("refund", "part", "paid", "failed"):
            with suppress(BaobabError, RuntimeError):
                getattr(self, name)(int(number))
            return
        super().act(step)

    def refund(self, number: int) -> None:
        self.world.ask(self.deposits[number])

    def part(self, number: int) -> None:
        self.world.ask(self.deposits[number], Money(1_234, Currency.USD))

    def under_way(self, number: int) -> list[Payout]:
        refunds = self.world.refunds_of(self.deposits[number])
        return [one for one in refunds if one.status is PayoutStatus.READY]

    def paid(self, number: int) -> None:
        for refund in self.under_way(number):
            self.world.pay(refund)
            self.ended(number)

    def failed(self, number: int) -> None:
        for refund in self.under_way(number):
            self.world.give_up(refund)
            self.ended(number)

    def ended(self, number: int) -> None:
        """What the payout's event brings about."""
        with suppress(Crash):
            self.world.disputing.refund_ended(self.world.user_id, self.deposits[number].deposit_id)

    def forward(self, number: int) -> None:
        # Funding leaves alone what is on its way back.
        if not self.world.now(self.deposits[number]).refunding_minor:
            super().forward(number)

    def drain(self) -> None:
        self.world.facts.script.clear()
        for number in range(2):
            self.paid(number)
            self.ended(number)
        super().drain()

    def back(self, number: int) -> int:
        refunds = self.world.refunds_of(self.deposits[number])
        return sum(one.debited.minor for one in refunds if one.status is PayoutStatus.PAID)

    @property
    def given_back(self) -> int:
        return self.back(0) + self.back(1)


@settings(max_examples=200, deadline=None)
@given(
    ways=st.tuples(st.sampled_from(WAYS), st.sampled_from(WAYS)),
    amounts=st.tuples(st.sampled_from([10_000, 3_333]), st.sampled_from([1_300_000, 100_100])),
    steps=st.lists(STEPS, max_size=25),
)
def test_refunds_and_disputes_in_any_order_end_with_the_same_books(ways, amounts, steps, make_till):
    world = make_till()
    play = Both(world, ways, amounts)
    for step in steps:
        play.act(step)
        holds_always(world)
    play.drain()
    holds_always(world)
    lost = [worth for worth, way in zip(play.worths, ways, strict=True) if way[-1] is D.LOST]
    wallet, books = world.wallet(), world.books()
    assert (wallet.blocks, wallet.held) == (0, 0)
    assert not {"contested:USD", "disputed:stripe:USD", "disputed:stripe:KES"} & set(books)
    paid_in = sum(one.credited.minor for one in play.deposits)
    # Nobody answers twice for the same money: what a refund took, a lost dispute does not.
    twice = sum(
        max(worth + play.back(number) - play.deposits[number].credited.minor, 0)
        for number, (worth, way) in enumerate(zip(play.worths, ways, strict=True))
        if way[-1] is D.LOST
    )
    mine = paid_in - play.invested - sum(lost) - play.given_back + twice
    assert wallet.posted - wallet.owed == mine
    assert books.get("losses:USD", 0) == twice
    assert wallet.owed == 0 or wallet.available == 0
    assert books.get("customers_cash_at_broker:USD", 0) == wallet.posted
    for deposit, way in zip(play.deposits, ways, strict=True):
        now = world.now(deposit)
        assert now.refunding_minor == 0
        if way[-1] is D.LOST:
            assert now.status is S.DISPUTED
        else:
            whole = now.refunded_minor == now.amount.minor
            assert now.status is (S.REFUNDED if whole else S.FUNDED)
