"""Each broker with an account that holds 1 000.00, behind one set of words."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

import httpx
import pytest

from sandbox.config import SandboxConfig
from shared.investing.brokers.alpaca import AlpacaBroker
from shared.investing.brokers.alpaca_events import read_json, trade_event
from shared.investing.brokers.alpaca_streams import AlpacaStreams
from shared.investing.brokers.ibkr import IbkrBroker
from shared.investing.brokers.ibkr_keeping import Keeper
from shared.investing.brokers.ibkr_session import SessionStore
from shared.investing.brokers.ibkr_watch import Watcher, WatchStore
from shared.investing.polling import Topic
from shared.investing.ports import TradeEvent
from shared.kernel.clock import SystemClock
from shared.market_data.providers.alpaca import AlpacaWire
from shared.market_data.providers.ibkr import IbkrContracts, IbkrPrices
from shared.platform.ibkr_wire import IbkrWire
from shared.platform.memory import MemoryDatabase

CONFIG = SandboxConfig(
    alpaca_account_delay_ms=10, alpaca_journal_delay_ms=10, market_fill_delay_ms=30
)
KEYS = (CONFIG.alpaca_key, CONFIG.alpaca_secret)
IBKR_ACCOUNT = "DU1000001"


def wait_until(look: Callable[[], Any], seconds: float = 4.0) -> Any:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found = look()
        if found:
            return found
        time.sleep(0.02)
    raise AssertionError(f"nothing came of it within {seconds} s")


@pytest.fixture
def eventually() -> Callable[..., Any]:
    """The first true value of a function; fails the test when there is none in time."""
    return wait_until


@pytest.fixture(scope="session")
def sandbox_url(serve_sandbox: Callable[[SandboxConfig], str]) -> str:
    return serve_sandbox(CONFIG)


@pytest.fixture
def vendors(sandbox_url: str) -> Iterator[httpx.Client]:
    """A client of the empty sandbox."""
    with httpx.Client(base_url=sandbox_url, auth=KEYS, trust_env=False, timeout=10) as client:
        client.post("/_control/reset").raise_for_status()
        client.post("/_control/config", json={"broker_webhook_url": None}).raise_for_status()
        yield client


@dataclass
class Bench:
    """A broker, an account at it, and ways to see what really happened there."""

    name: str
    broker: Any
    account: str
    vendors: httpx.Client
    events: Callable[[], list[TradeEvent]]
    """All that the broker has told of the account's orders, read in its own way."""
    placed: Callable[[], list[str]]
    """Client order ids that the broker really has."""
    positions: Callable[[], dict[str, Decimal]]
    cash: Callable[[], Decimal]
    unreachable: Any
    """The same broker at an address where nobody is."""

    def knobs(self, **settings: object) -> None:
        self.vendors.post(f"/_control/{self.name}", json=settings).raise_for_status()

    def fault(self, operation: str, kind: str, times: int = 1, **params: object) -> None:
        body = {"vendor": self.name, "operation": operation, "kind": kind, "times": times}
        self.vendors.post("/_control/faults", json=body | {"params": params}).raise_for_status()


@pytest.fixture(params=["alpaca", "ibkr"])
def bench(request: pytest.FixtureRequest) -> Bench:
    """Every broker."""
    made: Bench = request.getfixturevalue(f"{request.param}_bench")
    return made


# Alpaca


@pytest.fixture(scope="session")
def alpaca(sandbox_url: str) -> Iterator[tuple[AlpacaBroker, AlpacaWire]]:
    broker, wire = (
        AlpacaBroker(f"{sandbox_url}/alpaca", *KEYS),
        AlpacaWire(f"{sandbox_url}/alpaca", *KEYS),
    )
    yield broker, wire
    broker._client._session.close()
    wire._session.close()


