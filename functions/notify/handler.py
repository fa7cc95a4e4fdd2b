"""Lambda notify: an inbox notice and a mail for each event that a person should know of."""

from collections.abc import Mapping
from typing import Any

from functions.notify.settings import Settings
from shared.notifications.providers.ses import SesMailer
from shared.notifications.readers import ProfileReaders
from shared.notifications.service import notify
from shared.notifications.store import NoticeStore
from shared.platform.entry import entry_point
from shared.platform.personal import KmsPersonalData
from shared.platform.runtime import runtime
from shared.platform.worker import EventMessage, Message, consume
from shared.users.store import UserStore

settings = Settings.load()
platform = runtime(settings)
notices = NoticeStore(platform.database)
readers = ProfileReaders(UserStore(platform.database), KmsPersonalData(settings.personal_data_key))
mailer = SesMailer(settings.sender_address)


def handle(message: Message) -> None:
    """One event; anything else on this queue is none of ours and goes to the dead letters."""
    if not isinstance(message, EventMessage):
        raise TypeError(f"notify takes events, not {type(message).__name__}")
    notify(
        message.envelope,
        notices=notices,
        readers=readers,
        mailer=mailer,
        app_url=settings.app_url,
    )


@entry_point("notify")
def handler(event: Mapping[str, Any], context: object) -> dict[str, list[dict[str, str]]]:
    """An SQS batch."""
    return consume(event, handle, service="notify")
