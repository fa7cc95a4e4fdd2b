"""One local stack: brought up, brought up to date, taken down."""

import json
from collections.abc import Callable
from pathlib import Path

import httpx
from botocore.exceptions import BotoCoreError, ClientError

from tools.stack import deployment, sources, wiring
from tools.stack.places import CHECKOUT, Endpoints, Places, Ports, StackError
from tools.stack.servers import Servers, missing_tool


class Stack:
    """A stack in a folder and on two ports, running or not."""

    def __init__(
        self,
        root: Path,
        ports: Ports,
        app: str = deployment.APP,
        say: Callable[[str], None] = lambda text: None,
    ) -> None:
        self.places, self.ports, self.app, self.say = Places(root.resolve()), ports, app, say
        self.servers = Servers(self.places, ports)

    @property
    def endpoints(self) -> Endpoints:
        """How to reach it.

        Raises:
            StackError: it is not up.
        """
        try:
            return Endpoints.from_json(self.places.endpoints.read_text())
        except FileNotFoundError:
            raise StackError("the stack is not up: run `make up`") from None

    def running(self) -> bool:
        """Up, deployed and answering."""
        return self.places.endpoints.exists() and self.servers.healthy()

    def up(self, *, auth: bool = True, tied: bool = False) -> Endpoints:
        """Starts what does not run and deploys what has changed; what is current stays.

        With `auth` the embedded AWS enforces IAM; with `tied` everything ends with this process.

        Raises:
            StackError: something is missing, taken or broken.
        """
        lacking = missing_tool()
        if lacking:
            raise StackError(f"{lacking.relative_to(CHECKOUT)} is missing: run `make setup`")
        now, before = sources.state(), self._deployed_state()
        if self.running() and now["servers"] == before.get("servers"):
            return self.endpoints if now == before else self.deploy()
        self.down()
        self.places.prepare()
        try:
            self.say("starting the embedded AWS and the sandbox")
            self.servers.start(auth, tied)
            deployment.bootstrap(self.ports)
            return self.deploy()
        except BaseException:
            # Half a stack would take the ports of the next attempt.
            self.servers.stop()
            self.places.forget()
            raise

    def deploy(self) -> Endpoints:
        """Deploys the CDK app as it is now and connects it with the sandbox.

        Raises:
            StackError: the servers are down, or the deployment fails.
        """
        if not self.servers.healthy():
            raise StackError("the stack is not up: run `make up`")
        made_from = sources.state()
        self.say("deploying the CDK app")
        outputs = deployment.deploy(self.places, self.ports, self.app)
        endpoints = wiring.endpoints_of(outputs, self.ports)
        self.say("connecting the vendors, fetching the first prices")
        try:
            wiring.connect_vendors(outputs, self.ports)
            wiring.refresh_market(outputs, self.ports)
            wiring.wait_until_answering(endpoints.session)
        except (BotoCoreError, ClientError, httpx.HTTPError) as error:
            raise StackError(f"{error} (see {self.places.log})") from error
        self.places.endpoints.write_text(endpoints.to_json() + "\n")
        self.places.deployed.write_text(json.dumps(made_from))
        return endpoints

    def down(self) -> bool:
        """Ends both servers and forgets the deployment; False when nothing ran."""
        stopped = self.servers.stop()
        self.places.forget()
        return stopped

    stop = down

    def _deployed_state(self) -> dict[str, str]:
        try:
            read: dict[str, str] = json.loads(self.places.deployed.read_text())
        except (FileNotFoundError, json.JSONDecodeError):
            return {}
        return read


def start(ports: Ports, root: Path, *, auth: bool = True) -> Stack:
    """A stack of its own that ends with this process at the latest; for tests.

    Raises:
        StackError: something is missing, taken or broken.
    """
    stack = Stack(root, ports)
    stack.up(auth=auth, tied=True)
    return stack
