"""Where it is kept which refunds a deposit has."""

from collections.abc import Sequence
from typing import Protocol

from shared.ledger.model import Wallet
from shared.payments.model import Deposit
from shared.payouts.model import Payout
from shared.platform.work import Write


class RefundIndex(Protocol):
    """Refunds by their deposit."""

    def file(self, user_id: str, deposit_id: str) -> tuple[Deposit | None, Wallet, list[Payout]]:
        """A deposit, the person's USD wallet and then all of the deposit's refunds: one that
        begins or ends after the first read changes the deposit."""

    def of_deposit(self, user_id: str, deposit_id: str) -> Sequence[Payout]:
        """A deposit's refunds, oldest first."""

    def note(self, payout: Payout) -> Write:
        """The write ``refund``: this payout is a refund of its deposit."""
