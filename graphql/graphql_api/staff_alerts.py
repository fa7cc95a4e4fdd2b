"""Alerts about movements of money: read by staff, disposed by two of them, told to nobody else."""

import re
from datetime import datetime
from typing import Annotated

import strawberry

from graphql_api.context import Context
from graphql_api.errors import Failure, answered
from graphql_api.pages import Connection, connection_of, from_cursor, page_size
from graphql_api.rules import INHERITED, STAFF, Info, any_of, field, object_type
from graphql_api.scalars import Cursor, MoneyCaseId, Text, UserId
from graphql_api.staff_audit import trail_of
from graphql_api.staff_duties import acting
from graphql_api.staff_people import People, Person
from shared.audit.alerts import AlertDuties
from shared.kernel.errors import NotFound
from shared.money_monitoring.disposing import Disposing
from shared.money_monitoring.draft import report_draft
from shared.money_monitoring.model import Alert, AlertStatus, Disposition, named_in
from shared.money_monitoring.names import Rule
from shared.money_monitoring.store import AlertStore, WindowStore
from shared.money_monitoring.table import rule_table
from shared.users.roles import Role

strawberry.enum(Rule, name="MoneyAlertRule", description="What was found; never told to people.")
strawberry.enum(AlertStatus, name="MoneyAlertStatus", description="Where an alert stands.")
strawberry.enum(Disposition, name="MoneyAlertDisposition", description="What is made of an alert.")
WATCHERS = any_of(Role.COMPLIANCE, Role.ADMIN)
_PLACE = re.compile(
    r"[0-9]{4}-[0-9T:.-]{20,22}Z#usr_[a-z][a-z0-9]{0,7}_[0-9A-HJKMNP-TV-Z]{26}"
    r"\.[A-Z_]{3,40}\.[0-9]{1,9}",
    re.ASCII,
)
_REASON = "Why: 10 to 500 characters, kept for good; no personal data."


@object_type(description="A number or a code of an alert, such as an amount in US cents.")
class MoneyAlertNumber:
    """See the description."""

    name: str = field(INHERITED, "What it is.")
    text: str = field(INHERITED, "The number or the code.")


@object_type(description="What a member of staff says about an alert.")
class MoneyAlertProposal:
    """See the description."""

    disposition: Disposition = field(INHERITED, "What is to be made of it.")
    reason: str = field(INHERITED, "Why, in their words.")
    by: UserId = field(INHERITED, "Who says so.")
    at: datetime = field(INHERITED, "When.")


@object_type(description="A pattern in a person's movements of money that staff look at.")
class MoneyAlert:
    """See the description."""

    case_id: MoneyCaseId = field(INHERITED, "Identifier, also of its case.")
    user_id: UserId = field(INHERITED, "Whose movements. Never tell them.")
    rule: Rule = field(INHERITED, "Which rule found it.")
    rule_version: int = field(INHERITED, "Which version of the rule.")
    numbers: list[MoneyAlertNumber] = field(INHERITED, "What the newest pattern came to.")
    status: AlertStatus = field(INHERITED, "Where it stands.")
    opened_at: datetime = field(INHERITED, "When it was found.")
    found_at: datetime = field(INHERITED, "When something was added to it last.")
    movements: list[str] = field(
        INHERITED, "Deposits, payouts and payout accounts that make the pattern."
    )
    proposal: MoneyAlertProposal | None = field(
        INHERITED, "What was proposed last; it counts while the status is PROPOSED."
    )
    decided_by: UserId | None = field(INHERITED, "The second person, if there was one.")
    decided_at: datetime | None = field(INHERITED, "When they decided.")
    people: strawberry.Private[People]
    alert: strawberry.Private[Alert]

    @field(STAFF, "The person; null when they are gone.")
    def person(self) -> Person | None:
        """See the description."""
        return self.people.find(self.alert.user_id)

    @field(
        WATCHERS,
        "The facts as they go into a report, as JSON; nothing is sent. It names the person by id.",
    )
    def report_draft(self, info: Info) -> str:
        """See the description."""
        info.context.count_read()
        window = WindowStore(info.context.app.database).get(self.alert.user_id)
        return report_draft(self.alert, window, rule_table())


@strawberry.input(description="Which alert, what to make of it, and why.")
class ProposeAlertDispositionInput:
    """See the description."""

    case_id: MoneyCaseId = strawberry.field(description="Which.")
    disposition: Disposition = strawberry.field(description="What.")
    reason: Text = strawberry.field(description=_REASON)


