"""What companies did with shares that somebody held, and for staff the runs over all holders."""

import re
from datetime import date, datetime

import strawberry

from graphql_api.money import Money, money_of
from graphql_api.pages import Connection, connection_of, feed_slice, from_cursor, page_size
from graphql_api.rules import INHERITED, SIGNED_IN, Info, any_of, field, object_type
from graphql_api.scalars import Cursor, Quantity, Symbol, TransactionId
from shared.corporate_actions.model import ActionStatus, PersonAction, Run, RunStatus
from shared.corporate_actions.rows import ActionRow, action_from, run_place
from shared.corporate_actions.store import RunStore
from shared.kernel import money
from shared.market_data.announcements import ActionKind
from shared.platform.tables import Item
from shared.portfolio.model import BASE
from shared.users.roles import Role

strawberry.enum(ActionKind, name="CorporateActionKind", description="What a company does.")
strawberry.enum(
    ActionStatus, name="CorporateActionStatus", description="What has become of it for a person."
)
strawberry.enum(
    RunStatus, name="CorporateActionRunStatus", description="How far it is for all who hold it."
)
_PLACE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}#[!-~]{1,100}", re.ASCII)


@object_type(description="A dividend, a split, or another act of a company, as it is to you.")
class CorporateAction:
    """See the description."""

    action_id: TransactionId = field(INHERITED, "Identifier.")
    kind: ActionKind = field(INHERITED, "What it is.")
    symbol: Symbol = field(INHERITED, "Whose shares.")
    effective_on: date = field(INHERITED, "From this day on shares trade without it.")
    status: ActionStatus = field(INHERITED, "What has become of it.")
    entitled_quantity: Quantity = field(INHERITED, "Shares that you held into that day.")
    quantity_after: Quantity | None = field(INHERITED, "Of a split: shares held afterwards.")
    expected: Money | None = field(INHERITED, "Of a dividend: what it comes to, before taxes.")
    paid: Money | None = field(INHERITED, "What was credited, before taxes.")
    withheld: Money | None = field(INHERITED, "Taxes that were withheld from it.")
    paid_on: date | None = field(INHERITED, "When it was credited.")


@object_type(description="An announced act of a company on its way through all who hold it.")
class CorporateActionRun:
    """See the description."""

    announcement_id: str = field(INHERITED, "The source's identifier.")
    kind: ActionKind = field(INHERITED, "What it is.")
    symbol: Symbol = field(INHERITED, "Whose shares.")
    effective_on: date = field(INHERITED, "From this day on shares trade without it.")
    status: RunStatus = field(INHERITED, "How far it is.")
    booked: int = field(INHERITED, "For how many people it was booked.")
    waiting: int = field(INHERITED, "How many of this round wait, for their orders to end.")
    started_at: datetime = field(INHERITED, "When it began.")
    done_at: datetime | None = field(INHERITED, "When it was booked for everybody.")


def read_action(item: Item) -> PersonAction | None:
    """An action among the feed's entries."""
    return action_from(item) if item.kind == ActionRow.KIND else None


def _view(one: PersonAction) -> CorporateAction:
    splits = one.status is ActionStatus.APPLIED
    return CorporateAction(
        action_id=TransactionId(one.action_id),
        kind=one.kind,
        symbol=Symbol(one.symbol),
        effective_on=one.effective,
        status=one.status,
        entitled_quantity=Quantity(str(money.Quantity(one.entitled_nanos))),
        quantity_after=Quantity(str(money.Quantity(one.after_nanos))) if splits else None,
        expected=None if splits else _dollars(one.expected_minor),
        paid=_dollars(one.paid_minor) if one.settled else None,
        withheld=_dollars(one.withheld_minor) if one.withheld_minor else None,
        paid_on=one.settled,
    )


def _dollars(minor: int) -> Money:
    return money_of(money.Money(minor, BASE))


@object_type(description="Acts of companies, as parts of what is shown of a person.")
class CorporateActionFields:
    """See the description."""

    @field(SIGNED_IN, "Dividends, splits and other acts of companies, newest first.")
    def corporate_actions(
        self, info: Info, first: int = 20, after: Cursor | None = None
    ) -> Connection[CorporateAction]:
        """See the description."""
        page = feed_slice(info.context, read_action, first, after)
        return connection_of([(key, _view(one)) for key, one in page.entries], page.after)


@object_type(description="Acts of companies, as parts of the back office.")
class StaffCorporateActionFields:
    """See the description."""

    @field(
        any_of(Role.SUPPORT, Role.COMPLIANCE, Role.ADMIN),
        "Acts of companies that took effect, the newest first; what needs a person has a case.",
    )
    def corporate_action_runs(
        self, info: Info, first: int = 20, after: Cursor | None = None
    ) -> Connection[CorporateActionRun]:
        """See the description."""
        size = page_size(first)
        place = None if after is None else from_cursor(after, _PLACE)
        info.context.count_read()
        runs, following = RunStore(info.context.app.database).newest(size, place)
        entries = [(run_place(run.effective, run.announcement_id), _run(run)) for run in runs]
        return connection_of(entries, following)


def _run(run: Run) -> CorporateActionRun:
    return CorporateActionRun(
        announcement_id=run.announcement_id,
        kind=run.kind,
        symbol=Symbol(run.symbol),
        effective_on=run.effective,
        status=run.status,
        booked=run.booked,
        waiting=run.waiting,
        started_at=run.started_at,
        done_at=run.done_at,
    )
