"""The firm's own money: what members of staff read and record, large movements by two people."""

import re
from functools import cached_property
from typing import Annotated

import strawberry

from graphql_api.context import Context
from graphql_api.errors import Failure, answered
from graphql_api.pages import Connection, connection_of, from_cursor, page_size
from graphql_api.rules import ADMIN, INHERITED, Info, any_of, field, object_type
from graphql_api.scalars import Amount, Cursor, IdempotencyKey, Line, MovementId, Rate, Text
from graphql_api.staff_audit import trail_of
from graphql_api.staff_duties import acting
from graphql_api.staff_house import TreasuryHouseFields
from graphql_api.staff_suspense import SuspenseFields
from graphql_api.staff_treasury_views import (
    NAMES,
    HouseAccount,
    TreasuryBreaker,
    TreasuryLimit,
    TreasuryMovement,
    account_view,
    limit_view,
    movement_view,
)
from shared.audit.treasury import TreasuryDuties
from shared.kernel.errors import InvalidValue
from shared.kernel.money import Currency, Money
from shared.ledger.house import HouseJournal
from shared.payments.methods import Gateway
from shared.platform import keys
from shared.platform.idempotency import IdempotencyKeys
from shared.treasury.keeping import BREAKERS
from shared.treasury.movement_store import MovementStore
from shared.treasury.movements import Moved, MovementKind
from shared.treasury.moving import Moving
from shared.treasury.office import by_currency, limits_of
from shared.treasury.store import HouseBalances
from shared.users.roles import Role

WATCHERS = any_of(Role.COMPLIANCE, Role.ADMIN)
_REASON = "Why: 10 to 500 characters, kept for good; no personal data."
_PLACE = re.compile(r"[0-9A-HJKMNP-TV-Z]{26}#mov", re.ASCII)


class Office:
    """The parts of the treasury over those of this request."""

    def __init__(self, context: Context) -> None:
        app = context.app
        self._context = context
        self.movements = MovementStore(app.database)
        self.limits = limits_of(app.database, app.facts, app.clock, app.settings)
        self.balances = HouseBalances(app.database)

    @cached_property
    def duties(self) -> TreasuryDuties:
        """What members of staff can do."""
        app = self._context.app
        moving = Moving(
            movements=self.movements,
            house=HouseJournal(app.database, app.settings.cell),
            keys=IdempotencyKeys(app.database),
            facts=app.facts,
            clock=app.clock,
            ids=app.ids,
            alone_minor=by_currency(app.settings.treasury_alone_limits),
        )
        subject = keys.house_of(app.settings.cell)
        return TreasuryDuties(subject, moving, self.limits, trail_of(self._context))


@object_type(description="The firm's own money.")
class Treasury(TreasuryHouseFields, SuspenseFields):
    """See the description."""

    office: strawberry.Private[Office]

    @field(WATCHERS, "What the accounts of the firm hold, and those of people in sum, by name.")
    def accounts(self, info: Info) -> list[HouseAccount]:
        """See the description."""
        info.context.count_read()
        return [account_view(one) for one in self.office.balances.sheet()]

    @field(WATCHERS, "Its limits, and what is used of them.")
    def limits(self, info: Info) -> list[TreasuryLimit]:
        """See the description."""
        info.context.count_read()
        breakers = self.office.limits.switches.read(BREAKERS)
        return [limit_view(one, breakers.get(one.breaker)) for one in self.office.limits.now()]

    @field(WATCHERS, "What people recorded, newest first.")
    def movements(
        self, info: Info, first: int = 20, after: Cursor | None = None
    ) -> Connection[TreasuryMovement]:
        """See the description."""
        size = page_size(first)
        place = None if after is None else from_cursor(after, _PLACE)
        info.context.count_read()
        page = self.office.movements.page(limit=size, after=place)
        return connection_of([(at, movement_view(one)) for at, one in page.entries], page.after)


@object_type()
class TreasuryQuery:
    """The root of the firm's own money."""

    @field(WATCHERS, "The firm's own money. For members of staff alone.")
    def treasury(self, info: Info) -> Treasury:
        """See the description."""
        return Treasury(office=Office(info.context))


