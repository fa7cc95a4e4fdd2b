"""Two members of staff who say what becomes of a payment that could not be sent back."""

from shared.kernel.money import Currency, Money
from shared.payments.methods import Gateway
from shared.payouts.by_hand import ByHand
from shared.payouts.model import Payout, PayoutStatus, Rail
from shared.payouts.ports import PayoutAccountShown
from shared.payouts.remedies import RemedyWay, follower_id
from shared.payouts.remedying import Remedying
from tests.payouts.conftest import World

S = PayoutStatus
USD, KES = Currency.USD, Currency.KES
AGAIN, ACCOUNT, BY_HAND = (
    (RemedyWay.AGAIN, ""),
    (RemedyWay.ACCOUNT, "pac_1"),
    (RemedyWay.BY_HAND, "BANK-OUT-7"),
)
SUSPENSE, BANK = ("house:suspense", "USD/2"), ("house:bank:USD", "USD/2")
CLEARING = ("house:gateway_clearing:stripe:USD", "USD/2")


class Desk:
    """Staff over a world whose person has one payout account; each recorded act is kept."""

    def __init__(self, world: World, account: PayoutAccountShown | None = None) -> None:
        self.world, self.acts, self.claimed = world, 0, set()
        self.account = account or PayoutAccountShown(Rail.STRIPE_PAYOUT, USD, "**** 4242")
        world.rails[Rail.BY_HAND] = ByHand()
        self.remedying = Remedying(
            world.payouts, self, self, world.cases, world.facts, world.clock, lambda _: None
        )

    def usable(self, user_id, account_id, at):
        """See PayoutAccounts."""
        return self.account if account_id == "pac_1" else None

    def against(self, user_id, deposit_id, payment):
        """See Claims."""
        return (user_id, deposit_id, payment) in self.claimed

    def record(self, before, after):
        self.acts += 1
        return []

    def say(self, payout, word, by="usr_t1_A"):
        named = (self.world.user_id, payout.payout_id)
        return self.remedying.remedy(*named, word, by, self.record)

    def agree(self, payout, word):
        self.say(payout, word)
        return self.say(payout, word, by="usr_t1_B")


def undelivered(world: World, money: Money | None = None) -> Payout:
    """A second payment of a deposit that its gateway did not take back."""
    deposit = world.deposit()
    world.rails[Rail.STRIPE_REFUND].script = ["refused"]
    amount = money or Money(10_000, USD)
    world.sending.surplus(world.user_id, deposit.deposit_id, Gateway.STRIPE, "pi_2", amount)
    payout = world.payouts.page(world.user_id, limit=1)[0][0]
    assert (payout.status, payout.undelivered, payout.due) == (S.FAILED, True, None)
    return payout


def follower(world: World, payout: Payout) -> Payout:
    found = world.payouts.get(world.user_id, follower_id(payout.payout_id))
    assert found is not None
    return found


def listed(world: World) -> list[str]:
    return [one.payout_id for _, one in world.payouts.stuck(10).entries]
