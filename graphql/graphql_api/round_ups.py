"""Round-ups: setting them up, reporting purchases, and what was collected."""

import re
from collections.abc import Callable
from datetime import datetime
from typing import Annotated

import strawberry

from graphql_api.errors import Failure, answered
from graphql_api.pages import Connection, connection_of, from_cursor, page_size
from graphql_api.round_up_views import (
    Purchase,
    RoundUps,
    RoundUpTransfer,
    purchase_view,
    round_ups_view,
    transfer_view,
)
from graphql_api.rules import INHERITED, SIGNED_IN, Info, field, object_type
from graphql_api.scalars import (
    Amount,
    Cursor,
    DepositId,
    GoalId,
    IdempotencyKey,
    PhoneNumber,
    PurchaseId,
)
from shared.kernel import money
from shared.kernel.money import Currency
from shared.payments.methods import Method
from shared.platform import keys
from shared.recurring.dates import Zone
from shared.roundups import model
from shared.roundups.model import Habits
from shared.roundups.purchases import Recorded, Reported
from shared.roundups.service import Wish

_KEY = "New for every wish; repeat it when no answer came."
_TRANSFER = re.compile(rf"{keys.ROUND_UP_TRANSFERS}[0-9]{{8}}", re.ASCII)
_MULTIPLIER = "How often each round-up counts, 1 to 10."
_WHOLE = "Whether a purchase that needs no rounding counts one whole unit."
_GOAL = "What it is saved for; the general goal when not given."


@strawberry.input(description="From where, in which currency and how round-ups are collected.")
class StartRoundUpsInput:
    """See the description."""

    idempotency_key: IdempotencyKey = strawberry.field(description=_KEY)
    method: Method = strawberry.field(description="MPESA or CARD.")
    currency: Currency = strawberry.field(description="Of the purchases, and of the pool.")
    phone: PhoneNumber | None = strawberry.field(
        default=None, description="For M-Pesa: the Kenyan number that is asked each time."
    )
    card_of: DepositId | None = strawberry.field(
        default=None, description="For a card: the deposit with which it was kept (`saveCard`)."
    )
    multiplier: int = strawberry.field(default=1, description=_MULTIPLIER)
    whole_units: bool = strawberry.field(default=False, description=_WHOLE)
    goal_id: GoalId | None = strawberry.field(default=None, description=_GOAL)
    threshold: Amount | None = strawberry.field(
        default=None, description="The pool is collected from here on; the usual one if left out."
    )
    zone: Zone = strawberry.field(default=Zone.NAIROBI, description="Whose mornings are meant.")


@strawberry.input(description="How purchases count from now on, and what for.")
class ChangeRoundUpsInput:
    """See the description."""

    idempotency_key: IdempotencyKey = strawberry.field(description=_KEY)
    multiplier: int = strawberry.field(description=_MULTIPLIER)
    whole_units: bool = strawberry.field(description=_WHOLE)
    goal_id: GoalId | None = strawberry.field(default=None, description=_GOAL)


@strawberry.input(description="A wish about your round-ups.")
class RoundUpsInput:
    """See the description."""

    idempotency_key: IdempotencyKey = strawberry.field(description=_KEY)


@strawberry.input(description="Something that was bought.")
class PurchaseInput:
    """See the description."""

    purchase_id: PurchaseId = strawberry.field(
        description="Your name of it: each counts once for ever."
    )
    amount: Amount = strawberry.field(description="What was paid, in `currency`.")
    at: datetime = strawberry.field(description="When; of the last 60 days.")
    currency: Currency | None = strawberry.field(
        default=None, description="That of the round-ups when not given; no other is taken."
    )


@strawberry.input(description="What was bought.")
class RecordPurchasesInput:
    """See the description."""

    idempotency_key: IdempotencyKey = strawberry.field(description=_KEY)
    purchases: list[PurchaseInput] = strawberry.field(description="1 to 50.")


@strawberry.input(description="Which purchase was undone.")
class RefundPurchaseInput:
    """See the description."""

    idempotency_key: IdempotencyKey = strawberry.field(description=_KEY)
    purchase_id: PurchaseId = strawberry.field(description="As it was reported.")


@object_type(description="It is so now, or was before with the same key.")
class RoundUpsPayload:
    """See the description."""

    round_ups: RoundUps = field(INHERITED, "As they stand now.")


@object_type(description="The purchases are known, or were before.")
class PurchasesPayload:
    """See the description."""

    round_ups: RoundUps = field(INHERITED, "As they stand now.")
    purchases: list[Purchase] = field(INHERITED, "Each of them once, as it stands now.")


RoundUpsResult = Annotated[
    RoundUpsPayload | Failure,
    strawberry.union("RoundUpsResult", description="The round-ups, or why nothing was done."),
]
PurchasesResult = Annotated[
    PurchasesPayload | Failure,
    strawberry.union("PurchasesResult", description="What is known, or why nothing was done."),
]


