"""Orders and their state machine: what was reserved, filled, charged and released. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal, localcontext

from shared.investing import charging
from shared.investing.executions import Ending, Execution, Successors, TakenBack, Traded
from shared.investing.states import TRANSITIONS, CancelReason, OrderStatus, Side
from shared.kernel.ids import cell_of, ulid_of
from shared.kernel.money import NANOS_PER_SHARE
from shared.kernel.states import advance, is_final
from shared.portfolio.lots import (
    GENERAL,
    Gains,
    Lot,
    LotMethod,
    Sale,
    TaxRates,
    gains_of,
    nanos_of,
)
from shared.portfolio.model import BASE

__all__ = [
    "TRANSITIONS",
    "CancelReason",
    "Ending",
    "Execution",
    "Order",
    "OrderStatus",
    "Side",
    "Successors",
    "TakenBack",
    "Traded",
    "order_names",
]


@dataclass(frozen=True, slots=True)
class Order:
    """An order to buy for an amount or a number of shares, or to sell a number of shares. All
    amounts in cents, quantities in nano-shares."""

    order_id: str
    user_id: str
    plan_id: str
    account_id: str
    """The person's account at the broker."""
    symbol: str
    notional_minor: int
    """What is reserved for a buy, and spent where ``nanos`` is 0; 0 for a sale."""
    side: Side = Side.BUY
    nanos: int = 0
    """Shares to sell, or to buy where they only trade whole."""
    exit: bool = False
    """The sale closes the whole position."""
    method: LotMethod = LotMethod.FIFO
    """Which lots a sale closes first."""
    rates: TaxRates = field(default_factory=TaxRates)
    """By which they are chosen where that is by tax: those of its plan."""
    status: OrderStatus = OrderStatus.PLANNED
    broker_order_id: str | None = None
    successors: Successors = field(default_factory=Successors)
    """What stands in its place at the broker, because somebody changed it there by hand."""
    filled_nanos: int = 0
    filled_value: Decimal = Decimal(0)
    """Exact sum of quantity times price over the executions, in whole dollars."""
    charged_minor: int = 0
    """What all executions cost, or brought, in whole cents: see ``charging``."""
    executions: Mapping[str, Traded] = field(default_factory=dict)
    """By key, those that count."""
    taken_back: Mapping[str, int] = field(default_factory=dict)
    """Shares by key of executions that never count again, whether their news comes or came."""
    closed: tuple[Lot, ...] = ()
    """Lots, or parts of them, that a sale has closed."""
    goal_id: str = ""
    """For which goal it was made; empty for the general one."""
    purse: str = ""
    """The tag of the goal whose cash it moves, and whose lots a buy opens."""
    closes: tuple[str, ...] = (GENERAL,)
    """Tags of the goals whose lots a sale closes."""
    ending: Ending | None = None
    created_at: datetime | None = None
    """When its plan was made; its identifier carries the time of the deposit."""
    submitted_at: datetime | None = None
    cancel_at: datetime | None = None
    """When somebody first wanted it canceled."""
    cancel_reason: CancelReason | None = None
    filled_at: datetime | None = None
    """Time of its latest execution, on the exchange's clock."""
    updated_at: datetime | None = None
    version: int = field(default=0)
    trace: str = ""
    """The correlation id of what it was planned for."""

    @property
    def final(self) -> bool:
        """Whether nothing is expected to happen to it any more."""
        return is_final(TRANSITIONS, self.status)

    @property
    def reserved_minor(self) -> int:
        """Cents of its reservation that are still held."""
        return 0 if self.final else max(0, self.notional_minor - self.charged_minor)

    @property
    def released_minor(self) -> int:
        """Cents of its reservation that were given back."""
        return max(0, self.notional_minor - self.charged_minor) if self.final else 0

    @property
    def client_order_id(self) -> str:
        """By this the broker knows it; names person and order, so that events need no lookup."""
        return f"{cell_of(self.order_id)}.{ulid_of(self.user_id)}.{ulid_of(self.order_id)}"

    @property
    def fraction(self) -> Decimal:
        """Cents that it leaves at the broker beyond what is booked."""
        with localcontext(prec=38):
            exact = self.filled_value * 10**BASE.exponent
        return charging.left(self.side, exact, self.charged_minor)

    @property
    def traded_on(self) -> date | None:
        """Day of its latest execution that counts: an order lives for one session."""
        return max((each.day for each in self.executions.values()), default=None)

    @property
    def gains(self) -> Gains:
        """What a sale gained on the shares whose cost is known, by how long they were held."""
        day = self.traded_on
        if self.side is Side.BUY or day is None or not self.filled_nanos:
            return Gains()
        sold = nanos_of(self.closed)
        return gains_of(
            self.closed, Sale(day, sold, self.charged_minor * sold // self.filled_nanos)
        )

    def submitted(self, broker_order_id: str, at: datetime) -> "Order":
        """The broker has it."""
        if self.broker_order_id is not None or self.final:
            return self
        sent = self.status in (OrderStatus.PLANNED, OrderStatus.UNKNOWN)
        return replace(
            self,
            status=OrderStatus.SUBMITTED if sent else self.status,
            broker_order_id=broker_order_id,
            submitted_at=at,
            updated_at=at,
        )

    def unanswered(self, at: datetime) -> "Order":
        """It was sent and no answer came."""
        status = advance(TRANSITIONS, self.status, OrderStatus.UNKNOWN)
        return replace(self, status=status, submitted_at=at, updated_at=at)

    def canceling(self, at: datetime, why: CancelReason = CancelReason.CANCELED) -> "Order":
        """Somebody wants it canceled. Once is enough, and one that has ended stays as it is; but
        what staff want holds whatever was the reason before, also before it has ended."""
        pending, by_staff = self.status is OrderStatus.PENDING_CANCEL, why is CancelReason.CANCELED
        if self.final or (pending and (self.cancel_reason is why or not by_staff)):
            return self
        wanted = replace(self, cancel_reason=why, updated_at=at)
        if not pending:
            status = advance(TRANSITIONS, self.status, OrderStatus.PENDING_CANCEL)
            wanted = replace(wanted, status=status, cancel_at=at)
        ending = self.ending
        if by_staff and ending is not None and ending.status is OrderStatus.CANCELED:
            # The broker has ended it, and a fill is still on its way.
            wanted = replace(wanted, ending=replace(ending, reason=why.value))
        return wanted

    def looked_at(self, at: datetime) -> "Order":
        """The broker was asked for it; nothing is known that was not known before."""
        return replace(self, updated_at=at)

    def executed(self, execution: Execution, at: datetime, beside: Decimal = Decimal(0)) -> "Order":
        """With one more execution; the same order when it is booked or taken back already.

        The charge is of all executions together, while the person's other orders have left
        ``beside`` cents at the broker. It never falls: each execution costs, or brings, something.
        """
        key = execution.key
        if key in self.executions or self.taken_back.get(key, 0) >= execution.nanos:
            return self
        if key in self.taken_back:
            # A correction does not tell how many shares it takes back.
            known = {**self.taken_back, key: execution.nanos}
            return replace(self, taken_back=known, updated_at=at)._settled()
        traded = Traded(execution.nanos, execution.price, execution.at.date())
        return replace(
            self,
            filled_at=max(self.filled_at or execution.at, execution.at),
            updated_at=at,
        )._with({**self.executions, key: traded}, beside, at_least=self.charged_minor)

    def busted(self, taken: TakenBack, at: datetime, beside: Decimal = Decimal(0)) -> "Order":
        """Without an execution; the same order when it was taken back already. One whose news has
        not come yet will not count when it comes. ``beside`` as in ``executed``."""
        if taken.key in self.taken_back:
            return self
        known = self.executions.get(taken.key)
        nanos = taken.nanos if known is None else known.nanos
        rest = {key: each for key, each in self.executions.items() if key != taken.key}
        without = {**self.taken_back, taken.key: nanos}
        return replace(self, taken_back=without, updated_at=at)._with(rest, beside)

    def replaced(self, by: str, filled_nanos: int, at: datetime) -> "Order":
        """Another order, ``by`` the broker's name of it, stands in its place and goes on; of the
        one that was replaced the broker counts so many shares. Once is enough."""
        successors = self.successors.then(by, filled_nanos)
        if successors is self.successors:
            return self
        return replace(self, successors=successors, updated_at=at)

    def ended(self, ending: Ending, at: datetime) -> "Order":
        """With the broker's last word; the first one holds."""
        if self.ending is not None or self.final:
            return self
        if self.successors.names:
            ending = self._in_all(ending)
        if ending.status is OrderStatus.CANCELED and self.cancel_reason is not None:
            # The broker tells that it was canceled, and we know why.
            ending = replace(ending, reason=self.cancel_reason.value)
        return replace(self, ending=ending, updated_at=at)._settled()

    def _in_all(self, ending: Ending) -> Ending:
        """The end of the last one that stands in its place: each counts its own shares alone. One
        that the exchange refused leaves what was traded before."""
        filled = ending.filled_nanos + self.successors.nanos
        if ending.status is OrderStatus.REJECTED and filled:
            ending = replace(ending, status=OrderStatus.CANCELED)
        return replace(ending, filled_nanos=filled)

    def _with(
        self, executions: Mapping[str, Traded], beside: Decimal, at_least: int = 0
    ) -> "Order":
        with localcontext(prec=38):
            value = sum(
                (each.price * each.nanos / NANOS_PER_SHARE for each in executions.values()),
                Decimal(0),
            )
            cents = charging.whole(self.side, value * 10**BASE.exponent, beside)
        return replace(
            self,
            executions=executions,
            filled_nanos=sum(each.nanos for each in executions.values()),
            filled_value=value,
            charged_minor=max(cents, at_least),
        )._settled()

    def _settled(self) -> "Order":
        """Final only when every share that the broker counts has been booked."""
        if self.final:
            # A fill after the end, or one taken back: booked all the same, the end stays.
            return self
        # What was taken back was filled once, and the broker may have counted it.
        heard = self.filled_nanos + sum(self.taken_back.values())
        if self.ending is not None and heard >= self.ending.filled_nanos:
            return replace(self, status=advance(TRANSITIONS, self.status, self.ending.status))
        if self.status is OrderStatus.PENDING_CANCEL:
            return self
        if heard or self.ending is not None:
            return replace(self, status=OrderStatus.PARTIALLY_FILLED)
        return self


def order_names(client_order_id: str) -> tuple[str, str] | None:
    """Identifiers of person and order in a client order id; None when it is none of ours."""
    parts = client_order_id.split(".")
    if len(parts) != 3:
        return None
    cell, user, order = parts
    names = f"usr_{cell}_{user}", f"ord_{cell}_{order}"
    try:
        return None if any(ulid_of(name) == "" for name in names) else names
    except ValueError:
        return None
