"""One inbox notice and one mail per event, whatever is delivered how often."""

from dataclasses import replace

from shared.kernel.errors import TemporarilyUnavailable
from shared.kernel.events import Envelope
from shared.kernel.ids import Kind, derived
from shared.notifications.model import MailStatus, Notice
from shared.notifications.ports import Mailer, MailRefused, Notices, Readers
from shared.notifications.texts import TEXTS, render, values_of


def notify(
    envelope: Envelope, *, notices: Notices, readers: Readers, mailer: Mailer, app_url: str
) -> None:
    """Write the notice of an event and send its mail.

    The notice's id comes from the event's, so a repeated delivery finds it. The mail is claimed
    before it is sent: a delivery that dies in between leaves it claimed, and it is not sent a
    second time; the inbox has the message in any case. Raises TemporarilyUnavailable when the
    mail service certainly did not take it.
    """
    topic = envelope.type.rpartition(".v")[0]
    if topic not in TEXTS:
        return
    user_id = str(envelope.data["user_id"])
    reader = readers.reader(user_id)
    if reader is None:
        return
    notice = notices.add(
        Notice(
            notice_id=derived(Kind.NOTICE, envelope.id),
            user_id=user_id,
            topic=topic,
            values=values_of(topic, envelope.data),
            created_at=envelope.occurred_at,
        )
    )
    if notice.mail is not MailStatus.PENDING or not notices.move_mail(notice, MailStatus.SENDING):
        return
    claimed = replace(notice, mail=MailStatus.SENDING)
    text = render(topic, notice.values, reader.language)
    try:
        mailer.send(
            address=reader.address, subject=text.subject, body=f"{text.body}\n\n{app_url}\n"
        )
    except MailRefused:
        notices.move_mail(claimed, MailStatus.PENDING)
        raise TemporarilyUnavailable() from None
    notices.move_mail(claimed, MailStatus.SENT)
