"""Who answers for what of a disputed payment. Pure.

A payment was credited once, so that its person answers for it once: what a refund has taken back,
or another dispute takes, is not theirs to answer for a second time.
"""

from collections.abc import Iterable

from shared.disputes.model import Dispute
from shared.kernel.money import Money
from shared.payments.model import Deposit
from shared.payouts.model import Payout
from shared.payouts.states import NOT_PAID


def is_own(dispute: Dispute, deposit: Deposit) -> bool:
    """Whether it is about the payment that settled the deposit, and not about a second one."""
    return dispute.gateway is deposit.gateway and dispute.payment == deposit.payment


def worth_of(amount: Money, deposit: Deposit, before: int = 0) -> int:
    """US cents that were credited for ``amount`` of what was paid, when ``before`` of it are
    disputed already: rounded half up over all, so that the parts of a payment are worth exactly
    what was credited. All of them when the bank speaks in another currency than the payer paid
    in."""
    return _rounded(deposit, before + disputed_of(amount, deposit)) - _rounded(deposit, before)


def disputed_of(amount: Money, deposit: Deposit) -> int:
    """The same in minor units of what was paid."""
    whole = deposit.amount
    return amount.minor if amount.currency is whole.currency else whole.minor


def disputed_in_all(disputes: Iterable[Dispute], deposit: Deposit) -> int:
    """Of what was paid: what banks claim now, in minor units; never more than was paid."""
    return min(_disputed(disputes, deposit), deposit.amount.minor)


def full_worth(dispute: Dispute, deposit: Deposit, others: Iterable[Dispute]) -> int:
    """US cents that its amount is worth, beside the deposit's other disputes."""
    if not is_own(dispute, deposit):
        return worth_of(dispute.amount, deposit)
    return worth_of(dispute.amount, deposit, _disputed(others, deposit))


def persons_part(
    full: int,
    dispute: Dispute,
    deposit: Deposit,
    others: Iterable[Dispute],
    refunds: Iterable[Payout],
) -> int:
    """Of ``full``: US cents that the person answers for. For a payment that was credited to
    nobody they do in the place of whoever had it twice."""
    if not is_own(dispute, deposit):
        return full
    claimed = sum(one.worth_minor for one in others if one.claimed and is_own(one, deposit))
    left = deposit.credited.minor - claimed - sum(each.debited.minor for each in gone(refunds))
    return max(min(full, left), 0)


def gone(refunds: Iterable[Payout]) -> list[Payout]:
    """Refunds that went back to the payer, or may do so yet."""
    return [one for one in refunds if one.status not in NOT_PAID or one.contradicted]


def _disputed(disputes: Iterable[Dispute], deposit: Deposit) -> int:
    claimed = (one for one in disputes if one.claimed and is_own(one, deposit))
    return sum(disputed_of(one.amount, deposit) for one in claimed)


def _rounded(deposit: Deposit, minor: int) -> int:
    whole = deposit.amount.minor
    return (2 * deposit.credited.minor * minor + whole) // (2 * whole)
