"""DynamoDB attribute maps as plain Python values."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from boto3.dynamodb.types import TypeDeserializer

_DESERIALIZER = TypeDeserializer()


def plain(attributes: Mapping[str, Any]) -> dict[str, Any]:
    """A DynamoDB attribute map as Python values; whole numbers as int."""
    return {name: _whole(_DESERIALIZER.deserialize(value)) for name, value in attributes.items()}


def _whole(value: Any) -> Any:
    if isinstance(value, Decimal) and value == value.to_integral_value():
        return int(value)
    return value
