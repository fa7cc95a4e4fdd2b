"""What members of staff do to people; each act is recorded together with what it changes."""

from collections.abc import Callable
from typing import Annotated

import strawberry

from graphql_api.context import Context
from graphql_api.errors import Failure, answered
from graphql_api.rules import (
    ADMIN,
    COMPLIANCE,
    INHERITED,
    STAFF,
    Info,
    any_of,
    field,
    object_type,
)
from graphql_api.scalars import Text, UserId
from graphql_api.staff_duties import acting, duties_of
from graphql_api.staff_people import Person, find_person
from shared.audit.acting import Acting
from shared.audit.duties import Duties
from shared.kernel.errors import NotFound
from shared.kyc.review import Verdict
from shared.users.roles import Role

strawberry.enum(Verdict, name="CaseDecision", description="What is decided about an identity.")
GUARDS = any_of(Role.COMPLIANCE, Role.ADMIN)
_REASON = "Why: 10 to 500 characters, kept for good; no personal data."


@strawberry.input(description="To whom, and why.")
class StaffActionInput:
    """See the description."""

    user_id: UserId = strawberry.field(description="To whom.")
    reason: Text = strawberry.field(description=_REASON)


@strawberry.input(description="Who gets which role, and why.")
class SetRoleInput:
    """See the description."""

    user_id: UserId = strawberry.field(description="Who.")
    role: Role = strawberry.field(description="Any but SYSTEM.")
    reason: Text = strawberry.field(description=_REASON)


@strawberry.input(description="What is decided about whose identity, and why.")
class DecideIdentityCaseInput:
    """See the description."""

    user_id: UserId = strawberry.field(description="Whose.")
    decision: Verdict = strawberry.field(description="What.")
    reason: Text = strawberry.field(description=_REASON)


@object_type(description="It is done, now or before.")
class StaffActionPayload:
    """See the description."""

    person: Person = field(INHERITED, "As they stand now.")


StaffActionResult = Annotated[
    StaffActionPayload | Failure,
    strawberry.union("StaffActionResult", description="Done, or why nothing was changed."),
]


def _done(
    context: Context, user_id: str, act: Callable[[Duties, Acting], object]
) -> StaffActionPayload | Failure:
    def attempt() -> StaffActionPayload:
        act(duties_of(context), acting(context))
        person = find_person(context, user_id)
        if person is None:
            raise NotFound(what="The person")
        return StaffActionPayload(person=person)

    return answered(attempt, context.language)


@object_type()
class StaffMutation:
    """Mutations of the back office."""

    @field(
        GUARDS.with_step_up(),
        "Stop a person from everything, at once. A member of staff is stopped by administrators "
        "only.",
    )
    def suspend_person(self, info: Info, input: StaffActionInput) -> StaffActionResult:
        """See the description."""
        return _done(
            info.context,
            input.user_id,
            lambda duties, by: duties.suspend(by, input.user_id, input.reason),
        )

    @field(GUARDS.with_step_up(), "Let a suspended person in again.")
    def reinstate_person(self, info: Info, input: StaffActionInput) -> StaffActionResult:
        """See the description."""
        return _done(
            info.context,
            input.user_id,
            lambda duties, by: duties.reinstate(by, input.user_id, input.reason),
        )

    @field(STAFF.with_step_up(), "End all sessions of a person, on all devices and at once.")
    def end_sessions(self, info: Info, input: StaffActionInput) -> StaffActionResult:
        """See the description."""
        return _done(
            info.context,
            input.user_id,
            lambda duties, by: duties.end_sessions(by, input.user_id, input.reason),
        )

    @field(
        ADMIN.with_step_up(),
        "Give a person a role, which holds at once and ends their sessions. Not for oneself; a "
        "role of staff needs a second factor.",
    )
    def set_role(self, info: Info, input: SetRoleInput) -> StaffActionResult:
        """See the description."""
        return _done(
            info.context,
            input.user_id,
            lambda duties, by: duties.set_role(by, input.user_id, input.role, input.reason),
        )

    @field(
        COMPLIANCE.with_step_up(),
        "Approve or reject an identity case that is in review, for good. Not one's own.",
    )
    def decide_identity_case(self, info: Info, input: DecideIdentityCaseInput) -> StaffActionResult:
        """See the description."""
        return _done(
            info.context,
            input.user_id,
            lambda duties, by: duties.decide_case(by, input.user_id, input.decision, input.reason),
        )
