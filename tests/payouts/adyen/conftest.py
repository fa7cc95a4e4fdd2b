"""The sandbox's Adyen, for tests of money that goes back."""

import httpx
import pytest

from sandbox.config import SandboxConfig


@pytest.fixture(scope="session")
def sandbox_url(serve_sandbox):
    return serve_sandbox(SandboxConfig())


@pytest.fixture
def sandbox(sandbox_url):
    with httpx.Client(base_url=sandbox_url, trust_env=False, timeout=10) as client:
        client.post("/_control/reset").raise_for_status()
        yield client


@pytest.fixture
def fault(sandbox):
    def order(vendor, operation, kind, times=1, **params):
        body = {"vendor": vendor, "operation": operation, "kind": kind, "times": times}
        sandbox.post("/_control/faults", json=body | {"params": params}).raise_for_status()

    return order
