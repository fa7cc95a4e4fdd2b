"""What happened to payouts. Amounts in minor units."""

from datetime import datetime
from typing import ClassVar

from shared.kernel.events import Event


class PayoutRequestedV1(Event):
    """Money is to leave, or may leave now: whoever moves it looks at the payout. Told when it is
    asked for, and again when a second person has agreed."""

    type: ClassVar[str] = "payouts.payout_requested"

    user_id: str
    payout_id: str


class CashRecalledV1(Event):
    """The firm has the cash of a payout: the gateway is next."""

    type: ClassVar[str] = "payouts.cash_recalled"

    user_id: str
    payout_id: str


class PayoutStoppedV1(Event):
    """A payout will not be made, or came back, while the firm has the cash: it goes back to the
    person's broker account."""

    type: ClassVar[str] = "payouts.payout_stopped"

    user_id: str
    payout_id: str


class PayoutPaidV1(Event):
    """The payee has the money and the books say so. ``debited_minor`` is what the USD wallet
    lost, zero for a surplus."""

    type: ClassVar[str] = "payouts.payout_paid"

    user_id: str
    payout_id: str
    purpose: str
    gateway: str
    currency: str
    amount_minor: int
    debited_minor: int
    deposit_id: str | None = None


class PayoutFailedV1(Event):
    """It could not be paid; ``reason`` is a code of the catalogue. The money is held until it is
    where it was before."""

    type: ClassVar[str] = "payouts.payout_failed"

    user_id: str
    payout_id: str
    purpose: str
    reason: str
    currency: str
    amount_minor: int
    debited_minor: int
    deposit_id: str | None = None


class PayoutReturnedV1(Event):
    """It was paid and came back; ``reason`` is a code of the catalogue."""

    type: ClassVar[str] = "payouts.payout_returned"

    user_id: str
    payout_id: str
    purpose: str
    reason: str
    currency: str
    amount_minor: int
    debited_minor: int
    deposit_id: str | None = None


class PayoutReleasedV1(Event):
    """A payout ended without the money leaving, and what it held is free again; ``status`` is
    FAILED, CANCELLED, REJECTED or RETURNED."""

    type: ClassVar[str] = "payouts.payout_released"

    user_id: str
    payout_id: str
    purpose: str
    status: str
    debited_minor: int
    deposit_id: str | None = None


class WithdrawalRequotedV1(Event):
    """The rate of the request was over when the money was sent: ``amount_minor`` arrives instead
    of ``was_minor``."""

    type: ClassVar[str] = "payouts.withdrawal_requoted"

    user_id: str
    payout_id: str
    debited_minor: int
    currency: str
    amount_minor: int
    was_minor: int


class ConsentAskedV1(Event):
    """At the rate of now so much less would arrive that the person has to agree until then, or
    the withdrawal is taken back."""

    type: ClassVar[str] = "payouts.consent_asked"

    user_id: str
    payout_id: str
    debited_minor: int
    currency: str
    amount_minor: int
    was_minor: int
    answer_by: datetime


class ConsentLapsedV1(Event):
    """The person did not agree to another rate in time: the withdrawal is taken back."""

    type: ClassVar[str] = "payouts.consent_lapsed"

    user_id: str
    payout_id: str
    debited_minor: int
