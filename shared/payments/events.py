"""What happened to deposits. Amounts in minor units."""

from typing import ClassVar

from shared.kernel.events import Event


class DepositSettledV1(Event):
    """The gateway has the money and the wallet is credited."""

    type: ClassVar[str] = "payments.deposit_settled"

    user_id: str
    deposit_id: str
    gateway: str
    currency: str
    amount_minor: int
    credited_currency: str
    credited_minor: int


class DepositFailedV1(Event):
    """The payment failed or expired; ``reason`` is a code of the catalogue."""

    type: ClassVar[str] = "payments.deposit_failed"

    user_id: str
    deposit_id: str
    gateway: str
    reason: str


class DepositFundedV1(Event):
    """The cash is in the person's broker account and may be invested."""

    type: ClassVar[str] = "payments.deposit_funded"

    user_id: str
    deposit_id: str
    currency: str
    amount_minor: int


class SurplusReceivedV1(Event):
    """A second payment came for a deposit that another one had settled: it is to go back. In
    the currency of the payment."""

    type: ClassVar[str] = "payments.surplus_received"

    user_id: str
    deposit_id: str
    gateway: str
    payment: str
    currency: str
    amount_minor: int
    transfer: str | None = None
    """By which people have sent it back already, as the firm's bank names it."""
