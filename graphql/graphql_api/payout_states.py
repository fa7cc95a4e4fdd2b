"""Where money that leaves stands, under the one name that the schema has for it."""

import strawberry

from shared.payouts.states import PayoutStatus

__all__ = ["PayoutStatus"]

strawberry.enum(PayoutStatus, description="Where money that leaves stands.")
