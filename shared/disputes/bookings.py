"""The journal entries of disputes, as worked out in docs/refunds-and-disputes.md. Pure."""

from collections.abc import Iterable
from datetime import datetime

from shared.disputes.model import Dispute
from shared.kernel.money import Currency
from shared.ledger.accounts import (
    contested,
    customer_cash,
    disputed,
    fees,
    fx_position,
    gateway_clearing,
    losses,
    receivable,
    suspense,
)
from shared.ledger.model import Draft, EntryKind, Posting

_USD = Currency.USD.asset


def _merged(legs: Iterable[tuple[str, str, int]]) -> tuple[Posting, ...]:
    """One leg per account and asset, none of them empty."""
    sums: dict[tuple[str, str], int] = {}
    for account, asset, amount in legs:
        sums[account, asset] = sums.get((account, asset), 0) + amount
    return tuple(Posting(*place, amount) for place, amount in sums.items() if amount)


def _draft(
    kind: EntryKind, dispute: Dispute, at: datetime, legs: Iterable[tuple[str, str, int]]
) -> list[Draft]:
    postings = _merged(legs)
    memo = {"dispute": dispute.reference, "payment": dispute.payment}
    return [Draft(kind, dispute.dispute_id, at, postings, memo)] if postings else []


def _taken(dispute: Dispute) -> list[tuple[str, str, int]]:
    amount, gateway = dispute.amount, dispute.gateway.value
    return [
        (disputed(gateway, amount.currency), amount.currency.asset, amount.minor),
        (gateway_clearing(gateway, amount.currency), amount.currency.asset, -amount.minor),
    ]


def opened(dispute: Dispute, at: datetime, *, taken: bool, shortfall: int) -> list[Draft]:
    """``taken``: Dr disputed, Cr gateway_clearing. ``shortfall`` US cents that had been spent:
    Dr receivable, Cr contested. Nothing when neither."""
    legs = _taken(dispute) if taken else []
    legs += [
        (receivable(dispute.user_id), _USD, shortfall),
        (contested(), _USD, -shortfall),
    ]
    return _draft(EntryKind.DISPUTE_OPENED, dispute, at, legs)


def fee(dispute: Dispute, at: datetime, minor: int) -> list[Draft]:
    """Dr fees, Cr gateway_clearing, as the gateway reports it; the other way round for what it
    gives back, of which ``minor`` is negative."""
    gateway, currency = dispute.gateway.value, dispute.amount.currency
    legs = [
        (fees(gateway), currency.asset, minor),
        (gateway_clearing(gateway, currency), currency.asset, -minor),
    ]
    return _draft(EntryKind.GATEWAY_FEE, dispute, at, legs)


def set_aside(dispute: Dispute, at: datetime, minor: int) -> list[Draft]:
    """Of what was short ``minor`` US cents are there now and held: Dr contested, Cr receivable,
    which reverses that much of the opening."""
    legs = [(contested(), _USD, minor), (receivable(dispute.user_id), _USD, -minor)]
    return _draft(EntryKind.REVERSAL, dispute, at, legs)


def won(dispute: Dispute, at: datetime) -> list[Draft]:
    """The money is ours again: Dr gateway_clearing, Cr disputed, if it was taken. Nobody owes
    what was short: Dr contested, Cr receivable."""
    taken = _taken(dispute) if dispute.taken else []
    legs = [
        *((account, asset, -amount) for account, asset, amount in taken),
        (contested(), _USD, dispute.shortfall_minor),
        (receivable(dispute.user_id), _USD, -dispute.shortfall_minor),
    ]
    return _draft(EntryKind.DISPUTE_WON, dispute, at, legs)


