"""Payouts that wait for somebody of the firm: what is known of them, and what is done."""

import re
from datetime import datetime
from typing import Annotated

import strawberry

from graphql_api.errors import Failure, answered
from graphql_api.money import Money, money_of
from graphql_api.pages import Connection, connection_of, from_cursor, page_size
from graphql_api.payout_states import PayoutStatus
from graphql_api.rules import INHERITED, STAFF, Info, any_of, field, object_type
from graphql_api.scalars import Cursor, DepositId, PayoutAccountId, PayoutId, Text, UserId
from graphql_api.staff_duties import acting, payout_duties_of
from graphql_api.staff_people import People, Person
from shared.payouts.findings import Finding, Found
from shared.payouts.model import Payout, Purpose, Rail
from shared.payouts.reasons import PayoutReason
from shared.payouts.remedies import Remedy, RemedyWay, checked_target
from shared.users.roles import Role

strawberry.enum(Found, name="PayoutFound", description="How a payout ended, as staff found out.")
strawberry.enum(Purpose, name="PayoutPurpose", description="Why money leaves.")
strawberry.enum(RemedyWay, name="PayoutRemedyWay", description="How it goes back instead.")
strawberry.enum(Rail, name="PayoutRail", description="How it leaves.")
strawberry.enum(PayoutReason, name="HeldPayoutReason", description="Why it does not move on.")
WATCHERS = any_of(Role.COMPLIANCE, Role.ADMIN)
_PLACE = re.compile(
    r"[0-9]{4}-[0-9T:.-]{20,22}Z#pay_[a-z][a-z0-9]{0,7}_[0-9A-HJKMNP-TV-Z]{26}", re.ASCII
)
_REASON = "Why: 10 to 500 characters, kept for good; no personal data."


@object_type(description="What members of staff found out about a payout.")
class PayoutFinding:
    """See the description."""

    outcome: Found = field(INHERITED, "How it ended.")
    reference: str = field(INHERITED, "Where that is written.")
    found_by: UserId = field(INHERITED, "Who found it first.")
    confirmed_by: UserId | None = field(INHERITED, "Who found the same, where two have to.")
    counts: bool = field(INHERITED, "False while a second member of staff has to find the same.")


@object_type(description="How a payment that could not be sent goes back instead.")
class PayoutRemedy:
    """See the description."""

    way: RemedyWay = field(INHERITED, "How.")
    target: str | None = field(INHERITED, "The payout account, or the bank's transfer.")
    wanted_by: UserId = field(INHERITED, "Who said so first.")
    confirmed_by: UserId | None = field(INHERITED, "Who said the same; nothing is done before.")


@object_type(description="A payout as members of staff see it who look after money.")
class HeldPayout:
    """See the description."""

    user_id: UserId = field(INHERITED, "Whose it is.")
    payout_id: PayoutId = field(INHERITED, "Which.")
    purpose: Purpose = field(INHERITED, "Why the money leaves.")
    rail: Rail = field(INHERITED, "How.")
    deposit_id: DepositId | None = field(INHERITED, "The deposit that goes back, if one does.")
    status: PayoutStatus = field(INHERITED, "Where it stands.")
    since: datetime = field(INHERITED, "Since when it stands so.")
    debited: Money = field(INHERITED, "What the person's account loses.")
    amount: Money = field(INHERITED, "What is to arrive.")
    reference: str | None = field(INHERITED, "The gateway's name of it, where it said one.")
    reason: PayoutReason | None = field(INHERITED, "Why it is held.")
    held: bool = field(INHERITED, "Nothing automatic happens until somebody lets it go on.")
    unanswered: bool = field(
        INHERITED, "No answer came for too long; it is asked for all the same."
    )
    can_settle: bool = field(INHERITED, "Whether staff may say how it ended.")
    finding: PayoutFinding | None = field(INHERITED, "What staff found out.")
    can_remedy: bool = field(
        INHERITED, "Whether it could not be sent back, and staff have to say how it goes instead."
    )
    remedy: PayoutRemedy | None = field(INHERITED, "What staff want to be done instead.")
    followed_by: PayoutId | None = field(INHERITED, "The payout that pays in its place.")


@object_type(description="One of the list, with the person.")
class WaitingPayout:
    """See the description."""

    payout: HeldPayout = field(INHERITED, "The payout.")
    people: strawberry.Private[People]

    @field(STAFF, "The person; null when they are gone.")
    def person(self) -> Person | None:
        """See the description."""
        return self.people.find(self.payout.user_id)


@strawberry.input(description="Whose payout goes on, and why.")
class ReleasePayoutInput:
    """See the description."""

    user_id: UserId = strawberry.field(description="Whose.")
    payout_id: PayoutId = strawberry.field(description="Which.")
    reason: Text = strawberry.field(description=_REASON)


@object_type(description="It goes on, now or before.")
class ReleasePayoutPayload:
    """See the description."""

    payout: HeldPayout = field(INHERITED, "As it stands now.")


ReleasePayoutResult = Annotated[
    ReleasePayoutPayload | Failure,
    strawberry.union("ReleasePayoutResult", description="Done, or why nothing was changed."),
]


@strawberry.input(description="How whose payout ended, where that is written, and why.")
class SettlePayoutInput:
    """See the description."""

    user_id: UserId = strawberry.field(description="Whose.")
    payout_id: PayoutId = strawberry.field(description="Which.")
    outcome: Found = strawberry.field(description="How it ended.")
    reference: Text = strawberry.field(
        description="The gateway's own name of the payment, such as M-Pesa's receipt number, or of "
        "the line or answer that says it was not made: 4 to 80 letters, digits and signs of _:.#-"
    )
    reason: Text = strawberry.field(description=_REASON)