@pytest.fixture
def alpaca_bench(vendors: httpx.Client, alpaca: Any) -> Iterator[Bench]:
    broker, wire = alpaca
    made = vendors.post("/alpaca/v1/accounts", json=_APPLICATION)
    made.raise_for_status()
    account = str(made.json()["id"])
    path = f"/alpaca/v1/accounts/{account}"
    wait_until(lambda: vendors.get(path).json()["status"] == "ACTIVE")
    journal = {"entry_type": "JNLC", "from_account": CONFIG.alpaca_firm_account}
    paid = {"to_account": account, "amount": "1000"}
    vendors.post("/alpaca/v1/journals", json=journal | paid).raise_for_status()
    trading = f"/alpaca/v1/trading/accounts/{account}"
    cash = lambda: Decimal(vendors.get(f"{trading}/account").json()["cash"])  # noqa: E731 - a view
    wait_until(lambda: cash() == 1000)

    def events() -> list[TradeEvent]:
        now = SystemClock().now()
        read = AlpacaStreams(wire).read(Topic.TRADES, now - timedelta(hours=1), now)
        found = [trade_event(read_json(text)) for text in read]
        return [one for one in found if one.account_id == account]

    unreachable = AlpacaBroker("http://127.0.0.1:9", "key", "secret")
    orders = {"status": "all"}
    yield Bench(
        "alpaca",
        broker,
        account,
        vendors,
        events,
        lambda: [
            str(one["client_order_id"])
            for one in vendors.get(f"{trading}/orders", params=orders).json()
        ],
        lambda: {
            one["symbol"]: Decimal(one["qty"]) for one in vendors.get(f"{trading}/positions").json()
        },
        cash,
        unreachable,
    )
    unreachable._client._session.close()


# Interactive Brokers


@dataclass
class Ibkr:
    """All parts of the adapter over one memory."""

    wire: IbkrWire
    sessions: SessionStore
    watches: WatchStore
    keeper: Keeper
    contracts: IbkrContracts
    prices: IbkrPrices
    broker: IbkrBroker
    asked: list[tuple[str, tuple[str, ...]]]
    told: list[TradeEvent]
    watcher: Watcher


@pytest.fixture
def new_ibkr(vendors: httpx.Client, sandbox_url: str) -> Iterator[Callable[..., Ibkr]]:
    """Makes adapters; several of them over one database are several processes."""
    wires: list[IbkrWire] = []

    def make(database: Any = None, url: str = sandbox_url, clock: Any = None) -> Ibkr:
        database = MemoryDatabase() if database is None else database
        clock = SystemClock() if clock is None else clock
        names = iter(f"process-{len(wires)}-{number}" for number in range(10_000))
        wire = IbkrWire(f"{url}/ibkr/v1/api", CONFIG.ibkr_token)
        wires.append(wire)
        sessions = SessionStore(database, clock, lambda: next(names))
        watches = WatchStore(database, clock)
        contracts = IbkrContracts(wire)
        prices = IbkrPrices(wire, contracts, clock)
        asked: list[tuple[str, tuple[str, ...]]] = []
        told: list[TradeEvent] = []
        broker = IbkrBroker(
            wire,
            contracts,
            prices,
            sessions,
            watches,
            lambda ticket, messages: asked.append((ticket.client_order_id, tuple(messages))),
        )
        return Ibkr(
            wire,
            sessions,
            watches,
            Keeper(wire, sessions, clock),
            contracts,
            prices,
            broker,
            asked,
            told,
            Watcher(wire, sessions, watches, told.append, clock),
        )

    yield make
    for wire in wires:
        wire.close()


@pytest.fixture
def ibkr(vendors: httpx.Client, new_ibkr: Callable[..., Ibkr]) -> Ibkr:
    """With a live session and an account of 1 000.00."""
    opened = {"cash": {IBKR_ACCOUNT: "1000"}}
    vendors.post("/_control/ibkr", json=opened).raise_for_status()
    made = new_ibkr()
    made.keeper.look()
    return made


@pytest.fixture
def ibkr_bench(vendors: httpx.Client, ibkr: Ibkr, new_ibkr: Callable[..., Ibkr]) -> Bench:
    def events() -> list[TradeEvent]:
        ibkr.watcher.look()
        return ibkr.told

    def shown() -> Any:
        return vendors.get("/_control/ibkr").json()

    def positions() -> dict[str, Decimal]:
        lines = ibkr.wire.get(f"/portfolio/{IBKR_ACCOUNT}/positions/0")
        return {line["ticker"]: Decimal(line["position"]) for line in lines}

    elsewhere = new_ibkr(url="http://127.0.0.1:9")
    elsewhere.sessions.live = lambda: True  # it was, a moment ago
    return Bench(
        "ibkr",
        ibkr.broker,
        IBKR_ACCOUNT,
        vendors,
        events,
        lambda: [str(one["order_ref"]) for one in shown()["orders"]],
        positions,
        lambda: Decimal(shown()["cash"][IBKR_ACCOUNT]),
        elsewhere.broker,
    )


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
