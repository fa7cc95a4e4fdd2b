"""DynamoDB streams into functions, with AWS's failure handling and on a thread of their own.

The emulator skips a partly failed batch (its records are lost), never bisects, never gives up,
and runs stream functions on the thread that also polls every queue.
"""

import json
import threading
import time
import types
from typing import Any

from tools.embedded_aws import emulator

POLL_S = 0.05
BACKOFF_MAX_S = 3.0

type Records = list[dict[str, Any]]


def _backoff(tries: int) -> float:
    return min(0.2 * 2.0 ** min(tries, 10), BACKOFF_MAX_S)


def first_failure(answer: dict[str, Any], records: Records, partial: bool) -> int | None:
    """Index of the first record to repeat; None when the whole batch is done."""
    if answer.get("error"):
        return 0
    if not partial:
        return None
    body = answer.get("body")
    if isinstance(body, str):
        body = json.loads(body) if body.strip() else None
    failures = (body or {}).get("batchItemFailures") if isinstance(body, dict) else None
    failed = {failure.get("itemIdentifier") for failure in failures or ()}
    if not failed:
        return None
    at = [i for i, record in enumerate(records) if record["dynamodb"]["SequenceNumber"] in failed]
    # AWS treats an identifier it did not send as a failure of the whole batch.
    return min(at, default=0)


class Delivery:
    """One batch of one mapping: repeats, splits or gives up as the mapping is configured."""

    def __init__(self, mapping: dict[str, Any], source_arn: str) -> None:
        limit = mapping.get("MaximumRetryAttempts")
        age = int(mapping.get("MaximumRecordAgeInSeconds") or 0)
        self.mapping, self.source_arn = mapping, source_arn
        self.retries_max = None if limit in (None, -1) else int(limit)
        self.age_max_s = age if age > 0 else None
        self.partial = "ReportBatchItemFailures" in (mapping.get("FunctionResponseTypes") or ())
        self.bisect = bool(mapping.get("BisectBatchOnFunctionError"))

    def run(self, records: Records, tries: int = 0) -> None:
        """Returns when every record is processed or handed to the on-failure destination."""
        while self.mapping["UUID"] in emulator.lambdas._esms:
            function, _ = emulator.lambdas._get_func_record_for_qualifier(
                self.mapping["FunctionName"], self.mapping.get("Qualifier")
            )
            if function is None:
                return
            answer = emulator.lambdas._execute_function(function, {"Records": records})
            failed_at = first_failure(answer, records, self.partial)
            if failed_at is None:
                return
            if failed_at > 0:
                records, tries = records[failed_at:], 0
            if self.bisect and len(records) > 1:
                middle = len(records) // 2
                self.run(records[:middle], tries)
                records = records[middle:]
                continue
            reason = self.gives_up(records, tries)
            if reason:
                emulator.lambdas._send_ddb_stream_failure_record(
                    self.mapping, function, records, self.source_arn, answer, reason
                )
                return
            time.sleep(_backoff(tries))
            tries += 1

    def gives_up(self, records: Records, tries: int) -> str:
        """Why the batch is not tried again, in AWS's words; empty when it is."""
        if self.retries_max is not None and tries >= self.retries_max:
            return "RetryAttemptsExhausted"
        if self.age_max_s is None:
            return ""
        created = min(float(r["dynamodb"]["ApproximateCreationDateTime"]) for r in records)
        return "MaxRecordAgeExceeded" if time.time() - created > self.age_max_s else ""


def _deliver(function: dict[str, Any], event: dict[str, Any]) -> dict[str, Any]:
    """What the emulator's stream poller calls in place of a plain invocation."""
    records: Records = event["Records"]
    source_arn = records[0]["eventSourceARN"]
    name = (function.get("config") or function)["FunctionName"]
    for _, _, mapping in emulator.lambdas._iter_all_esms():
        target = mapping.get("FunctionName")
        if mapping.get("EventSourceArn") == source_arn and target == name:
            Delivery(mapping, source_arn).run(records)
    return {"body": None}


def _poll_for_ever(poll: Any) -> None:
    while True:
        try:
            busy = poll()
        except Exception:  # noqa: BLE001 - one bad pass must not end the only poller
            emulator.lambdas.logger.exception("the stream poller failed")
            busy = False
        if not busy:
            time.sleep(POLL_S)


def deliver_streams_as_aws_does() -> None:
    """Replaces the poller by a copy of itself that delivers through `Delivery`."""
    stock = emulator.lambdas._poll_dynamodb_streams
    names = {**vars(emulator.lambdas), "_execute_function": _deliver}
    poll = types.FunctionType(stock.__code__, names, stock.__name__)
    emulator.lambdas._poll_dynamodb_streams = lambda: False
    thread = threading.Thread(target=_poll_for_ever, args=(poll,), daemon=True, name="streams")
    thread.start()


def apply() -> None:
    deliver_streams_as_aws_does()
