"""`Idempotency-Key`: the first answer is kept and repeated."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from starlette.responses import Response

from sandbox.adyen.errors import AdyenError

MAX_KEY_LENGTH = 64
HEADER = "idempotency-key"


@dataclass(slots=True)
class Kept:
    """What was asked under a key, and the answer once there is one."""

    request: tuple[str, bytes]
    response: Response | None = None


class IdempotentAnswers:
    """The keys of one company account. Refused requests do not use their key up."""

    def __init__(self) -> None:
        self._kept: dict[str, Kept] = {}

    def clear(self) -> None:
        """Forgets every key."""
        self._kept.clear()

    async def answer(
        self, key: str, path: str, body: bytes, execute: Callable[[], Awaitable[Response]]
    ) -> Response:
        """The kept answer, or that of `execute`.

        Raises:
            AdyenError: 422, the key was used for another request, or the first request with this
                key is still being worked on (704).
        """
        if len(key) > MAX_KEY_LENGTH:
            raise AdyenError(422, "702", "Idempotency-Key is longer than 64 characters")
        known = self._kept.get(key)
        if known is None:
            mine = self._kept[key] = Kept((path, body))
            try:
                mine.response = await execute()
            except BaseException:
                self._kept.pop(key, None)
                raise
            return mine.response
        if known.request != (path, body):
            raise AdyenError(422, "702", "This idempotency key was used for another request")
        if known.response is None:
            raise AdyenError(422, "704", "request already processed or in progress")
        replay = Response(known.response.body, known.response.status_code)
        replay.headers["content-type"] = "application/json"
        return replay
