"""Looking after the session: a sign of life, a new session when it is lost, peace when it is not
ours."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from shared.investing.brokers.ibkr_session import Session, SessionState, SessionStore
from shared.kernel.clock import Clock
from shared.platform.ibkr_wire import GatewayError, IbkrWire, SessionLost
from shared.platform.observability import metric

PEACE = timedelta(minutes=15)
"""After taking the session from another login, it is left alone for so long when it is taken
again: two programs that fight over one username trade for neither."""


@dataclass(frozen=True, slots=True)
class Keeper:
    """The ports of this use case."""

    wire: IbkrWire
    sessions: SessionStore
    clock: Clock

    def look(self) -> Session | None:
        """One look, and what follows from it; None when another process is at it."""
        with self.sessions.hold() as ours:
            if not ours:
                return None
            before = self.sessions.read()
            after = self._found(before)
            self.sessions.keep(before, after)
        if before is None or before.state is not after.state:
            metric("BrokerSessionChanged", broker="ibkr", state=after.state.value)
        return after

    def _found(self, before: Session | None) -> Session:
        fought = None if before is None else before.fought_at
        try:
            status = self._status()
            if _live(status):
                return self._is(SessionState.LIVE, before, fought)
            if status.get("competing") is True:
                if fought is not None and self.clock.now() - fought < PEACE:
                    return self._is(SessionState.COMPETING, before, fought)
                fought = self.clock.now()
            return self._is(self._begun(), before, fought)
        except SessionLost:
            return self._is(SessionState.LOGGED_OUT, before, fought)
        except GatewayError:
            return self._is(SessionState.UNREACHABLE, before, fought)

    def _status(self) -> dict[str, Any]:
        """The gateway's own word on the session, as it comes with a sign of life."""
        answer = self.wire.post("/tickle", {})
        try:
            return dict(answer["iserver"]["authStatus"])
        except (KeyError, TypeError, ValueError):
            return {}

    def _begun(self) -> SessionState:
        answer = self.wire.post("/iserver/auth/ssodh/init", {"publish": True, "compete": True})
        if not isinstance(answer, dict) or not _live(answer):
            competing = isinstance(answer, dict) and answer.get("competing") is True
            return SessionState.COMPETING if competing else SessionState.LOST
        # Nothing else of a session is answered before these two.
        self.wire.get("/iserver/accounts")
        self.wire.get("/portfolio/accounts")
        return SessionState.LIVE

    def _is(self, state: SessionState, before: Session | None, fought: Any) -> Session:
        now = self.clock.now()
        same = before is not None and before.state is state
        since = before.since if before is not None and same else now
        return Session(state, since, now, fought)


def _live(status: dict[str, Any]) -> bool:
    words = ("authenticated", "connected")
    return all(status.get(word) is True for word in words) and status.get("competing") is not True
