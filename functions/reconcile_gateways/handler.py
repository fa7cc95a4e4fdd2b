"""Lambda reconcile_gateways: reports of our books against the statements of others."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from functions.reconcile_gateways.settings import Settings
from shared.kernel.clock import from_text
from shared.payments.providers.adyen_report import report_address
from shared.platform.entry import entry_point
from shared.platform.queues import SqsQueue
from shared.platform.runtime import runtime
from shared.platform.secrets import SecretsManager
from shared.platform.worker import (
    AwsMessage,
    CheckMessage,
    EventMessage,
    Message,
    WebhookMessage,
    consume,
)
from shared.reconciliation.bank import BYTES_MAX
from shared.reconciliation.daily import CHECK, TICK, Daily
from shared.reconciliation.desk import reconciling_of
from shared.reconciliation.events import ReportAskedV1
from shared.reconciliation.model import Book, Party
from shared.reconciliation.mpesa.answers import ANSWERS
from shared.reconciliation.mpesa.desk import asking_of
from shared.reconciliation.providers.kms_signer import KmsSigner
from shared.reconciliation.providers.s3_archive import S3Archive
from shared.reconciliation.statements import importing_of, settlement_reports_of, statements_of
from shared.reconciliation.store import ReportStore

settings = Settings.load()
platform, secrets = runtime(settings), SecretsManager()
archive, signer = S3Archive(settings.reports_bucket), KmsSigner(settings.reports_key)
statements = statements_of(platform, secrets, settings, archive)
reconciling = reconciling_of(platform, settings.cell, statements, archive, signer)
queue = SqsQueue(settings.reconciliation_queue)
daily = Daily(reconciling, ReportStore(platform.database), queue)
mpesa = asking_of(platform, settings.cell, reconciling, secrets, settings, queue)
files = S3Archive(settings.statements_bucket, most=BYTES_MAX)
importing = importing_of(platform, settings)
settlement_reports = settlement_reports_of(platform, secrets, settings)


def compare(book: Book, day: date, attempt: int = 0, as_of: datetime | None = None) -> None:
    """The report of a day; of a party that lists nothing once its answers have come."""
    if book.party is Party.MPESA:
        mpesa.step(day, attempt, as_of)
    else:
        reconciling.run(book, day, as_of)


def handle(message: Message) -> None:
    """The tick, a report by it or by staff, a bank's file, or news of a gateway's report."""
    match message:
        case EventMessage(envelope) if envelope.type == ReportAskedV1.detail_type():
            asked = ReportAskedV1.model_validate(envelope.data)
            compare(Book.named(asked.book), date.fromisoformat(asked.day))
        case CheckMessage(check=check, subject=subject) if check == TICK:
            daily.tick(subject.get("as_of"))
        case CheckMessage(check, subject, attempt) if check == CHECK:
            told = subject.get("as_of")
            as_of = None if told is None else from_text(told)
            day = date.fromisoformat(subject["day"])
            compare(Book.named(subject["book"]), day, attempt, as_of)
        case AwsMessage(source="aws.s3", detail=detail):
            content = files.read(detail["object"]["key"])
            if content is not None:
                importing.take(content)
        case WebhookMessage(vendor="adyen", body=body) if address := report_address(body):
            settlement_reports.take(address)
        case WebhookMessage(vendor, body, at, str(token)) if vendor in ANSWERS:
            mpesa.answers.came(vendor, token, body, at)
        case _:
            raise TypeError(f"reconcile_gateways does not take {type(message).__name__}")


@entry_point("reconcile_gateways")
def handler(event: Mapping[str, Any], context: object) -> dict[str, list[dict[str, str]]]:
    """An SQS batch."""
    return consume(event, handle, service="reconcile_gateways")
