"""One notice and one mail per event, in the person's language, whatever goes wrong."""

from collections.abc import Callable

import pytest

from shared.kernel.errors import TemporarilyUnavailable
from shared.kernel.events import Envelope
from shared.kernel.ids import Kind, derived
from shared.notifications.model import MailStatus, Notice
from shared.notifications.ports import MailRefused, Reader
from shared.notifications.service import notify
from shared.notifications.store import NoticeStore, notice_from
from shared.platform import keys
from shared.platform.tables import Database, Table
from tests.notifications.events import EVENT, NOW, SETTLED, USER


class Letters:
    """A mail service of the tests."""

    def __init__(self, fail: Callable[[], None] = lambda: None) -> None:
        self.sent: list[tuple[str, str, str]] = []
        self.fail = fail

    def send(self, *, address: str, subject: str, body: str) -> None:
        self.fail()
        self.sent.append((address, subject, body))


class OneReader:
    """Knows one person."""

    def __init__(self, language: str = "en") -> None:
        self.language = language

    def reader(self, user_id: str) -> Reader | None:
        return Reader("jane@example.com", self.language) if user_id == USER else None


def deliver(
    database: Database, letters: Letters, envelope: Envelope = SETTLED, language: str = "en"
) -> None:
    """One delivery of an event."""
    notify(
        envelope,
        notices=NoticeStore(database),
        readers=OneReader(language),
        mailer=letters,
        app_url="http://127.0.0.1:4567",
    )


def inbox(database: Database) -> list[Notice]:
    """All notices of the person."""
    page = database.query(Table.CORE, keys.user(USER), keys.FEED, keys.FEED + "~")
    return [notice_from(item) for item in page.items]


def test_an_event_becomes_one_notice_and_one_mail_however_often_it_comes(
    database: Database,
) -> None:
    letters = Letters()
    for _ in range(3):
        deliver(database, letters)
    (notice,) = inbox(database)
    assert (notice.notice_id, notice.mail) == (derived(Kind.NOTICE, EVENT), MailStatus.SENT)
    assert letters.sent == [
        (
            "jane@example.com",
            "We received 6500.00 KES",
            "Your payment of 6500.00 KES arrived: 50.31 USD credited.\n\nhttp://127.0.0.1:4567\n",
        )
    ]


def test_swahili_speakers_are_written_to_in_swahili(database: Database) -> None:
    letters = Letters()
    deliver(database, letters, language="sw")
    assert letters.sent[0][1] == "Tumepokea 6500.00 KES"


def test_a_refused_mail_is_tried_again(database: Database) -> None:
    def refuse() -> None:
        raise MailRefused

    letters = Letters(refuse)
    with pytest.raises(TemporarilyUnavailable):
        deliver(database, letters)
    assert inbox(database)[0].mail is MailStatus.PENDING
    letters.fail = lambda: None
    deliver(database, letters)
    assert (len(letters.sent), inbox(database)[0].mail) == (1, MailStatus.SENT)


def test_a_mail_with_unknown_outcome_is_never_sent_twice(database: Database) -> None:
    def die() -> None:
        raise ConnectionResetError

    letters = Letters(die)
    with pytest.raises(ConnectionResetError):
        deliver(database, letters)
    letters.fail = lambda: None
    deliver(database, letters)
    assert letters.sent == []
    assert len(inbox(database)) == 1


def test_unknown_topics_and_people_make_nothing(database: Database) -> None:
    letters = Letters()
    deliver(database, letters, SETTLED.model_copy(update={"type": "investing.order_filled.v1"}))
    stranger = SETTLED.data | {"user_id": "usr_t1_01ARZ3NDEKTSV4RRFFQ69G5FAX"}
    deliver(database, letters, SETTLED.model_copy(update={"data": stranger}))
    assert (inbox(database), letters.sent) == ([], [])


def test_notices_are_marked_read_once(database: Database) -> None:
    deliver(database, Letters())
    store, (notice,) = NoticeStore(database), inbox(database)
    ghost = derived(Kind.NOTICE, "evt_t1_01ARZ3NDEKTSV4RRFFQ69G5FAY")
    assert store.mark_read(USER, [notice.notice_id, ghost, notice.notice_id], NOW) == 1
    assert store.mark_read(USER, [notice.notice_id], NOW) == 0
    (read,) = inbox(database)
    assert read.read_at == NOW
