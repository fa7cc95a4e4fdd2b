"""Cash journals between people's accounts and the firm's at Alpaca, by the official SDK."""

import re
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from requests import RequestException

from shared.kernel.ids import Kind, is_id
from shared.kernel.money import Currency, Money
from shared.payments.errors import GatewayUnavailable
from shared.payments.ports import JournalRefused, JournalState
from shared.payments.providers.alpaca_journals import STATES, refuses
from shared.payouts.model import Payout
from shared.payouts.ports import RecallJournal
from shared.platform.observability import metric

if TYPE_CHECKING:
    from alpaca.broker.client import BrokerClient

_ID = re.compile(r"[0-9a-fA-F-]{36}", re.ASCII)
_LEG = re.compile(r"[0-9]{1,3}", re.ASCII)


class AlpacaRecalls:
    """See RecallBroker. A journal's description names person, payout and leg, so that it can be
    found by the payout, and the payout by it."""

    def __init__(self, client: Callable[[], "BrokerClient"], firm_account: str) -> None:
        self._client = client
        self._firm_account = firm_account

    def find(self, payout: Payout) -> RecallJournal | None:
        """See RecallBroker."""
        from alpaca.broker.requests import GetJournalsRequest

        source, target = self._ends(payout)
        query = GetJournalsRequest.model_validate(
            {"from_account": source, "to_account": target, "entry_type": "JNLC"}
        )
        found = self._call(lambda client: client.get_journals(query))
        mine = [
            one
            for one in self._journals(found if isinstance(found, list) else [])
            if (one.user_id, one.payout_id, one.leg)
            == (payout.user_id, payout.payout_id, payout.leg)
            and one.state is not JournalState.REJECTED
        ]
        if len(mine) > 1:
            metric("SeveralJournalsOfOnePayout")
        executed = [one for one in mine if one.state is JournalState.EXECUTED]
        return next(iter(executed or mine), None)

    def journal(self, payout: Payout) -> RecallJournal:
        """See RecallBroker."""
        from alpaca.broker.requests import CreateJournalRequest
        from alpaca.common.exceptions import APIError

        source, target = self._ends(payout)
        order = CreateJournalRequest.model_validate(
            {
                "from_account": source,
                "to_account": target,
                "entry_type": "JNLC",
                "amount": payout.debited.amount,
                "description": f"{payout.user_id} {payout.payout_id} {payout.leg}",
            }
        )
        client = self._client()
        # The SDK takes no headers per call; the client serves one request at a time.
        client._session.headers["Idempotency-Key"] = payout.journal_key
        try:
            raw: Any = client.create_journal(order)
        except APIError as error:
            status = error.status_code or 0
            metric("JournalNotTaken", status=str(status))
            if refuses(status, str(error)):
                raise JournalRefused from None
            raise GatewayUnavailable() from None
        except (RequestException, ValueError):
            raise GatewayUnavailable() from None
        finally:
            client._session.headers.pop("Idempotency-Key", None)
        journal = self._journal(raw)
        if journal is None:
            raise GatewayUnavailable()
        return journal

    def read(self, journal_id: str) -> RecallJournal | None:
        """See RecallBroker."""
        if not _ID.fullmatch(journal_id):
            return None
        return self._journal(self._call(lambda client: client.get_journal_by_id(journal_id)))

    def _ends(self, payout: Payout) -> tuple[str | None, str | None]:
        person = payout.broker_account_id
        return (person, self._firm_account) if payout.leg % 2 == 0 else (self._firm_account, person)

    def _call(self, call: "Callable[[BrokerClient], Any]") -> Any:
        from alpaca.common.exceptions import APIError

        try:
            return call(self._client())
        except APIError as error:
            if error.status_code == 404:
                return None
            metric("BrokerFailed", status=str(error.status_code))
            raise GatewayUnavailable() from None
        except (RequestException, ValueError):
            raise GatewayUnavailable() from None

    def _journals(self, found: Iterable[Any]) -> list[RecallJournal]:
        return [journal for raw in found if (journal := self._journal(raw)) is not None]

    def _journal(self, raw: Any) -> RecallJournal | None:
        """A journal of a payout between the two accounts; None for the broker's other ones."""
        if not isinstance(raw, dict) or raw.get("entry_type") != "JNLC":
            return None
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
            state=STATES.get(str(raw["status"]), JournalState.WAITING),
            account_id=str(raw["from_account"] if outward else raw["to_account"]),
            amount=Money.parse(str(raw["net_amount"]), Currency(raw.get("currency") or "USD")),
            user_id=user_id,
            payout_id=payout_id,
            leg=leg,
        )
