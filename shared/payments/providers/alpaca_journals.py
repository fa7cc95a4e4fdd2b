"""Cash of deposits: journals from the firm's account at Alpaca to people's."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from shared.kernel.ids import Kind, is_id
from shared.payments.errors import GatewayUnavailable
from shared.payments.model import Deposit
from shared.payments.ports import CashJournal
from shared.payments.providers.alpaca_cash import (
    CashJournals,
    RawJournal,
    amount_of,
    standing,
    state_of,
)
from shared.platform.observability import metric

if TYPE_CHECKING:
    from alpaca.broker.client import BrokerClient


class AlpacaJournals:
    """See FirmBroker. A journal's description names person and deposit, so that it can be
    found by the deposit, and the deposit by it."""

    def __init__(self, client: Callable[[], "BrokerClient"], firm_account: str) -> None:
        self._journals = CashJournals(client)
        self._firm_account = firm_account

    def find(self, deposit: Deposit) -> CashJournal | None:
        """See FirmBroker."""
        found = map(_journal, self._journals.between(to_account=deposit.broker_account_id))
        mine = [
            one
            for one in found
            if one is not None
            and (one.user_id, one.deposit_id) == (deposit.user_id, deposit.deposit_id)
        ]
        standing_ones = standing(mine, lambda one: one.state)
        if len(standing_ones) > 1:
            metric("SeveralJournalsOfOneDeposit")
        return next(iter(standing_ones), None)

    def journal(self, deposit: Deposit) -> CashJournal:
        """See FirmBroker."""
        raw = self._journals.make(
            self._firm_account,
            deposit.broker_account_id,
            deposit.forwarded,
            f"{deposit.user_id} {deposit.deposit_id}",
            deposit.journal_key,
        )
        journal = _journal(raw)
        if journal is None:
            raise GatewayUnavailable()
        return journal

    def read(self, journal_id: str) -> CashJournal | None:
        """See FirmBroker."""
        raw = self._journals.read(journal_id)
        return None if raw is None else _journal(raw)


def _journal(raw: RawJournal) -> CashJournal | None:
    """A journal of a deposit; None for the broker's other ones."""
    user_id, _, deposit_id = str(raw.get("description") or "").partition(" ")
    if not (is_id(user_id, Kind.USER) and is_id(deposit_id, Kind.DEPOSIT)):
        return None
    return CashJournal(
        journal_id=str(raw["id"]),
        state=state_of(raw),
        account_id=str(raw["to_account"]),
        amount=amount_of(raw),
        user_id=user_id,
        deposit_id=deposit_id,
    )
