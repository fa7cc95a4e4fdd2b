"""GraphQL over HTTP with a session: what a browser or a partner's server does."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Self

import httpx

TIMEOUT_SECONDS = 40


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

    def session(self, document: str, **variables: object) -> Any:
        """An operation of the session endpoint; its only field's value."""
        return self._send(self.session_url, document, variables)

    def graphql(self, document: str, **variables: object) -> Any:
        """An operation of the API; its only field's value."""
        return self._send(self.graphql_url, document, variables)

    def post(self, url: str, document: str, variables: Mapping[str, object]) -> httpx.Response:
        """The bare exchange."""
        headers = {"Accept": "application/graphql-response+json, application/json"}
        if self.access_token is not None:
            headers["Authorization"] = f"Bearer {self.access_token}"
        body = {"query": document, "variables": dict(variables)}
        return self.http.post(url, json=body, headers=headers)

    def _send(self, url: str, document: str, variables: Mapping[str, object]) -> Any:
        answer = self.post(url, document, variables)
        if answer.status_code != 200:
            raise Broken(f"HTTP {answer.status_code}: {answer.text[:300]}")
        content = answer.json()
        if content.get("errors"):
            raise Broken(str(content["errors"])[:500])
        (value,) = content["data"].values()
        if isinstance(value, dict) and "code" in value and "message" in value:
            raise Refused(value["code"], value["message"])
        return value


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
