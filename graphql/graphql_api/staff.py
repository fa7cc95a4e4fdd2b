"""The back office: what members of staff read."""

import re
from datetime import datetime

import strawberry

from graphql_api.context import Context
from graphql_api.corporate_actions import StaffCorporateActionFields
from graphql_api.pages import Connection, connection_of, from_cursor, page_size
from graphql_api.rules import COMPLIANCE, INHERITED, STAFF, Info, any_of, field, object_type
from graphql_api.scalars import Cursor, EmailAddress, UserId
from graphql_api.staff_alerts import MoneyAlertFields
from graphql_api.staff_audit import AuditEntry, audit_page
from graphql_api.staff_broker_reports import StaffBrokerReportFields
from graphql_api.staff_cases import MoneyCaseFields
from graphql_api.staff_payouts import StaffPayoutFields
from graphql_api.staff_people import People, Person, find_person
from graphql_api.staff_withdrawals import StaffWithdrawalFields
from shared.kyc.model import Case
from shared.kyc.reasons import Reason
from shared.users.addresses import EmailAddress as Address
from shared.users.roles import Role

strawberry.enum(Reason, name="ReviewReason", description="Why an identity is not confirmed yet.")
_PLACE = re.compile(
    r"[0-9]{4}-[0-9T:.-]{20,22}Z#usr_[a-z][a-z0-9]{0,7}_[0-9A-HJKMNP-TV-Z]{26}", re.ASCII
)


@object_type(description="An identity case that a member of staff decides.")
class HeldCase:
    """See the description."""

    user_id: UserId = field(INHERITED, "Whose it is.")
    reason: Reason | None = field(INHERITED, "Why it was held; the person is not told.")
    since: datetime = field(INHERITED, "Since when it waits.")
    attempts: int = field(INHERITED, "How often documents were submitted.")
    people: strawberry.Private[People]

    @field(COMPLIANCE, "The person; null when they are gone.")
    def person(self) -> Person | None:
        """See the description."""
        return self.people.find(self.user_id)


@object_type(description="The back office. Everything here is for members of staff alone.")
class Staff(
    StaffCorporateActionFields,
    StaffBrokerReportFields,
    StaffWithdrawalFields,
    StaffPayoutFields,
    MoneyCaseFields,
    MoneyAlertFields,
):
    """See the description."""

    @field(STAFF, "Somebody by id; null when there is nobody.")
    def person(self, info: Info, user_id: UserId) -> Person | None:
        """See the description."""
        return find_person(info.context, user_id)

    @field(STAFF, "Somebody by the whole e-mail address; null when there is nobody.")
    def find_person(self, info: Info, email: EmailAddress) -> Person | None:
        """See the description."""
        context = info.context
        context.count_read()
        people = context.app.people
        held = people.users.reservation(people.keyring.hash("email", Address.parse(email).unique))
        return None if held is None else find_person(context, held.user_id)

    @field(
        any_of(Role.COMPLIANCE, Role.ADMIN),
        "What members of staff did to somebody, newest first; empty for nobody.",
    )
    def audit_trail(
        self, info: Info, user_id: UserId, first: int = 20, after: Cursor | None = None
    ) -> Connection[AuditEntry]:
        """See the description."""
        return audit_page(info.context, user_id, first, after)

    @field(COMPLIANCE, "Identity cases that wait for a decision, the longest waiting first.")
    def held_for_review(
        self, info: Info, first: int = 20, after: Cursor | None = None
    ) -> Connection[HeldCase]:
        """See the description."""
        return _held(info.context, first, after)


def _held(context: Context, first: int, after: Cursor | None) -> Connection[HeldCase]:
    size = page_size(first)
    place = None if after is None else from_cursor(after, _PLACE)
    context.count_read()
    page = context.app.cases.held(size, place)
    people = People(context, [case.user_id for _, case in page.entries])
    entries = [(place, _case_view(case, people)) for place, case in page.entries]
    return connection_of(entries, page.after)


def _case_view(case: Case, people: People) -> HeldCase:
    return HeldCase(
        user_id=UserId(case.user_id),
        reason=case.reason,
        since=case.decided_at or case.updated_at,
        attempts=case.attempts,
        people=people,
    )


@object_type()
class StaffQuery:
    """The root of the back office."""

    @field(STAFF, "The back office.")
    def staff(self) -> Staff:
        """See the description."""
        return Staff()