@strawberry.input(description="Whether what somebody else proposed is so, and why.")
class DecideAlertDispositionInput:
    """See the description."""

    case_id: MoneyCaseId = strawberry.field(description="Which.")
    disposition: Disposition = strawberry.field(description="What was proposed.")
    agreed: bool = strawberry.field(description="Whether it is so.")
    reason: Text = strawberry.field(description=_REASON)


@object_type(description="It is said, now or before.")
class MoneyAlertPayload:
    """See the description."""

    alert: MoneyAlert = field(INHERITED, "As it stands now.")


MoneyAlertResult = Annotated[
    MoneyAlertPayload | Failure,
    strawberry.union("MoneyAlertResult", description="The alert, or why nothing was changed."),
]


@object_type()
class MoneyAlertFields:
    """What members of staff read of alerts. For whom one is about there is none."""

    @field(
        WATCHERS,
        "Alerts that wait, the longest waiting first, or those that were decided for good.",
    )
    def money_alerts(
        self, info: Info, waiting: bool = True, first: int = 20, after: Cursor | None = None
    ) -> Connection[MoneyAlert]:
        """See the description."""
        context, size = info.context, page_size(first)
        place = None if after is None else from_cursor(after, _PLACE)
        context.count_read()
        page = AlertStore(context.app.database).page(waiting=waiting, limit=size, after=place)
        others = [(at, one) for at, one in page.entries if one.user_id != context.user_id]
        people = People(context, list(dict.fromkeys(one.user_id for _, one in others)))
        return connection_of([(at, _view(one, people)) for at, one in others], page.after)

    @field(WATCHERS, "One alert; null when there is none.")
    def money_alert(self, info: Info, case_id: MoneyCaseId) -> MoneyAlert | None:
        """See the description."""
        name = named_in(case_id)
        info.context.count_read()
        found = None if name is None else AlertStore(info.context.app.database).get(name)
        if found is None or found.user_id == info.context.user_id:
            return None
        return _view(found, People(info.context, [found.user_id]))


@object_type()
class MoneyAlertMutation:
    """What members of staff make of alerts."""

    @field(
        WATCHERS.with_step_up(),
        "Say what to make of an alert; somebody else has to agree. Movements that join the alert "
        "before take it back.",
    )
    def propose_alert_disposition(
        self, info: Info, input: ProposeAlertDispositionInput
    ) -> MoneyAlertResult:
        """See the description."""
        context = info.context

        def propose() -> MoneyAlertPayload:
            duties, by = _duties(context), acting(context)
            name = _named(input.case_id)
            alert = duties.propose(by, name, input.disposition, input.reason)
            return _payload(context, alert)

        return answered(propose, context.language)

    @field(
        WATCHERS.with_step_up(),
        "Agree to what somebody else proposed about an alert, or not. The same word again is "
        "success.",
    )
    def decide_alert_disposition(
        self, info: Info, input: DecideAlertDispositionInput
    ) -> MoneyAlertResult:
        """See the description."""
        context = info.context

        def decide() -> MoneyAlertPayload:
            duties, by = _duties(context), acting(context)
            name = _named(input.case_id)
            alert = duties.decide(by, name, input.disposition, input.agreed, input.reason)
            return _payload(context, alert)

        return answered(decide, context.language)


def _named(case_id: str) -> str:
    name = named_in(case_id)
    if name is None:
        raise NotFound(what="The alert")
    return name


def _duties(context: Context) -> AlertDuties:
    app = context.app
    disposing = Disposing(
        alerts=AlertStore(app.database),
        windows=WindowStore(app.database),
        cases=app.money_back.cases,
        facts=app.facts,
        clock=app.clock,
    )
    return AlertDuties(app.users.get, disposing, trail_of(context))


def _payload(context: Context, alert: Alert) -> MoneyAlertPayload:
    return MoneyAlertPayload(alert=_view(alert, People(context, [alert.user_id])))


def _view(alert: Alert, people: People) -> MoneyAlert:
    proposal = alert.proposal
    return MoneyAlert(
        case_id=MoneyCaseId(alert.case_id),
        user_id=UserId(alert.user_id),
        rule=alert.rule,
        rule_version=alert.rule_version,
        numbers=[
            MoneyAlertNumber(name=name, text=text)
            for name, text in [*alert.numbers.items(), ("sum_minor", str(alert.minor))]
        ],
        status=alert.status,
        opened_at=alert.opened_at,
        found_at=alert.found_at,
        movements=list(alert.evidence),
        proposal=None
        if proposal is None
        else MoneyAlertProposal(
            disposition=proposal.disposition,
            reason=proposal.reason,
            by=UserId(proposal.by),
            at=proposal.at,
        ),
        decided_by=None if alert.decided_by is None else UserId(alert.decided_by),
        decided_at=alert.decided_at,
        people=people,
        alert=alert,
    )
