"""The states of breakers in the schema, for every type that shows one."""

import strawberry

from shared.market_data.model import BreakerState

__all__ = ["BreakerState"]

strawberry.enum(BreakerState, description="Whether something is done automatically.")
