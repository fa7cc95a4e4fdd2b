"""Payouts that stop, end unpaid or come back: what becomes of cash, hold and deposit."""

from datetime import datetime
from typing import Any

from shared.ledger.model import Wallet
from shared.ledger.ports import Ledger
from shared.payments import reversals
from shared.payments.model import Deposit
from shared.payments.ports import Deposits
from shared.payouts.holding import given_back
from shared.payouts.model import Payout, PayoutStatus, Purpose
from shared.platform.work import Write


class PayeeStopped(Exception):
    """Staff stopped the person, or the identity is not approved any more: nothing is sent until
    that is over."""


def returning(payout: Payout, ending: PayoutStatus, at: datetime, **changes: Any) -> Payout:
    """The cash goes back to the person's broker account before it is ``ending``: the leg is the
    next odd one."""
    back: dict[str, Any] = {
        "ending": ending,
        "leg": payout.leg + 1 - payout.leg % 2,
        "recalls": 0,
        "journal_id": None,
    }
    return payout.moved(PayoutStatus.RETURNING, at, **(back | changes))


def recalled_again(payout: Payout, at: datetime, deposit: Deposit | None = None) -> Payout:
    """It was paid after all: the cash comes to the firm once more, on the next even leg. Of a
    refund that had not been at the broker then, from where its ``deposit`` went since."""
    account_id = payout.broker_account_id
    if account_id is None and deposit is not None:
        account_id = deposit.broker_account_id
    return payout.moved(
        PayoutStatus.RECALLING,
        at,
        at_broker=True,
        broker_account_id=account_id,
        leg=payout.leg + payout.leg % 2,
        recalls=0,
        journal_id=None,
    )


def given_up(deposits: Deposits, payout: Payout, deposit: Deposit | None) -> list[Write]:
    """The deposit of a refund that will not be made may be refunded again."""
    if deposit is None:
        return []
    return [deposits.save(deposit, reversals.refund_given_up(deposit, payout.amount.minor))]


def released(ledger: Ledger, payout: Payout, wallet: Wallet) -> list[Write]:
    """The hold of a payout that has ended, to the goals whose it was; none where the deposit
    itself holds the money."""
    if not payout.at_broker:
        return []
    purses = given_back(payout)
    return [ledger.release(wallet, payout.held_minor, orders=0, purses=purses)]


def disputed(payout: Payout, deposit: Deposit | None) -> bool:
    """Whether it is a refund of money that the payer's bank takes back itself."""
    return deposit is not None and bool(deposit.disputed_minor) and not payout.paid_after_all


def stopped(payout: Payout, wallet: Wallet) -> bool:
    """Whether a withdrawal has to wait because the person's bank took money back since it was
    asked for. Nobody is told why; the person may still cancel it."""
    waits = payout.purpose is Purpose.WITHDRAWAL and not payout.paid_after_all
    return waits and bool(wallet.blocks or wallet.owed)
