"""People's orders that members of staff have canceled."""

from typing import Annotated

import strawberry

from graphql_api.context import Context
from graphql_api.errors import Failure, answered
from graphql_api.rules import INHERITED, Info, any_of, field, object_type
from graphql_api.scalars import OrderId, Symbol, Text, UserId
from graphql_api.staff_audit import trail_of
from graphql_api.staff_duties import acting
from shared.audit.orders import OrderDuties
from shared.investing.canceling import Canceler
from shared.investing.model import OrderStatus
from shared.investing.store import InvestingStore
from shared.users.roles import Role


@strawberry.input(description="Whose order is to be canceled, and why.")
class CancelOrderInput:
    """See the description."""

    user_id: UserId = strawberry.field(description="Whose.")
    order_id: OrderId = strawberry.field(description="Which.")
    reason: Text = strawberry.field(
        description="Why: 10 to 500 characters, kept for good; no personal data."
    )


@object_type(description="An order that is to be canceled, now or before.")
class CancelOrderPayload:
    """See the description."""

    order_id: OrderId = field(INHERITED, "Which.")
    symbol: Symbol = field(INHERITED, "Of which asset.")
    status: OrderStatus = field(
        INHERITED, "Where it stands; `PENDING_CANCEL` until the broker says how it ended."
    )


CancelOrderResult = Annotated[
    CancelOrderPayload | Failure,
    strawberry.union("CancelOrderResult", description="Done, or why nothing was changed."),
]


@object_type()
class StaffOrderMutation:
    """What staff do about orders."""

    @field(
        any_of(Role.COMPLIANCE, Role.ADMIN).with_step_up(),
        "Have an order canceled that has not ended. What was traded stays; what was not is not "
        "bought again for the same deposit.",
    )
    def cancel_order(self, info: Info, input: CancelOrderInput) -> CancelOrderResult:
        """See the description."""
        context = info.context

        def attempt() -> CancelOrderPayload:
            order = _duties(context).cancel(
                acting(context), input.user_id, input.order_id, input.reason
            )
            return CancelOrderPayload(
                order_id=OrderId(order.order_id),
                symbol=Symbol(order.symbol),
                status=order.status,
            )

        return answered(attempt, context.language)


def _duties(context: Context) -> OrderDuties:
    app = context.app
    canceler = Canceler(InvestingStore(app.database), app.facts, app.clock)
    return OrderDuties(app.users.get, canceler, trail_of(context))
