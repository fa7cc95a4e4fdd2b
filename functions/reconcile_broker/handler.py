"""Lambda reconcile_broker: people's accounts at the brokers against our books, every day."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from functions.reconcile_broker.building import custody_of, firm_of, sweep_of
from functions.reconcile_broker.settings import Settings
from shared.broker_reconciliation.asking import ACCOUNT, SEGMENT, TICK
from shared.broker_reconciliation.firm import Firm
from shared.broker_reconciliation.sweeping import Sweep
from shared.platform.entry import entry_point
from shared.platform.runtime import runtime
from shared.platform.secrets import SecretsManager
from shared.platform.worker import CheckMessage, Message, consume

settings = Settings.load()
platform, secrets = runtime(settings), SecretsManager()


def sweep() -> Sweep:
    """Built per message, so that a rotated secret is seen."""
    return sweep_of(platform, settings, custody_of(platform, settings, secrets))


def firm() -> Firm:
    """The same."""
    return firm_of(platform, settings, secrets, custody_of(platform, settings, secrets))


def handle(message: Message) -> None:
    """The schedule's tick, a segment of a day, or one account."""
    match message:
        case CheckMessage(check=check) if check == TICK:
            sweep().tick()
            firm().look()
        case CheckMessage(check=check, subject=subject) if check == SEGMENT:
            sweep().walk(date.fromisoformat(subject["day"]), int(subject["segment"]))
        case CheckMessage(check, subject, attempt) if check == ACCOUNT:
            chain = attempt if "chain" in subject else None
            sweep().account(date.fromisoformat(subject["day"]), subject["user_id"], chain)
        case _:
            raise TypeError(f"reconcile_broker does not take {type(message).__name__}")


@entry_point("reconcile_broker")
def handler(event: Mapping[str, Any], context: object) -> dict[str, list[dict[str, str]]]:
    """An SQS batch."""
    return consume(event, handle, service="reconcile_broker")
