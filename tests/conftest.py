"""What every part's tests share: an embedded AWS for the run, and both database engines."""

import gc
import itertools
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3
import hypothesis
import pytest
import uvicorn
from botocore.config import Config

from benchmarks.tables import create_tables
from sandbox.app import build_app
from sandbox.config import SandboxConfig
from shared.kernel.clock import FixedClock
from shared.kernel.ids import SequentialIds
from shared.platform.dynamo import DynamoDatabase
from shared.platform.memory import MemoryDatabase
from shared.platform.outbox import Facts
from shared.platform.tables import Database
from tests.spreading import Spread, step_behind
from tools.stack.places import Places, Ports
from tools.stack.servers import Servers

# No test may find somebody's real account: not by a profile, not by the metadata service.
os.environ |= {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_EC2_METADATA_DISABLED": "true",
}
for _name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL"):
    os.environ.pop(_name, None)

NOW = datetime(2026, 3, 2, 15, 30, tzinfo=UTC)
_ACCOUNTS = itertools.count(100_000_000_000)


# How long an example takes says something about the machine alone.
hypothesis.settings.register_profile("baobab", deadline=None)
hypothesis.settings.load_profile("baobab")


def pytest_configure(config: pytest.Config) -> None:
    """Whoever does not run journeys lets those go first."""
    worker = getattr(config, "workerinput", None)
    if worker is not None and worker["baobab_dist"] == "loadfile":
        step_behind(worker["workerid"])


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """A worker is told how tests are spread; of itself it knows nothing of that."""
    node.workerinput["baobab_dist"] = node.config.getoption("dist")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Spread | None:
    """Whole files are spread by our own rule; single tests as ever."""
    return Spread(config, log) if config.getoption("dist") == "loadfile" else None


def pytest_collection_finish() -> None:
    """Ten thousand collected tests and the modules under test stay until the end: looking through
    them for garbage again and again took more time than many of the tests."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """URL of an embedded AWS without IAM enforcement; it ends with the run."""
    places = Places(Path(tmp_path_factory.mktemp("aws")))
    places.prepare()
    servers = Servers(places, Ports.free())
    servers.start_aws(auth=False, tied=True)
    yield f"http://127.0.0.1:{servers.ports.aws}"
    servers.stop()


@contextmanager
def _served(config: SandboxConfig) -> Iterator[str]:
    # asyncio switches Nagle's algorithm off only where the socket says that it is TCP; left on,
    # it costs 40 ms a request.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.bind(("127.0.0.1", 0))
    server = uvicorn.Server(
        uvicorn.Config(
            build_app(config),
            log_level="critical",
            ws="none",
            lifespan="on",
            timeout_graceful_shutdown=1,
        )
    )
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    # Not by force: connections that clients keep open would be left to the garbage collector.
    server.should_exit = True
    thread.join()
    listener.close()


@pytest.fixture(scope="session")
def serve_sandbox() -> Iterator[Callable[[SandboxConfig], str]]:
    """Starts a vendor sandbox in this process and gives its base URL; all end with the run."""
    with ExitStack() as stack:
        yield lambda config: stack.enter_context(_served(config))


@pytest.fixture
def aws_account() -> str:
    """An account of this test alone: the emulator keeps accounts apart by access key."""
    return str(next(_ACCOUNTS))


def dynamodb_client(url: str, account: str) -> Any:
    """A client of one account on the emulator."""
    return boto3.client(
        "dynamodb",
        endpoint_url=url,
        region_name="us-east-1",
        aws_access_key_id=account,
        aws_secret_access_key="test",
        config=Config(max_pool_connections=40, retries={"total_max_attempts": 1}),
    )


@pytest.fixture
def dynamodb(request: pytest.FixtureRequest, aws_account: str) -> Any:
    """A DynamoDB client of this test's own account on the emulator."""
    return dynamodb_client(request.getfixturevalue("emulator"), aws_account)


@pytest.fixture
def dynamo_database(request: pytest.FixtureRequest) -> DynamoDatabase:
    """Fresh tables on the emulator."""
    client = request.getfixturevalue("dynamodb")
    return DynamoDatabase(create_tables(client), client)


@pytest.fixture(params=["memory", pytest.param("dynamo", marks=pytest.mark.emulator)])
def database(request: pytest.FixtureRequest) -> Database:
    """Both engines, one after the other: the contract of every store."""
    if request.param == "memory":
        return MemoryDatabase()
    engine: DynamoDatabase = request.getfixturevalue("dynamo_database")
    return engine


@pytest.fixture
def clock() -> FixedClock:
    """A clock that stands at 2026-03-02 15:30 UTC, a Monday morning in New York."""
    return FixedClock(NOW)


@pytest.fixture
def ids(clock: FixedClock) -> SequentialIds:
    """Predictable identifiers at the clock's time."""
    return SequentialIds("t1", clock)


@pytest.fixture
def facts(database: Database, clock: FixedClock, ids: SequentialIds) -> Facts:
    """The unit of work over the database of this test."""
    return Facts(database, clock, ids)
