"""A withdrawal as it would be made now, and all that this was decided on. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from shared.ledger.model import settled_by
from shared.market_data.calendar import OutsideCalendar, close_of, next_session, settlement_day
from shared.payouts.everything import Everything
from shared.withdrawals.conversion import Conversion
from shared.withdrawals.model import Asked, PayoutAccount
from shared.withdrawals.ports import Counter


@dataclass(frozen=True, slots=True)
class Offer:
    """A withdrawal as it would be made now."""

    account: PayoutAccount
    conversion: Conversion
    not_before: datetime | None
    """The account is new: nothing leaves before."""
    lacks_minor: int = 0
    """Cents of it that settled cash does not cover: they are raised first."""
    sold_minor: int = 0
    """Cents that sales for it are expected to bring."""
    expected_on: date | None = None
    """When what is lacking has settled, if it is sold in the next session."""
    goal_id: str = ""
    """Whose money it is; empty for the person's."""
    everything: Everything | None = None
    """Of all there is: the amounts are what is expected."""
    fee_minor: int = 0
    """The management fee until yesterday, which is charged before."""
    left: tuple[str, ...] = ()
    """Symbols of which something stays, because no order takes it."""


def settled_if_sold(now: datetime) -> date | None:
    """The day on which sales of this session, or of the next one, have settled; None where no
    calendar reaches."""
    day = settled_by(now)
    try:
        closes = close_of(day)
        session = day if closes is not None and now < closes else next_session(day).day
        return settlement_day(session)
    except OutsideCalendar:
        return None


@dataclass(frozen=True, slots=True)
class Decided:
    """An offer with all that it was decided on."""

    offer: Offer
    counter: Counter
    reach_minor: int
    """Cents that the person could have withdrawn, sales included where they were asked about."""
    before: Sequence[Asked]
    """Withdrawals that count: paid, or still to be."""
    ended_unpaid: frozenset[str]
    open_: frozenset[str]
