"""Lambda process_corporate_actions: what companies do, for everybody who holds their shares."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from functions.process_corporate_actions.building import UseCases
from functions.process_corporate_actions.settings import Settings
from shared.corporate_actions.model import Run
from shared.corporate_actions.providers.alpaca import line_in
from shared.corporate_actions.running import round_over
from shared.market_data.universe import SYMBOLS
from shared.platform.entry import entry_point
from shared.platform.queues import SqsQueue
from shared.platform.runtime import runtime
from shared.platform.worker import CheckMessage, Message, WebhookMessage, consume

settings = Settings.load()
use = UseCases(settings, runtime(settings))
queue = SqsQueue(settings.corporate_actions_queue)


def further(run: Run) -> None:
    """A message for the next page: each is a call of its own."""
    subject = {"effective": run.effective.isoformat(), "announcement_id": run.announcement_id}
    queue.send(CheckMessage("corporate_action_run", subject))


def handle(message: Message) -> None:
    """The schedule's tick, a page of a run, a look at one action, or a line of the broker."""
    match message:
        case CheckMessage(check="corporate_actions"):
            for run in use.runner.due(SYMBOLS):
                further(run)
        case CheckMessage(check="corporate_action_run", subject=subject):
            day = date.fromisoformat(subject["effective"])
            known = use.runs.get(day, subject["announcement_id"])
            if known is not None and not round_over(after := use.runner.step(known)):
                further(after)
        case CheckMessage(check="corporate_action", subject=subject):
            use.chasing.look(subject["user_id"], subject["action_id"])
        case WebhookMessage(vendor="broker", body=body):
            line = line_in(body)
            if line is not None:
                use.crediting.apply(line)
        case _:
            raise TypeError(f"process_corporate_actions does not take {type(message).__name__}")


@entry_point("process_corporate_actions")
def handler(event: Mapping[str, Any], context: object) -> dict[str, list[dict[str, str]]]:
    """An SQS batch."""
    return consume(event, handle, service="process_corporate_actions")
