"""Events of investing."""

from typing import ClassVar

from shared.kernel.events import Event


class PlanCreatedV1(Event):
    """A plan was made for its cause; ``order_count`` 0 means nothing is bought or sold."""

    type: ClassVar[str] = "investing.plan_created"

    user_id: str
    plan_id: str
    deposit_id: str
    """The deposit that it invests; empty for another cause."""
    order_count: int
    notional_minor: int
    cause: str = "DEPOSIT"
    cause_id: str = ""
    proceeds_minor: int = 0
    """What its sales are expected to bring."""


class OrderFilledV1(Event):
    """An order ended with shares traded: all of it, or what was filled before it ended."""

    type: ClassVar[str] = "investing.order_filled"

    user_id: str
    order_id: str
    symbol: str
    side: str
    quantity_nanos: int
    amount_minor: int


class OrderRejectedV1(Event):
    """An order ended without any fill; its money is available again."""

    type: ClassVar[str] = "investing.order_rejected"

    user_id: str
    order_id: str
    symbol: str
    reason: str


class OrderCancelRequestedV1(Event):
    """Somebody wants an order canceled; how it ends is told by another event."""

    type: ClassVar[str] = "investing.order_cancel_requested"

    user_id: str
    plan_id: str
    order_id: str


class TradeCorrectedV1(Event):
    """The exchange took a booked trade back, or corrected it: what the whole order comes to now,
    and what it came to before."""

    type: ClassVar[str] = "investing.trade_corrected"

    user_id: str
    order_id: str
    symbol: str
    side: str
    quantity_nanos: int
    amount_minor: int
    quantity_before_nanos: int
    amount_before_minor: int


class OrdersCompletedV1(Event):
    """The last open order of a person has ended."""

    type: ClassVar[str] = "investing.orders_completed"

    user_id: str
    plan_id: str
