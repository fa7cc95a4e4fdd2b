"""What people read about payout accounts and withdrawals: never why something was looked at."""

from datetime import UTC, datetime

import pytest

from shared.kernel.events import Event
from shared.notifications.texts import TEXTS, render, values_of
from shared.withdrawals.events import (
    PayoutAccountAddedV1,
    PayoutAccountRemovedV1,
    WithdrawalRejectedV1,
    WithdrawalRequestedV1,
)

ADDED = PayoutAccountAddedV1(
    user_id="u",
    account_id="pac_1",
    kind="MPESA",
    usable_at=datetime(2026, 3, 3, 15, 30, tzinfo=UTC),
)
REMOVED = PayoutAccountRemovedV1(user_id="u", account_id="pac_1", kind="BANK")
REQUESTED = WithdrawalRequestedV1(
    user_id="u", payout_id="pay_1", debited_minor=10_000, currency="KES", amount_minor=1_279_200
)
REJECTED = WithdrawalRejectedV1(user_id="u", payout_id="pay_1", debited_minor=10_000)


def read(event: Event, language: str = "en") -> tuple[str, str]:
    text = render(event.type, values_of(event.type, event.model_dump(mode="json")), language)
    return text.subject, text.body


def test_a_new_account_is_told_with_when_money_may_go_there() -> None:
    subject, body = read(ADDED)
    assert subject == "New payout account: M-Pesa account"
    assert body.startswith("Money can go there from 2026-03-03 15:30 UTC on.")
    assert read(ADDED, "sw")[0] == "Akaunti ya M-Pesa imeongezwa ya kulipwa pesa"


def test_a_removed_account_is_told() -> None:
    assert read(REMOVED)[0] == "Payout account removed: bank account"
    assert read(REMOVED, "sw")[0] == "Akaunti ya benki imeondolewa"


def test_a_withdrawal_is_told_with_what_leaves_and_what_arrives() -> None:
    subject, body = read(REQUESTED)
    assert subject == "You take out 100.00 USD"
    assert body.startswith("12792.00 KES will be paid out.")
    assert read(REQUESTED, "sw")[0] == "Unatoa 100.00 USD"


def test_a_rejection_says_where_the_money_is_and_nothing_of_why() -> None:
    subject, body = read(REJECTED)
    assert subject == "Your withdrawal was not approved"
    assert body.startswith("100.00 USD are available in your account again.")


@pytest.mark.parametrize("event", [ADDED, REMOVED, REQUESTED, REJECTED], ids=lambda each: each.type)
def test_both_languages_have_all_values(event: Event) -> None:
    assert set(TEXTS[event.type]) == {"en", "sw"}
    for language in ("en", "sw"):
        assert "{" not in "".join(read(event, language))
        assert read(event, language)[0] != render("unknown", {}, language).subject
