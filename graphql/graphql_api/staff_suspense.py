"""Money in suspense: members of staff say whose it is, or send it back, large sums by two."""

import re
from datetime import datetime
from typing import Annotated

import strawberry

from graphql_api.context import Context
from graphql_api.errors import Failure, answered
from graphql_api.money import Money, money_of
from graphql_api.pages import Connection, connection_of, from_cursor, page_size
from graphql_api.rules import INHERITED, Info, any_of, field, object_type
from graphql_api.scalars import Cursor, IdempotencyKey, Line, Text, UserId
from graphql_api.staff_audit import trail_of
from graphql_api.staff_duties import acting
from shared.audit.suspense import SuspenseDuties
from shared.disputes.standing import StandingDisputes
from shared.payments.methods import Gateway
from shared.payments.readings import StoredPeople
from shared.payments.suspended import Suspended, SuspendedPayments
from shared.platform import keys
from shared.platform.idempotency import IdempotencyKeys
from shared.treasury.office import by_currency
from shared.treasury.suspending import Suspending
from shared.treasury.suspense import Decision, DecisionStatus, Stop, Way
from shared.treasury.suspense_store import SuspenseStore
from shared.users.roles import Role

strawberry.enum(Way, name="SuspenseWay", description="What becomes of money in suspense.")
strawberry.enum(
    DecisionStatus, name="SuspenseStatus", description="Where a decision about it stands."
)
strawberry.enum(Stop, name="SuspenseStop", description="Why what was agreed was not possible.")
WATCHERS = any_of(Role.COMPLIANCE, Role.ADMIN)
_REASON = "Why: 10 to 500 characters, kept for good; no personal data. The case is closed with it."
_PAYMENT = "The gateway's name of the payment, as in the case."
_PLACE = re.compile(r"[0-9]{4}-[0-9T:.-]{20,22}Z#[!-~]{1,120}", re.ASCII)
_KEY = "New for every decision; repeat it when no answer came."


@object_type(description="What was decided about money in suspense.")
class SuspenseDecision:
    """See the description."""

    way: Way = field(INHERITED, "What becomes of it.")
    status: DecisionStatus = field(INHERITED, "Where the decision stands.")
    user_id: UserId | None = field(INHERITED, "Whose it is, if it is to be credited.")
    result: str | None = field(INHERITED, "The deposit credited, or the payout that goes back.")
    transfer: str | None = field(
        INHERITED, "By which people have sent it back from our own bank, as the bank names it."
    )
    stopped_by: Stop | None = field(
        INHERITED, "Why it is rejected although people agreed: it can be decided anew."
    )
    reason: str = field(INHERITED, "Why.")
    proposed_by: str = field(INHERITED, "Who decided it, or proposed it.")
    proposed_at: datetime = field(INHERITED, "When.")
    decided_by: str | None = field(INHERITED, "The second person, where one was needed.")
    decided_at: datetime | None = field(INHERITED, "When they did.")


@object_type(description="A payment whose owner is not known, or of another amount than asked for.")
class SuspendedPayment:
    """See the description."""

    gateway: Gateway = field(INHERITED, "With whom it was made.")
    payment: str = field(INHERITED, "The gateway's name of it.")
    amount: Money = field(INHERITED, "How much came.")
    owner: UserId | None = field(INHERITED, "Whose deposit it was made for, if for one.")
    decision: SuspenseDecision | None = field(INHERITED, "What was decided; null for nothing yet.")


@strawberry.input(description="Which payment, whose it is, and why.")
class MatchSuspenseInput:
    """See the description."""

    idempotency_key: IdempotencyKey = strawberry.field(description=_KEY)
    gateway: Gateway = strawberry.field(description="With whom it was made.")
    payment: Line = strawberry.field(description=_PAYMENT)
    user_id: UserId = strawberry.field(description="Whose it is.")
    reason: Text = strawberry.field(description=_REASON)


@strawberry.input(description="Which payment goes back, and why.")
class ReturnSuspenseInput:
    """See the description."""

    idempotency_key: IdempotencyKey = strawberry.field(description=_KEY)
    gateway: Gateway = strawberry.field(description="With whom it was made.")
    payment: Line = strawberry.field(description=_PAYMENT)
    reason: Text = strawberry.field(description=_REASON)
    transfer: Text | None = strawberry.field(
        default=None,
        description="Where people have sent it back from our own bank, the bank's name of their "
        "transfer: 4 to 80 letters, digits and signs of _:.#-; needed for BANK, and takes two.",
    )


@strawberry.input(description="Whether what somebody else proposed is to be done, and why.")
class DecideSuspenseInput:
    """See the description."""

    gateway: Gateway = strawberry.field(description="With whom it was made.")
    payment: Line = strawberry.field(description=_PAYMENT)
    agreed: bool = strawberry.field(description="Whether it is to be done.")
    reason: Text = strawberry.field(description=_REASON)


@object_type(description="It was decided or proposed, now or before.")
class SuspensePayload:
    """See the description."""

    suspended: SuspendedPayment = field(INHERITED, "The payment, and how the decision stands.")


