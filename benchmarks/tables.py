"""The platform's tables on a DynamoDB that has none yet."""

from typing import Any

from shared.platform.dynamo import ATTENTION_INDEX, HOLDERS_INDEX, PENDING_INDEX
from shared.platform.indexes import HOLDERS_KEEP
from shared.platform.tables import Table


def create_tables(client: Any) -> dict[Table, str]:
    """All tables with the keys and the index that the deployed ones have."""
    names = {table: f"test-{table.value}" for table in Table}
    for table, name in names.items():
        attributes = ["pk", "sk"]
        extra: dict[str, Any] = {}
        if table is Table.CORE:
            attributes += ["pending", "due", "attention", "waits_at", "segment"]
            extra["GlobalSecondaryIndexes"] = [
                {
                    "IndexName": PENDING_INDEX,
                    "KeySchema": [
                        {"AttributeName": "pending", "KeyType": "HASH"},
                        {"AttributeName": "due", "KeyType": "RANGE"},
                    ],
                    "Projection": {"ProjectionType": "ALL"},
                },
                {
                    "IndexName": ATTENTION_INDEX,
                    "KeySchema": [
                        {"AttributeName": "attention", "KeyType": "HASH"},
                        {"AttributeName": "waits_at", "KeyType": "RANGE"},
                    ],
                    "Projection": {"ProjectionType": "KEYS_ONLY"},
                },
                {
                    "IndexName": HOLDERS_INDEX,
                    "KeySchema": [
                        {"AttributeName": "segment", "KeyType": "HASH"},
                        {"AttributeName": "pk", "KeyType": "RANGE"},
                    ],
                    "Projection": {
                        "ProjectionType": "INCLUDE",
                        "NonKeyAttributes": list(HOLDERS_KEEP),
                    },
                },
            ]
        client.create_table(
            TableName=name,
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[
                {"AttributeName": attribute, "AttributeType": "S"} for attribute in attributes
            ],
            KeySchema=[
                {"AttributeName": "pk", "KeyType": "HASH"},
                {"AttributeName": "sk", "KeyType": "RANGE"},
            ],
            **extra,
        )
    return names
