"""Secrets of vendors and of our own, as JSON documents, cached for a few minutes."""

import json
import time
from collections.abc import Mapping
from typing import Any, Protocol

import boto3

CACHED_SECONDS = 300


class Secrets(Protocol):
    """Where secrets come from."""

    def get(self, name: str) -> Mapping[str, Any]:
        """The JSON object behind a secret's name or ARN."""


class SecretsManager:
    """AWS Secrets Manager with an in-process cache, so that a rotation is seen in minutes."""

    def __init__(self) -> None:
        self._client = boto3.client("secretsmanager")
        self._cache: dict[str, tuple[int, Mapping[str, Any]]] = {}

    def get(self, name: str) -> Mapping[str, Any]:
        """See Secrets."""
        now = time.monotonic_ns() // 1_000_000_000
        read_at, value = self._cache.get(name, (-CACHED_SECONDS, {}))
        if now - read_at < CACHED_SECONDS:
            return value
        text = self._client.get_secret_value(SecretId=name)["SecretString"]
        fresh: Mapping[str, Any] = json.loads(text)
        self._cache[name] = (now, fresh)
        return fresh


class MemorySecrets:
    """Given values, for tests."""

    def __init__(self, values: Mapping[str, Mapping[str, Any]]) -> None:
        self._values = values

    def get(self, name: str) -> Mapping[str, Any]:
        """See Secrets."""
        return self._values[name]
