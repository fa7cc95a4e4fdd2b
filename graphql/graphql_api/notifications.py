"""The inbox."""

from datetime import datetime
from typing import Annotated

import strawberry

from graphql_api.errors import Failure, answered
from graphql_api.rules import INHERITED, SIGNED_IN, Info, field, object_type
from graphql_api.scalars import NotificationId
from shared.kernel.errors import InvalidValue
from shared.notifications.model import Notice
from shared.notifications.store import NoticeRow, notice_from
from shared.notifications.texts import render
from shared.platform.tables import Item

_AT_ONCE = 50


@object_type(description="A message to the person.")
class Notification:
    """See the description."""

    notification_id: NotificationId = field(INHERITED, "Identifier.")
    topic: str = field(INHERITED, "What it is about, as a stable name.")
    subject: str = field(INHERITED, "Headline in the person's language.")
    body: str = field(INHERITED, "Text in the person's language.")
    created_at: datetime = field(INHERITED, "When it was written.")
    read_at: datetime | None = field(INHERITED, "When it was read, if it was.")


@strawberry.input(description="Which notifications were read.")
class MarkNotificationsReadInput:
    """See the description."""

    notification_ids: list[NotificationId] = strawberry.field(description="At most 50.")


@object_type(description="They are marked.")
class MarkNotificationsReadPayload:
    """See the description."""

    marked: int = field(INHERITED, "How many of them were unread until now.")


MarkNotificationsReadResult = Annotated[
    MarkNotificationsReadPayload | Failure,
    strawberry.union(
        "MarkNotificationsReadResult", description="How many were marked, or why none was."
    ),
]


def read_notice(item: Item) -> Notice | None:
    """A notice among the feed's entries."""
    return notice_from(item) if item.kind == NoticeRow.KIND else None


def notification_of(notice: Notice, language: str) -> Notification:
    """A notice in a person's language."""
    text = render(notice.topic, notice.values, language)
    return Notification(
        notification_id=NotificationId(notice.notice_id),
        topic=notice.topic,
        subject=text.subject,
        body=text.body,
        created_at=notice.created_at,
        read_at=notice.read_at,
    )


@object_type()
class NotificationMutation:
    """Mutations about notifications."""

    @field(
        SIGNED_IN,
        "Mark notifications as read; unknown ones and those of others are passed over.",
    )
    def mark_notifications_read(
        self, info: Info, input: MarkNotificationsReadInput
    ) -> MarkNotificationsReadResult:
        """See the description."""
        context = info.context

        def mark() -> MarkNotificationsReadPayload:
            ids: list[str] = [*input.notification_ids]
            if len(ids) > _AT_ONCE:
                raise InvalidValue(
                    field="notification_ids", reason=f"must be at most {_AT_ONCE} identifiers"
                )
            marked = context.app.notices.mark_read(context.user_id, ids, context.app.clock.now())
            return MarkNotificationsReadPayload(marked=marked)

        return answered(mark, context.language)
