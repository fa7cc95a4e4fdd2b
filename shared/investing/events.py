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
    """An order ended with shares bought: all of it, or what was filled before it ended."""

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


class OrdersCompletedV1(Event):
    """The last open order of a person has ended."""

    type: ClassVar[str] = "investing.orders_completed"

    user_id: str
    plan_id: str
