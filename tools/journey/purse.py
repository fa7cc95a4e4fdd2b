"""What a person does with money that is theirs: pays it out, gets it back, lets it be collected."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from shared.kernel.clock import to_text
from tools.journey import operations as op
from tools.journey.client import wait_for
from tools.journey.person import PROFILE, Person

HOLDER = f"{PROFILE['givenName']} {PROFILE['familyName']}"


@dataclass
class Purse:
    """The money of somebody with a second factor. Each request has a key of its own unless one
    is given."""

    owner: Person

    def pay_in(self, method: str, amount: str, currency: str = "USD", **more: object) -> Any:
        """Begin a deposit by a method; which gateway takes it is decided by the platform."""
        asked = {"idempotencyKey": _key(), "method": method, "amount": amount} | more
        return self._ask(op.CREATE_DEPOSIT, asked | {"currency": currency})["deposit"]

    def pay_from_bank(self, deposit: Mapping[str, Any], account: str) -> None:
        """Agree on the pay page that an account at a bank is debited."""
        session = deposit["nextAction"]["redirectUrl"].rsplit("/", 1)[-1].partition("?")[0]
        pay = f"{self.owner.sandbox_url}/_control/stripe/sessions/{session}/pay"
        answer = self.owner.client.http.post(pay, json={"bank_account": account})
        answer.raise_for_status()

    def add_phone(self, phone: str, holder: str = HOLDER) -> Any:
        """A phone with M-Pesa to which money can be paid out."""
        asked = {"idempotencyKey": _key(), "holderName": holder, "phone": phone}
        return self._ask(op.ADD_PAYOUT_ACCOUNT, asked)["payoutAccount"]

    def add_bank(self, country: str, number: str, routing: str, holder: str = HOLDER) -> Any:
        """An account at a bank to which money can be paid out."""
        bank = {"country": country, "accountNumber": number, "routingNumber": routing}
        asked = {"idempotencyKey": _key(), "holderName": holder, "bank": bank}
        return self._ask(op.ADD_PAYOUT_ACCOUNT, asked)["payoutAccount"]

    def withdraw(self, account_id: str, amount: str, key: str | None = None) -> Any:
        """Ask for dollars to be paid out."""
        asked = {
            "idempotencyKey": key or _key(),
            "payoutAccountId": account_id,
            "amount": amount,
        }
        return self._ask(op.REQUEST_WITHDRAWAL, asked)["withdrawal"]

    def withdrawal(self, payout_id: str) -> Any:
        """One withdrawal now."""
        return self.owner.client.graphql(op.WITHDRAWAL, payoutId=payout_id)["withdrawal"]

    def wait_for_withdrawal(self, payout_id: str, *statuses: str, seconds: int = 60) -> Any:
        """The first sight of one of these states."""

        def look() -> Any:
            seen = self.withdrawal(payout_id)
            return seen if seen["status"] in statuses else None

        return wait_for(f"withdrawal {' or '.join(statuses)}", look, seconds=seconds)

    def take_back(self, payout_id: str, key: str | None = None) -> Any:
        """Cancel a withdrawal."""
        asked = {"idempotencyKey": key or _key(), "payoutId": payout_id}
        return self._ask(op.CANCEL_WITHDRAWAL, asked)["withdrawal"]

    def ask_back(self, deposit_id: str, amount: str | None = None, key: str | None = None) -> Any:
        """Ask for a deposit, or a part of it, to go back to where it came from."""
        asked = {"idempotencyKey": key or _key(), "depositId": deposit_id, "amount": amount}
        return self._ask(op.REQUEST_REFUND, asked)["refund"]

    def wait_for_refund(self, deposit_id: str, refund_id: str, *statuses: str) -> Any:
        """The first sight of a refund of a deposit in one of these states."""

        def look() -> Any:
            listed = self.owner.deposit(deposit_id)["refunds"]
            found = [one for one in listed if one["refundId"] == refund_id]
            return next((one for one in found if one["status"] in statuses), None)

        return wait_for(f"refund {' or '.join(statuses)}", look)

    def pay_reference(self) -> Any:
        """What to type in the phone's menu."""
        return self.owner.client.graphql(op.PAY_REFERENCE)["payReference"]

    def collect_monthly_from_card(self, deposit_id: str, amount: str, day: int) -> Any:
        """A standing order on the card that was kept with a deposit."""
        asked = {
            "idempotencyKey": _key(),
            "frequency": "MONTHLY",
            "day": day,
            "amount": amount,
            "currency": "USD",
            "method": "CARD",
            "cardOf": deposit_id,
        }
        return self._ask(op.CREATE_RECURRING_DEPOSIT, asked)["recurringDeposit"]

    def start_round_ups(self, deposit_id: str) -> Any:
        """Purchases in dollars are rounded up, for the card that was kept with a deposit."""
        asked = {
            "idempotencyKey": _key(),
            "method": "CARD",
            "currency": "USD",
            "cardOf": deposit_id,
        }
        return self._ask(op.START_ROUND_UPS, asked)["roundUps"]

    def bought(self, purchases: Sequence[tuple[str, str]], key: str | None = None) -> Any:
        """Report purchases by name and amount, all of a minute ago."""
        at = to_text(datetime.now(UTC) - timedelta(minutes=1))
        told = [{"purchaseId": name, "amount": amount, "at": at} for name, amount in purchases]
        asked = {"idempotencyKey": key or _key(), "purchases": told}
        return self._ask(op.RECORD_PURCHASES, asked)

    def refund_purchase(self, name: str) -> Any:
        """A purchase was undone."""
        asked = {"idempotencyKey": _key(), "purchaseId": name}
        return self._ask(op.REFUND_PURCHASE, asked)

    def round_ups(self) -> Any:
        """The pool, and what was collected of it."""
        client = self.owner.client
        return client.post(client.graphql_url, op.ROUND_UPS, {}).json()["data"]

    def _ask(self, operation: str, asked: Mapping[str, object]) -> Any:
        return self.owner.client.graphql(operation, input=asked)


def _key() -> str:
    return secrets.token_hex(16)
