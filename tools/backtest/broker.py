"""A broker with books of its own: it fills what it is sent, in two executions, at once.

It knows nothing of our ledger; at the end of each month both must say the same.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, Decimal

from shared.investing.model import Ending, Execution, OrderStatus, Side
from shared.investing.ports import (
    Accepted,
    BrokerOrder,
    RefusalReason,
    Refused,
    Submission,
    Ticket,
    TradeEvent,
)
from shared.kernel.clock import Clock
from shared.kernel.money import NANOS_PER_SHARE, Currency, Money, Price
from shared.management_fees.model import Charge
from shared.management_fees.ports import FeeJournal
from shared.payments.ports import JournalState

COSTS = Decimal("0.0001")
"""Half of the spread: buys are that much dearer than the close, and sales cheaper."""
_STEP = Decimal("0.0001")
_FIRST_PART = 3, 5
"""Of each order so many parts are executed first."""


@dataclass(slots=True)
class PaperBroker:
    """See Broker, and FeeBroker. One account; it has no credit and sells nothing short."""

    clock: Clock
    prices: Mapping[str, Decimal] = field(default_factory=dict)
    """Today's, by symbol."""
    cash: Decimal = Decimal(0)
    """Cents, with the fractions that executions leave."""
    nanos: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))
    orders: dict[str, BrokerOrder] = field(default_factory=dict)
    told: list[TradeEvent] = field(default_factory=list)
    journals: dict[str, FeeJournal] = field(default_factory=dict)
    """By key."""
    traded: Decimal = Decimal(0)
    """Cents of all executions together."""
    costs: Decimal = Decimal(0)
    """Cents that the spread has cost."""

    def submit(self, ticket: Ticket) -> Submission:
        """See Broker."""
        known = self.orders.get(ticket.client_order_id)
        if known is not None:
            return Accepted(known.broker_order_id)
        buys = ticket.side is Side.BUY
        price = self._price(ticket.symbol, ticket.side)
        nanos = ticket.quantity.nanos if ticket.quantity is not None else 0
        if ticket.amount is not None:
            nanos = Price(price, Currency.USD).quantity_for(ticket.amount, ROUND_DOWN).nanos
        cents = cents_of(nanos, price)
        if buys and cents > self.cash:
            return Refused(RefusalReason.INSUFFICIENT_BUYING_POWER)
        if not buys and nanos > self.nanos[ticket.symbol]:
            return Refused(RefusalReason.INSUFFICIENT_SHARES)
        if ticket.exit and nanos != self.nanos[ticket.symbol]:
            return Refused(RefusalReason.POSITION_DIFFERS)
        self.cash += -cents if buys else cents
        self.nanos[ticket.symbol] += nanos if buys else -nanos
        self.traded += cents
        self.costs += abs(price - self.prices[ticket.symbol]) * nanos * 100 / NANOS_PER_SHARE
        return self._filled(ticket, nanos, price)

    def _price(self, symbol: str, side: Side) -> Decimal:
        factor = 1 + COSTS if side is Side.BUY else 1 - COSTS
        return (self.prices[symbol] * factor).quantize(_STEP, ROUND_HALF_EVEN)

    def _filled(self, ticket: Ticket, nanos: int, price: Decimal) -> Accepted:
        name, now = f"b-{len(self.orders)}", self.clock.now()
        self.orders[ticket.client_order_id] = BrokerOrder(
            name,
            ticket.client_order_id,
            ticket.symbol,
            ticket.amount,
            ended=True,
            filled_nanos=nanos,
            side=ticket.side,
            quantity=ticket.quantity,
        )
        first = nanos * _FIRST_PART[0] // _FIRST_PART[1]
        parts = [part for part in (first, nanos - first) if part]
        for number, part in enumerate(parts, start=1):
            last = number == len(parts)
            self.told.append(
                TradeEvent(
                    client_order_id=ticket.client_order_id,
                    account_id=ticket.account_id,
                    symbol=ticket.symbol,
                    broker_order_id=name,
                    at=now,
                    side=ticket.side,
                    execution=Execution(f"{name}.{number}", part, price, now),
                    ending=Ending(OrderStatus.FILLED, nanos) if last else None,
                )
            )
        return Accepted(name)

    def find(self, account_id: str, client_order_id: str) -> BrokerOrder | None:
        """See Broker."""
        return self.orders.get(client_order_id)

    def cancel(self, account_id: str, broker_order_id: str) -> bool:
        """See Broker. Everything ends at once: nothing is left to cancel."""
        return False

    def heard(self) -> list[TradeEvent]:
        """What has happened since it was asked last."""
        told, self.told = self.told, []
        return told


@dataclass(slots=True)
class PaperFees:
    """See FeeBroker: the cash of a fee leaves the account."""

    broker: PaperBroker
    paid: int = 0
    """Cents of all fees."""

    def find(self, charge: Charge) -> FeeJournal | None:
        """See FeeBroker."""
        made = self.broker.journals.values()
        return next((one for one in made if one.charge_id == charge.charge_id), None)

    def journal(self, charge: Charge) -> FeeJournal:
        """See FeeBroker."""
        if charge.journal_key not in self.broker.journals:
            self.broker.cash -= charge.amount_minor
            self.paid += charge.amount_minor
            self.broker.journals[charge.journal_key] = FeeJournal(
                f"j-{len(self.broker.journals)}",
                JournalState.EXECUTED,
                charge.account_id or "",
                Money(charge.amount_minor, Currency.USD),
                charge.user_id,
                charge.charge_id,
            )
        return self.broker.journals[charge.journal_key]

    def read(self, journal_id: str) -> FeeJournal | None:
        """See FeeBroker."""
        made = self.broker.journals.values()
        return next((one for one in made if one.journal_id == journal_id), None)


def cents_of(nanos: int, price: Decimal) -> Decimal:
    """Exact cost of so many nano-shares."""
    return price * nanos * 100 / NANOS_PER_SHARE
