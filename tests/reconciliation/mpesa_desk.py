"""A desk whose party is M-Pesa: it is asked, and answers when and how a test wants it to."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

from shared.payments.callbacks import VENDORS, Purpose, make_token
from shared.payments.errors import GatewayUnavailable
from shared.payments.providers.daraja_client import nairobi_timestamp
from shared.platform.queues import MemoryQueue
from shared.platform.tables import Database
from shared.reconciliation.imported import ImportedLines
from shared.reconciliation.model import Item, Party, Status
from shared.reconciliation.mpesa.answers import Answers
from shared.reconciliation.mpesa.asking import Asking
from shared.reconciliation.mpesa.charges import Charges
from shared.reconciliation.mpesa.lines import Shortcodes
from shared.reconciliation.mpesa.lines_of_ours import LinesOfOurs
from shared.reconciliation.mpesa.model import BOOK, By, Question
from shared.reconciliation.mpesa.ports import PushAnswer
from shared.reconciliation.mpesa.statement import MpesaStatement
from shared.reconciliation.mpesa.store import Questions
from shared.reconciliation.ports import StoredReport
from shared.reconciliation.providers.daraja_questions import accounts_told
from shared.reconciliation.report import Report
from tests.reconciliation.desk import DAY, ONE, Desk, at

PAYBILL, PAYOUTS = "174379", "600996"
TOMORROW = at(DAY + ONE, 1)
"""When the report of the day is made."""


@dataclass
class Transaction:
    receipt: str
    minor: int
    payee: str
    ended_at: datetime
    state: str = "Completed"
    charge: int | None = None
    conversation: str = "AG_1"


@dataclass
class Mpesa:
    """M-Pesa's side. ``sent`` are the questions that nobody has answered yet."""

    now: Callable[[], datetime]
    transactions: list[Transaction] = field(default_factory=list)
    accounts: dict[tuple[str, str], int] = field(default_factory=dict)
    sent: list[Question] = field(default_factory=list)
    asked: list[Question] = field(default_factory=list)
    pushes: dict[str, PushAnswer] = field(default_factory=dict)
    down: bool = False
    codes: tuple[str, str] = (PAYBILL, PAYOUTS)

    def shortcodes(self) -> tuple[str, str]:
        return self.codes

    def balances(self, question: Question) -> str | None:
        self._take(question)
        return self.name_of(question)

    def transaction(self, question: Question) -> None:
        self._take(question)

    def push(self, question: Question) -> PushAnswer:
        self.asked.append(question)
        return self.pushes.get(question.subject.value, PushAnswer.NOTHING)

    def _take(self, question: Question) -> None:
        self.asked.append(question)
        if self.down:
            raise GatewayUnavailable()
        self.sent.append(question)

    @staticmethod
    def name_of(question: Question) -> str:
        return f"AG_{question.question_id[-6:]}_{question.askings}"

    def paid(self, receipt: str, minor: int, when: datetime, payee: str = PAYBILL) -> None:
        """A payment to us, as M-Pesa has it."""
        self.transactions.append(Transaction(receipt, minor, payee, when))
        self.move(payee, minor)

    def sent_out(
        self, receipt: str, minor: int, when: datetime, charge: int, shortcode: str
    ) -> None:
        """A payment to a phone."""
        one = Transaction(receipt, minor, "254700000000", when, charge=charge)
        self.transactions.append(one)
        self.move(shortcode, -minor)
        self.move(shortcode, -charge, "Charges Paid Account")

    def move(self, shortcode: str, minor: int, account: str = "Utility Account") -> None:
        key = (shortcode, account)
        self.accounts[key] = self.accounts.get(key, 0) + minor

    def body(self, question: Question, **more: Any) -> bytes:
        if question.subject.by is By.BALANCES:
            code, told = "0", self._balances(question.subject.shortcode)
        else:
            found = self._found(question.subject.value)
            code = "SFC_IC0003" if found is None else "0"
            told = {} if found is None else _told(found)
        return result(code, self.name_of(question), told | more)

    def _balances(self, shortcode: str) -> dict[str, Any]:
        names = ("Working Account", "Utility Account", "Charges Paid Account")
        lines = [(name, self.accounts.get((shortcode, name), 0)) for name in names]
        text = "&".join(f"{name}|KES|{shown(minor)}|0.00|0.00|0.00" for name, minor in lines)
        return {"AccountBalance": text, "BOCompletedTime": int(nairobi_timestamp(self.now()))}

    def _found(self, name: str) -> Transaction | None:
        mine = (one for one in self.transactions if name in (one.receipt, one.conversation))
        return next(mine, None)


def shown(minor: int) -> str:
    sign = "-" if minor < 0 else ""
    return f"{sign}{abs(minor) // 100}.{abs(minor) % 100:02d}"


