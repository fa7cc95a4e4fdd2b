"""What members of staff do about people's money; each act is recorded with what it changes."""

from typing import Annotated

import strawberry

from graphql_api.deposit_views import Deposit, deposit_view
from graphql_api.disputes import Dispute, dispute_view
from graphql_api.errors import Failure, answered
from graphql_api.money import Money, money_of
from graphql_api.refunds import Refund, amount_of, refund_view
from graphql_api.rules import INHERITED, Info, any_of, field, object_type
from graphql_api.scalars import Amount, DepositId, DisputeId, IdempotencyKey, Text, UserId
from graphql_api.staff_duties import acting, money_duties_of
from shared.users.roles import Role

WATCHERS = any_of(Role.COMPLIANCE, Role.ADMIN)
_REASON = "Why: 10 to 500 characters, kept for good; no personal data."


@strawberry.input(description="Whose deposit to give back, how much of it, and why.")
class RefundDepositInput:
    """See the description."""

    idempotency_key: IdempotencyKey = strawberry.field(
        description="New for every refund; repeat it when no answer came."
    )
    user_id: UserId = strawberry.field(description="Whose.")
    deposit_id: DepositId = strawberry.field(description="Which.")
    amount: Amount | None = strawberry.field(
        default=None, description="In the currency paid in; all that is left when not given."
    )
    reason: Text = strawberry.field(description=_REASON)


@object_type(description="The refund was begun, or had been begun with the same key before.")
class RefundDepositPayload:
    """See the description."""

    refund: Refund = field(INHERITED, "As it stands now.")


RefundDepositResult = Annotated[
    RefundDepositPayload | Failure,
    strawberry.union("RefundDepositResult", description="The refund, or why there is none."),
]


@strawberry.input(description="Whose deposit goes on, and why.")
class ReleaseDepositInput:
    """See the description."""

    user_id: UserId = strawberry.field(description="Whose.")
    deposit_id: DepositId = strawberry.field(description="Which.")
    reason: Text = strawberry.field(description=_REASON)


@object_type(description="It goes on, now or before.")
class ReleaseDepositPayload:
    """See the description."""

    deposit: Deposit = field(INHERITED, "As it stands now.")


ReleaseDepositResult = Annotated[
    ReleaseDepositPayload | Failure,
    strawberry.union("ReleaseDepositResult", description="Done, or why nothing was changed."),
]


@strawberry.input(description="Whose debt to collect, and why.")
class SettleReceivableInput:
    """See the description."""

    user_id: UserId = strawberry.field(description="Whose.")
    reason: Text = strawberry.field(description=_REASON)


@object_type(description="Cash is taken, or set aside for a dispute that is not decided.")
class SettleReceivablePayload:
    """See the description."""

    settled: Money = field(INHERITED, "How much less is owed in a moment.")


SettleReceivableResult = Annotated[
    SettleReceivablePayload | Failure,
    strawberry.union("SettleReceivableResult", description="Done, or why nothing was changed."),
]


@strawberry.input(description="Which dispute to give up, and why.")
class ConcedeDisputeInput:
    """See the description."""

    user_id: UserId = strawberry.field(description="Whose.")
    deposit_id: DepositId = strawberry.field(description="Of which deposit.")
    dispute_id: DisputeId = strawberry.field(description="Which.")
    reason: Text = strawberry.field(description=_REASON)


@object_type(description="It is lost in a moment, or was before.")
class ConcedeDisputePayload:
    """See the description."""

    dispute: Dispute = field(INHERITED, "As it stands until then.")


ConcedeDisputeResult = Annotated[
    ConcedeDisputePayload | Failure,
    strawberry.union("ConcedeDisputeResult", description="Done, or why nothing was changed."),
]


@object_type()
class StaffMoneyMutation:
    """What members of staff do about people's money."""

    @field(
        WATCHERS.with_step_up(),
        "Give somebody's deposit, or a part of it, back to where it came from, within 180 days. "
        "Not one's own.",
    )
    def refund_deposit(self, info: Info, input: RefundDepositInput) -> RefundDepositResult:
        """See the description."""
        context = info.context

        def refund() -> RefundDepositPayload:
            amount = amount_of(info, input.user_id, input.deposit_id, input.amount)
            begun = money_duties_of(context).refund(
                acting(context),
                input.user_id,
                input.idempotency_key,
                (input.deposit_id, amount),
                input.reason,
            )
            return RefundDepositPayload(refund=refund_view(begun, context.language))

        return answered(refund, context.language)

    @field(
        WATCHERS.with_step_up(),
        "Let a deposit go on that was held for somebody to look at. Where what was wrong still "
        "is, it is held again. Not one's own.",
    )
    def release_deposit(self, info: Info, input: ReleaseDepositInput) -> ReleaseDepositResult:
        """See the description."""
        context = info.context

        def release() -> ReleaseDepositPayload:
            deposit = money_duties_of(context).release(
                acting(context), input.user_id, input.deposit_id, input.reason
            )
            return ReleaseDepositPayload(deposit=deposit_view(deposit, context.language))

        return answered(release, context.language)

    @field(
        WATCHERS.with_step_up(),
        "Take what somebody owes out of their free cash, as far as there is some. Not one's own.",
    )
    def settle_receivable(self, info: Info, input: SettleReceivableInput) -> SettleReceivableResult:
        """See the description."""
        context = info.context

        def settle() -> SettleReceivablePayload:
            paid = money_duties_of(context).collect(acting(context), input.user_id, input.reason)
            return SettleReceivablePayload(settled=money_of(paid))

        return answered(settle, context.language)

    @field(
        WATCHERS.with_step_up(),
        "Give up a dispute that will not be answered, where the gateway does not say itself how "
        "it ends. Not one's own.",
    )
    def concede_dispute(self, info: Info, input: ConcedeDisputeInput) -> ConcedeDisputeResult:
        """See the description."""
        context = info.context

        def concede() -> ConcedeDisputePayload:
            named = (input.deposit_id, input.dispute_id)
            found = money_duties_of(context).concede(
                acting(context), input.user_id, named, input.reason
            )
            return ConcedeDisputePayload(dispute=dispute_view(found, context.language))

        return answered(concede, context.language)
