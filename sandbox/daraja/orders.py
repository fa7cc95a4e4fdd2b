"""What a shortcode's operator orders: payments to phones, reversals, questions. All of it is
acknowledged at once and ends later, by a message."""

import secrets
from collections.abc import Mapping
from typing import Any

from sandbox.context import Sandbox
from sandbox.daraja.books import (
    CHARGES,
    COMPLETED,
    CUSTOMERS,
    FLOAT,
    REVERSED,
    SAFARICOM,
    UTILITY,
    VENDOR,
    WORKING,
    Books,
    Transaction,
    account_of,
    stamp,
)
from sandbox.daraja.credential import check_operator
from sandbox.daraja.errors import DarajaError, bad_field, request_id
from sandbox.daraja.fields import PHONE, address, digits, text
from sandbox.daraja.results import Results

COMMANDS = ("BusinessPayment", "SalaryPayment", "PromotionPayment")
SMALLEST, LARGEST = 10, 250_000
CHARGE = 33
BY_PHONE = {
    "254700000001": "1",
    "254700000002": "2",
    "254700000008": "8",
    "254700002040": "2040",
    "254700000026": "26",
}
"""How a payment to a phone ends; every other phone is paid."""
LEAVES_NOTHING = frozenset({"26"})
"""Codes of which no transaction is kept."""
STATUS = "transaction_status"


