"""A deployed function's code with its own settings and role, a day later: python -m
tests.journeys.tomorrow <module of the handler> <SQS body>. For what waits until a day is over."""

import json
import sys
from datetime import datetime, timedelta
from importlib import import_module
from types import SimpleNamespace

from shared.kernel.clock import SystemClock

_NOW = SystemClock.now


def _tomorrow(clock: SystemClock) -> datetime:
    return _NOW(clock) + timedelta(days=1, hours=1)


def main() -> int:
    """Hands one message over; 0 when it was handled."""
    SystemClock.now = _tomorrow  # type: ignore[method-assign] - the one thing that is not deployed
    module, body = sys.argv[1:]
    record = {
        "messageId": "00000000-0000-4000-8000-000000000000",
        "receiptHandle": "none",
        "body": body,
        "attributes": {"ApproximateReceiveCount": "1", "SentTimestamp": "0"},
        "messageAttributes": {},
        "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:us-east-1:000000000000:none",
        "awsRegion": "us-east-1",
    }
    context = SimpleNamespace(
        aws_request_id="tomorrow", get_remaining_time_in_millis=lambda: 120_000
    )
    answer = import_module(module).handler({"Records": [record]}, context)
    print(json.dumps(answer))
    return 1 if answer["batchItemFailures"] else 0


if __name__ == "__main__":
    raise SystemExit(main())
