"""What M-Pesa says lies on our accounts, to be compared with our books. Asked for, and answered
later by message; it lists no transactions: each one that is not settled is asked for by itself."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation

import httpx

from shared.kernel.money import Currency, Money
from shared.payments.callbacks import Addresses, Purpose
from shared.payments.errors import GatewayUnavailable
from shared.payments.providers.daraja_client import ORGANISATION, DarajaClient, accepted, body_of
from shared.payments.providers.daraja_results import read_result
from shared.payments.providers.daraja_status import SUCCESS
from shared.platform.observability import metric

BALANCE = "/mpesa/accountbalance/v1/query"
_PARTS = 3


@dataclass(frozen=True, slots=True)
class AccountBalance:
    """One account of a shortcode, such as ``Utility Account``. Charges stand below zero."""

    account: str
    amount: Money


@dataclass(frozen=True, slots=True)
class Balances:
    """All accounts of a shortcode at one moment; ``at`` is None where M-Pesa tells none."""

    accounts: tuple[AccountBalance, ...]
    at: datetime | None
    conversation: str | None = None
    """M-Pesa's name of the question that this answers."""

    def of(self, account: str) -> Money | None:
        """What lies on one of them; None for an account that was not told."""
        return next((one.amount for one in self.accounts if one.account == account), None)


def ask_balances(
    client: DarajaClient,
    addresses: Addresses,
    question_id: str,
    shortcode: str,
    *,
    attempt: int = 0,
) -> str | None:
    """Ask for the accounts of one of our shortcodes; the answer comes to the path of this asking
    of the question. M-Pesa's name of it, which the answer has too; None where it tells none.
    GatewayUnavailable when the question was not taken."""
    content = {
        **client.operator(),
        "CommandID": "AccountBalance",
        "PartyA": shortcode,
        "IdentifierType": ORGANISATION,
        "Remarks": "OK",
        "QueueTimeOutURL": addresses.of(Purpose.TIMEOUT, "", question_id, attempt=attempt),
        "ResultURL": addresses.of(Purpose.BALANCE, "", question_id, attempt=attempt),
    }
    try:
        answer = client.post(BALANCE, content)
    except httpx.HTTPError as error:
        metric("GatewayFailed", gateway="MPESA", error=type(error).__name__)
        raise GatewayUnavailable() from None
    body = body_of(answer)
    if not accepted(answer, body):
        code = str(body.get("errorCode") or answer.status_code)
        metric("GatewayRefused", gateway="MPESA", code=code)
        raise GatewayUnavailable()
    name = body.get("ConversationID")
    return name if isinstance(name, str) else None


def balances_of(body: bytes) -> Balances | None:
    """The accounts that an answer tells of, of ``Working Account|KES|700000.00|…&Utility …``;
    None when any of it cannot be read: half a statement is none."""
    result = read_result(body)
    text = None if result is None else result.text("AccountBalance")
    if result is None or result.code != SUCCESS or text is None:
        return None
    accounts = [_account(line) for line in text.split("&")]
    told = tuple(one for one in accounts if one is not None)
    if len(told) != len(accounts) or len({one.account for one in told}) != len(told):
        return None
    return Balances(told, result.moment("BOCompletedTime"), result.conversation)


def _account(line: str) -> AccountBalance | None:
    parts = line.split("|")
    if len(parts) < _PARTS or not parts[0].strip() or parts[1] != Currency.KES.value:
        return None
    try:
        minor = Decimal(parts[2]) * 100
    except InvalidOperation:
        return None
    if not minor.is_finite() or minor != minor.to_integral_value():
        return None
    return AccountBalance(parts[0].strip(), Money(int(minor), Currency.KES))
