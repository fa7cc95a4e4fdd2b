"""Paying in: by card or by M-Pesa."""

from datetime import datetime
from typing import Annotated

import strawberry

from graphql_api.errors import Failure, answered
from graphql_api.money import Money, money_of
from graphql_api.rules import INHERITED, SIGNED_IN, Info, field, object_type
from graphql_api.scalars import Amount, DepositId, IdempotencyKey, PhoneNumber, Rate
from shared.kernel import money
from shared.kernel.money import Currency
from shared.payments.model import Deposit as Stored
from shared.payments.model import DepositStatus, Gateway
from shared.payments.reasons import text_of
from shared.payments.rows import DepositRow, deposit_from
from shared.platform.tables import Item

strawberry.enum(Gateway, description="Through whom money comes: by card or by M-Pesa.")
strawberry.enum(DepositStatus, description="Where a deposit stands.")


@object_type(description="What the payer has to do; one of the two is given.")
class DepositAction:
    """See the description."""

    redirect_url: str | None = field(INHERITED, "Page to pay on, by card.")
    push_sent_to: str | None = field(
        INHERITED, "Phone, masked, on which to confirm with the M-Pesa PIN."
    )


@object_type(description="The exchange rate that was locked for a deposit.")
class DepositQuote:
    """See the description."""

    mid_rate: Rate = field(INHERITED, "Published rate: dollars for one unit.")
    spread_basis_points: int = field(INHERITED, "What we keep of it, in 1/10,000.")
    source: str = field(INHERITED, "Who published the rate.")
    as_of: datetime = field(INHERITED, "Of when the rate is.")


@object_type(description="Money that a person pays in.")
class Deposit:
    """See the description."""

    deposit_id: DepositId = field(INHERITED, "Identifier.")
    gateway: Gateway = field(INHERITED, "Through whom it comes.")
    status: DepositStatus = field(INHERITED, "Where it stands.")
    amount: Money = field(INHERITED, "What is paid.")
    credited: Money = field(INHERITED, "What the account gets.")
    quote: DepositQuote | None = field(INHERITED, "How money was converted, if so.")
    next_action: DepositAction | None = field(
        INHERITED, "What the payer has to do now; null when nothing."
    )
    reason: str | None = field(INHERITED, "Stable code of why it does not move on.")
    reason_text: str | None = field(INHERITED, "The reason in words.")
    created_at: datetime = field(INHERITED, "When it was made.")
    settled_at: datetime | None = field(INHERITED, "When the money was credited.")
    funded_at: datetime | None = field(
        INHERITED, "When it reached the broker account, free to be invested."
    )


@strawberry.input(description="What to pay in, and how.")
class CreateDepositInput:
    """See the description."""

    idempotency_key: IdempotencyKey = strawberry.field(
        description="New for every intent to pay; repeat it when no answer came."
    )
    gateway: Gateway = strawberry.field(description="STRIPE takes USD, MPESA takes KES.")
    amount: Amount = strawberry.field(description="How much, in `currency`.")
    currency: Currency = strawberry.field(description="In which currency.")
    phone: PhoneNumber | None = strawberry.field(
        default=None, description="For M-Pesa: the Kenyan number that pays."
    )


@object_type(description="The deposit was made, or had been made with the same key before.")
class CreateDepositPayload:
    """See the description."""

    deposit: Deposit = field(INHERITED, "As it stands now.")


CreateDepositResult = Annotated[
    CreateDepositPayload | Failure,
    strawberry.union("CreateDepositResult", description="The deposit, or why there is none."),
]


def deposit_view(stored: Stored, language: str) -> Deposit:
    """A deposit for its owner."""
    action = None
    if stored.status is DepositStatus.ACTION_REQUIRED:
        action = DepositAction(redirect_url=stored.redirect_url, push_sent_to=stored.pushed_to)
    quote = None
    if stored.quote is not None:
        quote = DepositQuote(
            mid_rate=Rate(stored.quote.mid.rate),
            spread_basis_points=stored.quote.spread,
            source=stored.quote.mid.source,
            as_of=stored.quote.mid.as_of,
        )
    return Deposit(
        deposit_id=DepositId(stored.deposit_id),
        gateway=stored.gateway,
        status=stored.status,
        amount=money_of(stored.amount),
        credited=money_of(stored.credited),
        quote=quote,
        next_action=action,
        reason=None if stored.reason is None else stored.reason.value,
        reason_text=None if stored.reason is None else text_of(stored.reason, language),
        created_at=stored.created_at,
        settled_at=stored.settled_at,
        funded_at=stored.funded_at,
    )


def read_deposit(item: Item) -> Stored | None:
    """A deposit among the feed's entries."""
    return deposit_from(item) if item.kind == DepositRow.KIND else None


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
                gateway=input.gateway,
                amount=money.Money.parse(input.amount, input.currency),
                phone=input.phone,
            )
            return CreateDepositPayload(deposit=deposit_view(deposit, context.language))

        return answered(create, context.language)
