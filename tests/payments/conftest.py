"""The small world around deposits, the vendors' sandbox, and the faults it is told to have."""

from collections.abc import Callable, Iterator

import httpx
import pytest

from sandbox.config import SandboxConfig
from shared.platform.memory import MemoryDatabase
from tests.payments.world import World


@pytest.fixture
def world() -> World:
    """A fresh world in memory."""
    return World(MemoryDatabase())


@pytest.fixture(scope="session")
def make_world_plain() -> Callable[[], World]:
    """For properties, which need a fresh world per example."""
    return lambda: World(MemoryDatabase())


@pytest.fixture
def world_of() -> Callable[..., World]:
    """A world over a given database."""
    return World


SANDBOX = SandboxConfig(
    daraja_callback_delay_ms=30, alpaca_account_delay_ms=20, alpaca_journal_delay_ms=20
)


@pytest.fixture(scope="session")
def sandbox_url(serve_sandbox: Callable[[SandboxConfig], str]) -> str:
    """Base URL of a running vendor sandbox."""
    return serve_sandbox(SANDBOX)


@pytest.fixture
def sandbox(sandbox_url: str) -> Iterator[httpx.Client]:
    """A client of the emptied sandbox."""
    with httpx.Client(base_url=sandbox_url, trust_env=False, timeout=10) as client:
        client.post("/_control/reset").raise_for_status()
        yield client


@pytest.fixture
def fault(sandbox: httpx.Client) -> Callable[..., None]:
    """Orders a fault of the sandbox."""

    def order(vendor: str, operation: str, kind: str, times: int = 1, **params: object) -> None:
        body = {"vendor": vendor, "operation": operation, "kind": kind, "times": times}
        sandbox.post("/_control/faults", json=body | {"params": params}).raise_for_status()

    return order
