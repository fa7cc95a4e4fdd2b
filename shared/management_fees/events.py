"""Events of management fees."""

from typing import ClassVar

from shared.kernel.events import Event


class FeeChargedV1(Event):
    """A management fee left a person's account for the firm's. Days as ``YYYY-MM-DD``."""

    type: ClassVar[str] = "management_fees.fee_charged"

    user_id: str
    charge_id: str
    amount_minor: int
    first: str
    last: str
    closing: bool
