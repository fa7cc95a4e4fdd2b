"""The session cookie: invisible to scripts, sent to our own pages only."""

from collections.abc import Mapping

from starlette.responses import Response

from shared.users.sessions import LIFETIME


class SessionCookie:
    """Reads and writes the one cookie that we have."""

    def __init__(self, requested: Mapping[str, str], response: Response, *, secure: bool) -> None:
        # The prefix makes browsers insist on https, on this host alone and on the whole path.
        self._name = "__Host-baobab" if secure else "baobab"
        self._secure = secure
        self._response = response
        self.session_id = requested.get(self._name)

    def set(self, session_id: str) -> None:
        """Begin or continue the session in this browser."""
        self._write(session_id, int(LIFETIME.total_seconds()))

    def clear(self) -> None:
        """Forget it."""
        self._write("", 0)

    def _write(self, value: str, seconds: int) -> None:
        self._response.set_cookie(
            self._name,
            value,
            max_age=seconds,
            path="/",
            secure=self._secure,
            httponly=True,
            samesite="strict",
        )
