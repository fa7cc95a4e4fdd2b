"""Cash journals at Alpaca by the official SDK: made under a key, found, and read."""

import json
import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from requests import RequestException

from shared.kernel.money import Currency, Money
from shared.payments.errors import GatewayUnavailable
from shared.payments.ports import JournalRefused, JournalState
from shared.platform.observability import metric

if TYPE_CHECKING:
    from alpaca.broker.client import BrokerClient

type RawJournal = Mapping[str, Any]
"""A journal as the broker's JSON has it."""

_STATES: Mapping[str, JournalState] = {
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
_ID = re.compile(r"[0-9a-fA-F-]{36}", re.ASCII)
_CASH = "JNLC"


class CashJournals:
    """Every method raises GatewayUnavailable when the broker cannot be asked, or when it is not
    known what it did."""

    def __init__(self, client: Callable[[], "BrokerClient"]) -> None:
        self._client = client

    def make(
        self, source: str | None, target: str | None, amount: Money, description: str, key: str
    ) -> RawJournal:
        """Move cash between two accounts; the same key never moves it twice. Raises
        JournalRefused when the broker never will under this key."""
        from alpaca.broker.requests import CreateJournalRequest
        from alpaca.common.exceptions import APIError

        order = CreateJournalRequest.model_validate(
            {
                "from_account": source,
                "to_account": target,
                "entry_type": _CASH,
                "amount": amount.amount,
                "description": description,
            }
        )
        client = self._client()
        # The SDK takes no headers per call; the client serves one request at a time.
        client._session.headers["Idempotency-Key"] = key
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
        if not is_cash(raw):
            raise GatewayUnavailable()
        found: RawJournal = raw
        return found

    def between(self, **accounts: str | None) -> list[RawJournal]:
        """All cash journals from ``from_account`` to ``to_account``, of which one may be left
        out."""
        from alpaca.broker.requests import GetJournalsRequest

        query = GetJournalsRequest.model_validate({**accounts, "entry_type": _CASH})
        found = self._call(lambda client: client.get_journals(query))
        return [raw for raw in found if is_cash(raw)] if isinstance(found, list) else []

    def read(self, journal_id: str) -> RawJournal | None:
        """One of them; None when it is unknown or moves no cash."""
        if not _ID.fullmatch(journal_id):
            return None
        raw = self._call(lambda client: client.get_journal_by_id(journal_id))
        return raw if is_cash(raw) else None

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


def is_cash(raw: Any) -> bool:
    """Whether this is a journal of cash."""
    return isinstance(raw, dict) and raw.get("entry_type") == _CASH


def state_of(raw: RawJournal) -> JournalState:
    """What the broker has done with it. A status that is not known counts as WAITING: nothing is
    booked or repeated for it."""
    return _STATES.get(str(raw["status"]), JournalState.WAITING)


def amount_of(raw: RawJournal) -> Money:
    """How much it moves."""
    return Money.parse(str(raw["net_amount"]), Currency(raw.get("currency") or "USD"))


def refuses(status: int, body: str) -> bool:
    """Whether the broker has looked at the instruction and will not carry it out. A 403 or 404
    without its error code is about our keys or our address, not about the instruction."""
    if status in (403, 404):
        try:
            return bool(json.loads(body).get("code"))
        except (ValueError, AttributeError):
            return False
    return 400 <= status < 500 and status not in (401, 408, 409, 429)


def standing[J](journals: list[J], state: Callable[[J], JournalState]) -> list[J]:
    """Those that count, executed ones before waiting ones. More than one should not be: somebody
    has to look."""
    mine = [one for one in journals if state(one) is not JournalState.REJECTED]
    return sorted(mine, key=lambda one: state(one) is not JournalState.EXECUTED)
