"""What notices need from outside."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from shared.notifications.model import MailStatus, Notice


@dataclass(frozen=True, slots=True)
class Reader:
    """Whom a notice goes to."""

    address: str
    language: str


class MailRefused(Exception):
    """The mail service certainly did not take the mail; it may be tried again."""


class Mailer(Protocol):
    """Sends one plain-text mail."""

    def send(self, *, address: str, subject: str, body: str) -> None:
        """Raises MailRefused when it certainly was not sent; any other error is unknown."""


class Readers(Protocol):
    """Knows how to reach people."""

    def reader(self, user_id: str) -> Reader | None:
        """None for somebody who is not (or no longer) there."""


class Notices(Protocol):
    """The inbox."""

    def add(self, notice: Notice) -> Notice:
        """Write it once; the stored one when it was there already."""

    def move_mail(self, notice: Notice, target: MailStatus) -> bool:
        """Change the mail's state from the one in ``notice``; False when somebody else did."""

    def mark_read(self, user_id: str, notice_ids: Sequence[str], at: datetime) -> int:
        """How many of them were unread and are read now; unknown ones are passed over."""
