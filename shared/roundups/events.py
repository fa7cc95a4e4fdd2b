"""What happened to round-ups. Amounts in minor units."""

from typing import ClassVar

from shared.kernel.events import Event


class RoundUpsStartedV1(Event):
    """A person lets the change of their purchases be collected."""

    type: ClassVar[str] = "roundups.round_ups_started"

    user_id: str
    round_ups_id: str
    method: str
    multiplier: int
    currency: str
    amount_minor: int
    """The pool is collected from this amount on."""


class RoundUpsChangedV1(Event):
    """They were changed; ``change`` is a code: PAUSED, RESUMED, STOPPED, SETTINGS_CHANGED,
    GOAL_ARCHIVED when their goal was given up and they are for the general one now, or FAILED when
    they were paused because several collections in a row were not paid."""

    type: ClassVar[str] = "roundups.round_ups_changed"

    user_id: str
    round_ups_id: str
    change: str
    currency: str
    amount_minor: int
    """What is in the pool; nothing after STOPPED."""


class TransferReturnedV1(Event):
    """A collection was not paid: its amount is in the pool again. ``reason`` is a code of the
    catalogue."""

    type: ClassVar[str] = "roundups.transfer_returned"

    user_id: str
    round_ups_id: str
    number: int
    reason: str
    currency: str
    amount_minor: int
