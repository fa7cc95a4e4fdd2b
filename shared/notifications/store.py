"""Notices as rows of the person's feed."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar

from pynamodb.attributes import UnicodeAttribute

from shared.kernel.ids import Kind
from shared.notifications.model import MailStatus, Notice
from shared.platform import keys
from shared.platform.tables import Database, InstantAttribute, Item, Put, Row, Update
from shared.platform.work import ConditionFailed


class NoticeRow(Row):
    """One notice."""

    KIND: ClassVar[str] = "notice"

    notice_id = UnicodeAttribute()
    topic = UnicodeAttribute()
    content = UnicodeAttribute()
    created_at = InstantAttribute()
    read_at = InstantAttribute(null=True)
    mail = UnicodeAttribute()


def notice_from(item: Item) -> Notice:
    """A notice out of a feed item that somebody else read."""
    return _notice_of(item.to(NoticeRow))


def _notice_of(row: NoticeRow) -> Notice:
    return Notice(
        notice_id=row.notice_id,
        user_id=row.pk.removeprefix("USER#"),
        topic=row.topic,
        values=json.loads(row.content),
        created_at=row.created_at,
        read_at=row.read_at,
        mail=MailStatus(row.mail),
    )


class NoticeStore:
    """See Notices."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, notice: Notice) -> Notice:
        """See Notices."""
        row = NoticeRow(
            pk=keys.user(notice.user_id),
            sk=keys.feed(notice.notice_id, Kind.NOTICE),
            notice_id=notice.notice_id,
            topic=notice.topic,
            content=json.dumps(dict(notice.values), separators=(",", ":"), sort_keys=True),
            created_at=notice.created_at,
            mail=notice.mail.value,
        )
        try:
            self._database.write(Put.new("notice", row))
        except ConditionFailed:
            stored = self._database.get(NoticeRow, row.pk, row.sk)
            if stored is None:
                raise
            return _notice_of(stored)
        return notice

    def move_mail(self, notice: Notice, target: MailStatus) -> bool:
        """See Notices."""
        change = Update(
            "notice",
            NoticeRow,
            keys.user(notice.user_id),
            keys.feed(notice.notice_id, Kind.NOTICE),
            (NoticeRow.mail.set(target.value),),
            NoticeRow.mail == notice.mail.value,
        )
        try:
            self._database.write(change)
        except ConditionFailed:
            return False
        return True

    def mark_read(self, user_id: str, notice_ids: Sequence[str], at: datetime) -> int:
        """See Notices."""
        return sum(
            self._mark_one(user_id, notice_id, at) for notice_id in dict.fromkeys(notice_ids)
        )

    def _mark_one(self, user_id: str, notice_id: str, at: datetime) -> bool:
        unread = NoticeRow.pk.exists() & NoticeRow.read_at.does_not_exist()
        change = Update(
            "notice",
            NoticeRow,
            keys.user(user_id),
            keys.feed(notice_id, Kind.NOTICE),
            (NoticeRow.read_at.set(at),),
            unread,
        )
        try:
            self._database.write(change)
        except ConditionFailed:
            return False
        return True
