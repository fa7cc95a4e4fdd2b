"""The servers of a stack: the embedded AWS, the sandbox of the vendors, and the price cache."""

import os
import socket
import urllib.error
import urllib.request
from pathlib import Path

from tools.stack import valkey
from tools.stack.places import CHECKOUT, REGION, TOOLS, Places, Ports
from tools.stack.processes import Server, require_free

START_WITHIN_S = 60.0


def aws_url(ports: Ports) -> str:
    return f"http://127.0.0.1:{ports.aws}"


def sandbox_url(ports: Ports) -> str:
    return f"http://127.0.0.1:{ports.sandbox}"


def cache_url(ports: Ports) -> str:
    """Where the price cache listens; empty where no program for it is installed."""
    return f"redis://127.0.0.1:{ports.cache}" if valkey.server() else ""


def answers(url: str) -> bool:
    """Whether a GET is answered with 200 within two seconds."""
    # A proxy of the environment has no business with the loopback interface.
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with direct.open(url, timeout=2) as answer:
            return int(answer.status) == 200
    except (urllib.error.URLError, OSError):
        return False


def _base_environment(places: Places) -> dict[str, str]:
    """Nothing of the caller's: credentials and settings must not reach the functions."""
    tools = [str(TOOLS / "node" / "bin"), "/usr/local/bin", "/usr/bin", "/bin"]
    return {
        "HOME": str(places.tmp),
        "LANG": "C.UTF-8",
        "PATH": os.pathsep.join(tools),
        "PYTHONUNBUFFERED": "1",
        "TMPDIR": str(places.tmp),
    }


def _aws_environment(places: Places, ports: Ports, auth: bool) -> dict[str, str]:
    return {
        **_base_environment(places),
        "AUTH": str(auth).lower(),
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_DEFAULT_REGION": REGION,
        "AWS_SECRET_ACCESS_KEY": "test",
        "BAOBAB_CHECKOUT": os.pathsep.join([str(CHECKOUT), str(CHECKOUT / "graphql")]),
        "BAOBAB_FUNCTION_PYTHON": str(CHECKOUT / ".venv" / "bin" / "python"),
        "BIND_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(ports.aws),
        "IOT_MTLS_ENABLED": "0",
        "LAMBDA_WARM_TTL_SECONDS": "3600",
        "S3_DATA_DIR": str(places.tmp / "s3"),
        "SFTP_ENABLED": "0",
        "STATE_DIR": str(places.tmp / "state"),
    }


class Servers:
    """The servers of one stack. Without the price cache it is slower and otherwise the same."""

    def __init__(self, places: Places, ports: Ports) -> None:
        self.places, self.ports = places, ports
        self.aws = Server("aws", places)
        self.sandbox = Server("sandbox", places)
        self.cache = Server("cache", places)

    def aws_healthy(self) -> bool:
        return answers(f"{aws_url(self.ports)}/_ministack/health")

    def sandbox_healthy(self) -> bool:
        return answers(f"{sandbox_url(self.ports)}/health")

    def cache_healthy(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.ports.cache)) == 0

    def healthy(self) -> bool:
        """All that it cannot do without runs, as processes of this stack, and answers."""
        ours = self.aws.pid() is not None and self.sandbox.pid() is not None
        return ours and self.aws_healthy() and self.sandbox_healthy()

    def start(self, auth: bool, tied: bool) -> None:
        """Starts all; they answer when this returns."""
        require_free(self.ports.aws, "BAOBAB_AWS_PORT")
        require_free(self.ports.sandbox, "BAOBAB_SANDBOX_PORT")
        python = CHECKOUT / ".venv" / "bin" / "python"
        command = [str(python), "-m", "sandbox", "--port", str(self.ports.sandbox)]
        self.sandbox.start(command, _base_environment(self.places), tied)
        self.start_cache(tied)
        self.start_aws(auth, tied)
        self.sandbox.wait(self.sandbox_healthy, START_WITHIN_S)

    def start_aws(self, auth: bool, tied: bool) -> None:
        """Starts the embedded AWS alone; it answers when this returns."""
        require_free(self.ports.aws, "BAOBAB_AWS_PORT")
        python = TOOLS / "aws" / "bin" / "python"
        command = [str(python), "-m", "tools.embedded_aws"]
        self.aws.start(command, _aws_environment(self.places, self.ports, auth), tied)
        self.aws.wait(self.aws_healthy, START_WITHIN_S)

    def start_cache(self, tied: bool) -> None:
        """Starts the price cache, where there is a program for it."""
        program = valkey.server()
        if program is None:
            return
        require_free(self.ports.cache, "BAOBAB_CACHE_PORT")
        command = valkey.command(program, self.ports.cache, self.places.tmp)
        self.cache.start(command, _base_environment(self.places), tied)
        self.cache.wait(self.cache_healthy, START_WITHIN_S)

    def stop(self) -> bool:
        """Ends exactly the processes that belong to this stack; False when none ran."""
        stopped = [self.sandbox.stop(), self.aws.stop(), self.cache.stop()]
        return any(stopped)


def missing_tool() -> Path | None:
    """The first tool that is not installed yet."""
    needed = (
        CHECKOUT / ".venv" / "bin" / "python",
        TOOLS / "aws" / "bin" / "python",
        TOOLS / "node" / "bin" / "node",
        TOOLS / "cdk" / "node_modules" / ".bin" / "cdk",
    )
    return next((tool for tool in needed if not tool.exists()), None)
