"""Interactive Brokers' Client Portal gateway over HTTP, and what its answers are worth.

The gateway says no in several ways: with a status, or with ``{"error": …}`` and success as its
status. And it says nothing in two ways that matter: before a request arrived, and after.
"""

import json
from collections.abc import Mapping
from decimal import Decimal
from http import HTTPStatus
from typing import Any

import httpx

from shared.platform.http import http_client

_FIRST = ("/iserver/accounts", "/portfolio/accounts")
"""Calls that the gateway wants before others of a session; it names the one it misses."""
_NOT_LOOKED_AT = frozenset(
    {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.TOO_MANY_REQUESTS}
)


class GatewayError(Exception):
    """A request that has no result."""


class NotReached(GatewayError):
    """The request certainly did nothing: not connected, no session, or too many requests."""


class SessionLost(NotReached):
    """There is no brokerage session."""


class NoReply(GatewayError):
    """The request may have had its effect."""


class GatewayRefusal(GatewayError):
    """The gateway understood and says no; nothing was changed."""


class IbkrWire:
    """Calls with exact numbers. Nothing repeats by itself, but for a call that the gateway did
    not look at because another one has to come first."""

    def __init__(self, base_url: str, token: str) -> None:
        self._http = http_client(base_url)
        self._http.headers["Authorization"] = f"Bearer {token}"

    def close(self) -> None:
        """Ends the connections."""
        self._http.close()

    def get(self, path: str, **parameters: str) -> Any:
        """The JSON answer; raises NotReached, NoReply or GatewayRefusal."""
        return self._call("GET", path, params=parameters)

    def post(self, path: str, body: Mapping[str, Any]) -> Any:
        """The same for a call that changes something."""
        typed = {"Content-Type": "application/json"}
        return self._call("POST", path, content=_encoded(body), headers=typed)

    def delete(self, path: str) -> Any:
        """The same."""
        return self._call("DELETE", path)

    def _call(self, method: str, path: str, **content: Any) -> Any:
        try:
            return self._once(method, path, **content)
        except GatewayRefusal as refusal:
            missing = next((one for one in _FIRST if one in str(refusal)), None)
            if missing is None or missing == path:
                raise
            self._once("GET", missing)
            return self._once(method, path, **content)

    def _once(self, method: str, path: str, **content: Any) -> Any:
        try:
            response = self._http.request(method, path, **content)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            raise NotReached(type(error).__name__) from error
        except httpx.HTTPError as error:
            raise NoReply(type(error).__name__) from error
        return _judged(response)


def _encoded(value: Any) -> str:
    """JSON in which decimals are numbers with exactly their digits."""
    match value:
        case Decimal():
            return format(value, "f")
        case Mapping():
            members = (f"{json.dumps(name)}:{_encoded(each)}" for name, each in value.items())
            return "{" + ",".join(members) + "}"
        case list() | tuple():
            return "[" + ",".join(map(_encoded, value)) + "]"
        case _:
            return json.dumps(value)


def _judged(response: httpx.Response) -> Any:
    if response.status_code == HTTPStatus.UNAUTHORIZED:
        raise SessionLost()
    if response.status_code in _NOT_LOOKED_AT:
        raise NotReached(str(response.status_code))
    try:
        answer = json.loads(response.content, parse_float=Decimal)
    except ValueError as error:
        raise NoReply("no JSON") from error
    said = answer.get("error") if isinstance(answer, dict) else None
    if response.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
        raise NoReply(str(response.status_code))
    if response.status_code >= HTTPStatus.BAD_REQUEST or isinstance(said, str):
        raise GatewayRefusal(str(said or response.status_code))
    return answer
