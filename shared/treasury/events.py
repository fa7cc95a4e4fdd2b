"""What happened to the firm's own money."""

from typing import ClassVar

from shared.kernel.events import Event


class MovementAgreedV1(Event):
    """Enough people stand for a movement: it is to be booked."""

    type: ClassVar[str] = "treasury.movement_agreed"

    movement_id: str


class SuspenseMatchAgreedV1(Event):
    """Enough people stand for whose a payment in suspense is: it is to be credited."""

    type: ClassVar[str] = "treasury.suspense_match_agreed"

    gateway: str
    payment: str
