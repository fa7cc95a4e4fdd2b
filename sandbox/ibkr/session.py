"""The one brokerage session of a username: begun, kept alive, lost, or taken by another login."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from sandbox.ibkr.problems import accounts_first, unauthorized


@dataclass(slots=True)
class Session:
    """Times are seconds of a clock that never goes back."""

    lasts: Callable[[], float]
    """So long without a sign of life, and the brokerage session ends."""
    seconds: Callable[[], float] = time.monotonic
    logged_in: bool = True
    """Whether the gateway's own login holds; without it only a person can begin again."""
    authenticated: bool = False
    competing: bool = False
    name: str = field(default_factory=lambda: uuid4().hex)
    heard: float = 0.0
    begun: int = 0
    tickled: int = 0
    asked: set[str] = field(default_factory=set)
    """What was asked since the session began: some answers come with the second question only."""

    def begin(self, *, compete: bool) -> None:
        """Makes the brokerage session, or takes it back from whoever has it.

        Raises:
            Problem: the gateway's login is gone.
        """
        self._require_login()
        if self.competing and not compete:
            return
        self.authenticated, self.competing = True, False
        self.name, self.heard = uuid4().hex, self.seconds()
        self.begun += 1
        self.asked.clear()

    def tickle(self) -> None:
        """A sign of life; it never makes a session that is lost.

        Raises:
            Problem: the gateway's login is gone.
        """
        self._require_login()
        self.tickled += 1
        if self.live:
            self.heard = self.seconds()

    @property
    def live(self) -> bool:
        """Whether orders and prices can be asked for."""
        if self.authenticated and self.seconds() - self.heard > self.lasts():
            self.lose()
        return self.logged_in and self.authenticated

    def lose(self) -> None:
        """As at the nightly restart of the broker's servers."""
        self.authenticated = False
        self.asked.clear()

    def taken(self) -> None:
        """Another login with the same username took the session."""
        self.lose()
        self.competing = True

    def log_out(self) -> None:
        """The gateway's login has run out."""
        self.lose()
        self.logged_in = False

    def require(self, *, after: str | None = None) -> None:
        """For calls that need the session, and perhaps another call before them.

        Raises:
            Problem: there is no session, or the other call was not made.
        """
        if not self.live:
            raise unauthorized()
        if after is not None and after not in self.asked:
            raise accounts_first(after)

    def first(self, what: str) -> bool:
        """Whether this is asked for the first time in this session."""
        if what in self.asked:
            return False
        self.asked.add(what)
        return True

    def status(self) -> dict[str, Any]:
        """The answer of `/iserver/auth/status`."""
        live = self.live
        return {
            "authenticated": live,
            "competing": self.competing,
            "connected": self.logged_in,
            "message": "",
            "MAC": "00:00:00:00:00:00",
            "serverInfo": {"serverName": "sandbox", "serverVersion": "Build 10.25.0m"},
            "hardware_info": "sandbox|00:00:00:00:00:00",
            "fail": "",
        }

    def _require_login(self) -> None:
        if not self.logged_in:
            raise unauthorized()
