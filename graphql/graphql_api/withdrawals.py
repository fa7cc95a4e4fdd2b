"""Taking money out: what it would be, asking for it, and taking that back."""

from typing import Annotated

import strawberry

from graphql_api.errors import Failure, answered
from graphql_api.pages import Connection, connection_of, feed_slice
from graphql_api.payout_accounts import AccountBooks
from graphql_api.rules import INHERITED, SIGNED_IN, Info, field, object_type
from graphql_api.scalars import (
    Amount,
    Cursor,
    GoalId,
    IdempotencyKey,
    PayoutAccountId,
    PayoutId,
)
from graphql_api.withdrawal_plans import WithdrawalWarning, warnings_of
from graphql_api.withdrawal_views import (
    Withdrawal,
    WithdrawalPreview,
    preview_view,
    read_withdrawal,
    withdrawal_view,
)
from shared.kernel.money import Currency, Money
from shared.payouts.model import Payout, Purpose
from shared.withdrawals.deciding import Wanted


@strawberry.input(description="How much to take out, and where to.")
class RequestWithdrawalInput:
    """See the description."""

    idempotency_key: IdempotencyKey = strawberry.field(
        description="New for every withdrawal; repeat it when no answer came."
    )
    payout_account_id: PayoutAccountId = strawberry.field(description="Where to.")
    amount: Amount | None = strawberry.field(
        default=None,
        description="Dollars; of them what makes no whole unit of what arrives stays. Either this "
        "or `all`.",
    )
    all: bool = strawberry.field(
        default=False,
        description="Everything there is, sold whatever it brings; the amounts are estimates until "
        "then.",
    )
    goal_id: GoalId | None = strawberry.field(
        default=None,
        description="Of which goal's money alone; of all there is when not given, the general "
        "goal's first.",
    )


@strawberry.input(description="Which withdrawal to take back.")
class CancelWithdrawalInput:
    """See the description."""

    idempotency_key: IdempotencyKey = strawberry.field(
        description="New for every wish; repeat it when no answer came."
    )
    payout_id: PayoutId = strawberry.field(description="The withdrawal.")


@strawberry.input(description="Which withdrawal goes on at which new rate.")
class AcceptWithdrawalOfferInput:
    """See the description."""

    idempotency_key: IdempotencyKey = strawberry.field(
        description="New for every wish; repeat it when no answer came."
    )
    payout_id: PayoutId = strawberry.field(description="The withdrawal.")
    amount: Amount = strawberry.field(
        description="What arrives according to `offer`, in the currency of what arrives."
    )


@object_type(description="It is so now, or was before with the same key.")
class WithdrawalPayload:
    """See the description."""

    withdrawal: Withdrawal = field(INHERITED, "As it stands now.")

    @field(SIGNED_IN, "What the person should know beside it; nothing stands in its way.")
    def warnings(self, info: Info) -> list[WithdrawalWarning]:
        """See the description."""
        of = self.withdrawal
        return warnings_of(info.context, of.goal_id, everything=of.all)


WithdrawalResult = Annotated[
    WithdrawalPayload | Failure,
    strawberry.union("WithdrawalResult", description="The withdrawal, or why nothing was done."),
]
WithdrawalPreviewResult = Annotated[
    WithdrawalPreview | Failure,
    strawberry.union(
        "WithdrawalPreviewResult", description="What would come of it, or why it would be refused."
    ),
]


def _wanted(
    account_id: str, amount: Amount | None, goal_id: GoalId | None, *, everything: bool
) -> Wanted:
    dollars = None if amount is None else Money.parse(amount, Currency.USD)
    return Wanted.of(account_id, dollars, everything=everything, goal_id=goal_id)


