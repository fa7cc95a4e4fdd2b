"""What happens to payout accounts and withdrawals before money moves."""

from datetime import datetime
from typing import ClassVar

from shared.kernel.events import Event


class PayoutAccountAddedV1(Event):
    """Somebody can be paid out to another account from ``usable_at`` on."""

    type: ClassVar[str] = "withdrawals.payout_account_added"

    user_id: str
    account_id: str
    kind: str
    usable_at: datetime


class PayoutAccountRemovedV1(Event):
    """An account is not paid out to any more."""

    type: ClassVar[str] = "withdrawals.payout_account_removed"

    user_id: str
    account_id: str
    kind: str


class WithdrawalRequestedV1(Event):
    """Somebody asked for their money: ``debited_minor`` cents become ``amount_minor``."""

    type: ClassVar[str] = "withdrawals.withdrawal_requested"

    user_id: str
    payout_id: str
    debited_minor: int
    currency: str
    amount_minor: int


class WithdrawalRejectedV1(Event):
    """A member of staff did not agree: the money is available again."""

    type: ClassVar[str] = "withdrawals.withdrawal_rejected"

    user_id: str
    payout_id: str
    debited_minor: int
