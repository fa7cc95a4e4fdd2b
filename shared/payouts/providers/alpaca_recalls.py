"""Cash of payouts: journals between people's accounts and the firm's at Alpaca, both ways."""

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from shared.kernel.ids import Kind, is_id
from shared.payments.errors import GatewayUnavailable
from shared.payments.providers.alpaca_cash import (
    CashJournals,
    RawJournal,
    amount_of,
    standing,
    state_of,
)
from shared.payouts.model import Payout
from shared.payouts.ports import RecallJournal
from shared.platform.observability import metric

if TYPE_CHECKING:
    from alpaca.broker.client import BrokerClient

_LEG = re.compile(r"[0-9]{1,3}", re.ASCII)


class AlpacaRecalls:
    """See RecallBroker. A journal's description names person, payout and leg, so that it can be
    found by the payout, and the payout by it."""

    def __init__(self, client: Callable[[], "BrokerClient"], firm_account: str) -> None:
        self._journals = CashJournals(client)
        self._firm_account = firm_account

    def find(self, payout: Payout) -> RecallJournal | None:
        """See RecallBroker."""
        source, target = self._ends(payout)
        found = self._journals.between(from_account=source, to_account=target)
        wanted = (payout.user_id, payout.payout_id, payout.leg)
        mine = [
            one
            for one in map(self._journal, found)
            if one is not None and (one.user_id, one.payout_id, one.leg) == wanted
        ]
        standing_ones = standing(mine, lambda one: one.state)
        if len(standing_ones) > 1:
            metric("SeveralJournalsOfOnePayout")
        return next(iter(standing_ones), None)

    def journal(self, payout: Payout) -> RecallJournal:
        """See RecallBroker."""
        raw = self._journals.make(
            *self._ends(payout),
            payout.debited,
            f"{payout.user_id} {payout.payout_id} {payout.leg}",
            payout.journal_key,
        )
        journal = self._journal(raw)
        if journal is None:
            raise GatewayUnavailable()
        return journal

    def read(self, journal_id: str) -> RecallJournal | None:
        """See RecallBroker."""
        raw = self._journals.read(journal_id)
        return None if raw is None else self._journal(raw)

    def _ends(self, payout: Payout) -> tuple[str | None, str | None]:
        person = payout.broker_account_id
        return (person, self._firm_account) if payout.leg % 2 == 0 else (self._firm_account, person)

    def _journal(self, raw: RawJournal) -> RecallJournal | None:
        """A journal of a payout between the two accounts; None for the broker's other ones."""
        words = str(raw.get("description") or "").split(" ")
        if len(words) != 3 or not _LEG.fullmatch(words[2]):
            return None
        user_id, payout_id, leg = words[0], words[1], int(words[2])
        if not (is_id(user_id, Kind.USER) and is_id(payout_id, Kind.PAYOUT)):
            return None
        outward = str(raw["to_account"]) == self._firm_account
        if outward != (leg % 2 == 0):
            return None
        return RecallJournal(
            journal_id=str(raw["id"]),
            state=state_of(raw),
            account_id=str(raw["from_account"] if outward else raw["to_account"]),
            amount=amount_of(raw),
            user_id=user_id,
            payout_id=payout_id,
            leg=leg,
        )