@object_type()
class WithdrawalFields:
    """What a person reads of their withdrawals."""

    @field(SIGNED_IN, "Withdrawals, newest first.")
    def withdrawals(
        self, info: Info, first: int = 20, after: Cursor | None = None
    ) -> Connection[Withdrawal]:
        """See the description."""
        context = info.context
        page = feed_slice(context, read_withdrawal, first, after)
        books, spoken = AccountBooks(context), context.language
        entries = [(key, withdrawal_view(one, spoken, books)) for key, one in page.entries]
        return connection_of(entries, page.after)

    @field(SIGNED_IN, "One withdrawal; null when there is none of this id for you.")
    def withdrawal(self, info: Info, payout_id: PayoutId) -> Withdrawal | None:
        """See the description."""
        context = info.context
        context.count_read()
        found = context.app.paying_out.payouts.get(context.user_id, payout_id)
        if found is None or found.purpose is not Purpose.WITHDRAWAL:
            return None
        return withdrawal_view(found, context.language, AccountBooks(context))

    @field(
        SIGNED_IN,
        "What would come of a withdrawal now, by the same steps and with the same refusals. "
        "Nothing is done and no rate is promised.",
    )
    def withdrawal_preview(
        self,
        info: Info,
        payout_account_id: PayoutAccountId,
        amount: Amount | None = None,
        all: bool = False,
        goal_id: GoalId | None = None,
    ) -> WithdrawalPreviewResult:
        """See the description."""
        context = info.context

        def ask() -> WithdrawalPreview:
            # The person, their desk with account and wallet, what they asked for before, a rate.
            for _ in range(4):
                context.count_read()
            wish = _wanted(payout_account_id, amount, goal_id, everything=all)
            return preview_view(context.app.paying_out.withdrawals.preview(context.user_id, wish))

        return answered(ask, context.language)


@object_type()
class WithdrawalMutation:
    """Mutations about withdrawals."""

    @field(
        SIGNED_IN.with_step_up(),
        "Take money out, to an account of one's own: so much, or everything, of a goal or of all "
        "there is. It is held at once, and leaves when nothing stands in its way. The same key "
        "with the same content gives the same withdrawal.",
    )
    def request_withdrawal(self, info: Info, input: RequestWithdrawalInput) -> WithdrawalResult:
        """See the description."""
        context = info.context

        def request() -> Payout:
            return context.app.paying_out.withdrawals.request(
                context.user_id,
                idempotency_key=input.idempotency_key,
                wish=_wanted(
                    input.payout_account_id, input.amount, input.goal_id, everything=input.all
                ),
            )

        return answered(lambda: _payload(info, request()), context.language)

    @field(
        SIGNED_IN,
        "Take a withdrawal back while `canCancel` says so. The money is free at once, or, when "
        "it had left the broker, as soon as it is back.",
    )
    def cancel_withdrawal(self, info: Info, input: CancelWithdrawalInput) -> WithdrawalResult:
        """See the description."""
        context = info.context

        def cancel() -> Payout:
            return context.app.paying_out.withdrawals.cancel(
                context.user_id,
                idempotency_key=input.idempotency_key,
                payout_id=input.payout_id,
            )

        return answered(lambda: _payload(info, cancel()), context.language)

    @field(
        SIGNED_IN.with_step_up(),
        "Agree to the new rate of a withdrawal that is AWAITING_CONSENT: it goes on at once, at "
        "the rate of now if that is about as good.",
    )
    def accept_withdrawal_offer(
        self, info: Info, input: AcceptWithdrawalOfferInput
    ) -> WithdrawalResult:
        """See the description."""
        context = info.context

        def agree() -> Payout:
            return context.app.paying_out.consenting.agree(
                context.user_id,
                idempotency_key=input.idempotency_key,
                payout_id=input.payout_id,
                amount=input.amount,
            )

        return answered(lambda: _payload(info, agree()), context.language)


def _payload(info: Info, payout: Payout) -> WithdrawalPayload:
    context = info.context
    view = withdrawal_view(payout, context.language, AccountBooks(context))
    return WithdrawalPayload(withdrawal=view)