def _told(one: Transaction) -> dict[str, Any]:
    told = {
        "ReceiptNo": one.receipt,
        "Amount": shown(one.minor),
        "TransactionStatus": one.state,
        "FinalisedTime": int(nairobi_timestamp(one.ended_at)),
        "Conversation ID": one.conversation,
        "CreditPartyName": f"{one.payee} - Baobab",
    }
    if one.charge is not None:
        told["DebitPartyCharges"] = f"Fee For B2C Payment|KES|{shown(one.charge)}"
    return told


def result(code: str, conversation: str, told: Mapping[str, Any]) -> bytes:
    listed = [{"Key": key, "Value": value} for key, value in told.items()]
    inner: dict[str, Any] = {"ResultCode": code, "ConversationID": conversation}
    if listed:
        inner["ResultParameters"] = {"ResultParameter": listed}
    return json.dumps({"Result": inner}).encode()


class MpesaDesk(Desk):
    def __init__(self, database: Database) -> None:
        super().__init__(database, BOOK)
        self.it_is(TOMORROW)
        self.mpesa = Mpesa(self.clock.now)
        self.queue = MemoryQueue()
        self.questions = Questions(database)
        self.lines = ImportedLines(database, self.clock)
        self.lines_of_ours = LinesOfOurs(
            self.balances,
            self.questions,
            self.reports,
            self.archive,
            lambda: Shortcodes(*self.mpesa.codes),
            self.clock,
            "t1",
        )
        self.mpesa_statement = MpesaStatement(
            self.questions, self.lines, self.lines_of_ours, self.clock
        )
        self.reconciling = replace(self.reconciling, statements={Party.MPESA: self.mpesa_statement})
        self.answers = Answers(
            self.questions,
            self.lines,
            self.balances,
            self.reports,
            self.facts,
            self.clock,
            "t1",
            accounts_told,
        )
        self.asking = Asking(
            self.reconciling,
            self.questions,
            self.lines_of_ours,
            self.answers,
            Charges(database, self.questions, self.lines, self.mpesa_statement, self.facts),
            self.mpesa,
            self.queue,
            self.facts,
            self.clock,
            "t1",
        )

    def came_in(
        self, receipt: str, minor: int, day: date = DAY, *, there: int | None = None
    ) -> None:
        """A payment in our books, and M-Pesa's when it is not ``there`` with another amount."""
        self.ours(minor, day, reference=f"dep_{receipt}", payment=receipt)
        if there != 0:
            self.mpesa.paid(receipt, minor if there is None else there, at(day, 11))

    def funded(self, minor: int = 1_000_000) -> None:
        """Shillings from our bank, so that there is something to pay out."""
        self.ours(minor, kind="GATEWAY_FUNDED", reference="mov_1", gateway="MPESA")
        self.mpesa.move(PAYOUTS, minor)

    def went_out(
        self,
        receipt: str,
        minor: int,
        day: date = DAY,
        charge: int = 3_300,
        shortcode: str = PAYOUTS,
    ) -> None:
        """A payment to a phone, in our books and M-Pesa's."""
        payout = f"pay_{receipt}"
        more = {"receipt": receipt, "payout": f"AG_{receipt}", "gateway": "MPESA"}
        self.ours(-minor, day, kind="WITHDRAWAL_PAID", reference=payout, **more)
        fee = {"payout": more["payout"], "gateway": "MPESA"}
        self.ours(-charge, day, kind="GATEWAY_FEE", reference=payout, **fee)
        self.mpesa.sent_out(receipt, minor, at(day, 11), charge, shortcode)

    def tell(
        self, question: Question, body: bytes | None = None, *, attempt: int | None = None
    ) -> None:
        """M-Pesa's answer comes in at the path of an asking."""
        balances = question.subject.by is By.BALANCES
        purpose = Purpose.BALANCE if balances else Purpose.STATUS
        asking = question.askings if attempt is None else attempt
        token = make_token(b"key", "", question.question_id, purpose, attempt=asking)
        content = self.mpesa.body(question) if body is None else body
        self.answers.came(VENDORS[purpose], token, content, self.clock.now())

    def answer_all(self) -> Sequence[Question]:
        """Everything that was asked has its answer now."""
        sent, self.mpesa.sent = self.mpesa.sent, []
        for question in sent:
            self.tell(question)
        return sent

    def day_ends(self, day: date = DAY, steps: int = 20) -> StoredReport:
        """Steps and answers until there is a report."""
        for attempt in range(steps):
            stored = self.asking.step(day, attempt)
            if stored is not None:
                return stored
            self.answer_all()
            self.clock.advance(timedelta(seconds=5))
        raise AssertionError("no report")

    def report(self, day: date = DAY) -> Report:
        return self.reconciling.read(self.day_ends(day))

    def now_on(self, day: date) -> None:
        """It is an hour after the end of that day."""
        self.it_is(at(day + ONE, 1))

    def it_is(self, when: datetime) -> None:
        """The clock is set."""
        self.clock.advance(when - self.clock.now())


def statuses(report: Report) -> dict[str, Status]:
    return {f"{line.category}:{line.reference}": line.status for line in report.lines}


def names(items: Sequence[Item]) -> list[str]:
    return [item.name for item in items]
