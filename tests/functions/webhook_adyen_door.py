"""The entrance as Adyen sees it: items delivered together, and what it answers."""

from typing import Any

from shared.platform.secrets import MemorySecrets
from tests.functions.webhook_door import VALUES, Door
from tests.functions.webhook_samples import adyen_body, packed

ACCEPTED = (200, {"notificationResponse": "[accepted]"})
FORGED = (401, {"error": "BAD_SIGNATURE"})
MALFORMED = (400, {"error": "MALFORMED"})


def delivered(door: Door, *items: Any, live: object = "false") -> tuple[int, Any]:
    return door.deliver("adyen", packed(adyen_body(*items, live=live)))


def with_key(**secret: Any) -> Door:
    return Door(MemorySecrets(VALUES | {"adyen": VALUES["adyen"] | secret}))
