"""The end of a day as its schedule brings it: reports of reconciliation, and files of banks."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest

from shared.kernel.clock import to_text
from shared.platform.queues import CheckMessage, encode
from shared.reconciliation.daily import CHECK, TICK
from tools.journey import operations as op
from tools.journey.client import wait_for
from tools.journey.person import Person
from tools.journey.reports import lines_of
from tools.stack import Endpoints

BOOKED: dict[str, dict[str, int]] = {}
"""What the bank of each stack has booked so far: its statements follow each other."""


@dataclass(frozen=True)
class Desk:
    """Reconciliation of the deployed platform: told by its queue, read by the API."""

    sqs: Any
    queue: str
    officer: Person

    def tick(self, as_of: datetime) -> None:
        """What the schedule sends every hour, at an instant."""
        self._send(CheckMessage(TICK, {"as_of": to_text(as_of)}))

    def ask(self, book: str, day: date) -> None:
        """What a tick sends for a book, when the day is over."""
        subject = {"book": book, "day": day.isoformat(), "as_of": to_text(over(day))}
        self._send(CheckMessage(CHECK, subject))

    def made(self, book: str, day: date) -> Any:
        """The newest report of a day after it was asked for once more; None when there is none
        yet."""
        self.ask(book, day)
        wait_for("the worker", lambda: self.idle, every=100)
        return self.newest(book, day)

    @property
    def idle(self) -> bool:
        """Whether the worker has nothing to do and nothing in its hands."""
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        told = self.sqs.get_queue_attributes(QueueUrl=self.queue, AttributeNames=names)
        return not any(int(told["Attributes"][name]) for name in names)

    def _send(self, message: CheckMessage) -> None:
        self.sqs.send_message(QueueUrl=self.queue, MessageBody=encode(message))

    def newest(self, book: str, day: date | None = None) -> Any:
        """The newest report of a book, of a day if one is given; None while there is none."""
        party, _, currency = book.partition(":")
        after: str | None = None
        while True:
            page = self.officer.client.graphql(op.RECONCILIATION_REPORTS, after=after)
            for one in page["nodes"]:
                ours = (one["party"], one["currency"]) == (party, currency)
                if ours and day in (None, date.fromisoformat(one["day"])):
                    return one
            if not page["pageInfo"]["hasNextPage"]:
                return None
            after = page["pageInfo"]["endCursor"]

    def lines(self, report: Any) -> list[Any]:
        """All lines of a report."""
        return lines_of(self.officer, report["reportId"])

    def wait_for_line(
        self, book: str, day: date, category: str, reference: str, status: str
    ) -> tuple[Any, Mapping[tuple[str, str], Any]]:
        """The first report of a day in which a line stands so, and all its lines by category and
        reference: entries reach the house's balances a moment after they are posted, and a report
        is made anew when facts have changed."""

        def look() -> tuple[Any, Mapping[tuple[str, str], Any]] | None:
            report = self.made(book, day)
            if report is None:
                return None
            of = {(one["category"], one["reference"]): one for one in self.lines(report)}
            found = of.get((category, reference))
            return (report, of) if found is not None and found["status"] == status else None

        self.officer.refresh()
        return wait_for(f"{category} {reference} to be {status}", look)


def over(day: date) -> datetime:
    """When a day can be compared."""
    return datetime.combine(day, time(1), UTC) + timedelta(days=1)


@pytest.fixture
def desk(endpoints: Endpoints, aws: Callable[[str], Any], officer: Person) -> Desk:
    """See Desk."""
    sqs = aws("sqs")
    (queue,) = [
        url
        for url in sqs.list_queues()["QueueUrls"]
        if url.endswith("/baobab-local-reconciliation")
    ]
    officer.refresh()
    return Desk(sqs, queue, officer)


def sums_to_the_cent(report: Any, lines: Sequence[Any]) -> bool:
    """Whether the difference of both sides is the sum of what is open."""
    ours, theirs = (_minor(report[side]["amount"]) for side in ("ours", "theirs"))
    open_ = sum(_minor(one["difference"]["amount"]) for one in lines)
    return ours - theirs == _minor(report["difference"]["amount"]) == open_


def _minor(text: str) -> int:
    whole, _, cents = text.removeprefix("-").partition(".")
    minor = int(whole) * 100 + int(cents or "0")
    return -minor if text.startswith("-") else minor


@dataclass(frozen=True)
class Bank:
    """The firm's bank: it leaves statements of a dollar account in the bucket."""

    s3: Any
    bucket: str
    account: str
    booked: dict[str, int]
    """Cents of every entry ever, by the bank's name of it."""

    def leaves(self, name: str, *entries: tuple[str, int, str]) -> None:
        """A file of CAMT.053 with entries of (the bank's name, cents, what the payer wrote)."""
        told = {entry[0] for entry in entries}
        opening = sum(cents for known, cents in self.booked.items() if known not in told)
        self.booked.update({entry[0]: entry[1] for entry in entries})
        content = camt(self.account, opening, entries)
        self.s3.put_object(Bucket=self.bucket, Key=f"camt/{name}.xml", Body=content)


@pytest.fixture
def bank(aws: Callable[[str], Any]) -> Bank:
    """See Bank; the account is the one that the stage names as the firm's."""
    s3 = aws("s3")
    (bucket,) = [one["Name"] for one in s3.list_buckets()["Buckets"] if "statements" in one["Name"]]
    worker = "baobab-local-reconcile-gateways"
    deployed = aws("lambda").get_function_configuration(FunctionName=worker)
    accounts = json.loads(deployed["Environment"]["Variables"]["BANK_ACCOUNTS"])
    return Bank(s3, bucket, accounts["USD"], BOOKED.setdefault(bucket, {}))


def camt(account: str, opening: int, entries: Sequence[tuple[str, int, str]]) -> bytes:
    """A statement of today in US dollars."""
    today, closing = datetime.now(UTC).date().isoformat(), opening + sum(one[1] for one in entries)
    told = "".join(
        f'<Ntry><Amt Ccy="USD">{_text(abs(cents))}</Amt><CdtDbtInd>{_way(cents)}</CdtDbtInd>'
        f"<Sts>BOOK</Sts><BookgDt><Dt>{today}</Dt></BookgDt><AcctSvcrRef>{name}</AcctSvcrRef>"
        f"<NtryDtls><TxDtls><RmtInf><Ustrd>{text}</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>"
        for name, cents, text in entries
    )
    balances = "".join(
        f"<Bal><Tp><CdOrPrtry><Cd>{kind}</Cd></CdOrPrtry></Tp>"
        f'<Amt Ccy="USD">{_text(abs(cents))}</Amt><CdtDbtInd>{_way(cents)}</CdtDbtInd>'
        f"<Dt><Dt>{today}</Dt></Dt></Bal>"
        for kind, cents in (("OPBD", opening), ("CLBD", closing))
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.02"><BkToCstmrStmt>'
        f"<GrpHdr><MsgId>1</MsgId><CreDtTm>{today}T22:00:00</CreDtTm></GrpHdr>"
        f"<Stmt><Acct><Id><IBAN>{account}</IBAN></Id><Ccy>USD</Ccy></Acct>"
        f"{balances}{told}</Stmt></BkToCstmrStmt></Document>"
    ).encode()


def _way(cents: int) -> str:
    return "CRDT" if cents >= 0 else "DBIT"


def _text(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02d}"
