"""From HTTP API events to ASGI and back, on one event loop per process."""

import asyncio
from collections.abc import Mapping
from typing import Any

from mangum import Mangum

from graphql_api.guard import App
from graphql_api.media_types import Answers

_UNREAD = ("host", "x-forwarded-port")


class LambdaAdapter:
    """Callable like a Lambda handler."""

    def __init__(self, app: App) -> None:
        self._loop = asyncio.new_event_loop()
        # Mangum makes a loop of its own when it finds none, and leaves it open.
        asyncio.set_event_loop(self._loop)
        self._mangum = Mangum(
            app,  # type: ignore[arg-type]  # its ASGI types are narrower
            lifespan="off",
            # Other types than these would be answered in base64.
            text_mime_types=[*Answers, "text/"],
        )

    def __call__(self, event: Mapping[str, Any], context: Any) -> dict[str, Any]:
        """Answer one event (payload version 2.0)."""
        # The gateway may send no body, or an explicit null.
        fields = event.get("headers") or {}
        whole = {
            **event,
            "body": event.get("body") or "",
            # Mangum fails over hosts and ports that are none; nobody here asks where it runs.
            "headers": {k: v for k, v in fields.items() if k.lower() not in _UNREAD},
        }
        asyncio.set_event_loop(self._loop)
        answer: dict[str, Any] = self._mangum(whole, context)
        return answer

    def close(self) -> None:
        """End the loop."""
        asyncio.set_event_loop(None)
        self._loop.close()
