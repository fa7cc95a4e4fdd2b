"""Lambda receive_webhook: vendors' deliveries are verified, kept on a queue and answered."""

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from functions.receive_webhook.receiver import Receiver, Response
from functions.receive_webhook.settings import Settings
from shared.kernel.clock import SystemClock
from shared.platform.correlation import correlation_id
from shared.platform.entry import entry_point
from shared.platform.observability import logger
from shared.platform.origin import Origin
from shared.platform.queues import Queue, SqsQueue
from shared.platform.secrets import SecretsManager

if TYPE_CHECKING:
    from shared.platform.tables import Database

settings = Settings.load()


@cache
def queue_of(url: str) -> Queue:
    """One client per queue and process."""
    return SqsQueue(url)


def paybill(content: Mapping[str, Any]) -> Mapping[str, Any]:
    """Whether a payment from the phone's menu should be taken. Only this needs a table."""
    from shared.payments.paybill_validation import PaybillValidation

    return PaybillValidation(database, settings.mpesa_paybill).answer(content)


@cache
def database() -> "Database":
    """Made when it is first asked."""
    from shared.platform.runtime import runtime

    return runtime(settings).database


secrets = SecretsManager()
receiver = Receiver(
    settings,
    secrets,
    queue_of,
    SystemClock(),
    Origin(secrets, settings.origin_secret),
    replies={"paybill": paybill},
)


@entry_point("receive_webhook")
def handler(event: Mapping[str, Any], context: object) -> Response:
    """An HTTP request of API Gateway."""
    answer = receiver.receive(event)
    answer["headers"]["x-correlation-id"] = correlation_id()
    if answer["statusCode"] < 300:
        # What is refused leaves a count and no line: anybody can send it.
        logger("receive_webhook").info("delivery answered")
    return answer
