"""The official SDK of the broker, made safe to call: it has no timeouts, and repeats blindly.

Importing the client takes seconds (it brings pandas), so this happens on first use.
"""

from typing import TYPE_CHECKING, Any

import requests
from requests.adapters import HTTPAdapter

if TYPE_CHECKING:
    from alpaca.broker.client import BrokerClient

TIMEOUT_SECONDS = (2, 8)
"""To connect and to read."""


class TimeoutAdapter(HTTPAdapter):
    """Gives every request of a session a timeout."""

    def send(self, request: requests.PreparedRequest, *args: Any, **options: Any) -> Any:
        """See HTTPAdapter."""
        options["timeout"] = options.get("timeout") or TIMEOUT_SECONDS
        return super().send(request, *args, **options)


def with_timeouts(session: requests.Session) -> requests.Session:
    """The session of an SDK client, with a timeout on every request."""
    for scheme in ("http://", "https://"):
        session.mount(scheme, TimeoutAdapter())
    return session


def broker_client(base_url: str, key: str, secret: str) -> "BrokerClient":
    """The broker's client with our address, timeouts and no retries of its own.

    It would repeat any request three times after 429 and 504, POST included; what may be
    repeated is the decision of each use case, which looks the thing up first.
    """
    from alpaca.broker.client import BrokerClient

    client = BrokerClient(key, secret, raw_data=True, url_override=base_url)
    with_timeouts(client._session)
    client._retry = 0
    return client
