"""Lambda publish_outbox: the outbox table's stream to the event bus."""

from collections.abc import Mapping
from typing import Any

from functions.publish_outbox.settings import Settings
from shared.platform.bus import EventBridgeBus, publish_stream
from shared.platform.entry import entry_point

settings = Settings.load()
bus = EventBridgeBus(settings.event_bus)


@entry_point("publish_outbox")
def handler(event: Mapping[str, Any], context: object) -> dict[str, list[dict[str, str]]]:
    """Answers with the first record that was not published: the stream resumes there."""
    return publish_stream(bus, event["Records"])
