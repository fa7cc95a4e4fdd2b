"""What an event says of a person's movements. Pure."""

from collections.abc import Callable, Mapping
from datetime import datetime

from shared.kernel.events import Envelope, Event
from shared.kernel.ids import created_at
from shared.money_monitoring.window import Kind, Movement
from shared.payments.events import DepositSettledV1
from shared.payouts.events import PayoutReleasedV1, PayoutReturnedV1
from shared.payouts.ways import Purpose
from shared.withdrawals.events import PayoutAccountAddedV1, WithdrawalRequestedV1

type Heard = tuple[str, Movement]
"""Whose it is, and the movement as far as the event tells it."""


def heard_in(envelope: Envelope) -> Heard | None:
    """None for an event about no movement of a person's own wish, such as a refund that ended.
    KeyError for an event that nobody listens to here."""
    return _READERS[envelope.type](envelope.open(), envelope.occurred_at)


def _settled(event: Event, at: datetime) -> Heard | None:
    assert isinstance(event, DepositSettledV1)  # noqa: S101 - the table below says so
    minor = event.credited_minor
    return event.user_id, Movement(event.deposit_id, Kind.DEPOSIT, at, minor)


def _requested(event: Event, at: datetime) -> Heard | None:
    assert isinstance(event, WithdrawalRequestedV1)  # noqa: S101 - as above
    return event.user_id, _withdrawal(event.payout_id, event.debited_minor)


def _undone(event: Event, at: datetime) -> Heard | None:
    assert isinstance(event, PayoutReleasedV1 | PayoutReturnedV1)  # noqa: S101 - as above
    if event.purpose != Purpose.WITHDRAWAL.value:
        return None
    return event.user_id, _withdrawal(event.payout_id, event.debited_minor, void=True)


def _added(event: Event, at: datetime) -> Heard | None:
    assert isinstance(event, PayoutAccountAddedV1)  # noqa: S101 - as above
    name = event.account_id
    return event.user_id, Movement(name, Kind.ACCOUNT, created_at(name))


def _withdrawal(payout_id: str, minor: int, *, void: bool = False) -> Movement:
    """At the time of the request, whichever event tells of it first."""
    return Movement(payout_id, Kind.WITHDRAWAL, created_at(payout_id), minor, void)


_READERS: Mapping[str, Callable[[Event, datetime], Heard | None]] = {
    DepositSettledV1.detail_type(): _settled,
    WithdrawalRequestedV1.detail_type(): _requested,
    PayoutReleasedV1.detail_type(): _undone,
    PayoutReturnedV1.detail_type(): _undone,
    PayoutAccountAddedV1.detail_type(): _added,
}
LISTENS_TO = tuple(sorted(_READERS))
"""Detail types of the events that are watched."""