def lost(dispute: Dispute, at: datetime) -> list[Draft]:
    """The money is gone: Dr customer_cash for what was set aside, Dr contested for what was
    short and Dr losses for what the person does not answer for, Cr disputed. Through the FX
    position, at the deposit's own rate, where the payer paid in another currency."""
    amount = dispute.amount
    asset = amount.currency.asset
    legs = [
        (customer_cash(dispute.user_id), _USD, dispute.reserved_minor),
        (contested(), _USD, dispute.shortfall_minor),
        (losses(), _USD, dispute.answered_minor),
        (fx_position(), _USD, -dispute.worth_minor - dispute.answered_minor),
        (fx_position(), asset, amount.minor),
        (disputed(dispute.gateway.value, amount.currency), asset, -amount.minor),
    ]
    return _draft(EntryKind.DISPUTE_LOST, dispute, at, legs)


def lost_of_nobody(dispute: Dispute, at: datetime) -> list[Draft]:
    """A payment is gone that nobody was credited for and that had not gone back: Dr suspense, Cr
    disputed, and nobody owes what was short: Dr contested, Cr receivable."""
    amount = dispute.amount
    legs = [
        (suspense(), amount.currency.asset, amount.minor),
        (disputed(dispute.gateway.value, amount.currency), amount.currency.asset, -amount.minor),
        (contested(), _USD, dispute.shortfall_minor),
        (receivable(dispute.user_id), _USD, -dispute.shortfall_minor),
    ]
    return _draft(EntryKind.DISPUTE_LOST, dispute, at, legs)


def won_after_all(dispute: Dispute, at: datetime, *, still_owed: int) -> list[Draft]:
    """What was lost came back: each leg of ``lost`` the other way round, with gateway_clearing in
    the place of disputed. Of the person's part ``still_owed`` US cents were owed: Cr receivable
    for those, Cr customer_cash for the others."""
    amount = dispute.amount
    asset = amount.currency.asset
    legs = [
        (gateway_clearing(dispute.gateway.value, amount.currency), asset, amount.minor),
        (fx_position(), asset, -amount.minor),
        (fx_position(), _USD, dispute.worth_minor + dispute.answered_minor),
        (losses(), _USD, -dispute.answered_minor),
        (receivable(dispute.user_id), _USD, -still_owed),
        (customer_cash(dispute.user_id), _USD, still_owed - dispute.worth_minor),
    ]
    return _draft(EntryKind.DISPUTE_WON, dispute, at, legs)


def won_of_nobody(dispute: Dispute, at: datetime) -> list[Draft]:
    """The same of a payment that was credited to nobody: Dr gateway_clearing, Cr suspense."""
    amount = dispute.amount
    asset = amount.currency.asset
    legs = [
        (gateway_clearing(dispute.gateway.value, amount.currency), asset, amount.minor),
        (suspense(), asset, -amount.minor),
    ]
    return _draft(EntryKind.DISPUTE_WON, dispute, at, legs)


def borne_by_person(dispute: Dispute, at: datetime, *, paid: int, owed: int) -> list[Draft]:
    """Of a dispute that was lost: a refund of the same money came to nothing, so that the person
    answers for it. ``paid`` US cents: Dr customer_cash; ``owed``: Dr receivable; Cr losses."""
    legs = _borne(dispute, paid, owed)
    return _draft(EntryKind.DISPUTE_LOST, dispute, at, legs)


def borne_by_firm(dispute: Dispute, at: datetime, *, paid: int, owed: int) -> list[Draft]:
    """The other way round: a refund of the same money was paid after all."""
    legs = [(account, asset, -minor) for account, asset, minor in _borne(dispute, paid, owed)]
    return _draft(EntryKind.REVERSAL, dispute, at, legs)


def _borne(dispute: Dispute, paid: int, owed: int) -> list[tuple[str, str, int]]:
    return [
        (customer_cash(dispute.user_id), _USD, paid),
        (receivable(dispute.user_id), _USD, owed),
        (losses(), _USD, -paid - owed),
    ]


def collected(user_id: str, reference: str, at: datetime, minor: int) -> Draft:
    """Dr customer_cash, Cr receivable: what was owed is paid out of cash."""
    legs = [(customer_cash(user_id), _USD, minor), (receivable(user_id), _USD, -minor)]
    return Draft(EntryKind.RECEIVABLE_PAID, reference, at, _merged(legs))
