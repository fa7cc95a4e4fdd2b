"""What schedules do on the deployed stack, and time that passes."""

import json
import socket
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from shared.breakers.names import at_broker
from shared.kernel.clock import from_text, to_text
from tools.stack import Endpoints, Ports
from tools.stack.deployment import client
from tools.stack.wiring import refresh_market, scheduled_work

WATCH, SWEEPER = (f"baobab-local-{name}" for name in ("watch-market", "sweep-pending"))
BREAKER = at_broker("alpaca")
CIRCUIT = {"pk": {"S": f"CIRCUIT#{BREAKER}"}, "sk": {"S": "CIRCUIT"}}


def ports_of(endpoints: Endpoints) -> Ports:
    """Those of the embedded AWS and the sandbox."""
    ends = (endpoints.aws, endpoints.sandbox)
    return Ports(*(urlsplit(url).port or 0 for url in ends))


def forget_cached(ports: Ports) -> None:
    """Empties the price cache: it does not know what a test has changed beside it, and whoever
    plans would go on for seconds with the clock, the prices and the assets of before."""
    name = "baobab-local-invest-deposit"
    planner = client("lambda", ports).get_function_configuration(FunctionName=name)
    url = planner["Environment"]["Variables"].get("PRICE_CACHE_URL")
    if not url:
        return
    place = urlsplit(url)
    assert place.hostname
    assert place.port
    with socket.create_connection((place.hostname, place.port), timeout=5) as cache:
        cache.sendall(b"FLUSHALL\r\n")
        assert cache.recv(64) == b"+OK\r\n"


@dataclass(frozen=True)
class Platform:
    """What schedules do, and time that passes."""

    endpoints: Endpoints
    dynamodb: Any

    @property
    def _ports(self) -> Ports:
        return ports_of(self.endpoints)

    def run(self, function: str) -> None:
        """A tick of the schedule of a function."""
        event = scheduled_work(function, self._ports)
        answer = client("lambda", self._ports).invoke(
            FunctionName=function, Payload=json.dumps(event).encode()
        )
        assert "FunctionError" not in answer
        assert json.loads(answer["Payload"].read()) == {"batchItemFailures": []}

    def forget_cached(self) -> None:
        """Whoever plans reads the market's tables anew."""
        forget_cached(self._ports)

    def refresh(self) -> None:
        """The prices of this minute."""
        refresh_market(self.endpoints.outputs, self._ports)

    def circuit(self) -> str:
        """How the broker's circuit stands."""
        table = self.endpoints.outputs["CoreTable"]
        row = self.dynamodb.get_item(TableName=table, Key=CIRCUIT, ConsistentRead=True)
        return str(row["Item"]["state"]["S"]) if "Item" in row else "CLOSED"

    def cooled_down(self) -> None:
        """The broker's circuit has been open for half an hour."""
        table = self.endpoints.outputs["CoreTable"]
        self.dynamodb.update_item(
            TableName=table,
            Key=CIRCUIT,
            UpdateExpression="SET changed_at = :then",
            ExpressionAttributeValues={
                ":then": {"S": to_text(datetime.now(UTC) - timedelta(minutes=30))}
            },
        )

    def swept(self) -> None:
        """Everything that waits for the sweep is due, and it comes."""
        table = self.endpoints.outputs["CoreTable"]
        pages = self.dynamodb.get_paginator("scan").paginate(
            TableName=table, FilterExpression="attribute_exists(due) AND attribute_exists(plan_id)"
        )
        for row in [row for page in pages for row in page["Items"]]:
            if from_text(row["due"]["S"]) > datetime.now(UTC):
                # What has moved meanwhile does not wait.
                with suppress(self.dynamodb.exceptions.ConditionalCheckFailedException):
                    self.dynamodb.update_item(
                        TableName=table,
                        Key={"pk": row["pk"], "sk": row["sk"]},
                        ConditionExpression="due = :due",
                        UpdateExpression="SET due = :now",
                        ExpressionAttributeValues={
                            ":due": row["due"],
                            ":now": {"S": to_text(datetime.now(UTC))},
                        },
                    )
        self.run(SWEEPER)
