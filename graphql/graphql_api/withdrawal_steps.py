"""What a withdrawal waits for, in words of its own."""

from enum import StrEnum

import strawberry

from graphql_api.payout_states import PayoutStatus


class WithdrawalStep(StrEnum):
    """What a withdrawal that is not over waits for."""

    CHECK = "CHECK"
    SALE = "SALE"
    SETTLEMENT = "SETTLEMENT"
    COOLING_OFF = "COOLING_OFF"
    CONSENT = "CONSENT"
    PAYMENT = "PAYMENT"
    RETURN = "RETURN"


strawberry.enum(
    WithdrawalStep,
    description="What a withdrawal waits for: our check, a sale of investments, its settlement, "
    "the time of a new account, the person's consent to another rate, the payment, or the cash's "
    "way back.",
)
STEPS = {
    PayoutStatus.IN_REVIEW: WithdrawalStep.CHECK,
    PayoutStatus.RAISING: WithdrawalStep.SALE,
    PayoutStatus.COOLING: WithdrawalStep.COOLING_OFF,
    PayoutStatus.READY: WithdrawalStep.PAYMENT,
    PayoutStatus.RECALLING: WithdrawalStep.PAYMENT,
    PayoutStatus.RECALLED: WithdrawalStep.PAYMENT,
    PayoutStatus.AWAITING_CONSENT: WithdrawalStep.CONSENT,
    PayoutStatus.SENDING: WithdrawalStep.PAYMENT,
    PayoutStatus.SENT: WithdrawalStep.PAYMENT,
    PayoutStatus.RETURNING: WithdrawalStep.RETURN,
}
