"""Recurring deposits: setting them up, changing and ending them, and what came of them."""

import re
from collections.abc import Callable
from datetime import date
from typing import Annotated

import strawberry

from graphql_api.errors import Failure, answered
from graphql_api.pages import Connection, connection_of, from_cursor, page_size
from graphql_api.recurring_views import (
    RecurringDeposit,
    RecurringOccurrence,
    occurrence_view,
    schedule_view,
)
from graphql_api.rules import INHERITED, SIGNED_IN, Info, field, object_type
from graphql_api.scalars import (
    Amount,
    Cursor,
    DepositId,
    GoalId,
    IdempotencyKey,
    PhoneNumber,
    ScheduleId,
)
from shared.kernel.errors import NotFound
from shared.kernel.money import Currency, Money
from shared.payments.methods import Method
from shared.platform import keys
from shared.recurring.dates import Frequency, Rule, Zone
from shared.recurring.model import Schedule
from shared.recurring.service import Wish

_KEY = "New for every wish; repeat it when no answer came."
_OCCURRENCE = re.compile(r"OCC#[0-9A-HJKMNP-TV-Z]{26}#[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)


@strawberry.input(description="What to collect, when, and from where.")
class CreateRecurringDepositInput:
    """See the description."""

    idempotency_key: IdempotencyKey = strawberry.field(description=_KEY)
    frequency: Frequency = strawberry.field(description="How often.")
    day: int = strawberry.field(
        description="Of the week, 1 (Monday) to 7, or of the month, 1 to 31."
    )
    amount: Amount = strawberry.field(description="How much each time, in `currency`.")
    currency: Currency = strawberry.field(description="In which currency.")
    method: Method = strawberry.field(description="MPESA or CARD.")
    phone: PhoneNumber | None = strawberry.field(
        default=None, description="For M-Pesa: the Kenyan number that is asked each time."
    )
    card_of: DepositId | None = strawberry.field(
        default=None, description="For a card: the deposit with which it was kept (`saveCard`)."
    )
    goal_id: GoalId | None = strawberry.field(
        default=None,
        description="What it is saved for; the general goal when not given, and once the goal is "
        "archived.",
    )
    starts_on: date | None = strawberry.field(
        default=None, description="The first day that may be one; tomorrow when left out."
    )
    zone: Zone = strawberry.field(default=Zone.NAIROBI, description="Whose days are meant.")


@strawberry.input(description="Which recurring deposit.")
class RecurringDepositInput:
    """See the description."""

    idempotency_key: IdempotencyKey = strawberry.field(description=_KEY)
    schedule_id: ScheduleId = strawberry.field(description="The recurring deposit.")


@strawberry.input(description="Which recurring deposit, how much and for what from now on.")
class ChangeRecurringDepositInput:
    """See the description."""

    idempotency_key: IdempotencyKey = strawberry.field(description=_KEY)
    schedule_id: ScheduleId = strawberry.field(description="The recurring deposit.")
    amount: Amount = strawberry.field(description="How much each time, in `currency`.")
    currency: Currency = strawberry.field(description="In which currency.")
    goal_id: GoalId | None = strawberry.field(
        default=None, description="What it is saved for from now on; as before when not given."
    )


@object_type(description="It is so now, or was before with the same key.")
class RecurringDepositPayload:
    """See the description."""

    recurring_deposit: RecurringDeposit = field(INHERITED, "As it stands now.")


RecurringDepositResult = Annotated[
    RecurringDepositPayload | Failure,
    strawberry.union(
        "RecurringDepositResult", description="The recurring deposit, or why nothing was done."
    ),
]


def _payload(stored: Schedule) -> RecurringDepositPayload:
    return RecurringDepositPayload(recurring_deposit=schedule_view(stored))


@object_type()
class RecurringQuery:
    """Root fields about recurring deposits."""

    @field(SIGNED_IN, "Your recurring deposits, newest first, ended ones among them.")
    def recurring_deposits(self, info: Info) -> list[RecurringDeposit]:
        """See the description."""
        info.context.count_read()
        found = info.context.app.recurring.orders(info.context.user_id)
        return [schedule_view(one) for one in found]

    @field(SIGNED_IN, "One of them; null when there is none of this id for you.")
    def recurring_deposit(self, info: Info, schedule_id: ScheduleId) -> RecurringDeposit | None:
        """See the description."""
        info.context.count_read()
        try:
            return schedule_view(
                info.context.app.recurring.order(info.context.user_id, schedule_id)
            )
        except NotFound:
            return None

    @field(
        SIGNED_IN,
        "What came of a recurring deposit's days, newest first; null when there is none of this "
        "id for you.",
    )
    def recurring_occurrences(
        self, info: Info, schedule_id: ScheduleId, first: int = 20, after: Cursor | None = None
    ) -> Connection[RecurringOccurrence] | None:
        """See the description."""
        context = info.context
        start = None if after is None else from_cursor(after, _OCCURRENCE)
        limit = page_size(first)
        for _ in range(2):
            context.count_read()
        try:
            page = context.app.recurring.history(
                context.user_id, schedule_id, limit=limit, after=start
            )
        except NotFound:
            return None
        entries = [
            (keys.occurrence(one.schedule_id, one.on.isoformat()), one) for one in page.occurrences
        ]
        shown = [(key, occurrence_view(one, context.language)) for key, one in entries]
        return connection_of(shown, page.after)


@object_type()
class RecurringMutation:
    """Mutations about recurring deposits."""

    @field(
        SIGNED_IN,
        "Let money be collected again and again. The same key with the same content gives the "
        "same recurring deposit. All rules of deposits hold each time.",
    )
    def create_recurring_deposit(
        self, info: Info, input: CreateRecurringDepositInput
    ) -> RecurringDepositResult:
        """See the description."""
        context = info.context

        def create() -> RecurringDepositPayload:
            wish = Wish(
                rule=Rule(input.frequency, input.day),
                amount=Money.parse(input.amount, input.currency),
                method=input.method,
                zone=input.zone,
                phone=input.phone,
                card_of=input.card_of,
                goal_id=input.goal_id,
                starts_on=input.starts_on,
            )
            made = context.app.recurring.create(
                context.user_id, key=input.idempotency_key, wish=wish
            )
            return _payload(made)

        return answered(create, context.language)

    @field(SIGNED_IN, "Collect nothing until it is resumed; days meanwhile are not made up for.")
    def pause_recurring_deposit(
        self, info: Info, input: RecurringDepositInput
    ) -> RecurringDepositResult:
        """See the description."""
        pause = info.context.app.recurring.pause_order
        return _acted(info, input, lambda user, order, key: pause(user, order, key=key))

    @field(SIGNED_IN, "Collect again, from the first day whose time is still to come.")
    def resume_recurring_deposit(
        self, info: Info, input: RecurringDepositInput
    ) -> RecurringDepositResult:
        """See the description."""
        resume = info.context.app.recurring.resume
        return _acted(info, input, lambda user, order, key: resume(user, order, key=key))

    @field(SIGNED_IN, "Leave out the next occurrence.")
    def skip_recurring_deposit(
        self, info: Info, input: RecurringDepositInput
    ) -> RecurringDepositResult:
        """See the description."""
        skip = info.context.app.recurring.skip_next
        return _acted(info, input, lambda user, order, key: skip(user, order, key=key))

    @field(SIGNED_IN, "Collect nothing any more.")
    def cancel_recurring_deposit(
        self, info: Info, input: RecurringDepositInput
    ) -> RecurringDepositResult:
        """See the description."""
        cancel = info.context.app.recurring.cancel
        return _acted(info, input, lambda user, order, key: cancel(user, order, key=key))

    @field(SIGNED_IN, "Collect another amount, or for another goal, from the next occurrence on.")
    def change_recurring_deposit(
        self, info: Info, input: ChangeRecurringDepositInput
    ) -> RecurringDepositResult:
        """See the description."""
        context = info.context

        def change() -> RecurringDepositPayload:
            changed = context.app.recurring.change(
                context.user_id,
                input.schedule_id,
                key=input.idempotency_key,
                amount=Money.parse(input.amount, input.currency),
                goal_id=input.goal_id,
            )
            return _payload(changed)

        return answered(change, context.language)


def _acted(
    info: Info, input: RecurringDepositInput, act: Callable[[str, str, str], Schedule]
) -> RecurringDepositResult:
    user_id, language = info.context.user_id, info.context.language

    def done() -> RecurringDepositPayload:
        return _payload(act(user_id, input.schedule_id, input.idempotency_key))

    return answered(done, language)
