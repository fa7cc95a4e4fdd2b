"""Lambda charge_recurring: the day of a standing order or of round-ups, or a look at either."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from functions.charge_recurring.collecting import collectors
from functions.charge_recurring.settings import Settings
from shared.platform.entry import entry_point
from shared.platform.runtime import runtime
from shared.platform.secrets import SecretsManager
from shared.platform.worker import CheckMessage, Message, consume

settings = Settings.load()
collector = collectors(settings, runtime(settings), SecretsManager())


def handle(message: Message) -> None:
    """One check; anything else on this queue goes to the dead letters."""
    match message:
        case CheckMessage(check="schedule", subject=subject):
            collector.orders.due(*_day_in(subject))
        case CheckMessage(check="occurrence", subject=subject, attempt=attempt):
            collector.orders.checked(*_day_in(subject), attempt)
        case CheckMessage(check="round_ups", subject=subject, attempt=attempt):
            collector.round_ups.checked(subject["user_id"], attempt)
        case _:
            raise TypeError(f"charge_recurring does not take {type(message).__name__}")


def _day_in(subject: Mapping[str, str]) -> tuple[str, str, date]:
    return subject["user_id"], subject["schedule_id"], date.fromisoformat(subject["on"])


@entry_point("charge_recurring")
def handler(event: Mapping[str, Any], context: object) -> dict[str, list[dict[str, str]]]:
    """An SQS batch."""
    return consume(event, handle, service="charge_recurring")
