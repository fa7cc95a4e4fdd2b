"""SQS: moving messages out of a dead-letter queue, which the emulator cannot do."""

import json
import time
from typing import Any

from tools.embedded_aws import emulator


def _source_of(dead_letter_arn: str) -> Any:
    """The queue whose redrive policy names the dead-letter queue; None when there is none."""
    for queue in emulator.sqs._queues.values():
        policy = queue["attributes"].get("RedrivePolicy")
        parsed = json.loads(policy) if isinstance(policy, str) and policy else policy or {}
        if parsed.get("deadLetterTargetArn") == dead_letter_arn:
            return queue
    return None


def move_messages(data: dict[str, Any], _queue_url: str) -> dict[str, Any]:
    """StartMessageMoveTask: every message at once, to the given queue or back to its source."""
    source = emulator.sqs._queue_by_arn(data.get("SourceArn", ""))
    if source is None:
        raise emulator.sqs._Err(
            "ResourceNotFoundException", "The source queue does not exist.", 404
        )
    wanted = data.get("DestinationArn")
    target = emulator.sqs._queue_by_arn(wanted) if wanted else _source_of(data["SourceArn"])
    if target is None:
        raise emulator.sqs._Err("InvalidParameterValue", "No queue to move the messages to.")
    moved = list(source["messages"])
    for message in moved:
        source["messages"].remove(message)
        message.update(
            visible_at=time.time(), receive_count=0, first_receive_at=None, receipt_handle=None
        )
        target["messages"].append(message)
    emulator.lambdas.esm_wake.set()
    return {"TaskHandle": f"moved-{len(moved)}"}


def list_moves(data: dict[str, Any], _queue_url: str) -> dict[str, Any]:
    """ListMessageMoveTasks: a move is over when its call returns."""
    return {"Results": [{"Status": "COMPLETED", "SourceArn": data.get("SourceArn", "")}]}


def apply() -> None:
    emulator.sqs._HANDLERS.update(
        StartMessageMoveTask=move_messages, ListMessageMoveTasks=list_moves
    )
