"""Cash journals from the firm's account at Alpaca, by the official SDK."""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from requests import RequestException

from shared.kernel.ids import Kind, is_id
from shared.kernel.money import Currency, Money
from shared.payments.errors import GatewayUnavailable
from shared.payments.model import Deposit
from shared.payments.ports import CashJournal, JournalRefused, JournalState
from shared.platform.observability import metric

if TYPE_CHECKING:
    from alpaca.broker.client import BrokerClient

STATES: Mapping[str, JournalState] = {
    "queued": JournalState.WAITING,
    "sent_to_clearing": JournalState.WAITING,
    "pending": JournalState.WAITING,
    "correct": JournalState.WAITING,
    "executed": JournalState.EXECUTED,
    "rejected": JournalState.REJECTED,
    "canceled": JournalState.REJECTED,
    "refused": JournalState.REJECTED,
    "deleted": JournalState.REJECTED,
}
"""A status that is not known counts as WAITING: nothing is booked or repeated for it."""

_ID = re.compile(r"[0-9a-fA-F-]{36}", re.ASCII)


class AlpacaJournals:
    """See FirmBroker. A journal's description names person and deposit, so that it can be
    found by the deposit, and the deposit by it."""

    def __init__(self, client: Callable[[], "BrokerClient"], firm_account: str) -> None:
        self._client = client
        self._firm_account = firm_account

    def find(self, deposit: Deposit) -> CashJournal | None:
        """See FirmBroker."""
        from alpaca.broker.requests import GetJournalsRequest

        query = GetJournalsRequest.model_validate(
            {"to_account": deposit.broker_account_id, "entry_type": "JNLC"}
        )
        found = self._call(lambda client: client.get_journals(query))
        mine = [
            journal
            for journal in _journals(found if isinstance(found, list) else [])
            if journal.deposit_id == deposit.deposit_id
            and journal.user_id == deposit.user_id
            and journal.state is not JournalState.REJECTED
        ]
        if len(mine) > 1:
            metric("SeveralJournalsOfOneDeposit")
        executed = [one for one in mine if one.state is JournalState.EXECUTED]
        return next(iter(executed or mine), None)

    def journal(self, deposit: Deposit) -> CashJournal:
        """See FirmBroker."""
        from alpaca.broker.requests import CreateJournalRequest
        from alpaca.common.exceptions import APIError

        order = CreateJournalRequest.model_validate(
            {
                "from_account": self._firm_account,
                "to_account": deposit.broker_account_id,
                "entry_type": "JNLC",
                "amount": deposit.credited.amount,
                "description": _description(deposit),
            }
        )
        client = self._client()
        # The SDK takes no headers per call; the client serves one request at a time.
        client._session.headers["Idempotency-Key"] = deposit.journal_key
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
        journal = _journal(raw)
        if journal is None:
            raise GatewayUnavailable()
        return journal

    def read(self, journal_id: str) -> CashJournal | None:
        """See FirmBroker."""
        if not _ID.fullmatch(journal_id):
            return None
        found = self._call(lambda client: client.get_journal_by_id(journal_id))
        return _journal(found)

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


def refuses(status: int, body: str) -> bool:
    """Whether the broker has looked at the instruction and will not carry it out. A 403 or 404
    without its error code is about our keys or our address, not about the instruction."""
    if status in (403, 404):
        try:
            return bool(json.loads(body).get("code"))
        except (ValueError, AttributeError):
            return False
    return 400 <= status < 500 and status not in (401, 408, 409, 429)


def _description(deposit: Deposit) -> str:
    return f"{deposit.user_id} {deposit.deposit_id}"


def _journals(found: Iterable[Any]) -> list[CashJournal]:
    return [journal for raw in found if (journal := _journal(raw)) is not None]


def _journal(raw: Any) -> CashJournal | None:
    """A journal of a deposit; None for the broker's other ones."""
    if not isinstance(raw, dict) or raw.get("entry_type") != "JNLC":
        return None
    user_id, _, deposit_id = str(raw.get("description") or "").partition(" ")
    if not (is_id(user_id, Kind.USER) and is_id(deposit_id, Kind.DEPOSIT)):
        return None
    amount = Money.parse(str(raw["net_amount"]), Currency(raw.get("currency") or "USD"))
    state = STATES.get(str(raw["status"]), JournalState.WAITING)
    return CashJournal(str(raw["id"]), state, str(raw["to_account"]), amount, user_id, deposit_id)
