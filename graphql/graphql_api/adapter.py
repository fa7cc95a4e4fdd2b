"""From HTTP API events to ASGI and back, on one event loop per process."""

import asyncio
from collections.abc import Mapping
from typing import Any

from mangum import Mangum

from graphql_api.guard import App


class LambdaAdapter:
    """Callable like a Lambda handler."""

    def __init__(self, app: App) -> None:
        self._loop = asyncio.new_event_loop()
        # Mangum makes a loop of its own when it finds none, and leaves it open.
        asyncio.set_event_loop(self._loop)
        self._mangum = Mangum(app, lifespan="off")  # type: ignore[arg-type]  # its ASGI types are narrower

    def __call__(self, event: Mapping[str, Any], context: Any) -> dict[str, Any]:
        """Answer one event (payload version 2.0)."""
        # The gateway may send no body, or an explicit null.
        whole = {**event, "body": event.get("body") or ""}
        asyncio.set_event_loop(self._loop)
        answer: dict[str, Any] = self._mangum(whole, context)
        return answer

    def close(self) -> None:
        """End the loop."""
        asyncio.set_event_loop(None)
        self._loop.close()
