"""DynamoDB numbers keep 38 digits, as on AWS."""

from typing import Any

import pytest

pytestmark = pytest.mark.emulator

DIGITS_38 = "12345678901234567890123456789012345678"


def test_a_sum_of_38_digits_is_exact(cloud: Any) -> None:
    dynamo = cloud.client("dynamodb")
    dynamo.create_table(
        TableName="numbers",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    dynamo.put_item(TableName="numbers", Item={"id": {"S": "a"}, "n": {"N": DIGITS_38}})
    dynamo.update_item(
        TableName="numbers",
        Key={"id": {"S": "a"}},
        UpdateExpression="ADD n :one",
        ExpressionAttributeValues={":one": {"N": "1"}},
    )

    stored = dynamo.get_item(TableName="numbers", Key={"id": {"S": "a"}})["Item"]["n"]["N"]

    assert stored == str(int(DIGITS_38) + 1)
