"""Lambda reconcile_gateways: reports of our books against the statements of others."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from functions.reconcile_gateways.settings import Settings
from shared.kernel.clock import from_text
from shared.platform.entry import entry_point
from shared.platform.queues import SqsQueue
from shared.platform.runtime import runtime
from shared.platform.secrets import SecretsManager
from shared.platform.worker import CheckMessage, EventMessage, Message, consume
from shared.reconciliation.daily import CHECK, TICK, Daily
from shared.reconciliation.desk import reconciling_of
from shared.reconciliation.events import ReportAskedV1
from shared.reconciliation.model import Book
from shared.reconciliation.providers.kms_signer import KmsSigner
from shared.reconciliation.providers.s3_archive import S3Archive
from shared.reconciliation.statements import statements_of
from shared.reconciliation.store import ReportStore

settings = Settings.load()
platform = runtime(settings)
reconciling = reconciling_of(
    platform,
    settings.cell,
    statements_of(platform, SecretsManager(), settings.stripe_secret, settings.stripe_base_url),
    S3Archive(settings.reports_bucket),
    KmsSigner(settings.reports_key),
)
daily = Daily(reconciling, ReportStore(platform.database), SqsQueue(settings.reconciliation_queue))


def handle(message: Message) -> None:
    """The schedule's tick, or the report of one book and day, by it or by a member of staff."""
    match message:
        case EventMessage(envelope) if envelope.type == ReportAskedV1.detail_type():
            asked = ReportAskedV1.model_validate(envelope.data)
            reconciling.run(Book.named(asked.book), date.fromisoformat(asked.day))
        case CheckMessage(check=check, subject=subject) if check == TICK:
            told = subject.get("as_of")
            daily.tick(platform.clock.now() if told is None else from_text(told))
        case CheckMessage(check=check, subject=subject) if check == CHECK:
            reconciling.run(Book.named(subject["book"]), date.fromisoformat(subject["day"]))
        case _:
            raise TypeError(f"reconcile_gateways does not take {type(message).__name__}")


@entry_point("reconcile_gateways")
def handler(event: Mapping[str, Any], context: object) -> dict[str, list[dict[str, str]]]:
    """An SQS batch."""
    return consume(event, handle, service="reconcile_gateways")
