"""An HTTP client for the official SDK that keeps what goes on the wire and answers from a list."""

import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import stripe


@dataclass(frozen=True)
class Sent:
    method: str
    path: str
    form: dict[str, str]
    key: str | None
    account: str | None
    version: str


@dataclass
class Recorder(stripe.HTTPClient):
    """``answers``: status and body of each request in turn."""

    answers: list[tuple[int, Any]]
    sent: list[Sent] = field(default_factory=list)

    name = "recorder"

    def __post_init__(self) -> None:
        super().__init__()

    def request(self, method, url, headers, post_data=None):
        parts = urlsplit(url)
        text = parts.query if method == "get" else post_data or ""
        self.sent.append(
            Sent(
                method.upper(),
                parts.path,
                dict(parse_qsl(text)),
                headers.get("Idempotency-Key"),
                headers.get("Stripe-Account"),
                headers["Stripe-Version"],
            )
        )
        status, body = self.answers.pop(0)
        return json.dumps(body), status, {"Request-Id": "req_1"}

    def close(self) -> None:
        """Nothing is open."""


def client_with(*answers: tuple[int, Any]) -> tuple[stripe.StripeClient, Recorder]:
    recorder = Recorder(list(answers))
    made = stripe.StripeClient(
        "sk_test_x",
        base_addresses={"api": "http://127.0.0.1:1"},
        http_client=recorder,
        max_network_retries=0,
    )
    return made, recorder


def listed(*objects: Any) -> tuple[int, Any]:
    return 200, {"object": "list", "data": list(objects), "has_more": False, "url": "/v1/x"}
