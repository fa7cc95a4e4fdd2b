"""Cash of management fees: journals from people's accounts to the firm's at Alpaca."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from shared.kernel.ids import Kind, is_id
from shared.kernel.money import Currency, Money
from shared.management_fees.model import Charge
from shared.management_fees.ports import FeeJournal
from shared.payments.errors import GatewayUnavailable
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


class AlpacaFees:
    """See FeeBroker. A journal's description names person and charge, so that it can be found by
    the charge, and the charge by it."""

    def __init__(self, client: Callable[[], "BrokerClient"], firm_account: str) -> None:
        self._journals = CashJournals(client)
        self._firm_account = firm_account

    def find(self, charge: Charge) -> FeeJournal | None:
        """See FeeBroker."""
        found = self._journals.between(
            from_account=charge.account_id, to_account=self._firm_account
        )
        mine = [
            one
            for one in map(self._journal, found)
            if one is not None
            and (one.user_id, one.charge_id) == (charge.user_id, charge.charge_id)
        ]
        standing_ones = standing(mine, lambda one: one.state)
        if len(standing_ones) > 1:
            metric("SeveralJournalsOfOneFee")
        return next(iter(standing_ones), None)

    def journal(self, charge: Charge) -> FeeJournal:
        """See FeeBroker."""
        raw = self._journals.make(
            charge.account_id,
            self._firm_account,
            Money(charge.amount_minor, Currency.USD),
            f"{charge.user_id} {charge.charge_id}",
            charge.journal_key,
        )
        journal = self._journal(raw)
        if journal is None:
            raise GatewayUnavailable()
        return journal

    def read(self, journal_id: str) -> FeeJournal | None:
        """See FeeBroker."""
        raw = self._journals.read(journal_id)
        return None if raw is None else self._journal(raw)

    def _journal(self, raw: RawJournal) -> FeeJournal | None:
        """A journal of a fee to the firm; None for the broker's other ones."""
        user_id, _, charge_id = str(raw.get("description") or "").partition(" ")
        if not (is_id(user_id, Kind.USER) and is_id(charge_id, Kind.FEE)):
            return None
        if str(raw["to_account"]) != self._firm_account:
            return None
        return FeeJournal(
            journal_id=str(raw["id"]),
            state=state_of(raw),
            account_id=str(raw["from_account"]),
            amount=amount_of(raw),
            user_id=user_id,
            charge_id=charge_id,
        )
