"""Lambda monitor_money: each movement of money is remembered, and patterns are told to staff."""

from collections.abc import Mapping
from typing import Any

from functions.monitor_money.settings import Settings
from shared.cases.store import CaseStore
from shared.money_monitoring.hearing import heard_in
from shared.money_monitoring.readings import StoredMovements
from shared.money_monitoring.store import AlertStore, WindowStore
from shared.money_monitoring.table import rule_table
from shared.money_monitoring.watching import Watch
from shared.platform.entry import entry_point
from shared.platform.personal import KmsPersonalData
from shared.platform.runtime import runtime
from shared.platform.worker import EventMessage, Message, consume

settings = Settings.load()
platform = runtime(settings)
watch = Watch(
    movements=StoredMovements(platform.database, KmsPersonalData(settings.personal_data_key)),
    windows=WindowStore(platform.database),
    alerts=AlertStore(platform.database),
    cases=CaseStore(platform.database),
    facts=platform.facts,
    clock=platform.clock,
    table=rule_table(),
)


def handle(message: Message) -> None:
    """One event; anything else on this queue is none of ours and goes to the dead letters."""
    if not isinstance(message, EventMessage):
        raise TypeError(f"monitor_money takes events, not {type(message).__name__}")
    heard = heard_in(message.envelope)
    if heard is not None:
        watch.heard(*heard)


@entry_point("monitor_money")
def handler(event: Mapping[str, Any], context: object) -> dict[str, list[dict[str, str]]]:
    """An SQS batch."""
    return consume(event, handle, service="monitor_money")
