"""Request bodies about orders."""

from decimal import Decimal
from typing import Annotated, Self
from uuid import uuid4

from pydantic import Field, StringConstraints, model_validator

from sandbox.alpaca.order import Side
from sandbox.alpaca.wire import Order

LEAST_NOTIONAL = Decimal(1)
Notional = Annotated[Decimal, Field(decimal_places=2, lt=Decimal(10_000_000))]
Quantity = Annotated[Decimal, Field(gt=0, decimal_places=9, lt=Decimal(10_000_000))]


class CreateOrder(Order):
    """Body of `POST /v1/trading/accounts/{id}/orders`."""

    symbol: Annotated[str, StringConstraints(min_length=1, max_length=20)]
    side: Side
    type: str
    time_in_force: str
    notional: Notional | None = None
    qty: Quantity | None = None
    client_order_id: Annotated[str, StringConstraints(min_length=1, max_length=128)] = Field(
        default_factory=lambda: str(uuid4())
    )
    extended_hours: bool = False
    order_class: str = ""

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if (self.notional is None) == (self.qty is None):
            raise ValueError("qty or notional is required, and only one of them")
        if self.notional is not None and self.notional < LEAST_NOTIONAL:
            raise ValueError("notional amount must be >= 1.00")
        if self.type != "market" or self.order_class not in {"", "simple"} or self.extended_hours:
            raise ValueError("only simple market orders in regular hours are offered here")
        if self.time_in_force != "day":
            raise ValueError("fractional orders must be DAY orders, and others are not offered")
        return self

    @property
    def fractional(self) -> bool:
        """True if it may trade a part of a share."""
        return self.qty is None or self.qty != self.qty.to_integral_value()


class ReplaceOrder(Order):
    """Body of `PATCH /v1/trading/accounts/{id}/orders/{id}`: what is absent stays as it was."""

    qty: Annotated[Decimal, Field(gt=0, decimal_places=0, lt=Decimal(10_000_000))] | None = None
    client_order_id: Annotated[str, StringConstraints(min_length=1, max_length=128)] = Field(
        default_factory=lambda: str(uuid4())
    )
