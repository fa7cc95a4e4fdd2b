"""Where the local stack keeps its files, and which ports it uses."""

import json
import os
import socket
from dataclasses import dataclass
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
TOOLS = CHECKOUT / ".local"
"""What `make setup` installed: aws, node and cdk, each in a folder of its own."""

ACCOUNT = "000000000000"
REGION = "us-east-1"
LOCAL = "local"
"""The stage that runs on this machine."""


class StackError(Exception):
    """The stack cannot do what was asked; the text is one line that says how to mend it."""


@dataclass(frozen=True, slots=True)
class Ports:
    """Loopback ports of the servers."""

    aws: int = 4566
    sandbox: int = 4580
    cache: int = 4590

    @classmethod
    def from_environment(cls) -> "Ports":
        """`BAOBAB_AWS_PORT`, `BAOBAB_SANDBOX_PORT`, `BAOBAB_CACHE_PORT`, or the defaults.

        Raises:
            StackError: a value is no port.
        """
        return cls(
            aws=_port("BAOBAB_AWS_PORT", cls().aws),
            sandbox=_port("BAOBAB_SANDBOX_PORT", cls().sandbox),
            cache=_port("BAOBAB_CACHE_PORT", cls().cache),
        )

    @classmethod
    def free(cls) -> "Ports":
        """Ports that nobody listens on at this moment."""
        with socket.socket() as first, socket.socket() as second, socket.socket() as third:
            for each in (first, second, third):
                each.bind(("127.0.0.1", 0))
            return cls(*(each.getsockname()[1] for each in (first, second, third)))


def _port(name: str, default: int) -> int:
    text = os.environ.get(name, "") or str(default)
    if not text.isdigit() or not 0 < int(text) < 65536:
        raise StackError(f"{name}={text} is no port: set a number from 1 to 65535")
    return int(text)


@dataclass(frozen=True, slots=True)
class Places:
    """Files of one running stack, all under one folder."""

    root: Path

    @property
    def run(self) -> Path:
        return self.root / "run"

    @property
    def log(self) -> Path:
        return self.root / "log"

    @property
    def tmp(self) -> Path:
        return self.root / "tmp"

    @property
    def assembly(self) -> Path:
        return self.root / "cdk.out"

    @property
    def outputs(self) -> Path:
        return self.run / "outputs.json"

    @property
    def endpoints(self) -> Path:
        return self.root / "endpoints.json"

    @property
    def deployed(self) -> Path:
        return self.run / "deployed.json"

    def prepare(self) -> None:
        for folder in (self.run, self.log, self.tmp):
            folder.mkdir(parents=True, exist_ok=True)

    def forget(self) -> None:
        """Removes what describes a running stack; logs stay."""
        for file in (self.endpoints, self.deployed, self.outputs):
            file.unlink(missing_ok=True)


@dataclass(frozen=True, slots=True)
class Endpoints:
    """How to reach a running stack. `outputs` holds every output of the CDK app by its key."""

    graphql: str
    session: str
    webhooks: str
    sandbox: str
    aws: str
    user_pool_id: str
    user_pool_client_id: str
    outputs: dict[str, str]

    def to_json(self) -> str:
        return json.dumps(
            {
                "graphql": self.graphql,
                "session": self.session,
                "webhooks": self.webhooks,
                "sandbox": self.sandbox,
                "aws": self.aws,
                "userPoolId": self.user_pool_id,
                "userPoolClientId": self.user_pool_client_id,
                "outputs": self.outputs,
            },
            indent=2,
            sort_keys=True,
        )

    @classmethod
    def from_json(cls, text: str) -> "Endpoints":
        read = json.loads(text)
        return cls(
            graphql=read["graphql"],
            session=read["session"],
            webhooks=read["webhooks"],
            sandbox=read["sandbox"],
            aws=read["aws"],
            user_pool_id=read["userPoolId"],
            user_pool_client_id=read["userPoolClientId"],
            outputs=read["outputs"],
        )


def use_local(endpoints: Endpoints) -> None:
    """Has this process call the embedded AWS, which takes anybody's word for who they are."""
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN"):
        os.environ.pop(name, None)
    os.environ |= {
        "AWS_ENDPOINT_URL": endpoints.aws,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": REGION,
    }
