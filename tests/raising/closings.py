"""A withdrawal of everything, as it is asked for, and what there is to take out."""

from decimal import Decimal

from shared.cases.store import CaseStore
from shared.kernel.money import Currency, Money, Price, Quantity
from shared.ledger.goal_cash import settled_cash
from shared.management_fees.charging import Charging
from shared.payments.errors import GatewayUnavailable
from shared.payouts.everything import Everything
from shared.payouts.holding import tag_for
from shared.payouts.model import PayoutStatus
from shared.payouts.raising import plans_of
from shared.platform.queues import Checks, MemoryQueue
from shared.portfolio.lots import nanos_of
from tests.investing.conftest import PRICES


def worth(world, tag=None, **prices):
    """Of what is held, of a goal or of all, in cents."""
    total = 0
    for symbol, position in world.base.positions.state(world.user_id).positions.items():
        lots = [lot for lot in position.lots if tag in (None, lot.tag)]
        price = Price(Decimal((PRICES | prices)[symbol]), Currency.USD)
        total += price.value_of(Quantity(nanos_of(lots))).minor
    return total


def close(world, goal_id="", *, later=0, later_on=None, **more):
    """Asked for: what has settled is held, the rest is what it is expected to bring."""
    tag, today = tag_for(world.user_id, goal_id), world.clock.now().date()
    settled = settled_cash(world.wallet, tag, today)
    sold = worth(world, tag)
    everything = Everything(today, later, later_on, sells=sold > 0)
    return world.ask(
        settled + later + sold,
        lacks=later + sold,
        status=PayoutStatus.RAISING,
        goal_id=goal_id,
        everything=everything,
        **more,
    )


def sold(world, payout, **fill):
    """Planned and filled."""
    world.look(payout)
    world.deliver()
    world.fill(world.plan_of(payout), **fill)
    return world.look(payout)


def brought(world, payout):
    """By all sales for it, in cents."""
    names = plans_of(world.now(payout))
    orders = [one for name in names for one in world.orders(name).values()]
    return sum(order.charged_minor for order in orders)


def charge_of(world):
    """The newest management fee."""
    return world.fees.fees.newest(world.user_id)


def dollars(minor):
    return Money(minor, Currency.USD)


def orders_ended(world):
    """What charges fees hears of it; the broker does not answer about them."""

    class Silent:
        def find(self, charge):
            raise GatewayUnavailable()

    fees = world.fees
    Charging(
        fees=fees.fees,
        ledger=world.ledger,
        cases=CaseStore(world.database),
        facts=world.facts,
        broker=Silent(),
        selling=None,
        checks=Checks(MemoryQueue()),
        clock=world.clock,
        today=fees.today,
        terms=fees.terms,
        closes=fees.closes,
        pause=lambda _: None,
    ).completed(world.user_id)
