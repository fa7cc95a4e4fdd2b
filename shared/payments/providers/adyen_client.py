"""Adyen's official SDK with our address and our timeouts, and what its errors mean."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import httpx

from shared.platform.http import http_client
from shared.platform.secrets import Secrets

if TYPE_CHECKING:
    from Adyen import AdyenError

IN_PROGRESS = "704"
"""Of a request whose idempotency key is being worked on: no word about what becomes of it."""
NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)

_WRONG = frozenset({400, 422})
_NOT_LET_IN = frozenset({401, 403, 429})


@dataclass(frozen=True, slots=True)
class AdyenAccount:
    """The checkout API of the SDK, and the merchant account that is used with it."""

    checkout: Any
    merchant_account: str


class Transport:
    """Takes the place of the SDK's HTTP client, which follows redirects with our key in hand and
    opens a connection for every request."""

    user_agent = "adyen-python-api-library"

    def __init__(self, http: httpx.Client) -> None:
        self._http = http

    def request(
        self,
        method: str,
        url: str,
        *,
        json: Mapping[str, Any] | None = None,
        xapikey: str = "",
        headers: Mapping[str, str] | None = None,
    ) -> tuple[str, Mapping[str, Any] | None, int, Mapping[str, str]]:
        """As the SDK calls it: text, request, status and headers of the answer."""
        sent = {**(headers or {}), "X-Api-Key": xapikey}
        answer = self._http.request(method, url, json=json, headers=sent)
        # The SDK takes every JSON for an object.
        text = answer.text if _is_object(answer.text) else ""
        return text, json, answer.status_code, dict(answer.headers)


def adyen_account(api_key: str, merchant_account: str, base_url: str) -> AdyenAccount:
    """The SDK at ``base_url``, which ends with the version, such as ``…/v72``."""
    import Adyen

    # It has no setting for an address, and on its test platform rewrites one of the live system.
    sdk = Adyen.Adyen(
        xapikey=api_key,
        platform="live" if "-live" in base_url else "test",
        live_endpoint_prefix="",
    )
    sdk.client.http_client = Transport(http_client(base_url))
    sdk.client.http_init = True
    for api in (sdk.checkout.payment_links_api, sdk.checkout.modifications_api):
        api.baseUrl = base_url.rstrip("/")
    return AdyenAccount(sdk.checkout, merchant_account)


account_of = lru_cache(maxsize=2)(adyen_account)
"""One client per account, address and process."""


def account_in(secret: str, base_url: str, secrets: Secrets) -> Callable[[], AdyenAccount]:
    """The account of a secret, read per use, so that a changed key is seen."""

    def account() -> AdyenAccount:
        found = secrets.get(secret)
        return account_of(str(found["api_key"]), str(found["merchant_account"]), base_url)

    return account


def is_wrong(error: "AdyenError") -> bool:
    """Refused by Adyen for what was sent: repeating the same cannot help, nothing was begun."""
    return error.status_code in _WRONG and error.error_code not in (None, IN_PROGRESS)


def is_turned_away(error: "AdyenError") -> bool:
    """Refused before it was looked at: nothing was begun, and the same may be sent again."""
    return error.status_code in _NOT_LET_IN


def _is_object(text: str) -> bool:
    try:
        return isinstance(json.loads(text), dict)
    except (ValueError, RecursionError):
        return False