@object_type(description="It is noted, now or before, and carried out in a moment if it counts.")
class SettlePayoutPayload:
    """See the description."""

    payout: HeldPayout = field(INHERITED, "As it stands until then.")


SettlePayoutResult = Annotated[
    SettlePayoutPayload | Failure,
    strawberry.union("SettlePayoutResult", description="Done, or why nothing was changed."),
]


@strawberry.input(description="How a payment goes back that could not be sent, and why.")
class RemedyPayoutInput:
    """See the description."""

    user_id: UserId = strawberry.field(description="Whose.")
    payout_id: PayoutId = strawberry.field(description="Which could not be sent.")
    way: RemedyWay = strawberry.field(description="How instead.")
    payout_account_id: PayoutAccountId | None = strawberry.field(
        default=None, description="For ACCOUNT: one of the person's own, in the same currency."
    )
    reference: Text | None = strawberry.field(
        default=None,
        description="For BY_HAND: the bank's name of the transfer by which it was paid: 4 to 80 "
        "letters, digits and signs of _:.#-",
    )
    reason: Text = strawberry.field(description=_REASON)


@object_type(description="It is noted, now or before, and done once two people want it.")
class RemedyPayoutPayload:
    """See the description."""

    payout: HeldPayout = field(INHERITED, "The one that could not be sent.")


RemedyPayoutResult = Annotated[
    RemedyPayoutPayload | Failure,
    strawberry.union("RemedyPayoutResult", description="Done, or why nothing was changed."),
]


@object_type()
class StaffPayoutFields:
    """What members of staff read of payouts that are stuck."""

    @field(
        WATCHERS,
        "Payouts that are held for a look, or of which no answer came for too long; the longest "
        "waiting first.",
    )
    def held_payouts(
        self, info: Info, first: int = 20, after: Cursor | None = None
    ) -> Connection[WaitingPayout]:
        """See the description."""
        context, size = info.context, page_size(first)
        place = None if after is None else from_cursor(after, _PLACE)
        context.count_read()
        page = context.app.paying_out.payouts.stuck(size, place)
        people = People(context, dict.fromkeys(one.user_id for _, one in page.entries))
        entries = [
            (at, WaitingPayout(payout=_view(one), people=people)) for at, one in page.entries
        ]
        return connection_of(entries, page.after)


@object_type()
class StaffPayoutMutation:
    """What members of staff do about payouts that are stuck."""

    @field(
        WATCHERS.with_step_up(),
        "Let a payout go on that was held for somebody to look at. Where what was wrong still is, "
        "it is held again. Not one's own.",
    )
    def release_payout(self, info: Info, input: ReleasePayoutInput) -> ReleasePayoutResult:
        """See the description."""
        context = info.context

        def release() -> ReleasePayoutPayload:
            duties, by = payout_duties_of(context), acting(context)
            payout = duties.release(by, input.user_id, input.payout_id, input.reason)
            return ReleasePayoutPayload(payout=_view(payout))

        return answered(release, context.language)

    @field(
        WATCHERS.with_step_up(),
        "Say how a payout ended that its gateway leaves open; a large one needs two different "
        "people who say the same. Not one's own.",
    )
    def settle_payout(self, info: Info, input: SettlePayoutInput) -> SettlePayoutResult:
        """See the description."""
        context = info.context

        def settle() -> SettlePayoutPayload:
            duties, by = payout_duties_of(context), acting(context)
            word = (input.outcome, input.reference)
            payout = duties.settle(by, input.user_id, input.payout_id, word, input.reason)
            return SettlePayoutPayload(payout=_view(payout))

        return answered(settle, context.language)

    @field(
        WATCHERS.with_step_up(),
        "Say how a payment goes back that could not be sent back: it is done when a second member "
        "of staff says the same. The same word again is success. Not one's own.",
    )
    def remedy_payout(self, info: Info, input: RemedyPayoutInput) -> RemedyPayoutResult:
        """See the description."""
        context = info.context

        def remedy() -> RemedyPayoutPayload:
            duties, by = payout_duties_of(context), acting(context)
            target = checked_target(input.way, input.payout_account_id, input.reference)
            word = (input.way, target)
            payout = duties.remedy(by, input.user_id, input.payout_id, word, input.reason)
            return RemedyPayoutPayload(payout=_view(payout))

        return answered(remedy, context.language)


def _remedy_view(remedy: Remedy) -> PayoutRemedy:
    return PayoutRemedy(
        way=remedy.way,
        target=remedy.target or None,
        wanted_by=UserId(remedy.by),
        confirmed_by=None if remedy.also is None else UserId(remedy.also),
    )


def _finding_view(finding: Finding) -> PayoutFinding:
    return PayoutFinding(
        outcome=finding.found,
        reference=finding.reference,
        found_by=UserId(finding.by),
        confirmed_by=None if finding.also is None else UserId(finding.also),
        counts=finding.agreed,
    )


def _view(payout: Payout) -> HeldPayout:
    return HeldPayout(
        user_id=UserId(payout.user_id),
        payout_id=PayoutId(payout.payout_id),
        purpose=payout.purpose,
        rail=payout.rail,
        deposit_id=None if payout.deposit_id is None else DepositId(payout.deposit_id),
        status=payout.status,
        since=payout.entered_at,
        debited=money_of(payout.debited),
        amount=money_of(payout.amount),
        reference=payout.reference,
        reason=payout.reason,
        held=payout.review,
        unanswered=payout.escalated,
        can_settle=payout.unsettled and not payout.found_out,
        can_remedy=payout.undelivered,
        remedy=None if payout.remedy is None else _remedy_view(payout.remedy),
        followed_by=None if payout.followed_by is None else PayoutId(payout.followed_by),
        finding=None if payout.finding is None else _finding_view(payout.finding),
    )
