"""What an event says of a person's movements. Pure."""

from shared.kernel.events import Envelope
from shared.kernel.ids import created_at
from shared.money_monitoring.window import Kind, Movement
from shared.payments.events import DepositSettledV1
from shared.payouts.events import PayoutReleasedV1, PayoutReturnedV1
from shared.payouts.ways import Purpose
from shared.withdrawals.events import PayoutAccountAddedV1, WithdrawalRequestedV1

type Heard = tuple[str, Movement]
"""Whose it is, and the movement as far as the event tells it."""


_WATCHED = (
    DepositSettledV1,
    WithdrawalRequestedV1,
    PayoutReleasedV1,
    PayoutReturnedV1,
    PayoutAccountAddedV1,
)
LISTENS_TO = tuple(sorted(event.detail_type() for event in _WATCHED))
"""Detail types of the events that are watched."""


def heard_in(envelope: Envelope) -> Heard | None:
    """None for an event about no movement of a person's own wish, such as a refund that ended.
    KeyError for an event that nobody listens to here."""
    match envelope.open():
        case DepositSettledV1() as event:
            minor = event.credited_minor
            movement = Movement(event.deposit_id, Kind.DEPOSIT, envelope.occurred_at, minor)
        case WithdrawalRequestedV1() as event:
            movement = _withdrawal(event.payout_id, event.debited_minor)
        case PayoutReleasedV1() | PayoutReturnedV1() as event:
            if event.purpose != Purpose.WITHDRAWAL.value:
                return None
            movement = _withdrawal(event.payout_id, event.debited_minor, void=True)
        case PayoutAccountAddedV1() as event:
            movement = Movement(event.account_id, Kind.ACCOUNT, created_at(event.account_id))
        case _:
            raise KeyError(envelope.type)
    return event.user_id, movement


def _withdrawal(payout_id: str, minor: int, *, void: bool = False) -> Movement:
    """At the time of the request, whichever event tells of it first."""
    return Movement(payout_id, Kind.WITHDRAWAL, created_at(payout_id), minor, void)
