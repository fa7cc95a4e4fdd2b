"""A notice: what kind of event, its values, and whether it was read and mailed. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from shared.kernel.states import Transitions


class MailStatus(StrEnum):
    """What became of the notice's mail."""

    PENDING = "PENDING"
    """Not handed to the mail service yet."""
    SENDING = "SENDING"
    """Claimed by one delivery; when that one dies the mail counts as sent, never twice."""
    SENT = "SENT"
    """The mail service took it."""


TRANSITIONS: Transitions[MailStatus] = {
    MailStatus.PENDING: frozenset({MailStatus.SENDING}),
    MailStatus.SENDING: frozenset({MailStatus.SENT, MailStatus.PENDING}),
    MailStatus.SENT: frozenset(),
}


@dataclass(frozen=True, slots=True)
class Notice:
    """One entry of a person's inbox. Its texts are made when it is shown, in their language."""

    notice_id: str
    user_id: str
    topic: str
    """The event's type without its version, such as ``payments.deposit_settled``."""
    values: Mapping[str, str]
    created_at: datetime
    read_at: datetime | None = None
    mail: MailStatus = MailStatus.PENDING
