"""A running sandbox, a receiver for its webhooks, and the official clients."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest

from sandbox.config import SandboxConfig

CONFIG = SandboxConfig(
    daraja_callback_delay_ms=20,
    adyen_refund_delay_ms=20,
    onfido_check_delay_ms=20,
    alpaca_account_delay_ms=20,
    alpaca_journal_delay_ms=20,
    market_fill_delay_ms=20,
    webhook_backoff_ms=(20, 40, 80, 160),
)


def wait_until[Value](look: Callable[[], Value | None], seconds: float = 3.0) -> Value:
    """The first true value of `look`; fails the test when there is none in time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found = look()
        if found:
            return found
        time.sleep(0.01)
    raise AssertionError(f"nothing came of it within {seconds} s")


@pytest.fixture
def eventually() -> Callable[..., object]:
    """`wait_until` for tests, which cannot import this file."""
    return wait_until


@dataclass
class Received:
    """One webhook as it came in."""

    path: str
    headers: dict[str, str]
    body: bytes
    at: float


@dataclass
class Receiver:
    """Records webhooks and answers them with `status`, or first with those of `statuses`."""

    url: str = ""
    received: list[Received] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)
    answer: object = None
    """What is told back as JSON; nothing when None."""

    def wait_for(self, count: int) -> list[Received]:
        """The first `count` webhooks, once there are so many."""
        wait_until(lambda: len(self.received) >= count)
        return self.received[:count]


class _Handler(BaseHTTPRequestHandler):
    receiver: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.receiver.received.append(Received(self.path, headers, body, time.monotonic()))
        self.send_response(self.receiver.statuses.pop(0) if self.receiver.statuses else 200)
        answer = b"" if self.receiver.answer is None else json.dumps(self.receiver.answer).encode()
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing: the tests look at what was received."""


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A loopback endpoint for webhooks."""
    mine = Receiver()
    handler = type("Handler", (_Handler,), {"receiver": mine})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    mine.url = f"http://127.0.0.1:{server.server_address[1]}/hooks"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield mine
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="session")
def running_sandbox(serve_sandbox: Callable[[SandboxConfig], str]) -> str:
    """The base URL of one sandbox for the whole test run."""
    return serve_sandbox(CONFIG)


@pytest.fixture(scope="session")
def sandbox_client(running_sandbox: str) -> Iterator[httpx.Client]:
    """One client for all tests: making a TLS context for each would cost more than the tests."""
    with httpx.Client(base_url=running_sandbox, trust_env=False, timeout=10) as client:
        yield client


@pytest.fixture
def sandbox(sandbox_client: httpx.Client) -> httpx.Client:
    """A client of the empty sandbox; its `base_url` is that of the sandbox."""
    no_targets = dict.fromkeys(
        f"{vendor}_webhook_url" for vendor in ("stripe", "adyen", "onfido", "broker")
    )
    sandbox_client.post("/_control/reset").raise_for_status()
    sandbox_client.post("/_control/config", json=no_targets).raise_for_status()
    return sandbox_client


@pytest.fixture
def fault(sandbox: httpx.Client) -> Callable[..., None]:
    """Orders a fault: `fault("stripe", "webhook", "lost", times=1, seconds=2)`."""

    def order(vendor: str, operation: str, kind: str, times: int = 1, **params: object) -> None:
        sandbox.post(
            "/_control/faults",
            json={
                "vendor": vendor,
                "operation": operation,
                "kind": kind,
                "times": times,
                "params": params,
            },
        ).raise_for_status()

    return order
