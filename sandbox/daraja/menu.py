"""Payments that customers make from their phone's menu (C2B): asked about, made, and confirmed."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from sandbox.context import Sandbox
from sandbox.daraja.books import CUSTOMERS, UTILITY, VENDOR, Books, Transaction, account_of, stamp
from sandbox.daraja.errors import DarajaError, bad_field, request_id
from sandbox.daraja.fields import PHONE, address, digits, text

VALIDATION, CONFIRMATION = "c2b_validation", "c2b_confirmation"
ANSWER_WITHIN_S = 8
COMPLETED, CANCELLED = "Completed", "Cancelled"


@dataclass(frozen=True, slots=True)
class Registration:
    """Where one shortcode's questions and confirmations go."""

    response_type: str
    validation_url: str
    confirmation_url: str


class MenuOrder(BaseModel):
    """Body of `POST /_control/daraja/c2b`: a customer pays."""

    model_config = ConfigDict(extra="forbid")

    phone: str = "254708374149"
    account: str
    amount: int = Field(ge=1, le=10**9)
    shortcode: str | None = None


class Menu:
    """The registered addresses, and what customers do."""

    def __init__(self, sandbox: Sandbox, books: Books) -> None:
        self._sandbox = sandbox
        self._books = books
        self._registered: dict[str, Registration] = {}

    def clear(self) -> None:
        """Forgets every registration."""
        self._registered.clear()

    async def register(self, body: Mapping[str, Any]) -> dict[str, str]:
        """`POST /mpesa/c2b/v2/registerurl`.

        Raises:
            DarajaError: 400.002.02 naming the first field that breaks a rule.
        """
        shortcode = digits(body, "ShortCode")
        kind = text(body, "ResponseType")
        if kind not in (COMPLETED, CANCELLED):
            raise bad_field("ResponseType")
        self._registered[shortcode] = Registration(
            kind, address(body, "ValidationURL"), address(body, "ConfirmationURL")
        )
        return {
            "OriginatorCoversationID": request_id(),
            "ResponseCode": "0",
            "ResponseDescription": "Success",
        }

    async def simulate(self, body: Mapping[str, Any]) -> dict[str, str]:
        """`POST /mpesa/c2b/v2/simulate`.

        Raises:
            DarajaError: 400.002.02 naming the first field that breaks a rule.
        """
        if body.get("CommandID") not in ("CustomerPayBillOnline", "CustomerBuyGoodsOnline"):
            raise bad_field("CommandID")
        phone, amount = digits(body, "Msisdn"), int(digits(body, "Amount"))
        if not PHONE.fullmatch(phone):
            raise bad_field("Msisdn")
        shortcode = digits(body, "ShortCode")
        if shortcode not in self._registered:
            raise DarajaError(500, "500.001.1001", "No urls are registered")
        account = text(body, "BillRefNumber")
        self._sandbox.background.spawn(self._simulated(shortcode, phone, account, amount))
        return {
            "OriginatorCoversationID": request_id(),
            "ResponseCode": "0",
            "ResponseDescription": "Accept the service request successfully.",
        }

    async def _simulated(self, shortcode: str, phone: str, account: str, amount: int) -> None:
        await self.pay(shortcode, phone, account, amount)

    async def pay(
        self, shortcode: str, phone: str, account: str, amount: int
    ) -> Transaction | None:
        """A customer pays: the shortcode's owner is asked, the money moves, and is confirmed.
        None when the payment was refused."""
        now = self._sandbox.now()
        order = Transaction(
            originator=request_id(),
            conversation=f"AG_{stamp(now)}_{self._books.receipt().lower()}",
            kind="Pay Bill Online",
            amount=amount,
            payer=phone,
            payee=shortcode,
            begun_at=stamp(now),
            account=account,
        )
        order.receipt = self._books.receipt()
        registered = self._registered.get(shortcode)
        if registered is not None and not await self._may_pay(registered, order):
            return None
        self._books.begin(order)
        self._books.complete(
            order,
            now,
            (CUSTOMERS, -amount),
            (account_of(shortcode, UTILITY), amount),
        )
        await self.confirm(order)
        return order

    async def confirm(self, order: Transaction) -> None:
        """The confirmation, where addresses are registered: also of a push that was paid."""
        registered = self._registered.get(order.payee)
        if registered is None:
            return
        wrong = self._sandbox.faults.take(VENDOR, CONFIRMATION, "wrong_amount")
        amount = order.amount if wrong is None else wrong.get("amount", order.amount + 1)
        balance = self._books.balance(order.payee, UTILITY)
        await self._sandbox.outbound.deliver(
            vendor=VENDOR,
            url=registered.confirmation_url,
            body=self._notice(order, amount, f"{balance:.2f}"),
            headers={"Content-Type": "application/json;charset=UTF-8"},
            event_type=CONFIRMATION,
        )

    async def _may_pay(self, registered: Registration, order: Transaction) -> bool:
        answer = await self._sandbox.outbound.ask(
            vendor=VENDOR,
            url=registered.validation_url,
            body=self._notice(order, order.amount, ""),
            headers={"Content-Type": "application/json;charset=UTF-8"},
            event_type=VALIDATION,
            within_s=ANSWER_WITHIN_S,
        )
        code = answer.get("ResultCode") if isinstance(answer, dict) else None
        if code is None:
            return registered.response_type == COMPLETED
        return str(code) == "0"

    def _notice(self, order: Transaction, amount: int, balance: str) -> bytes:
        first, _, last = self._books.name_of(order.payer).partition(" ")
        return json.dumps(
            {
                "TransactionType": "Pay Bill",
                "TransID": order.receipt,
                "TransTime": order.ended_at or order.begun_at,
                "TransAmount": f"{amount:.2f}",
                "BusinessShortCode": order.payee,
                "BillRefNumber": order.account,
                "InvoiceNumber": "",
                "OrgAccountBalance": balance,
                "ThirdPartyTransID": "",
                "MSISDN": f"{order.payer[:4]} ***** {order.payer[-3:]}",
                "FirstName": first,
                "MiddleName": "",
                "LastName": last,
            }
        ).encode()
