"""Cases about money: what machines want a member of staff to look at."""

from datetime import datetime
from typing import Annotated

import strawberry

from graphql_api.errors import Failure, answered
from graphql_api.pages import page_size
from graphql_api.rules import INHERITED, STAFF, Info, any_of, field, object_type
from graphql_api.scalars import MoneyCaseId, Text, UserId
from graphql_api.staff_duties import acting, money_duties_of
from graphql_api.staff_people import People, Person
from shared.cases.model import CaseKind, CaseStatus, MoneyCase
from shared.users.roles import Role

strawberry.enum(CaseKind, name="MoneyCaseKind", description="What somebody has to look at.")
strawberry.enum(CaseStatus, name="MoneyCaseStatus", description="Where a case stands.")
WATCHERS = any_of(Role.COMPLIANCE, Role.ADMIN)


@object_type(description="An identifier or an amount that belongs to a case.")
class MoneyCaseFact:
    """See the description."""

    name: str = field(INHERITED, "What it is.")
    text: str = field(INHERITED, "The identifier or the amount.")


@object_type(description="Something about money that a member of staff looks at.")
class StaffMoneyCase:
    """See the description."""

    case_id: MoneyCaseId = field(INHERITED, "Identifier.")
    kind: CaseKind = field(INHERITED, "What it is about.")
    subject: str = field(INHERITED, "Identifier of the deposit, payout, dispute or line.")
    status: CaseStatus = field(INHERITED, "Where it stands.")
    opened_at: datetime = field(INHERITED, "When it was opened; it never opens twice.")
    facts: list[MoneyCaseFact] = field(INHERITED, "What is known.")
    resolved_at: datetime | None = field(INHERITED, "When somebody was done with it.")
    resolved_by: str | None = field(INHERITED, "Who.")
    note: str | None = field(INHERITED, "Their words.")
    user_id: UserId | None = field(INHERITED, "Whose money it is about, if one person's.")
    people: strawberry.Private[People]

    @field(STAFF, "The person; null when it is about nobody's money, or they are gone.")
    def person(self) -> Person | None:
        """See the description."""
        return None if self.user_id is None else self.people.find(self.user_id)


@strawberry.input(description="Which case, and what came of it.")
class ResolveMoneyCaseInput:
    """See the description."""

    case_id: MoneyCaseId = strawberry.field(description="Which.")
    note: Text = strawberry.field(
        description="What was found and done: 10 to 500 characters, kept for good; no personal "
        "data."
    )


_UNTOLD = frozenset({CaseKind.MONEY_ALERT, CaseKind.WITHDRAWAL_REVIEW})


@object_type(description="It is closed, now or before.")
class ResolveMoneyCasePayload:
    """See the description."""

    case: StaffMoneyCase = field(INHERITED, "As it stands now.")


ResolveMoneyCaseResult = Annotated[
    ResolveMoneyCasePayload | Failure,
    strawberry.union("ResolveMoneyCaseResult", description="Done, or why nothing was changed."),
]


@object_type()
class MoneyCaseFields:
    """What members of staff read of cases."""

    @field(WATCHERS, "Cases about money, the oldest first; at most 50 at once.")
    def money_cases(
        self,
        info: Info,
        status: CaseStatus = CaseStatus.OPEN,
        kind: CaseKind | None = None,
        first: int = 50,
    ) -> list[StaffMoneyCase]:
        """See the description."""
        size = page_size(first)
        info.context.count_read()
        listed = info.context.app.money_back.cases.listed(status, kind=kind, limit=size)
        found = [one for one in listed if _may_know(info, one)]
        named = [one.user_id for one in found if one.user_id is not None]
        people = People(info.context, dict.fromkeys(named))
        return [_view(one, people) for one in found]

    @field(WATCHERS, "One case; null when there is none.")
    def money_case(self, info: Info, case_id: MoneyCaseId) -> StaffMoneyCase | None:
        """See the description."""
        info.context.count_read()
        found = info.context.app.money_back.cases.get(case_id)
        return None if found is None or not _may_know(info, found) else _single(info, found)


@object_type()
class MoneyCaseMutation:
    """What members of staff do with cases."""

    @field(
        WATCHERS.with_step_up(),
        "Close a case that somebody has looked at. Not one about one's own money.",
    )
    def resolve_money_case(
        self, info: Info, input: ResolveMoneyCaseInput
    ) -> ResolveMoneyCaseResult:
        """See the description."""
        context = info.context

        def resolve() -> ResolveMoneyCasePayload:
            duties, by = money_duties_of(context), acting(context)
            case = duties.resolve(by, input.case_id, input.note)
            return ResolveMoneyCasePayload(case=_single(info, case))

        return answered(resolve, context.language)


def _may_know(info: Info, case: MoneyCase) -> bool:
    """Which rules look at whose money is not for that person to read, also for a member of
    staff."""
    return case.kind not in _UNTOLD or case.user_id != info.context.user_id


def _single(info: Info, case: MoneyCase) -> StaffMoneyCase:
    return _view(case, People(info.context, [] if case.user_id is None else [case.user_id]))


def _view(case: MoneyCase, people: People) -> StaffMoneyCase:
    return StaffMoneyCase(
        case_id=MoneyCaseId(case.case_id),
        kind=case.kind,
        subject=case.subject,
        status=case.status,
        opened_at=case.opened_at,
        facts=[MoneyCaseFact(name=name, text=text) for name, text in case.facts],
        resolved_at=case.resolved_at,
        resolved_by=case.resolved_by,
        note=case.note,
        user_id=None if case.user_id is None else UserId(case.user_id),
        people=people,
    )
