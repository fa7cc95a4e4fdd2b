"""The DynamoDB engine: carries out rows, conditions and transactions by boto3."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError
from pynamodb.expressions.update import Update as UpdateExpression

from shared.kernel.errors import TemporarilyUnavailable
from shared.platform.contention import full_jitter
from shared.platform.indexes import segment_name
from shared.platform.items import plain
from shared.platform.tables import (
    Change,
    Check,
    Delete,
    Item,
    Key,
    Page,
    Put,
    Row,
    Table,
    Update,
    Waiting,
    Walked,
)
from shared.platform.work import ConditionFailed

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient

ATTENTION_INDEX = "attention"
HOLDERS_INDEX = "holders"
PENDING_INDEX = "pending"
_BUSY = frozenset(
    {
        "TransactionConflict",
        "ThrottlingError",
        "ProvisionedThroughputExceeded",
        "ThrottledException",
    }
)
_TRIES = 8


def dynamodb_client() -> "DynamoDBClient":
    """A client with short timeouts; the endpoint and region come from the environment."""
    config = Config(
        connect_timeout=2,
        read_timeout=5,
        retries={"mode": "standard", "total_max_attempts": 4},
        tcp_keepalive=True,
    )
    return boto3.client("dynamodb", config=config)


class DynamoDatabase:
    """Reads and writes items of the tables whose physical names it is given."""

    def __init__(
        self,
        tables: Mapping[Table, str],
        client: "DynamoDBClient | None" = None,
        pause: Callable[[int], None] = full_jitter,
    ) -> None:
        self._tables = tables
        self._client = client or dynamodb_client()
        self._pause = pause

    def get[R: Row](self, row: type[R], pk: str, sk: str) -> R | None:
        """See Database."""
        answer = self._client.get_item(
            TableName=self._tables[row.TABLE],
            Key={"pk": {"S": pk}, "sk": {"S": sk}},
            ConsistentRead=True,
        )
        item = answer.get("Item")
        return None if item is None else Item(item).to(row)

    def get_many(self, keys: Sequence[Key]) -> dict[Key, Item]:
        """See Database."""
        names = {physical: table for table, physical in self._tables.items()}
        wanted: dict[str, Any] = {}
        for key in dict.fromkeys(keys):
            entry = wanted.setdefault(self._tables[key.table], {"ConsistentRead": True, "Keys": []})
            entry["Keys"].append({"pk": {"S": key.pk}, "sk": {"S": key.sk}})
        found: dict[Key, Item] = {}
        for attempt in range(_TRIES):
            answer = self._client.batch_get_item(RequestItems=wanted)
            for physical, items in answer["Responses"].items():
                for item in items:
                    key = Key(names[physical], item["pk"]["S"], item["sk"]["S"])
                    found[key] = Item(item)
            wanted = dict(answer.get("UnprocessedKeys") or {})
            if not wanted:
                return found
            self._pause(attempt)
        raise TemporarilyUnavailable()

    def query(
        self,
        table: Table,
        pk: str,
        first: str,
        last: str,
        *,
        newest_first: bool = False,
        limit: int | None = None,
        after: str | None = None,
    ) -> Page:
        """See Database."""
        request: dict[str, Any] = {
            "TableName": self._tables[table],
            "KeyConditionExpression": "pk = :pk AND sk BETWEEN :first AND :last",
            "ExpressionAttributeValues": {
                ":pk": {"S": pk},
                ":first": {"S": first},
                ":last": {"S": last},
            },
            "ScanIndexForward": not newest_first,
            "ConsistentRead": True,
        }
        if limit is not None:
            request["Limit"] = limit
        if after is not None:
            request["ExclusiveStartKey"] = {"pk": {"S": pk}, "sk": {"S": after}}
        items: list[Item] = []
        while True:
            answer = self._client.query(**request)
            items += [Item(item) for item in answer["Items"]]
            start = answer.get("LastEvaluatedKey")
            if start is None or (limit is not None and len(items) >= limit):
                return Page(tuple(items), None if start is None else items[-1].sk)
            request["ExclusiveStartKey"] = start

    def pending(self, bucket: int, until: str, limit: int) -> Page:
        """See Database."""
        request: dict[str, Any] = {
            "TableName": self._tables[Table.CORE],
            "IndexName": PENDING_INDEX,
            "KeyConditionExpression": "pending = :bucket AND due <= :until",
            "ExpressionAttributeValues": {
                ":bucket": {"S": f"PENDING#{bucket}"},
                ":until": {"S": until},
            },
        }
        items: list[Item] = []
        while len(items) < limit:
            answer = self._client.query(**request, Limit=limit - len(items))
            items += [Item(item) for item in answer["Items"]]
            start = answer.get("LastEvaluatedKey")
            if start is None:
                break
            request["ExclusiveStartKey"] = start
        return Page(tuple(items))

    def waiting(self, bucket: str, after: str, limit: int) -> tuple[Waiting, ...]:
        """See Database."""
        # One page suffices: entries are keys only, and a list of staff asks for few.
        answer = self._client.query(
            TableName=self._tables[Table.CORE],
            IndexName=ATTENTION_INDEX,
            KeyConditionExpression="attention = :bucket AND waits_at > :after",
            # A key value is never empty, and every place begins with a year.
            ExpressionAttributeValues={":bucket": {"S": bucket}, ":after": {"S": after or "0"}},
            Limit=limit,
        )
        return tuple(
            Waiting(Key(Table.CORE, item["pk"]["S"], item["sk"]["S"]), item["waits_at"]["S"])
            for item in answer["Items"]
        )

    def segment(self, number: int, after: str | None = None) -> Walked:
        """See Database."""
        request: dict[str, Any] = {
            "TableName": self._tables[Table.CORE],
            "IndexName": HOLDERS_INDEX,
            "KeyConditionExpression": "#segment = :segment AND pk > :after",
            "ExpressionAttributeNames": {"#segment": "segment"},
            # A key value is never empty, and every partition begins with a letter.
            "ExpressionAttributeValues": {
                ":segment": {"S": segment_name(number)},
                ":after": {"S": after or "0"},
            },
        }
        items: list[Item] = []
        while True:
            answer = self._client.query(**request)
            items += [Item(item) for item in answer["Items"]]
            start = answer.get("LastEvaluatedKey")
            if start is None:
                return Walked(tuple(items))
            whole = [item for item in items if item.pk != items[-1].pk] if items else []
            if whole:
                # The last one may go on behind the page: they come first in the next one.
                return Walked(tuple(whole), whole[-1].pk)
            request["ExclusiveStartKey"] = start

    def write(self, change: Change) -> None:
        """See Database."""
        ((operation, request),) = self._request(change).items()
        calls: dict[str, Callable[..., object]] = {
            "Put": self._client.put_item,
            "Update": self._client.update_item,
            "Delete": self._client.delete_item,
        }
        try:
            calls[operation](**request)
        except ClientError as error:
            if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
                raise
            item: Any = error.response.get("Item")
            raise ConditionFailed({change.name: plain(item) if item else None}) from None

    def transact(self, changes: Sequence[Change]) -> None:
        """See Database."""
        items: Any = [self._request(change) for change in changes]
        for attempt in range(_TRIES):
            try:
                self._client.transact_write_items(TransactItems=items)
            except ClientError as error:
                if not _is_busy(error, changes):
                    raise
                self._pause(attempt)
            else:
                return
        raise TemporarilyUnavailable()

    def _request(self, change: Change) -> dict[str, Any]:
        names: dict[str, str] = {}
        values: dict[str, Any] = {}
        request: dict[str, Any] = {"TableName": self._tables[change.key.table]}
        if isinstance(change, Put):
            request["Item"] = change.row.to_item()
        else:
            request["Key"] = {"pk": {"S": change.pk}, "sk": {"S": change.sk}}
        if isinstance(change, Update):
            expression = UpdateExpression(*change.actions).serialize(names, values) or ""
            request["UpdateExpression"] = _with_kind(expression, change.row.KIND, names, values)
        if change.condition is not None:
            request["ConditionExpression"] = change.condition.serialize(names, values)
            request["ReturnValuesOnConditionCheckFailure"] = "ALL_OLD"
        if names:
            request["ExpressionAttributeNames"] = {short: full for full, short in names.items()}
        if values:
            request["ExpressionAttributeValues"] = values
        return {_operation(change): request}


def _operation(change: Change) -> str:
    match change:
        case Put():
            return "Put"
        case Update():
            return "Update"
        case Delete():
            return "Delete"
        case Check():
            return "ConditionCheck"


def _with_kind(expression: str, kind: str, names: dict[str, str], values: dict[str, Any]) -> str:
    """An update may create its item, which then needs its kind like any other."""
    names["kind"] = "#kind"
    values[":kind"] = {"S": kind}
    if expression.startswith("SET "):
        return "SET #kind = :kind, " + expression.removeprefix("SET ")
    return "SET #kind = :kind " + expression


def _is_busy(error: ClientError, changes: Sequence[Change]) -> bool:
    """Whether to send the transaction again; a failed condition is raised by name instead."""
    code = error.response["Error"]["Code"]
    if code in (
        "TransactionInProgressException",
        "ThrottlingException",
        "TransactionConflictException",
    ):
        return True
    if code != "TransactionCanceledException":
        return False
    reasons: Any = error.response.get("CancellationReasons", [])
    found = {
        change.name: plain(reason["Item"]) if reason.get("Item") else None
        for change, reason in zip(changes, reasons, strict=True)
        if reason.get("Code") == "ConditionalCheckFailed"
    }
    if found:
        raise ConditionFailed(found) from None
    return any(reason.get("Code") in _BUSY for reason in reasons)
