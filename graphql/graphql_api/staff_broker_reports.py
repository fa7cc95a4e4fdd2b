"""What each day's reconciliation with the brokers found, in figures, for members of staff."""

import re
from datetime import date, datetime
from typing import TYPE_CHECKING

from graphql_api.money import Money, money_of
from graphql_api.pages import Connection, connection_of, from_cursor, page_size
from graphql_api.rules import INHERITED, Info, any_of, field, object_type
from graphql_api.scalars import Cursor
from shared.kernel import money
from shared.kernel.edge_errors import BadUserInput
from shared.portfolio.model import BASE
from shared.users.roles import Role

if TYPE_CHECKING:
    from shared.broker_reconciliation.model import DayReport

_PLACE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)


@object_type(description="People's accounts at the brokers against our books, after a session.")
class BrokerReport:
    """See the description."""

    day: date = field(INHERITED, "The day of the session, in New York.")
    made_at: datetime = field(INHERITED, "When it was made.")
    agreed: int = field(INHERITED, "How many accounts agree.")
    under_way: int = field(INHERITED, "How many differ by what may be on its way.")
    differs: int = field(INHERITED, "How many differ: each has a case, and trades no more.")
    accepted: int = field(INHERITED, "How many differ by what a member of staff has left.")
    unread: int = field(INHERITED, "Of how many nothing was told.")
    ours: Money = field(INHERITED, "Cash of all accounts that were told of, in our books.")
    theirs: Money = field(INHERITED, "The same at the brokers, to the cent.")
    hash: str = field(INHERITED, "SHA-256 of its canonical form.")
    signature: str = field(INHERITED, "Over that hash, base64.")


@object_type(description="Reconciliation with brokers, as parts of the back office.")
class StaffBrokerReportFields:
    """See the description."""

    @field(
        any_of(Role.COMPLIANCE, Role.ADMIN),
        "Reports of the daily reconciliation with the brokers, newest first.",
    )
    def broker_reports(
        self, info: Info, first: int = 20, after: Cursor | None = None
    ) -> Connection[BrokerReport]:
        """See the description."""
        # Only those who look at reports load it.
        from shared.broker_reconciliation.store import DayStore

        size = page_size(first)
        place = None if after is None else _day(from_cursor(after, _PLACE))
        info.context.count_read()
        app = info.context.app
        found, following = DayStore(app.database, app.clock).reports(limit=size, after=place)
        entries = [(one.day.isoformat(), _view(one)) for one in found]
        return connection_of(entries, None if following is None else following.isoformat())


def _day(place: str) -> date:
    """BadUserInput for a day that no calendar has."""
    try:
        return date.fromisoformat(place)
    except ValueError:
        raise BadUserInput(reason="'after' must be a cursor of an earlier page.") from None


def _view(one: "DayReport") -> BrokerReport:
    return BrokerReport(
        day=one.day,
        made_at=one.made_at,
        agreed=one.agreed,
        under_way=one.under_way,
        differs=one.differs,
        accepted=one.accepted,
        unread=one.unread,
        ours=_dollars(one.ours_minor),
        theirs=_dollars(one.theirs_minor),
        hash=one.hash,
        signature=one.signature,
    )


def _dollars(minor: int) -> Money:
    return money_of(money.Money(minor, BASE))
