"""What is told of round-ups that change, and of collections that come back. Pure."""

from shared.roundups.events import RoundUpsChangedV1, TransferReturnedV1
from shared.roundups.model import RoundUps, Transfer
from shared.roundups.reasons import ReturnReason


def changed_event(after: RoundUps, change: str) -> RoundUpsChangedV1:
    """What is told of a change."""
    return RoundUpsChangedV1(
        user_id=after.user_id,
        round_ups_id=after.round_ups_id,
        change=change,
        currency=after.currency.value,
        amount_minor=after.pool,
    )


def returned_event(transfer: Transfer, reason: ReturnReason) -> TransferReturnedV1:
    """What is told of a collection that came to nothing."""
    return TransferReturnedV1(
        user_id=transfer.user_id,
        round_ups_id=transfer.round_ups_id,
        number=transfer.number,
        reason=reason.value,
        currency=transfer.amount.currency.value,
        amount_minor=transfer.amount.minor,
    )
