"""What people owe: taken out of their cash as soon as there is some."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from shared.disputes import bookings
from shared.disputes.errors import NothingToCollect
from shared.disputes.events import ReceivablePaidV1
from shared.kernel.clock import Clock
from shared.kernel.money import Currency, Money
from shared.ledger.model import Wallet
from shared.ledger.ports import Ledger
from shared.payments.races import on_fresh_state
from shared.platform.contention import full_jitter
from shared.platform.work import UnitOfWork, Write

type Record = Callable[[int, int], Sequence[Write]]
"""Writes of whoever acts, for what was owed and what is still owed in US cents."""


def _nobody(_before: int, _after: int) -> Sequence[Write]:
    return ()


@dataclass(frozen=True, slots=True)
class Collecting:
    """Cash that becomes free pays what is owed first. The wallet's own conditions decide who is
    faster, this or an investment; what an investment took is still owed."""

    ledger: Ledger
    facts: UnitOfWork
    clock: Clock
    pause: Callable[[int], None] = full_jitter

    def freed(self, user_id: str, reference: str) -> None:
        """Cash may have become free, by the deposit or order ``reference``: a duplicate, or
        nothing owed, changes nothing."""

        def once() -> None:
            wallet = self.ledger.wallet(user_id, Currency.USD)
            if _payable(wallet):
                self._pay(wallet, reference, _nobody)

        on_fresh_state(once, self.pause)

    def collect(self, user_id: str, record: Record) -> Money:
        """What a member of staff does: how much was paid. Raises NothingToCollect, or what
        ``record``'s own conditions raise as ConditionFailed."""
        wallet = self.ledger.wallet(user_id, Currency.USD)
        if not _payable(wallet):
            raise NothingToCollect()
        return self._pay(wallet, user_id, record)

    def _pay(self, wallet: Wallet, reference: str, record: Record) -> Money:
        minor = _payable(wallet)
        left = wallet.owed - minor
        draft = bookings.collected(wallet.user_id, reference, self.clock.now(), minor)
        event = ReceivablePaidV1(
            user_id=wallet.user_id,
            currency=wallet.currency.value,
            amount_minor=minor,
            left_minor=left,
        )
        writes = [
            *self.ledger.post(wallet, draft, posted=-minor, owed=-minor),
            *record(wallet.owed, left),
        ]
        self.facts.commit(writes, event)
        return Money(minor, wallet.currency)


def _payable(wallet: Wallet) -> int:
    return max(min(wallet.available, wallet.owed), 0)
