"""Asking for a deposit back, and what becomes of that."""

from datetime import datetime
from typing import Annotated

import strawberry

from graphql_api.errors import Failure, answered
from graphql_api.money import Money, money_of
from graphql_api.payout_states import PayoutStatus
from graphql_api.rules import INHERITED, SIGNED_IN, Info, field, object_type
from graphql_api.scalars import Amount, DepositId, IdempotencyKey, PayoutId
from shared.kernel import money
from shared.kernel.errors import NotFound
from shared.payouts.model import Payout
from shared.payouts.reasons import text_of


@object_type(description="A state that a refund entered, and when.")
class RefundMove:
    """See the description."""

    status: PayoutStatus = field(INHERITED, "The state.")
    at: datetime = field(INHERITED, "When it was entered.")


@object_type(description="A deposit, or a part of it, that goes back to where it came from.")
class Refund:
    """See the description."""

    refund_id: PayoutId = field(INHERITED, "Identifier.")
    status: PayoutStatus = field(INHERITED, "Where it stands.")
    amount: Money = field(INHERITED, "What the payer gets back, in the currency paid in.")
    debited: Money = field(INHERITED, "What the account loses, at the deposit's own rate.")
    reason: str | None = field(INHERITED, "Stable code of why it does not move on.")
    reason_text: str | None = field(INHERITED, "The reason in words.")
    timeline: list[RefundMove] = field(INHERITED, "Its states, oldest first.")
    created_at: datetime = field(INHERITED, "When it was asked for.")
    paid_at: datetime | None = field(INHERITED, "When the payer had the money.")


@strawberry.input(description="Which deposit to give back, and how much of it.")
class RequestRefundInput:
    """See the description."""

    idempotency_key: IdempotencyKey = strawberry.field(
        description="New for every wish; repeat it when no answer came."
    )
    deposit_id: DepositId = strawberry.field(description="The deposit.")
    amount: Amount | None = strawberry.field(
        default=None, description="In the currency paid in; all that is left when not given."
    )


@object_type(description="The refund was begun, or had been begun with the same key before.")
class RequestRefundPayload:
    """See the description."""

    refund: Refund = field(INHERITED, "As it stands now.")


RequestRefundResult = Annotated[
    RequestRefundPayload | Failure,
    strawberry.union("RequestRefundResult", description="The refund, or why there is none."),
]


def refund_view(stored: Payout, language: str) -> Refund:
    """A refund for its owner."""
    return Refund(
        refund_id=PayoutId(stored.payout_id),
        status=stored.status,
        amount=money_of(stored.amount),
        debited=money_of(stored.debited),
        reason=None if stored.reason is None else stored.reason.value,
        reason_text=None if stored.reason is None else text_of(stored.reason, language),
        timeline=[RefundMove(status=one.status, at=one.at) for one in stored.moves],
        created_at=stored.created_at,
        paid_at=stored.paid_at,
    )


def amount_of(info: Info, user_id: str, deposit_id: str, text: str | None) -> money.Money | None:
    """An amount in the currency that a deposit was paid in; NotFound without the deposit."""
    if text is None:
        return None
    info.context.count_read()
    deposit = info.context.app.deposit_store.get(user_id, deposit_id)
    if deposit is None:
        raise NotFound(what="The deposit")
    return money.Money.parse(text, deposit.amount.currency)


@object_type()
class RefundMutation:
    """Mutations about refunds."""

    @field(
        SIGNED_IN.with_step_up(),
        "Give a deposit, or a part of it, back to where it came from, within 14 days and as far "
        "as it is there as cash. What has not reached the broker yet, and what was paid by "
        "M-Pesa, goes back as a whole. The same key with the same content gives the same refund.",
    )
    def request_refund(self, info: Info, input: RequestRefundInput) -> RequestRefundResult:
        """See the description."""
        context = info.context

        def request() -> RequestRefundPayload:
            user_id = context.user_id
            amount = amount_of(info, user_id, input.deposit_id, input.amount)
            refund = context.app.money_back.refunds.request(
                user_id, input.idempotency_key, input.deposit_id, amount
            )
            return RequestRefundPayload(refund=refund_view(refund, context.language))

        return answered(request, context.language)
