"""What people read about disputes and debts, in both languages."""

import pytest

from shared.notifications.disputes import TEXTS
from shared.notifications.texts import render, values_of

COMMON = {"user_id": "usr", "currency": "KES", "amount_minor": 1_300_000}


def read(topic, language, **data):
    return render(topic, values_of(topic, COMMON | data), language)


def test_an_open_dispute_says_why_and_what_it_stops():
    text = read("disputes.dispute_opened", "en", reason="NO_MONEY")
    assert text.subject == "Your bank takes back a payment of 13000.00 KES"
    assert text.body.startswith("There was not enough money in the bank account. Until")
    swahili = read("disputes.dispute_opened", "sw", reason="NO_MONEY")
    assert swahili.body.startswith("Hakukuwa na pesa za kutosha kwenye akaunti ya benki.")


def test_a_reason_of_a_later_version_is_none():
    text = read("disputes.dispute_opened", "en", reason="TELEPORTED")
    assert text.body.startswith("The bank did not give a closer reason.")


@pytest.mark.parametrize(
    ("owed", "words"),
    [
        (0, "It came out of your cash."),
        (7_000, "70.00 USD of it had been spent: what you pay in next pays that first."),
    ],
)
def test_a_lost_dispute_says_what_is_owed(owed, words):
    assert read("disputes.dispute_lost", "en", owed_minor=owed).body.endswith(words)


def test_a_debt_that_was_paid_says_what_is_left():
    text = read("disputes.receivable_paid", "en", currency="USD", amount_minor=250, left_minor=750)
    assert text.subject == "2.50 USD of your cash paid what you owed"
    assert text.body.endswith("Still owed: 7.50 USD.")


@pytest.mark.parametrize("topic", sorted(TEXTS))
def test_both_languages_say_it_in_their_own_words(topic):
    more = {"reason": "FRAUD", "owed_minor": 1, "left_minor": 2}
    english, swahili = (read(topic, language, **more) for language in ("en", "sw"))
    assert english != swahili
    assert "{" not in english.subject + english.body + swahili.subject + swahili.body
