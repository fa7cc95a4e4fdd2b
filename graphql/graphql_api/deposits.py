"""Paying in: by card, by M-Pesa, by bank; and giving a payment up."""

from typing import Annotated

import strawberry

from graphql_api.deposit_views import Deposit, deposit_view
from graphql_api.errors import Failure, answered
from graphql_api.rules import INHERITED, SIGNED_IN, Info, field, object_type
from graphql_api.scalars import Amount, DepositId, GoalId, IdempotencyKey, PhoneNumber
from shared.kernel import money
from shared.kernel.errors import InvalidValue
from shared.kernel.money import Currency
from shared.payments.methods import METHOD_OF, Gateway, Method


@strawberry.input(description="What to pay in, and how.")
class CreateDepositInput:
    """See the description."""

    idempotency_key: IdempotencyKey = strawberry.field(
        description="New for every intent to pay; repeat it when no answer came."
    )
    method: Method | None = strawberry.field(
        default=None, description="How to pay; needed unless `gateway` is given."
    )
    gateway: Gateway | None = strawberry.field(
        default=None,
        description="The method by its gateway: STRIPE for CARD, MPESA for MPESA.",
        deprecation_reason="Which gateway takes a payment is decided by us: give `method`.",
    )
    amount: Amount = strawberry.field(description="How much, in `currency`.")
    currency: Currency = strawberry.field(description="In which currency.")
    phone: PhoneNumber | None = strawberry.field(
        default=None, description="For M-Pesa: the Kenyan number that pays."
    )
    goal_id: GoalId | None = strawberry.field(
        default=None, description="What it is saved for; the general goal when not given."
    )
    save_card: bool = strawberry.field(
        default=False,
        description="For CARD: the gateway keeps the card, for a recurring deposit with it.",
    )


@object_type(description="The deposit was made, or had been made with the same key before.")
class CreateDepositPayload:
    """See the description."""

    deposit: Deposit = field(INHERITED, "As it stands now.")


CreateDepositResult = Annotated[
    CreateDepositPayload | Failure,
    strawberry.union("CreateDepositResult", description="The deposit, or why there is none."),
]


@strawberry.input(description="Which payment to give up.")
class CancelDepositInput:
    """See the description."""

    deposit_id: DepositId = strawberry.field(description="The deposit.")


@object_type(description="The deposit is given up.")
class CancelDepositPayload:
    """See the description."""

    deposit: Deposit = field(INHERITED, "As it stands now.")


CancelDepositResult = Annotated[
    CancelDepositPayload | Failure,
    strawberry.union("CancelDepositResult", description="The deposit, or why it goes on."),
]


def _method(input: CreateDepositInput) -> Method:
    if input.method is not None:
        return input.method
    if input.gateway is None:
        raise InvalidValue(field="method", reason="must be given")
    return METHOD_OF[input.gateway]


@object_type()
class DepositMutation:
    """Mutations about deposits."""

    @field(
        SIGNED_IN,
        "Pay in. The same key with the same content gives the same deposit and never "
        "a second payment. Needs an approved identity and a risk profile.",
    )
    def create_deposit(self, info: Info, input: CreateDepositInput) -> CreateDepositResult:
        """See the description."""
        context = info.context

        def create() -> CreateDepositPayload:
            deposit = context.app.deposits.create_deposit(
                context.user_id,
                idempotency_key=input.idempotency_key,
                method=_method(input),
                amount=money.Money.parse(input.amount, input.currency),
                phone=input.phone,
                save_card=input.save_card,
                goal_id=input.goal_id,
            )
            return CreateDepositPayload(deposit=deposit_view(deposit, context.language))

        return answered(create, context.language)

    @field(
        SIGNED_IN,
        "Give up a payment that was not made yet. What is cancelled stays cancelled; money that "
        "was under way all the same is credited.",
    )
    def cancel_deposit(self, info: Info, input: CancelDepositInput) -> CancelDepositResult:
        """See the description."""
        context = info.context

        def cancel() -> CancelDepositPayload:
            deposit = context.app.cancelling.cancel(context.user_id, input.deposit_id)
            return CancelDepositPayload(deposit=deposit_view(deposit, context.language))

        return answered(cancel, context.language)