@strawberry.input(description="What moved of the firm's own money.")
class RecordTreasuryMovementInput:
    """See the description."""

    idempotency_key: IdempotencyKey = strawberry.field(
        description="New for every movement; repeat it when no answer came."
    )
    kind: MovementKind = strawberry.field(description="What moved.")
    amount: Amount = strawberry.field(description="How much, in `currency`.")
    currency: Currency = strawberry.field(description="In which currency.")
    counter_amount: Amount | None = strawberry.field(
        default=None, description="Of a conversion: what was bought, in `counterCurrency`."
    )
    counter_currency: Currency | None = strawberry.field(
        default=None, description="Of a conversion: in which currency."
    )
    rate: Rate | None = strawberry.field(
        default=None, description="Of a conversion: units bought for one sold."
    )
    gateway: Gateway | None = strawberry.field(
        default=None, description="By whom, for what a gateway does."
    )
    reference: Line = strawberry.field(
        description="Its name at the gateway or on the statement, under which it is booked once: "
        "up to 60 letters, digits and signs of -/._ with a digit among them; blanks do not count."
    )
    reason: Text = strawberry.field(description=_REASON)


@strawberry.input(description="Whether a movement is to be booked, and why.")
class DecideTreasuryMovementInput:
    """See the description."""

    movement_id: MovementId = strawberry.field(description="Which.")
    agreed: bool = strawberry.field(description="Whether it is to be booked.")
    reason: Text = strawberry.field(description=_REASON)


@strawberry.input(description="What is to go on, and why.")
class ResetBreakerInput:
    """See the description."""

    breaker: TreasuryBreaker = strawberry.field(description="Which.")
    reason: Text = strawberry.field(description=_REASON)


@object_type(description="It was recorded, now or before.")
class TreasuryMovementPayload:
    """See the description."""

    movement: TreasuryMovement = field(INHERITED, "As it stands now.")


@object_type(description="It goes on, now or before.")
class ResetBreakerPayload:
    """See the description."""

    limits: list[TreasuryLimit] = field(INHERITED, "The limits, and what is used of them.")


TreasuryMovementResult = Annotated[
    TreasuryMovementPayload | Failure,
    strawberry.union("TreasuryMovementResult", description="The movement, or why there is none."),
]
ResetBreakerResult = Annotated[
    ResetBreakerPayload | Failure,
    strawberry.union("ResetBreakerResult", description="Done, or why nothing was changed."),
]


@object_type()
class TreasuryMutation:
    """Mutations about the firm's own money."""

    @field(
        ADMIN.with_step_up(),
        "Record what moved of the firm's own money. Above a limit of the currency somebody else "
        "has to agree before it is booked.",
    )
    def record_treasury_movement(
        self, info: Info, input: RecordTreasuryMovementInput
    ) -> TreasuryMovementResult:
        """See the description."""
        context = info.context

        def record() -> TreasuryMovementPayload:
            duties, by = Office(context).duties, acting(context)
            made = duties.record(by, input.idempotency_key, _moved(input), input.reason)
            return TreasuryMovementPayload(movement=movement_view(made))

        return answered(record, context.language)

    @field(
        ADMIN.with_step_up(),
        "Agree to a movement that somebody else recorded, or not. The same word again is success.",
    )
    def decide_treasury_movement(
        self, info: Info, input: DecideTreasuryMovementInput
    ) -> TreasuryMovementResult:
        """See the description."""
        context = info.context

        def decide() -> TreasuryMovementPayload:
            duties, by = Office(context).duties, acting(context)
            decided = duties.decide(by, input.movement_id, input.agreed, input.reason)
            return TreasuryMovementPayload(movement=movement_view(decided))

        return answered(decide, context.language)

    @field(
        ADMIN.with_step_up(),
        "Let go on what a limit or a person stopped. Refused while a limit is exceeded.",
    )
    def reset_breaker(self, info: Info, input: ResetBreakerInput) -> ResetBreakerResult:
        """See the description."""
        context = info.context

        def reset() -> ResetBreakerPayload:
            office = Office(context)
            office.duties.reset(acting(context), NAMES[input.breaker], input.reason)
            return ResetBreakerPayload(limits=Treasury(office=office).limits(info))

        return answered(reset, context.language)


def _moved(input: RecordTreasuryMovementInput) -> Moved:
    counter = None
    if input.counter_amount is not None:
        if input.counter_currency is None:
            raise InvalidValue(field="counterCurrency", reason="must be given")
        counter = Money.parse(input.counter_amount, input.counter_currency)
    return Moved(
        kind=input.kind,
        amount=Money.parse(input.amount, input.currency),
        reference=input.reference,
        gateway=input.gateway,
        counter=counter,
        rate=input.rate,
    )