SuspenseResult = Annotated[
    SuspensePayload | Failure,
    strawberry.union("SuspenseResult", description="The decision, or why there is none."),
]


@object_type()
class SuspenseFields:
    """What is read of money in suspense."""

    @field(WATCHERS, "A payment that was booked in suspense; null for none of this name.")
    def suspended_payment(
        self, info: Info, gateway: Gateway, payment: Line
    ) -> SuspendedPayment | None:
        """See the description."""
        info.context.count_read()
        suspending = _suspending(info.context)
        found = suspending.suspended.get(gateway, payment)
        if found is None:
            return None
        return _view(found, suspending.decisions.get(gateway, payment))

    @field(
        WATCHERS,
        "Payments in suspense of which it is not settled yet what becomes of them, the longest "
        "waiting first.",
    )
    def suspended_payments(
        self, info: Info, first: int = 20, after: Cursor | None = None
    ) -> Connection[SuspendedPayment]:
        """See the description."""
        size = page_size(first)
        place = None if after is None else from_cursor(after, _PLACE)
        info.context.count_read()
        suspending = _suspending(info.context)
        page = suspending.suspended.waiting(size, place)
        decisions = suspending.decisions.of([one for _, one in page.entries])
        entries = [
            (at, _view(one, decisions.get((one.gateway, one.payment)))) for at, one in page.entries
        ]
        return connection_of(entries, page.after)


@object_type()
class SuspenseMutation:
    """What members of staff do about money in suspense."""

    @field(
        WATCHERS.with_step_up(),
        "Have a payment in suspense credited to somebody, at the rate of now; somebody else has "
        "to agree above a limit of its currency. Not to oneself.",
    )
    def match_suspense(self, info: Info, input: MatchSuspenseInput) -> SuspenseResult:
        """See the description."""
        context, of = info.context, (input.gateway, input.payment)

        def match() -> SuspensePayload:
            duties, by = _duties(context), acting(context)
            made = duties.match(by, input.idempotency_key, of, input.user_id, input.reason)
            return _payload(duties, made)

        return answered(match, context.language)

    @field(
        WATCHERS.with_step_up(),
        "Send a payment in suspense back to where it came from; somebody else has to agree above "
        "a limit of its currency.",
    )
    def return_suspense(self, info: Info, input: ReturnSuspenseInput) -> SuspenseResult:
        """See the description."""
        context, of = info.context, (input.gateway, input.payment)

        def give_back() -> SuspensePayload:
            duties, by = _duties(context), acting(context)
            made = duties.give_back(by, input.idempotency_key, of, input.reason, input.transfer)
            return _payload(duties, made)

        return answered(give_back, context.language)

    @field(
        WATCHERS.with_step_up(),
        "Agree to what somebody else proposed about a payment in suspense, or not. The same word "
        "again is success.",
    )
    def decide_suspense(self, info: Info, input: DecideSuspenseInput) -> SuspenseResult:
        """See the description."""
        context, of = info.context, (input.gateway, input.payment)

        def decide() -> SuspensePayload:
            duties, by = _duties(context), acting(context)
            return _payload(duties, duties.confirm(by, of, input.agreed, input.reason))

        return answered(decide, context.language)


def _suspending(context: Context) -> Suspending:
    app = context.app
    return Suspending(
        suspended=SuspendedPayments(app.database),
        decisions=SuspenseStore(app.database),
        deposits=app.deposit_store,
        people=StoredPeople(app.database),
        rates=app.exchange_rates,
        purses=app.ledger,
        transfers=app.paying_out.payouts,
        claims=StandingDisputes(app.money_back.disputes),
        cases=app.money_back.cases,
        keys=IdempotencyKeys(app.database),
        facts=app.facts,
        clock=app.clock,
        alone_minor=by_currency(app.settings.treasury_alone_limits),
    )


def _duties(context: Context) -> SuspenseDuties:
    app = context.app
    house = keys.house_of(app.settings.cell)
    return SuspenseDuties(house, app.users.get, _suspending(context), trail_of(context))


def _payload(duties: SuspenseDuties, decision: Decision) -> SuspensePayload:
    found, _ = duties.suspending.find(decision.gateway, decision.payment)
    return SuspensePayload(suspended=_view(found, decision))


def _view(found: Suspended, decision: Decision | None) -> SuspendedPayment:
    return SuspendedPayment(
        gateway=found.gateway,
        payment=found.payment,
        amount=money_of(found.amount),
        owner=None if found.owner is None else UserId(found.owner),
        decision=None if decision is None else _decision_view(decision),
    )


def _decision_view(decision: Decision) -> SuspenseDecision:
    return SuspenseDecision(
        way=decision.way,
        status=decision.status,
        user_id=None if decision.user_id is None else UserId(decision.user_id),
        result=decision.result,
        transfer=decision.transfer,
        stopped_by=decision.stopped_by,
        reason=decision.reason,
        proposed_by=decision.proposed_by,
        proposed_at=decision.proposed_at,
        decided_by=decision.decided_by,
        decided_at=decision.decided_at,
    )
