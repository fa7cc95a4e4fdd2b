"""The vendor sandbox on a loopback port, with an account at its broker that holds money."""

import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from sandbox.config import SandboxConfig
from shared.investing.brokers.alpaca import AlpacaBroker

KEYS = ("sandbox-key", "sandbox-secret")
FIRM = SandboxConfig().alpaca_firm_account
CONFIG = SandboxConfig(
    alpaca_account_delay_ms=10, alpaca_journal_delay_ms=10, market_fill_delay_ms=30
)


@pytest.fixture
def eventually() -> Callable[..., Any]:
    """The first true value of a function; fails the test when there is none in time."""

    def wait(look: Callable[[], Any], seconds: float = 4.0) -> Any:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            found = look()
            if found:
                return found
            time.sleep(0.02)
        raise AssertionError(f"nothing came of it within {seconds} s")

    return wait


@pytest.fixture(scope="session")
def sandbox_url(serve_sandbox: Callable[[SandboxConfig], str]) -> str:
    """Base URL of a running vendor sandbox."""
    return serve_sandbox(CONFIG)


@pytest.fixture
def vendors(sandbox_url: str) -> Iterator[httpx.Client]:
    """A client of the empty sandbox with the broker's keys."""
    with httpx.Client(base_url=sandbox_url, auth=KEYS, trust_env=False, timeout=10) as client:
        client.post("/_control/reset").raise_for_status()
        client.post("/_control/config", json={"broker_webhook_url": None}).raise_for_status()
        yield client


@pytest.fixture
def fault(vendors: httpx.Client) -> Callable[..., None]:
    def order(operation: str, kind: str, times: int = 1, **params: object) -> None:
        body = {"vendor": "alpaca", "operation": operation, "kind": kind}
        answer = vendors.post("/_control/faults", json=body | {"times": times, "params": params})
        answer.raise_for_status()

    return order


@pytest.fixture(scope="session")
def broker_session(sandbox_url: str) -> Iterator[AlpacaBroker]:
    broker = AlpacaBroker(f"{sandbox_url}/alpaca", *KEYS)
    yield broker
    broker._client._session.close()


@pytest.fixture
def broker(vendors: httpx.Client, broker_session: AlpacaBroker) -> AlpacaBroker:
    return broker_session


@pytest.fixture
def account(vendors: httpx.Client, eventually: Callable[..., Any]) -> str:
    """An active account with 1 000.00 in it."""
    made = vendors.post("/alpaca/v1/accounts", json=_APPLICATION)
    made.raise_for_status()
    account_id = str(made.json()["id"])
    path = f"/alpaca/v1/accounts/{account_id}"
    eventually(lambda: vendors.get(path).json()["status"] == "ACTIVE")
    moved = vendors.post(
        "/alpaca/v1/journals",
        json={
            "entry_type": "JNLC",
            "from_account": FIRM,
            "to_account": account_id,
            "amount": "1000",
        },
    )
    moved.raise_for_status()
    trading = f"/alpaca/v1/trading/accounts/{account_id}/account"
    eventually(lambda: vendors.get(trading).json()["cash"].startswith("1000"))
    return account_id


_APPLICATION = {
    "contact": {
        "email_address": "wanjiru@example.com",
        "phone_number": "+254712345678",
        "street_address": ["1 Moi Avenue"],
        "city": "Nairobi",
        "postal_code": "00100",
        "country": "KEN",
    },
    "identity": {
        "given_name": "Wanjiru",
        "family_name": "Kamau",
        "date_of_birth": "1990-01-01",
        "tax_id": "A000000000A",
        "tax_id_type": "NOT_SPECIFIED",
        "country_of_citizenship": "KEN",
        "country_of_birth": "KEN",
        "country_of_tax_residence": "KEN",
        "funding_source": ["savings"],
    },
    "disclosures": {
        "is_control_person": False,
        "is_affiliated_exchange_or_finra": False,
        "is_politically_exposed": False,
        "immediate_family_exposed": False,
    },
    "agreements": [
        {
            "agreement": "customer_agreement",
            "signed_at": "2026-03-02T09:00:00Z",
            "ip_address": "127.0.0.1",
            "revision": "19.2022.02",
        }
    ],
}
