"""Withdrawals in review: who waits, which rules want a look, and the decision."""

import re
from datetime import datetime
from typing import Annotated

import strawberry

from graphql_api.errors import Failure, answered
from graphql_api.money import Money, money_of
from graphql_api.pages import Connection, connection_of, from_cursor, page_size
from graphql_api.payout_states import PayoutStatus
from graphql_api.rules import INHERITED, STAFF, Info, any_of, field, object_type
from graphql_api.scalars import Cursor, PayoutId, Text, UserId
from graphql_api.staff_audit import trail_of
from graphql_api.staff_duties import acting
from graphql_api.staff_people import People, Person
from shared.audit.withdrawals import WithdrawalDuties
from shared.payouts.model import Payout
from shared.users.roles import Role
from shared.withdrawals.model import Verdict, approvals_needed
from shared.withdrawals.ports import Held
from shared.withdrawals.screening import Rule

strawberry.enum(
    Verdict, name="WithdrawalDecision", description="What is decided about a withdrawal."
)
strawberry.enum(
    Rule, name="WithdrawalRule", description="Why a withdrawal wants a look; never told to people."
)
REVIEWERS = any_of(Role.COMPLIANCE, Role.ADMIN)
_PLACE = re.compile(
    r"[0-9]{4}-[0-9T:.-]{20,22}Z#pay_[a-z][a-z0-9]{0,7}_[0-9A-HJKMNP-TV-Z]{26}", re.ASCII
)
_NAMES = frozenset(Rule)


@object_type(description="A withdrawal that members of staff decide.")
class HeldWithdrawal:
    """See the description."""

    user_id: UserId = field(INHERITED, "Whose it is.")
    payout_id: PayoutId = field(INHERITED, "Which.")
    status: PayoutStatus = field(INHERITED, "Where it stands.")
    debited: Money = field(INHERITED, "What the person's account loses.")
    amount: Money = field(INHERITED, "What would arrive.")
    paid_to: str = field(INHERITED, "Where, masked.")
    since: datetime = field(INHERITED, "Since when it stands so.")
    approvals_needed: int = field(INHERITED, "How many members of staff have to agree.")
    agreed_by: UserId | None = field(INHERITED, "The first who agreed, where two have to.")


@object_type(description="One of the list, with the person and why.")
class WaitingWithdrawal:
    """See the description."""

    withdrawal: HeldWithdrawal = field(INHERITED, "The withdrawal.")
    rules: list[Rule] = field(INHERITED, "Which rules hit; none when it is the amount alone.")
    people: strawberry.Private[People]
    user_id: strawberry.Private[str]

    @field(STAFF, "The person; null when they are gone.")
    def person(self) -> Person | None:
        """See the description."""
        return self.people.find(self.user_id)


@strawberry.input(description="What is decided about whose withdrawal, and why.")
class DecideWithdrawalInput:
    """See the description."""

    user_id: UserId = strawberry.field(description="Whose.")
    payout_id: PayoutId = strawberry.field(description="Which.")
    decision: Verdict = strawberry.field(description="What.")
    reason: Text = strawberry.field(
        description="Why: 10 to 500 characters, kept for good; no personal data."
    )


@object_type(description="It is decided, now or before.")
class DecideWithdrawalPayload:
    """See the description."""

    withdrawal: HeldWithdrawal = field(
        INHERITED, "As it stands now: still IN_REVIEW when a second member of staff has to agree."
    )


DecideWithdrawalResult = Annotated[
    DecideWithdrawalPayload | Failure,
    strawberry.union("DecideWithdrawalResult", description="Done, or why nothing was changed."),
]


@object_type()
class StaffWithdrawalFields:
    """What members of staff read of withdrawals."""

    @field(REVIEWERS, "Withdrawals of others that wait for a decision, the longest waiting first.")
    def held_withdrawals(
        self, info: Info, first: int = 20, after: Cursor | None = None
    ) -> Connection[WaitingWithdrawal]:
        """See the description."""
        context, size = info.context, page_size(first)
        place = None if after is None else from_cursor(after, _PLACE)
        context.count_read()
        page = context.app.paying_out.reader.page(size, place)
        # Which rules hit one's own withdrawal is not for oneself to read.
        others = [each for each in page.entries if each[1].payout.user_id != context.user_id]
        people = People(context, [held.payout.user_id for _, held in others])
        entries = [(place, _waiting(info, held, people)) for place, held in others]
        return connection_of(entries, page.after)


@object_type()
class StaffWithdrawalMutation:
    """What members of staff decide about withdrawals."""

    @field(
        REVIEWERS.with_step_up(),
        "Agree to a withdrawal in review, or not; a large one needs two different people. Not "
        "one's own.",
    )
    def decide_withdrawal(self, info: Info, input: DecideWithdrawalInput) -> DecideWithdrawalResult:
        """See the description."""
        context = info.context

        def decide() -> DecideWithdrawalPayload:
            app = context.app
            duties = WithdrawalDuties(app.users.get, app.paying_out.reviewing, trail_of(context))
            payout = duties.decide(
                acting(context), input.user_id, input.payout_id, input.decision, input.reason
            )
            return DecideWithdrawalPayload(withdrawal=_view(info, payout))

        return answered(decide, context.language)


def _waiting(info: Info, held: Held, people: People) -> WaitingWithdrawal:
    # A rule that only a later version of this code knows is left out, not failed over.
    return WaitingWithdrawal(
        withdrawal=_view(info, held.payout),
        rules=[Rule(name) for name in held.rules if name in _NAMES],
        people=people,
        user_id=held.payout.user_id,
    )


def _view(info: Info, payout: Payout) -> HeldWithdrawal:
    threshold = info.context.app.settings.payout_approval_minor
    return HeldWithdrawal(
        user_id=UserId(payout.user_id),
        payout_id=PayoutId(payout.payout_id),
        status=payout.status,
        debited=money_of(payout.debited),
        amount=money_of(payout.amount),
        paid_to=payout.shown_as or "",
        since=payout.entered_at,
        approvals_needed=max(
            1, approvals_needed(payout.debited.minor, threshold, estimated=payout.estimated)
        ),
        agreed_by=None if payout.agreed_by is None else UserId(payout.agreed_by),
    )
