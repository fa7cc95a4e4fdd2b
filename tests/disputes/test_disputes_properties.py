"""Any order and repetition of news, with investing and crashes in between, ends with one truth."""

from contextlib import suppress
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from shared.disputes.model import Dispute, DisputeStatus
from shared.disputes.parts import worth_of
from shared.kernel.money import Currency, Money
from shared.payments.model import DepositStatus
from tests.disputes.twins import Crash
from tests.disputes.world import World

D, S = DisputeStatus, DepositStatus
USD, KES = Currency.USD, Currency.KES
WAYS = (
    (D.OPEN, D.WON),
    (D.OPEN, D.UNDER_REVIEW, D.WON),
    (D.OPEN, D.LOST),
    (D.WARNING, D.CLOSED),
    (D.WARNING, D.OPEN, D.UNDER_REVIEW, D.LOST),
    (D.LOST,),
    (D.OPEN, D.WON, D.LOST),
    (D.OPEN, D.LOST, D.WON),
    (D.LOST, D.WON, D.LOST),
    (D.OPEN, D.UNDER_REVIEW, D.LOST, D.WON),
)
"""What a gateway may say of one dispute, in its own order."""
STEPS = st.sampled_from(
    [
        "news_0",
        "news_1",
        "older_0",
        "older_1",
        "forward_0",
        "forward_1",
        "invest",
        "sell",
        "freed",
        "check",
        "time",
        "die_before",
        "die_after",
    ]
)


class Play:
    """One person, two deposits, each with a dispute that goes its way."""

    def __init__(self, world: World, ways, amounts) -> None:
        self.world, self.ways = world, ways
        first = world.deposit(S.SETTLED, payment="pi_0")
        second = world.deposit(
            S.SETTLED, amount=Money(1_300_000, KES), payment="pi_1", rate="0.0077"
        )
        self.deposits = [first, second]
        self.amounts = [Money(amounts[0], USD), Money(amounts[1], KES)]
        self.said = [0, 0]
        self.invested = 0

    def reading(self, number: int, place: int):
        status = self.ways[number][place]
        return self.world.reading(
            status,
            self.amounts[number],
            reference=f"dp_{number}",
            payment=f"pi_{number}",
            taken=status not in (D.WARNING, D.CLOSED),
            fee_minor=1_500 if status is D.LOST else 0,
        )

    def act(self, step: str) -> None:
        with suppress(Crash):
            name, _, number = step.partition("_")
            if name in ("news", "older", "forward"):
                getattr(self, name)(int(number))
            else:
                getattr(self, step)()

    def news(self, number: int) -> None:
        place = min(self.said[number], len(self.ways[number]) - 1)
        self.said[number] = place + 1
        self.world.tell(self.reading(number, place))

    def older(self, number: int) -> None:
        """An answer that was read before others, and arrives after them."""
        for place in range(min(self.said[number], len(self.ways[number]))):
            self.world.disputing.told(self.reading(number, place))

    def forward(self, number: int) -> None:
        self.world.forward(self.deposits[number])

    def invest(self) -> None:
        minor = min(self.world.wallet().available, 4_000)
        if minor > 0:
            self.world.invest(minor)
            self.invested += minor

    def sell(self) -> None:
        minor = min(self.invested, 3_000)
        if minor:
            self.world.sell(minor)
            self.invested -= minor

    def freed(self) -> None:
        self.world.collecting.freed(self.world.user_id, "test")

    def disputes(self) -> list[Dispute]:
        ids = [one.deposit_id for one in self.deposits]
        found = [self.world.disputes.of_deposit(self.world.user_id, each) for each in ids]
        return [one for some in found for one in some]

    def check(self) -> None:
        for one in self.disputes():
            self.world.disputing.checked(one.user_id, one.deposit_id, one.dispute_id)

    def time(self) -> None:
        self.world.clock.advance(timedelta(hours=7))

    def die_before(self) -> None:
        self.world.facts.script = ["before"]

    def die_after(self) -> None:
        self.world.facts.script = ["after"]

    def drain(self) -> None:
        """Everything that is owed to us arrives."""
        self.world.facts.script.clear()
        for number, way in enumerate(self.ways):
            for place in range(max(self.said[number] - 1, 0), len(way)):
                self.world.tell(self.reading(number, place))
                self.world.tell(self.reading(number, place))
            self.said[number] = len(way)
            self.older(number)
            self.forward(number)
        self.world.clock.advance(timedelta(days=1))
        for _ in range(3):
            self.check()
            self.freed()
            self.world.fetch()

    @property
    def worths(self) -> list[int]:
        return [
            worth_of(amount, deposit)
            for amount, deposit in zip(self.amounts, self.deposits, strict=True)
        ]


def holds_always(world: World) -> None:
    wallet = world.wallet()
    assert min(wallet.available, wallet.held, wallet.blocks, wallet.owed) >= 0
    world.books()


@settings(max_examples=200, deadline=None)
@given(
    ways=st.tuples(st.sampled_from(WAYS), st.sampled_from(WAYS)),
    amounts=st.tuples(st.sampled_from([10_000, 3_333]), st.sampled_from([1_300_000, 100_100])),
    steps=st.lists(STEPS, max_size=25),
)
def test_every_order_of_news_ends_with_the_same_books(ways, amounts, steps, make_world):
    world = make_world()
    play = Play(world, ways, amounts)
    for step in steps:
        play.act(step)
        holds_always(world)
    play.drain()
    holds_always(world)
    lost = [worth for worth, way in zip(play.worths, ways, strict=True) if way[-1] is D.LOST]
    wallet, books = world.wallet(), world.books()
    assert wallet.blocks == 0
    assert not {"contested:USD", "disputed:stripe:USD", "disputed:stripe:KES"} & set(books)
    # What the person has less what they owe is what they paid in, did not invest and did not lose.
    paid_in = sum(one.credited.minor for one in play.deposits)
    assert wallet.posted - wallet.owed == paid_in - play.invested - sum(lost)
    assert wallet.owed == 0 or wallet.available == 0
    # Nobody has cash at the broker that our books do not give them, nor less.
    assert books.get("customers_cash_at_broker:USD", 0) == wallet.posted
    statuses = [world.now(one).status for one in play.deposits]
    for status, way in zip(statuses, ways, strict=True):
        assert status is (S.DISPUTED if way[-1] is D.LOST else S.FUNDED)
    held = sum(
        one.credited.minor - worth
        for one, worth, way in zip(play.deposits, play.worths, ways, strict=True)
        if way[-1] is D.LOST and world.now(one).funded_at is None
    )
    assert wallet.held == held == 0
    fees = 1_500 * sum(way[-1] is D.LOST for way in ways)
    assert sum(books.get(f"fees:stripe:{each}", 0) for each in ("USD", "KES")) == fees
    moves = [move for one in play.disputes() for move in one.moves]
    told = world.events().count("disputes.dispute_lost.v1")
    assert told == sum(move.status is D.LOST for move in moves)
