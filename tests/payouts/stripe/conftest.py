"""The sandbox's Stripe, with banks that answer when they are told to."""

import time

import httpx
import pytest

from sandbox.config import SandboxConfig
from tests.payments.stripe.desk import SLOWLY, Desk


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


@pytest.fixture
def desk(sandbox, sandbox_url):
    sandbox.post("/_control/config", json=SLOWLY).raise_for_status()
    one = Desk(sandbox, sandbox_url)
    yield one
    one.close()


@pytest.fixture
def eventually():
    """The first true value of a look, within three seconds."""

    def wait(look):
        deadline = time.monotonic() + 3
        while time.monotonic() < deadline:
            found = look()
            if found:
                return found
            time.sleep(0.01)
        raise AssertionError("nothing came of it")

    return wait
