"""One payment, and the two ways on which it can go back: its refund and its dispute."""

from shared.cases.model import CaseKind, CaseStatus
from shared.disputes.model import DisputeStatus
from shared.disputes.ports import Reading
from shared.kernel.money import Currency, Money
from shared.payments.methods import Gateway
from shared.payments.ports import Paid
from shared.payments.settlement import Hint
from shared.payouts.model import Rail
from shared.payouts.ports import PaidOut
from tests.money.conftest import Everything

ALL = Money(10_000, Currency.USD)
LOSSES = ("house:losses", "USD/2")


class Both:
    """One card deposit of 100 dollars, its refund and its dispute."""

    def __init__(self, world: Everything, forwarded: bool = True) -> None:
        self.world = world
        world.card(amount="100.00", key="key-00000001")
        (deposit,) = world.service.page(world.user_id, limit=5).deposits
        reference = next(iter(world.gateways[Gateway.STRIPE].owners))
        world.gateways[Gateway.STRIPE].attempts[reference] = Paid("pi_1", ALL)
        world.settlement.signalled(
            world.user_id, deposit.deposit_id, Hint(reference), Gateway.STRIPE
        )
        self.deposit_id = deposit.deposit_id
        if forwarded:
            self.deliver()

    @property
    def deposit(self):
        found = self.world.deposits.get(self.world.user_id, self.deposit_id)
        assert found is not None
        return found

    @property
    def refund(self):
        (found,) = self.world.index.of_deposit(self.world.user_id, self.deposit_id)
        return found

    @property
    def dispute(self):
        (found,) = self.world.disputes.of_deposit(self.world.user_id, self.deposit_id)
        return found

    @property
    def purse(self):
        wallet = self.world.wallet()
        return (wallet.posted, wallet.held, wallet.blocks, wallet.owed)

    @property
    def losses(self):
        return self.world.books().get(LOSSES, 0)

    @property
    def orders(self):
        return self.world.rails[Rail.STRIPE_REFUND].orders

    def ask(self, amount: Money | None = None):
        world = self.world
        return world.refunds.request(world.user_id, "refund-1", self.deposit_id, amount)

    def deliver(self, *, times: int = 6, only: str = "") -> None:
        """Events, and what they bring about."""
        for _ in range(times):
            for event in self.world.undelivered():
                if event.type.startswith(only):
                    self.world.deliver(event)

    def told(self, status: DisputeStatus, amount: Money = ALL) -> None:
        taken = status is not DisputeStatus.WON
        reading = Reading(Gateway.STRIPE, "dp_1", "pi_1", amount, status, taken)
        self.world.desk.readings["dp_1"] = reading
        self.world.disputing.signalled(Gateway.STRIPE, "dp_1")

    def gateway_says(self, outcome) -> None:
        (reference,) = self.orders
        said = PaidOut(reference, ALL) if outcome is PaidOut else outcome
        self.orders[reference] = said
        self.world.sending.told(self.world.user_id, self.refund.payout_id, said)

    def case(self):
        kind = CaseKind.DISPUTE
        (found,) = self.world.cases.listed(CaseStatus.OPEN, kind=kind)
        return dict(found.facts)