@object_type()
class RoundUpsQuery:
    """Root fields about round-ups."""

    @field(SIGNED_IN, "Your round-ups, ended ones too; null when you never started any.")
    def round_ups(self, info: Info) -> RoundUps | None:
        """See the description."""
        context = info.context
        context.count_read()
        found = context.app.round_ups.settings.of_person(context.user_id)
        return None if found is None else round_ups_view(found)

    @field(SIGNED_IN, "What was collected of your round-ups, newest first.")
    def round_up_transfers(
        self, info: Info, first: int = 20, after: Cursor | None = None
    ) -> Connection[RoundUpTransfer]:
        """See the description."""
        context = info.context
        start = None if after is None else from_cursor(after, _TRANSFER)
        limit = page_size(first)
        context.count_read()
        page = context.app.round_ups.settings.transfers(context.user_id, limit=limit, after=start)
        shown = [
            (keys.round_up_transfer(one.number), transfer_view(one, context.language))
            for one in page.transfers
        ]
        return connection_of(shown, page.after)


@object_type()
class RoundUpsMutation:
    """Mutations about round-ups."""

    @field(
        SIGNED_IN,
        "Round purchases up from now on: the change is pooled, and the pool is collected at most "
        "once a day. All rules of deposits hold each time.",
    )
    def start_round_ups(self, info: Info, input: StartRoundUpsInput) -> RoundUpsResult:
        """See the description."""
        context = info.context

        def start() -> RoundUpsPayload:
            threshold = None
            if input.threshold is not None:
                threshold = money.Money.parse(input.threshold, input.currency)
            wish = Wish(
                currency=input.currency,
                method=input.method,
                habits=Habits(input.multiplier, input.whole_units, input.goal_id),
                threshold=threshold,
                zone=input.zone,
                phone=input.phone,
                card_of=input.card_of,
            )
            settings = context.app.round_ups.settings
            return _payload(settings.start(context.user_id, key=input.idempotency_key, wish=wish))

        return answered(start, context.language)

    @field(SIGNED_IN, "Count purchases that come from now on in another way, or for another goal.")
    def change_round_ups(self, info: Info, input: ChangeRoundUpsInput) -> RoundUpsResult:
        """See the description."""
        context = info.context

        def change() -> RoundUpsPayload:
            habits = Habits(input.multiplier, input.whole_units, input.goal_id)
            settings = context.app.round_ups.settings
            key = input.idempotency_key
            return _payload(settings.change(context.user_id, key=key, habits=habits))

        return answered(change, context.language)

    @field(SIGNED_IN, "Count and collect nothing until they are resumed; the pool stays.")
    def pause_round_ups(self, info: Info, input: RoundUpsInput) -> RoundUpsResult:
        """See the description."""
        pause = info.context.app.round_ups.settings.pause_all
        return _acted(info, input, lambda user, key: pause(user, key=key))

    @field(SIGNED_IN, "Count and collect again; purchases meanwhile are not counted.")
    def resume_round_ups(self, info: Info, input: RoundUpsInput) -> RoundUpsResult:
        """See the description."""
        resume = info.context.app.round_ups.settings.resume
        return _acted(info, input, lambda user, key: resume(user, key=key))

    @field(SIGNED_IN, "End them with their pool, of which nothing was charged.")
    def stop_round_ups(self, info: Info, input: RoundUpsInput) -> RoundUpsResult:
        """See the description."""
        stop = info.context.app.round_ups.settings.stop
        return _acted(info, input, lambda user, key: stop(user, key=key))

    @field(
        SIGNED_IN,
        "Report what was bought: all of it, or nothing when one is refused. A purchase that is "
        "known is success and counts no more.",
    )
    def record_purchases(self, info: Info, input: RecordPurchasesInput) -> PurchasesResult:
        """See the description."""
        context = info.context

        def record() -> PurchasesPayload:
            reported = [
                Reported(one.purchase_id, one.amount, one.at, one.currency)
                for one in input.purchases
            ]
            purchases = context.app.round_ups.purchases
            key = input.idempotency_key
            return _recorded(purchases.record(context.user_id, key=key, reported=reported))

        return answered(record, context.language)

    @field(
        SIGNED_IN,
        "A purchase was undone: its round-up is taken out of the pool while it is there, and stays "
        "saved when it was collected already.",
    )
    def refund_purchase(self, info: Info, input: RefundPurchaseInput) -> PurchasesResult:
        """See the description."""
        context = info.context

        def refund() -> PurchasesPayload:
            purchases = context.app.round_ups.purchases
            undone = purchases.refund(
                context.user_id, key=input.idempotency_key, purchase_id=input.purchase_id
            )
            return _recorded(undone)

        return answered(refund, context.language)


def _acted(
    info: Info, input: RoundUpsInput, act: Callable[[str, str], model.RoundUps]
) -> RoundUpsResult:
    user_id, language = info.context.user_id, info.context.language
    return answered(lambda: _payload(act(user_id, input.idempotency_key)), language)


def _payload(stored: model.RoundUps) -> RoundUpsPayload:
    return RoundUpsPayload(round_ups=round_ups_view(stored))


def _recorded(found: Recorded) -> PurchasesPayload:
    return PurchasesPayload(
        round_ups=round_ups_view(found.round_ups),
        purchases=[purchase_view(one) for one in found.purchases],
    )
