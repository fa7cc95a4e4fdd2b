"""The story of one correlation id, oldest first: `python -m tools.trace ID`, `make trace ID=…`.

Reads the log groups of the platform's functions: those of the stack that runs on this machine,
or with `--stage NAME` those in the AWS account of your credentials. The id is in the header
`x-correlation-id` of every answer, and in `extensions.correlationId` of an internal error.
"""

import argparse
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from tools.stack.places import REGION, TOOLS, Endpoints

HIDDEN = frozenset(
    {
        "_aws",
        "level",
        "message",
        "timestamp",
        "service",
        "function",
        "correlation_id",
        "request_id",
        "cold_start",
        "xray_trace_id",
        "message_id",
        "frames",
    }
)
"""What a line of the story leaves out; `--json` shows whole lines."""


@dataclass(frozen=True, slots=True)
class Told:
    """One log line: when, by which function, and all its fields."""

    at: str
    function: str
    fields: Mapping[str, Any]

    def line(self) -> str:
        """For people."""
        level, words = self.fields.get("level", "COUNT"), self.fields.get("message", "")
        more = " ".join(
            f"{name}={value}" for name, value in self.fields.items() if name not in HIDDEN
        )
        return f"{self.at}  {self.function:<20} {level:<7} {words}  {more}".rstrip()


def story(clients: Mapping[str, Any], prefix: str, trace: str, since: datetime) -> list[Told]:
    """Every line of the trace and of the calls that led into it, oldest first.

    A webhook comes with an id of its own; the line with which its worker went on under this one
    names it as the cause, and the lines of the cause belong to the story.
    """
    groups = dict(_groups(clients["lambda"], prefix))
    own = _lines(clients["logs"], groups, trace, since)
    causes = {str(one.fields["caused_by"]) for one in own if "caused_by" in one.fields}
    more = [
        line
        for cause in sorted(causes)
        for line in _lines(clients["logs"], groups, cause, since)
        if line.fields.get("correlation_id") == cause
    ]
    return sorted([*own, *more], key=lambda one: one.at)


def _groups(client: Any, prefix: str) -> Iterator[tuple[str, str]]:
    for page in client.get_paginator("list_functions").paginate():
        for function in page["Functions"]:
            name = function["FunctionName"]
            if name.startswith(prefix):
                log = function.get("LoggingConfig", {}).get("LogGroup")
                yield name.removeprefix(prefix), log or f"/aws/lambda/{name}"


def _lines(client: Any, groups: Mapping[str, str], trace: str, since: datetime) -> list[Told]:
    found: list[Told] = []
    for function, group in groups.items():
        found += _of_group(client, function, group, trace, since)
    return found


def _of_group(
    client: Any, function: str, group: str, trace: str, since: datetime
) -> Iterator[Told]:
    pages = client.get_paginator("filter_log_events")
    start = int(since.timestamp() * 1000)
    try:
        for page in pages.paginate(
            logGroupName=group, startTime=start, filterPattern=json.dumps(trace)
        ):
            for event in page["events"]:
                for line in str(event["message"]).splitlines():
                    yield from _told(function, line, trace, int(event["timestamp"]))
    except client.exceptions.ResourceNotFoundException:
        # A function that never ran has no log yet.
        return


def _told(function: str, line: str, trace: str, milliseconds: int) -> Iterator[Told]:
    """The line when it carries exactly this id; the search finds others too."""
    try:
        fields = json.loads(line)
    except ValueError:
        return
    if not isinstance(fields, dict) or fields.get("correlation_id") != trace:
        return
    counted = fields.get("_aws", {}).get("Timestamp", milliseconds)
    at = fields.get("timestamp") or datetime.fromtimestamp(counted / 1000, UTC).isoformat(
        timespec="milliseconds"
    )
    yield Told(str(at), function, fields)


def local_clients(aws: str) -> dict[str, Any]:
    """For the embedded AWS."""
    return {
        service: boto3.client(
            service,
            endpoint_url=aws,
            region_name=REGION,
            aws_access_key_id="test",
            aws_secret_access_key="test",  # noqa: S106 - of nobody
        )
        for service in ("lambda", "logs")
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit code 0 when there is a story, 1 when nothing is known of the id."""
    parser = argparse.ArgumentParser(prog="python -m tools.trace", description=__doc__)
    parser.add_argument("id")
    parser.add_argument("--stage", default="local")
    parser.add_argument("--hours", type=int, default=24, help="how far back (24)")
    parser.add_argument("--json", action="store_true", help="whole lines")
    given = parser.parse_args(arguments)
    since = datetime.now(UTC) - timedelta(hours=given.hours)
    try:
        told = story(_clients(given.stage), f"baobab-{given.stage}-", given.id, since)
    except FileNotFoundError:
        print("trace: nothing runs here; start it with: make up", file=sys.stderr)
        return 1
    except (BotoCoreError, ClientError) as error:
        print(f"trace: {type(error).__name__}: {error}", file=sys.stderr)
        return 1
    for one in told:
        print(json.dumps(one.fields) if given.json else one.line())
    if not told:
        print(f"trace: no line of {given.id} in {given.hours} hours", file=sys.stderr)
    return 0 if told else 1


def _clients(stage: str) -> dict[str, Any]:
    if stage != "local":
        return {service: boto3.client(service) for service in ("lambda", "logs")}
    text = Path(TOOLS / "endpoints.json").read_text()
    return local_clients(Endpoints.from_json(text).aws)


if __name__ == "__main__":
    sys.exit(main())
