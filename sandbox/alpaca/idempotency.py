"""Answers that are given again when a request comes again."""

from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from starlette.requests import Request

from sandbox.alpaca.problems import invalid

HEADER = "idempotency-key"
LONGEST_KEY = 128


@dataclass(frozen=True, slots=True)
class Given:
    """An answer and the body that it answered."""

    digest: bytes
    answer: Any


class Replays:
    """One answer for each endpoint and key. Refusals are not kept: they changed nothing."""

    def __init__(self) -> None:
        self._given: dict[tuple[str, str], Given] = {}

    def clear(self) -> None:
        """Forgets everything."""
        self._given.clear()

    async def once(self, request: Request, act: Callable[[], Any]) -> Any:
        """The answer of `act`, or the one that the key has got before.

        Raises:
            Problem: the key is too long, or was used with another body.
        """
        key = request.headers.get(HEADER)
        if key is None:
            return act()
        if not 1 <= len(key) <= LONGEST_KEY:
            raise invalid(f"Idempotency-Key must have 1 to {LONGEST_KEY} characters")
        digest = sha256(await request.body()).digest()
        given = self._given.get((request.url.path, key))
        if given is None:
            # No await between here and the assignment: two equal requests cannot both act.
            given = Given(digest, act())
            self._given[request.url.path, key] = given
        elif given.digest != digest:
            raise invalid("Idempotency-Key was used with a different request body")
        return given.answer
