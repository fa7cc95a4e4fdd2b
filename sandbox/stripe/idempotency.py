"""`Idempotency-Key`: the first answer is kept and repeated."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from starlette.responses import Response

from sandbox.stripe.errors import StripeError

MAX_KEY_LENGTH = 255
FIRST_SERVER_ERROR = 500
PAYMENT_REQUIRED = 402


@dataclass(slots=True)
class Kept:
    """What was asked under a key, and the answer once there is one."""

    request: tuple[str, bytes]
    response: Response | None = None


class IdempotentAnswers:
    """The keys of one account. Answers that never began to execute (4xx but
    402) are not kept."""

    def __init__(self) -> None:
        self._kept: dict[str, Kept] = {}

    def clear(self) -> None:
        """Forgets every key."""
        self._kept.clear()

    async def answer(
        self, key: str, path: str, body: bytes, execute: Callable[[], Awaitable[Response]]
    ) -> Response:
        """The kept answer, with `Idempotent-Replayed: true`, or that of `execute`.

        Raises:
            StripeError: 400, the key was used for another request; 409, the first request with
                this key is still being worked on.
        """
        if len(key) > MAX_KEY_LENGTH:
            raise StripeError(
                400, "Idempotency keys are at most 255 characters.", error_type="idempotency_error"
            )
        known = self._kept.get(key)
        if known is not None:
            return self._replay(key, known, (path, body))
        mine = self._kept[key] = Kept((path, body))
        try:
            response = await execute()
        except StripeError as error:
            # A refused card was tried: that much was executed, and is never tried again.
            self._kept.pop(key, None)
            if error.status != PAYMENT_REQUIRED:
                raise
            self._kept[key] = mine
            response = mine.response = error.response()
            return response
        except BaseException:
            self._kept.pop(key, None)
            raise
        if response.status_code == 200 or response.status_code >= FIRST_SERVER_ERROR:
            mine.response = response
        else:
            self._kept.pop(key, None)
        return response

    @staticmethod
    def _replay(key: str, known: Kept, request: tuple[str, bytes]) -> Response:
        if known.request != request:
            raise StripeError(
                400,
                "Keys for idempotent requests can only be used with the same parameters they "
                f"were first used with. Try using a key other than '{key}' if you meant to "
                "execute a different request.",
                error_type="idempotency_error",
            )
        if known.response is None:
            raise StripeError(
                409,
                f"There is currently another in-progress request using this Idempotent Key: {key}.",
                error_type="idempotency_error",
                code="idempotency_key_in_use",
            )
        replay = Response(known.response.body, media_type="application/json")
        replay.status_code = known.response.status_code
        replay.headers["Idempotent-Replayed"] = "true"
        if "request-id" in known.response.headers:
            replay.headers["Original-Request"] = known.response.headers["request-id"]
        return replay
