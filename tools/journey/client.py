"""GraphQL over HTTP with a session: what a browser or a partner's server does."""

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Self

import httpx

TIMEOUT_SECONDS = 40
PERSISTED = Path(__file__).resolve().parents[2] / "graphql" / "persisted.json"


class Refused(Exception):
    """The platform answered with one of its documented errors."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.text = message


class Broken(Exception):
    """The platform answered with something that no client could have caused."""


@dataclass
class Client:
    """One person's client: keeps the session cookie and the access token."""

    graphql_url: str
    session_url: str
    access_token: str | None = None
    http: httpx.Client = field(
        default_factory=lambda: httpx.Client(timeout=TIMEOUT_SECONDS, trust_env=False)
    )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *details: object) -> None:
        self.http.close()

    def session(self, operation: str, **variables: object) -> Any:
        """An operation of the session endpoint, by its name or as a document; its only field's
        value."""
        return self._send(self.session_url, operation, variables)

    def graphql(self, operation: str, **variables: object) -> Any:
        """An operation of the API, by its name or as a document; its only field's value."""
        return self._send(self.graphql_url, operation, variables)

    def post(self, url: str, operation: str, variables: Mapping[str, object]) -> httpx.Response:
        """The bare exchange."""
        headers = {"Accept": "application/graphql-response+json, application/json"}
        if self.access_token is not None:
            headers["Authorization"] = f"Bearer {self.access_token}"
        body = {**asked_by(operation), "variables": dict(variables)}
        return self.http.post(url, json=body, headers=headers)

    def _send(self, url: str, operation: str, variables: Mapping[str, object]) -> Any:
        answer = self.post(url, operation, variables)
        if answer.status_code != 200:
            raise Broken(f"HTTP {answer.status_code}: {answer.text[:300]}")
        content = answer.json()
        if content.get("errors"):
            raise Broken(str(content["errors"])[:500])
        (value,) = content["data"].values()
        if isinstance(value, dict) and "code" in value and "message" in value:
            raise Refused(value["code"], value["message"])
        return value


def asked_by(operation: str) -> dict[str, str]:
    """The id of a persisted operation of this name; a text that is no name is the document."""
    document_id = _ids().get(operation)
    return {"query": operation} if document_id is None else {"documentId": document_id}


@cache
def _ids() -> Mapping[str, str]:
    """As any client keeps them: by name, from the published list."""
    listed = json.loads(PERSISTED.read_text(encoding="utf-8"))["operations"]
    return {each["name"]: each["id"] for each in listed}


def wait_for[T](
    what: str, look: Callable[[], T | None], *, seconds: int = 60, every: int = 300
) -> T:
    """The first true value of ``look``, tried every so many milliseconds.

    Raises TimeoutError that says what was waited for.
    """
    deadline = time.monotonic() + seconds
    while True:
        found = look()
        if found:
            return found
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what} did not happen within {seconds} s")
        time.sleep(every / 1000)
