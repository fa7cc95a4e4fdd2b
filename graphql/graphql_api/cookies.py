"""The cookies: invisible to scripts, sent to our own pages only."""

from collections.abc import Mapping
from datetime import timedelta

from starlette.responses import Response

from shared.users.model import RESERVATION_LIFETIME
from shared.users.sessions import LIFETIME

DEVICE_KEPT = timedelta(days=400)
"""Browsers keep no cookie longer."""


class Cookies:
    """Reads and writes ours: the session, which sign-up was begun here, who used this device."""

    def __init__(self, requested: Mapping[str, str], response: Response, *, secure: bool) -> None:
        # The prefix makes browsers insist on https, on this host alone and on the whole path.
        self._session = "__Host-baobab" if secure else "baobab"
        self._sign_up = f"{self._session}-sign-up"
        self._device = f"{self._session}-device"
        self._secure = secure
        self._response = response
        self.session_id = requested.get(self._session)
        self.sign_up = requested.get(self._sign_up)
        self.device = requested.get(self._device)

    def set(self, session_id: str) -> None:
        """Begin or continue the session in this browser."""
        self._write(self._session, session_id, int(LIFETIME.total_seconds()))

    def clear(self) -> None:
        """Forget it."""
        self._write(self._session, "", 0)

    def begin_sign_up(self, sealed: str) -> None:
        """Remember until the code is entered which sign-up is this browser's."""
        self._write(self._sign_up, sealed, int(RESERVATION_LIFETIME.total_seconds()))

    def end_sign_up(self) -> None:
        """It is confirmed."""
        self._write(self._sign_up, "", 0)

    def know_device(self, sealed: str) -> None:
        """Somebody signed in here; it opens nothing, it only tells known devices from others."""
        self._write(self._device, sealed, int(DEVICE_KEPT.total_seconds()))

    def _write(self, name: str, value: str, seconds: int) -> None:
        self._response.set_cookie(
            name,
            value,
            max_age=seconds,
            path="/",
            secure=self._secure,
            httponly=True,
            samesite="strict",
        )
