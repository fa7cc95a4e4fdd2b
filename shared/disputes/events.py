"""What happened to disputes. Amounts in minor units."""

from typing import ClassVar

from shared.kernel.events import Event


class DisputeOpenedV1(Event):
    """A payer's bank takes money back; until it is decided nothing is paid out."""

    type: ClassVar[str] = "disputes.dispute_opened"

    user_id: str
    deposit_id: str
    dispute_id: str
    gateway: str
    currency: str
    amount_minor: int
    reason: str


class DisputeWonV1(Event):
    """The money stays."""

    type: ClassVar[str] = "disputes.dispute_won"

    user_id: str
    deposit_id: str
    dispute_id: str
    gateway: str
    currency: str
    amount_minor: int


class DisputeLostV1(Event):
    """The money is gone; ``owed_minor`` US cents of it had been spent already and are owed."""

    type: ClassVar[str] = "disputes.dispute_lost"

    user_id: str
    deposit_id: str
    dispute_id: str
    gateway: str
    currency: str
    amount_minor: int
    owed_minor: int


class ReceivablePaidV1(Event):
    """What a person owed was paid out of their cash; ``left_minor`` is still owed."""

    type: ClassVar[str] = "disputes.receivable_paid"

    user_id: str
    currency: str
    amount_minor: int
    left_minor: int


class CollectionAskedV1(Event):
    """A member of staff wants what a person owes to be taken out of their cash."""

    type: ClassVar[str] = "disputes.collection_asked"

    user_id: str


class ConcessionAskedV1(Event):
    """A member of staff gives a dispute up whose gateway does not say itself when it is lost."""

    type: ClassVar[str] = "disputes.concession_asked"

    user_id: str
    deposit_id: str
    dispute_id: str