class Orders:
    """Orders by the names under which they were given."""

    def __init__(self, sandbox: Sandbox, books: Books) -> None:
        self._sandbox = sandbox
        self._books = books
        self._results = Results(sandbox, books)

    async def pay(self, body: Mapping[str, Any]) -> dict[str, str]:
        """`POST /mpesa/b2c/v3/paymentrequest`.

        Raises:
            DarajaError: 400.002.02 naming the first field that breaks a rule, 500.002.1001 for
                an OriginatorConversationID that was taken before.
        """
        config = self._sandbox.config
        check_operator(body, config, "InitiatorName")
        name = text(body, "OriginatorConversationID")
        if body.get("CommandID") not in COMMANDS:
            raise bad_field("CommandID")
        if digits(body, "PartyA") != config.daraja_payout_shortcode:
            raise bad_field("PartyA")
        phone, amount = digits(body, "PartyB"), int(digits(body, "Amount"))
        if not PHONE.fullmatch(phone):
            raise bad_field("PartyB")
        if amount < 1:
            raise bad_field("Amount")
        urls = address(body, "ResultURL"), address(body, "QueueTimeOutURL")
        if self._books.by_order(name) is not None:
            raise DarajaError(500, "500.002.1001", "Duplicate OriginatorConversationID.")
        order = self._begin(
            name,
            "Business Payment to Customer via API",
            amount,
            payer=config.daraja_payout_shortcode,
            payee=phone,
        )
        self._later(self._pay(order, *urls))
        return _ack(order)

    async def reverse(self, body: Mapping[str, Any]) -> dict[str, str]:
        """`POST /mpesa/reversal/v1/request`.

        Raises:
            DarajaError: 400.002.02 naming the first field that breaks a rule.
        """
        config = self._sandbox.config
        check_operator(body, config)
        if body.get("CommandID") != "TransactionReversal":
            raise bad_field("CommandID")
        receipt, amount = text(body, "TransactionID"), int(digits(body, "Amount"))
        shortcode = digits(body, "ReceiverParty")
        if digits(body, "RecieverIdentifierType") != "11":
            raise bad_field("RecieverIdentifierType")
        urls = address(body, "ResultURL"), address(body, "QueueTimeOutURL")
        original = self._books.by_receipt(receipt)
        payee = "" if original is None else original.payer
        order = self._begin(
            request_id(), "Transaction Reversal", amount, payer=shortcode, payee=payee
        )
        self._later(self._reverse(order, receipt, *urls))
        return _ack(order)

    async def status(self, body: Mapping[str, Any]) -> dict[str, str]:
        """`POST /mpesa/transactionstatus/v1/query`.

        Raises:
            DarajaError: 400.002.02 naming the first field that breaks a rule.
        """
        check_operator(body, self._sandbox.config)
        if body.get("CommandID") != "TransactionStatusQuery":
            raise bad_field("CommandID")
        digits(body, "PartyA")
        if digits(body, "IdentifierType") != "4":
            raise bad_field("IdentifierType")
        receipt, name = body.get("TransactionID"), body.get("OriginalConversationID")
        if not (receipt or name):
            raise bad_field("TransactionID")
        urls = address(body, "ResultURL"), address(body, "QueueTimeOutURL")
        question = self._question("TransactionStatusQuery")
        self._later(self._tell(question, str(receipt or ""), str(name or ""), *urls))
        return _ack(question)

    async def balance(self, body: Mapping[str, Any]) -> dict[str, str]:
        """`POST /mpesa/accountbalance/v1/query`.

        Raises:
            DarajaError: 400.002.02 naming the first field that breaks a rule.
        """
        check_operator(body, self._sandbox.config)
        if body.get("CommandID") != "AccountBalance":
            raise bad_field("CommandID")
        shortcode = digits(body, "PartyA")
        if digits(body, "IdentifierType") != "4":
            raise bad_field("IdentifierType")
        url, _ = address(body, "ResultURL"), address(body, "QueueTimeOutURL")
        question = self._question("AccountBalance")
        self._later(self._weigh(question, shortcode, url))
        return _ack(question)

    def _begin(self, name: str, kind: str, amount: int, *, payer: str, payee: str) -> Transaction:
        return self._books.begin(self._made(name, kind, amount, payer, payee))

    def _question(self, kind: str) -> Transaction:
        """Of no money: named in the answer, and kept nowhere."""
        return self._made(request_id(), kind, 0, "", "")

    def _made(self, name: str, kind: str, amount: int, payer: str, payee: str) -> Transaction:
        now = self._sandbox.now()
        return Transaction(
            originator=name,
            conversation=f"AG_{stamp(now)[:8]}_{secrets.token_hex(10)}",
            kind=kind,
            amount=amount,
            payer=payer,
            payee=payee,
            begun_at=stamp(now),
        )

    def _later(self, work: Any) -> None:
        self._sandbox.background.after(self._sandbox.config.daraja_callback_delay_ms, work)

    async def _pay(self, order: Transaction, result_url: str, timeout_url: str) -> None:
        now, code = self._sandbox.now(), self._verdict(order)
        utility = account_of(order.payer, UTILITY)
        if code == "0":
            order.charge = CHARGE
            legs = (utility, -order.amount), (CUSTOMERS, order.amount)
            # It stands below zero there until M-Pesa takes it from another account.
            charged = (account_of(order.payer, CHARGES), -CHARGE), (SAFARICOM, CHARGE)
            self._books.complete(order, now, *legs, *charged)
        elif code in LEAVES_NOTHING:
            self._books.transactions.remove(order)
        else:
            self._books.decline(order, now)
        if self._sandbox.faults.take(VENDOR, "b2c", "queue_timeout") is not None:
            # It was carried out, and yet nobody is told how it ended.
            await self._results.time_out(timeout_url, order)
            return
        told = None
        if code == "0":
            left = self._books.balance(order.payer, UTILITY, opening=FLOAT)
            told = self._results.of_payment(order, now, left)
        await self._results.send(result_url, "b2c_result", order, code, told)

    def _verdict(self, order: Transaction) -> str:
        if order.amount < SMALLEST:
            return "2"
        if order.amount > LARGEST:
            return "3"
        left = self._books.balance(order.payer, UTILITY, opening=FLOAT)
        return "1" if order.amount > left else BY_PHONE.get(order.payee, "0")

    async def _reverse(
        self, order: Transaction, receipt: str, result_url: str, timeout_url: str
    ) -> None:
        now, original = self._sandbox.now(), self._books.by_receipt(receipt)
        if original is None or order.payer != original.payee or order.amount > original.amount:
            code = "R000002"
        else:
            code = {COMPLETED: "21", REVERSED: "R000001"}.get(original.state, "R000002")
        told = None
        if code == "21" and original is not None:
            utility = account_of(order.payer, UTILITY)
            self._books.complete(order, now, (utility, -order.amount), (CUSTOMERS, order.amount))
            original.state = REVERSED
            told = self._results.of_reversal(order, original)
        else:
            self._books.decline(order, now)
        if self._sandbox.faults.take(VENDOR, "reversal", "queue_timeout") is not None:
            await self._results.time_out(timeout_url, order)
            return
        await self._results.send(result_url, "reversal_result", order, code, told)

    async def _tell(
        self, question: Transaction, receipt: str, name: str, result_url: str, timeout_url: str
    ) -> None:
        faults = self._sandbox.faults
        if faults.take(VENDOR, STATUS, "queue_timeout") is not None:
            await self._results.time_out(timeout_url, question)
            return
        found = self._books.by_receipt(receipt) if receipt else self._books.by_order(name)
        if found is None or faults.take(VENDOR, STATUS, "unknown") is not None:
            await self._results.send(result_url, "status_result", question, "SFC_IC0003")
            return
        pending = faults.take(VENDOR, STATUS, "pending") is not None
        told = self._results.of_status(found, "Pending" if pending else found.state)
        await self._results.send(
            result_url, "status_result", question, "0", told, receipt=found.receipt
        )

    async def _weigh(self, question: Transaction, shortcode: str, url: str) -> None:
        opening = FLOAT if shortcode == self._sandbox.config.daraja_payout_shortcode else 0
        lines = []
        for account, first in ((WORKING, 0), (UTILITY, opening), (CHARGES, 0)):
            amount = self._books.balance(shortcode, account, opening=first)
            lines.append(f"{account}|KES|{amount:.2f}|{amount:.2f}|0.00|0.00")
        told = [
            ("AccountBalance", "&".join(lines)),
            ("BOCompletedTime", stamp(self._sandbox.now())),
        ]
        await self._results.send(url, "balance_result", question, "0", told)


def _ack(order: Transaction) -> dict[str, str]:
    return {
        "ConversationID": order.conversation,
        "OriginatorConversationID": order.originator,
        "ResponseCode": "0",
        "ResponseDescription": "Accept the service request successfully.",
    }
