"""Lambda reconcile_gateways: reports of our books against the statements of others."""

from collections.abc import Mapping
from datetime import date
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
from shared.reconciliation.model import Book
from shared.reconciliation.providers.kms_signer import KmsSigner
from shared.reconciliation.providers.s3_archive import S3Archive
from shared.reconciliation.statements import importing_of, settlement_reports_of, statements_of
from shared.reconciliation.store import ReportStore

settings = Settings.load()
platform, secrets = runtime(settings), SecretsManager()
statements = statements_of(platform, secrets, settings)
archive, signer = S3Archive(settings.reports_bucket), KmsSigner(settings.reports_key)
reconciling = reconciling_of(platform, settings.cell, statements, archive, signer)
daily = Daily(reconciling, ReportStore(platform.database), SqsQueue(settings.reconciliation_queue))
files = S3Archive(settings.statements_bucket, most=BYTES_MAX)
importing = importing_of(platform, settings)
settlement_reports = settlement_reports_of(platform, secrets, settings)


def handle(message: Message) -> None:
    """The tick, a report by it or by staff, a bank's file, or news of a gateway's report."""
    match message:
        case EventMessage(envelope) if envelope.type == ReportAskedV1.detail_type():
            asked = ReportAskedV1.model_validate(envelope.data)
            reconciling.run(Book.named(asked.book), date.fromisoformat(asked.day))
        case CheckMessage(check=check, subject=subject) if check == TICK:
            daily.tick(subject.get("as_of"))
        case CheckMessage(check=check, subject=subject) if check == CHECK:
            told = subject.get("as_of")
            as_of = None if told is None else from_text(told)
            day = date.fromisoformat(subject["day"])
            reconciling.run(Book.named(subject["book"]), day, as_of)
        case AwsMessage(source="aws.s3", detail=detail):
            content = files.read(detail["object"]["key"])
            if content is not None:
                importing.take(content)
        case WebhookMessage(vendor="adyen", body=body) if address := report_address(body):
            settlement_reports.take(address)
        case _:
            raise TypeError(f"reconcile_gateways does not take {type(message).__name__}")


@entry_point("reconcile_gateways")
def handler(event: Mapping[str, Any], context: object) -> dict[str, list[dict[str, str]]]:
    """An SQS batch."""
    return consume(event, handle, service="reconcile_gateways")
