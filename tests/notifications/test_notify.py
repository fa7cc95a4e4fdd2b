"""One notice and one mail per event, in the person's language, whatever goes wrong."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from shared.kernel.errors import TemporarilyUnavailable
from shared.kernel.events import REGISTRY, Envelope
from shared.kernel.ids import Kind, derived
from shared.kyc import reasons as kyc_reasons
from shared.notifications.model import MailStatus, Notice
from shared.notifications.ports import MailRefused, Reader
from shared.notifications.service import notify
from shared.notifications.store import NoticeStore, notice_from
from shared.notifications.texts import TEXTS, Text, render, values_of
from shared.payments import reasons as payment_reasons
from shared.platform import keys
from shared.platform.tables import Database, Table
from shared.users.events import CredentialsChange
from tools.contracts import load_contexts

NEUTRAL = "There is news about your account"
NOW = datetime(2026, 3, 2, 15, 30, tzinfo=UTC)
USER = "usr_t1_01ARZ3NDEKTSV4RRFFQ69G5FAV"
EVENT = "evt_t1_01ARZ3NDEKTSV4RRFFQ69G5FAW"
SETTLED = Envelope(
    id=EVENT,
    type="payments.deposit_settled.v1",
    occurred_at=NOW,
    correlation_id="c",
    data={
        "user_id": USER,
        "deposit_id": "dep",
        "gateway": "MPESA",
        "currency": "KES",
        "amount_minor": 650000,
        "credited_currency": "USD",
        "credited_minor": 5031,
    },
)


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


EVENT_VALUES: dict[str, dict[str, object]] = {
    "users.user_registered": {"language": "en"},
    "users.signed_in_from_new_device": {},
    "users.credentials_changed": {"change": "PASSWORD_CHANGED"},
    "kyc.identity_approved": {"provider": "onfido"},
    "kyc.identity_rejected": {"reason": "DOCUMENT_BLURRED", "can_retry": True},
    "payments.deposit_settled": SETTLED.data,
    "payments.deposit_failed": {"gateway": "MPESA", "reason": "WRONG_PIN"},
    "investing.broker_account_opened": {"broker_account_id": "b"},
    "investing.broker_account_refused": {"reason": "REJECTED", "can_retry": False},
    "investing.plan_created": {"order_count": 7, "notional_minor": 99123},
    "investing.order_rejected": {"order_id": "ord", "symbol": "MTUM", "reason": "REJECTED"},
    "investing.orders_completed": {"plan_id": "pln"},
    "recurring.schedule_created": {
        "first_on": "2026-03-31",
        "currency": "KES",
        "amount_minor": 500_000,
    },
    "recurring.schedule_changed": {
        "change": "AMOUNT_CHANGED",
        "currency": "KES",
        "amount_minor": 500_000,
    },
    "recurring.occurrence_skipped": {
        "on": "2026-03-31",
        "reason": "TOO_LATE",
        "currency": "KES",
        "amount_minor": 500_000,
    },
    "disputes.dispute_opened": {"currency": "USD", "amount_minor": 1_000, "reason": "FRAUD"},
    "disputes.dispute_won": {"currency": "USD", "amount_minor": 1_000},
    "disputes.dispute_lost": {"currency": "USD", "amount_minor": 1_000, "owed_minor": 400},
    "disputes.receivable_paid": {"currency": "USD", "amount_minor": 1_000, "left_minor": 400},
    "payouts.payout_paid": {
        "purpose": "WITHDRAWAL",
        "currency": "KES",
        "amount_minor": 510_200,
        "debited_minor": 4_000,
    },
    "payouts.payout_failed": {
        "purpose": "WITHDRAWAL",
        "reason": "RECEIVER_NOT_ABLE",
        "currency": "KES",
        "amount_minor": 510_200,
    },
    "payouts.payout_returned": {
        "purpose": "WITHDRAWAL",
        "reason": "RETURNED_BY_BANK",
        "currency": "USD",
        "amount_minor": 4_000,
    },
    "payouts.withdrawal_requoted": {
        "debited_minor": 4_000,
        "currency": "KES",
        "amount_minor": 505_100,
        "was_minor": 510_200,
    },
    "payouts.consent_asked": {
        "debited_minor": 4_000,
        "currency": "KES",
        "amount_minor": 472_800,
        "was_minor": 510_200,
        "answer_by": "2026-03-05T15:30:00Z",
    },
    "payouts.consent_lapsed": {"debited_minor": 4_000},
    "investing.limit_breached": {
        "rule": "CONCENTRATION",
        "part": "KO",
        "share": "0.123456",
        "cap": "0.100000",
    },
    "management_fees.fee_charged": {
        "amount_minor": 191,
        "first": "2026-02-01",
        "last": "2026-02-28",
        "closing": False,
    },
    "withdrawals.payout_account_added": {"kind": "BANK", "usable_at": "2026-03-03T15:30:00Z"},
    "withdrawals.payout_account_removed": {"kind": "MPESA"},
    "withdrawals.withdrawal_requested": {
        "debited_minor": 10_000,
        "currency": "KES",
        "amount_minor": 1_279_200,
    },
    "withdrawals.withdrawal_rejected": {"debited_minor": 10_000},
}


def read(topic: str, language: str, **values: object) -> Text:
    """What a person reads after an event with these values."""
    return render(topic, values_of(topic, EVENT_VALUES[topic] | values), language)


@pytest.mark.parametrize("topic", sorted(TEXTS))
def test_every_topic_is_written_in_both_languages_and_fits_its_event(topic: str) -> None:
    load_contexts()
    event = REGISTRY[f"{topic}.v1"]
    assert EVENT_VALUES[topic].keys() <= event.model_fields.keys()
    english, swahili = read(topic, "en"), read(topic, "sw")
    assert english.subject != swahili.subject
    assert english.body != swahili.body
    assert read(topic, "xx") == english
    for text in (english, swahili):
        words = f"{text.subject} {text.body}"
        assert not {"{", "}", "_"} & set(words)
        assert "  " not in words
        assert text.subject != NEUTRAL


@pytest.mark.parametrize("language", ["en", "sw"])
@pytest.mark.parametrize("reason", [*kyc_reasons.Reason, kyc_reasons.NOT_CONFIRMED])
def test_a_rejected_identity_says_why_and_what_can_be_done(reason: str, language: str) -> None:
    again = read("kyc.identity_rejected", language, reason=str(reason), can_retry=True)
    final = read("kyc.identity_rejected", language, reason=str(reason), can_retry=False)
    why = kyc_reasons.told_of(str(reason), language)
    assert len(why) > 10
    assert again.body.startswith(f"{why} ")
    assert final.body.startswith(f"{why} ")
    assert again.body != final.body


@pytest.mark.parametrize("language", ["en", "sw"])
@pytest.mark.parametrize("reason", list(payment_reasons.Reason))
def test_a_failed_payment_says_why(reason: payment_reasons.Reason, language: str) -> None:
    body = read("payments.deposit_failed", language, reason=reason.value).body
    why = payment_reasons.text_of(reason, language)
    assert len(why) > 10
    assert body.startswith(f"{why} ")


@pytest.mark.parametrize("change", [*CredentialsChange, "FROM_THE_FUTURE"])
def test_each_change_of_credentials_has_words_of_its_own(change: str) -> None:
    texts = [read("users.credentials_changed", each, change=str(change)) for each in ("en", "sw")]
    assert len({text.subject for text in texts} | {text.body for text in texts}) == 4
    others = [each for each in CredentialsChange if each != change]
    for other in others:
        assert read("users.credentials_changed", "en", change=other.value) != texts[0]
    by_staff = change == CredentialsChange.SESSIONS_ENDED
    assert ("If it was not you, write to us at once." in texts[0].body) is not by_staff


def test_what_must_not_be_told_is_told_neutrally() -> None:
    body = read("kyc.identity_rejected", "en", reason="NOT_CONFIRMED", can_retry=False).body
    assert body == ("We cannot confirm your identity. Write to us if you think that this is wrong.")


def test_a_reason_of_another_version_is_still_answered() -> None:
    body = read("payments.deposit_failed", "en", reason="FROM_THE_FUTURE").body
    assert body.startswith("The payment service refused this payment. ")


@pytest.mark.parametrize(
    ("topic", "values"),
    [("payments.from_the_future", {}), ("payments.deposit_settled", {"amount": "1.00 USD"})],
)
def test_a_notice_of_another_version_does_not_fail_the_inbox(
    topic: str, values: dict[str, str]
) -> None:
    assert render(topic, values, "en").subject == NEUTRAL
    assert render(topic, values, "sw").subject == "Kuna habari kuhusu akaunti yako"
