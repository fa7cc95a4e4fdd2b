"""What a person should know about a withdrawal of everything."""

from enum import StrEnum

import strawberry

from graphql_api.context import Context
from shared.recurring.model import ScheduleStatus


class WithdrawalWarning(StrEnum):
    """What stands in nothing's way."""

    RECURRING_ACTIVE = "RECURRING_ACTIVE"


strawberry.enum(
    WithdrawalWarning,
    description="What a person should know: money is still being collected for what they empty.",
)


def warnings_of(
    context: Context, goal_id: str | None, *, everything: bool
) -> list[WithdrawalWarning]:
    """Of a withdrawal of everything: standing orders go on. One read."""
    if not everything:
        return []
    context.count_read()
    orders = context.app.recurring.orders(context.user_id)
    active = any(
        one.status is ScheduleStatus.ACTIVE and goal_id in (None, one.saved_for) for one in orders
    )
    return [WithdrawalWarning.RECURRING_ACTIVE] if active else []
