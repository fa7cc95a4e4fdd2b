"""Lambda receive_webhook: vendors' deliveries are verified, kept on a queue and answered."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from functions.receive_webhook.receiver import Receiver, Response
from functions.receive_webhook.settings import Settings
from functions.receive_webhook.vendors import vendors
from shared.kernel.clock import SystemClock
from shared.platform.correlation import set_correlation_id
from shared.platform.origin import Origin
from shared.platform.queues import Queue, SqsQueue
from shared.platform.secrets import SecretsManager

settings = Settings.load()


@cache
def queue_of(url: str) -> Queue:
    """One client per queue and process."""
    return SqsQueue(url)


secrets = SecretsManager()
receiver = Receiver(
    vendors(settings, secrets),
    queue_of,
    SystemClock(),
    Origin(secrets, settings.origin_secret),
)


def handler(event: Mapping[str, Any], context: object) -> Response:
    """An HTTP request of API Gateway."""
    set_correlation_id("")
    return receiver.receive(event)
