"""The payments that were pushed to phones, and their callbacks."""

import json
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sandbox.context import Sandbox
from sandbox.daraja.books import (
    CUSTOMERS,
    NAIROBI,
    UTILITY,
    VENDOR,
    Books,
    Transaction,
    account_of,
    stamp,
)
from sandbox.daraja.fields import BUY_GOODS, Push
from sandbox.daraja.outcomes import (
    ABOVE_MAXIMUM,
    BY_PHONE,
    COULD_NOT_PUSH,
    OUTCOMES,
    PENDING,
    SUCCESS,
    TILL_MISMATCH,
    Outcome,
)

CALLBACK = "stk_callback"
MAX_TRANSACTION = 250_000
MAX_DESCRIPTION = 13


class NotPending(Exception):
    """The payment has ended already."""


@dataclass(slots=True)
class Payment:
    """One push; `outcome` is that of code 4999 until the payment has ended."""

    merchant_request_id: str
    checkout_request_id: str
    push: Push
    outcome: Outcome
    receipt: str | None = None
    completed_at: datetime | None = None


class Payments:
    """All payments by CheckoutRequestID. Two equal pushes are two payments."""

    def __init__(
        self,
        sandbox: Sandbox,
        books: Books,
        confirm: Callable[[Transaction], Awaitable[None]],
    ) -> None:
        self._sandbox = sandbox
        self._books = books
        self._confirm = confirm
        self._by_checkout: dict[str, Payment] = {}

    def clear(self) -> None:
        """Forgets every payment."""
        self._by_checkout.clear()

    def all(self) -> list[Payment]:
        """Every payment, oldest first."""
        return list(self._by_checkout.values())

    def get(self, checkout_request_id: str) -> Payment | None:
        """The payment of that id."""
        return self._by_checkout.get(checkout_request_id)

    def open(self, push: Push, *, at_once: bool) -> Payment:
        """A new payment that ends, and calls back, after the set delay or at once."""
        payment = Payment(
            merchant_request_id=_merchant_request_id(),
            checkout_request_id=self._checkout_request_id(push.phone),
            push=push,
            outcome=OUTCOMES[PENDING],
        )
        self._by_checkout[payment.checkout_request_id] = payment
        code = _decided(push, self._sandbox.config.daraja_shortcode)
        if code != PENDING:
            delay_ms = 0 if at_once else self._sandbox.config.daraja_callback_delay_ms
            self._sandbox.background.after(delay_ms, self._end(payment, code))
        return payment

    async def settle(self, payment: Payment, code: int) -> None:
        """Ends a pending payment now.

        Raises:
            NotPending: it has ended; nothing was changed.
        """
        if payment.outcome.code != PENDING:
            raise NotPending(str(payment.outcome.code))
        payment.outcome = OUTCOMES[code]
        payment.completed_at = self._sandbox.now().astimezone(NAIROBI)
        paid = self._paid(payment, payment.completed_at) if code == SUCCESS else None
        body = json.dumps({"Body": {"stkCallback": self._callback(payment)}}).encode()
        await self._sandbox.outbound.deliver(
            vendor=VENDOR,
            url=payment.push.callback_url,
            body=body,
            headers={
                "Content-Type": "application/json;charset=UTF-8",
                "Businessshortcode": self._sandbox.config.daraja_shortcode,
            },
            event_type=CALLBACK,
        )
        if paid is not None:
            await self._confirm(paid)

    def _paid(self, payment: Payment, at: datetime) -> Transaction:
        """The money moves; who has registered for payments is told of this one too."""
        push = payment.push
        order = Transaction(
            originator=payment.merchant_request_id,
            conversation=payment.checkout_request_id,
            kind="Pay Bill Online",
            amount=push.amount,
            payer=push.phone,
            payee=push.party_b,
            begun_at=stamp(at),
            account=push.account_reference,
        )
        self._books.begin(order)
        legs = (CUSTOMERS, -push.amount), (account_of(push.party_b, UTILITY), push.amount)
        payment.receipt = self._books.complete(order, at, *legs)
        return order

    async def _end(self, payment: Payment, code: int) -> None:
        if payment.outcome.code == PENDING:
            await self.settle(payment, code)

    def _callback(self, payment: Payment) -> dict[str, Any]:
        callback: dict[str, Any] = {
            "MerchantRequestID": payment.merchant_request_id,
            "CheckoutRequestID": payment.checkout_request_id,
            "ResultCode": payment.outcome.code,
            "ResultDesc": payment.outcome.callback_text,
        }
        if payment.completed_at is None or payment.receipt is None:
            return callback
        amount = payment.push.amount
        wrong = self._sandbox.faults.take(VENDOR, CALLBACK, "wrong_amount")
        if wrong is not None:
            amount = wrong.get("amount", amount + 1)
        callback["CallbackMetadata"] = {
            "Item": [
                # Whole shillings, but written with a decimal point as Safaricom does.
                {"Name": "Amount", "Value": float(amount)},
                {"Name": "MpesaReceiptNumber", "Value": payment.receipt},
                {"Name": "Balance"},
                {"Name": "TransactionDate", "Value": int(f"{payment.completed_at:%Y%m%d%H%M%S}")},
                {"Name": "PhoneNumber", "Value": int(payment.push.phone)},
            ]
        }
        return callback

    def _checkout_request_id(self, phone: str) -> str:
        moment = self._sandbox.now().astimezone(NAIROBI)
        number = 0
        while True:
            made = f"ws_CO_{moment:%d%m%Y%H%M%S}{number}{phone.removeprefix('254')}"
            if made not in self._by_checkout:
                return made
            number += 1


def _decided(push: Push, shortcode: str) -> int:
    if push.transaction_type == BUY_GOODS and push.party_b != shortcode:
        return TILL_MISMATCH
    if len(push.description) > MAX_DESCRIPTION:
        return COULD_NOT_PUSH
    if push.amount > MAX_TRANSACTION:
        return ABOVE_MAXIMUM
    return BY_PHONE.get(push.phone, SUCCESS)


def _merchant_request_id() -> str:
    parts = (secrets.token_hex(2), secrets.token_hex(2), secrets.token_hex(2))
    return f"{'-'.join(parts)}-{secrets.token_hex(6)}{secrets.randbelow(90_000) + 10_000}"
