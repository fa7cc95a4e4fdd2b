"""What M-Pesa's messages say about payouts. Pure.

A result tells how an order ended. It comes once, unsigned, and may be lost: it says where to look
and why something failed. The status of the transaction, which we ask for, is what counts.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from shared.kernel.ids import Kind
from shared.payments.callbacks import Purpose, named_by
from shared.payments.providers.daraja_results import read_result
from shared.payments.providers.daraja_status import (
    COMPLETED,
    GIVEN_UP,
    REVERSED,
    SUCCESS,
    Transaction,
    transaction_of,
)
from shared.payouts.model import Payout, Rail
from shared.payouts.ports import NotPaid, PaidOut, PayoutOutcome, Silence
from shared.payouts.reasons import PayoutReason

REASONS: Mapping[str, PayoutReason] = {
    # Our own account lacks the money: nothing that the payee could do about it.
    "1": PayoutReason.GATEWAY_REFUSED,
    "2": PayoutReason.LIMIT_EXCEEDED,
    "3": PayoutReason.LIMIT_EXCEEDED,
    "4": PayoutReason.LIMIT_EXCEEDED,
    "8": PayoutReason.LIMIT_EXCEEDED,
    "11": PayoutReason.GATEWAY_REFUSED,
    "17": PayoutReason.LIMIT_EXCEEDED,
    "18": PayoutReason.GATEWAY_REFUSED,
    "2001": PayoutReason.GATEWAY_REFUSED,
    "2006": PayoutReason.RECEIVER_NOT_ABLE,
    "2028": PayoutReason.RECEIVER_NOT_ABLE,
    "2040": PayoutReason.RECEIVER_NOT_ABLE,
    "8006": PayoutReason.GATEWAY_REFUSED,
    "R000002": PayoutReason.GATEWAY_REFUSED,
}
"""Codes of results that say for certain that nothing was moved. Every other one is unknown: a
duplicate (15) and an earlier reversal (R000001) have paid, a blocked system (26) may have."""


@dataclass(frozen=True, slots=True)
class ResultHint:
    """What the result of an order claims. ``reason`` is why nothing was moved, where that is
    certain, and None otherwise."""

    reason: PayoutReason | None = None
    conversation: str | None = None
    receipt: str | None = None


@dataclass(frozen=True, slots=True)
class Named:
    """Whose message it is. ``attempt`` is that of the order: a word about an earlier one says
    nothing about the order that is under way."""

    user_id: str
    payout_id: str
    attempt: int


def named_payout(token: str, cell: str, purpose: Purpose) -> Named | None:
    """The payout that a verified path names; None for another kind of thing."""
    subject = named_by(cell, token, purpose)
    if subject.kind is not Kind.PAYOUT:
        return None
    return Named(subject.user_id, subject.subject_id, subject.attempt)


def result_hint(body: bytes) -> ResultHint:
    """The hint in a result of a payment or a reversal; an empty one when it cannot be read."""
    result = read_result(body)
    if result is None:
        return ResultHint()
    receipt = result.receipt("TransactionReceipt") or result.transaction
    # A reversal that worked is told with code 21, as if our operator were not allowed to: what
    # names the payment that went back is not a failure.
    worked = result.code == SUCCESS or result.text("OriginalTransactionID") is not None
    if worked:
        return ResultHint(conversation=result.conversation, receipt=receipt)
    return ResultHint(REASONS.get(result.code), result.conversation)


def status_of(payout: Payout, body: bytes, hinted: PayoutReason | None = None) -> PayoutOutcome:
    """What the answer about a transaction means for this payout. ``hinted`` is the reason that
    the result of this very order gave. Silence for what is not certain, and for what tells of
    another order."""
    found = transaction_of(body)
    if payout.rail is Rail.MPESA_REVERSAL:
        return _reversal(payout, found, hinted)
    if found is None:
        # M-Pesa keeps no transaction of an order that it refused, and has told us why.
        return Silence() if hinted is None else NotPaid(hinted)
    if found.key not in (None, payout.key):
        return Silence()
    if found.state == COMPLETED:
        return _paid(payout, found)
    if found.state in GIVEN_UP:
        return NotPaid(hinted or PayoutReason.GATEWAY_REFUSED)
    return Silence()


def _reversal(
    payout: Payout, found: Transaction | None, hinted: PayoutReason | None
) -> PayoutOutcome:
    if found is None:
        return Silence()
    if found.receipt is not None and found.receipt == payout.source:
        if found.state == REVERSED:
            return PaidOut(payout.reference or payout.key, payout.amount)
        # It lies where it was, and the order's own result has said why.
        certain = found.state == COMPLETED and hinted is not None
        return NotPaid(hinted) if certain and hinted is not None else Silence()
    names = {found.key, found.conversation} - {None}
    if found.state != COMPLETED or (names and payout.reference not in names):
        return Silence()
    return _paid(payout, found)


def _paid(payout: Payout, found: Transaction) -> PayoutOutcome:
    if found.receipt is None or found.amount is None:
        # It may tell of another one: neither which transaction it is nor its size is certain.
        return Silence()
    return PaidOut(
        reference=found.conversation or payout.reference or payout.key,
        amount=found.amount,
        receipt=found.receipt,
        fee_minor=None if found.charge is None else found.charge.minor,
        receiver=found.payee_name or None,
    )
