"""Counts what goes to DynamoDB: requests, the items they name, and capacity units."""

import math
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

READS = frozenset({"GetItem", "BatchGetItem", "Query", "TransactGetItems", "Scan"})


@dataclass(frozen=True, slots=True)
class Request:
    """One request as it was sent."""

    operation: str
    written: tuple[tuple[str, str, str], ...]
    """(table, pk, sk) of each item that it puts, updates or deletes."""
    write_units: int
    """Billed by the item's size in KB, twice in a transaction; from the request and the stored
    size where it is an update."""


@dataclass
class Recorder:
    """Attached to a boto3 client, it keeps every request."""

    requests: list[Request] = field(default_factory=list)

    def attach(self, client: Any) -> None:
        """Start recording this client's requests."""
        self._client = client
        client.meta.events.register("provide-client-params.dynamodb", self._ask_capacity)
        client.meta.events.register("after-call.dynamodb", self._answered)
        client.meta.events.register("before-parameter-build.dynamodb", self._sent)
        # A client is shared by threads; each has one request on its way at a time.
        self._last = threading.local()

    def _ask_capacity(self, params: dict[str, Any], model: Any, **_: Any) -> dict[str, Any]:
        return params | {"ReturnConsumedCapacity": "TOTAL"}

    def _sent(self, params: dict[str, Any], model: Any, **_: Any) -> None:
        self._last.params = dict(params)

    def _answered(self, http_response: Any, parsed: dict[str, Any], model: Any, **_: Any) -> None:
        consumed = parsed.get("ConsumedCapacity", [])
        each = consumed if isinstance(consumed, list) else [consumed]
        name = model.name
        units = 0 if name in READS else math.ceil(sum(c.get("CapacityUnits", 0) for c in each))
        self.requests.append(Request(name, tuple(_written(name, self._last.params)), units))

    @contextmanager
    def window(self) -> Iterator[list[Request]]:
        """The requests made inside the block."""
        start, seen = len(self.requests), list[Request]()
        yield seen
        seen += self.requests[start:]


def _written(operation: str, params: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    if operation == "TransactWriteItems":
        for item in params["TransactItems"]:
            ((kind, request),) = item.items()
            if kind != "ConditionCheck":
                yield _key(request)
    elif operation in ("PutItem", "UpdateItem", "DeleteItem"):
        yield _key(params)


def _key(request: dict[str, Any]) -> tuple[str, str, str]:
    key = request.get("Item") or request["Key"]
    return request["TableName"], key["pk"]["S"], key["sk"]["S"]


def reads_and_writes(requests: list[Request]) -> tuple[int, int]:
    """How many requests read and how many wrote."""
    kinds = Counter(request.operation in READS for request in requests)
    return kinds[True], kinds[False]
