"""Capability paths of all purposes: what one proves, no other one does."""

from datetime import UTC, datetime
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.kernel.clock import FixedClock
from shared.kernel.ids import Kind, SequentialIds
from shared.payments.callbacks import (
    VENDORS,
    Addresses,
    Purpose,
    Subject,
    make_token,
    named_by,
    read_token,
)

KEY = bytes(range(32))
IDS_CLOCK = FixedClock(datetime(2026, 3, 2, 15, 30, tzinfo=UTC))
IDS = SequentialIds("t1", IDS_CLOCK)
ELSEWHERE = SequentialIds("t2", IDS_CLOCK).new(Kind.PAYOUT)
USER, DEPOSIT, PAYOUT = IDS.new(Kind.USER), IDS.new(Kind.DEPOSIT), IDS.new(Kind.PAYOUT)
REPORT, MOVEMENT = IDS.new(Kind.REPORT), IDS.new(Kind.MOVEMENT)
LATER = [purpose for purpose in Purpose if purpose is not Purpose.STK]
SUBJECTS = [
    Subject(USER, DEPOSIT),
    Subject(USER, PAYOUT),
    Subject(USER, PAYOUT, attempt=255),
    Subject("", REPORT),
    Subject("", MOVEMENT),
]
FORBIDDEN = ("mpesa", "safaricom", "exe", "cmd", "sql", "query", "ngrok")


def made(subject, purpose, key=KEY):
    return make_token(key, subject.user_id, subject.subject_id, purpose, attempt=subject.attempt)


def test_the_token_of_a_push_is_what_it_always_was():
    assert make_token(b"0f" * 32, USER, DEPOSIT) == (
        "019caf2ba8c000000000000000000001019caf2ba8c000000000000000000002"
        "8fe8dde96874aae75ff973b8483cee86"
    )


@pytest.mark.parametrize("purpose", LATER)
@pytest.mark.parametrize("subject", SUBJECTS)
def test_a_token_names_its_subject_and_nothing_that_safaricom_refuses(purpose, subject):
    token = made(subject, purpose)
    assert read_token(KEY, "t1", token, purpose) == subject
    assert named_by("t1", token, purpose) == subject
    assert len(token) == 100
    assert not any(word in token for word in FORBIDDEN)
    assert not any(word in VENDORS[purpose] for word in FORBIDDEN)


def test_a_subject_knows_its_kind():
    assert [one.kind for one in SUBJECTS] == [
        Kind.DEPOSIT,
        Kind.PAYOUT,
        Kind.PAYOUT,
        Kind.REPORT,
        Kind.MOVEMENT,
    ]


@pytest.mark.parametrize(("one", "other"), list(permutations(Purpose, 2)))
def test_a_token_of_one_purpose_proves_nothing_for_another(one, other):
    assert read_token(KEY, "t1", made(Subject(USER, DEPOSIT), one), other) is None


@given(st.integers(0, 99), st.sampled_from("0123456789abcdef"))
def test_a_token_with_any_other_digit_is_refused(place, digit):
    token = made(Subject(USER, PAYOUT), Purpose.RESULT)
    forged = token[:place] + digit + token[place + 1 :]
    found = read_token(KEY, "t1", forged, Purpose.RESULT)
    assert (found is not None) == (forged == token)


@pytest.mark.parametrize("key", [b"", b"other", KEY[:-1]])
def test_a_token_of_another_key_or_cell_is_refused(key):
    token = made(Subject(USER, PAYOUT), Purpose.RESULT)
    assert read_token(key, "t1", token, Purpose.RESULT) is None
    assert read_token(KEY, "t2", token, Purpose.RESULT) is None


@pytest.mark.parametrize("token", ["", "01", "05" + "0" * 98, "0" * 99, "Z" * 100, "01" + "F" * 98])
def test_a_malformed_token_is_refused(token):
    assert read_token(KEY, "t1", token, Purpose.STATUS) is None
    with pytest.raises(ValueError, match="malformed"):
        named_by("t1", token, Purpose.STATUS)


@pytest.mark.parametrize(
    ("user_id", "subject_id", "purpose", "attempt", "why"),
    [
        (USER, PAYOUT, Purpose.STK, 0, "subject of this purpose"),
        (USER, USER, Purpose.STATUS, 0, "subject of this purpose"),
        ("", PAYOUT, Purpose.STATUS, 0, "user id"),
        (USER, REPORT, Purpose.BALANCE, 0, "belongs to nobody"),
        (USER, PAYOUT, Purpose.RESULT, 256, "one byte"),
        (USER, PAYOUT, Purpose.RESULT, -1, "one byte"),
        (
            USER,
            SequentialIds("t2", IDS_CLOCK).new(Kind.PAYOUT),
            Purpose.RESULT,
            0,
            "different cells",
        ),
    ],
)
def test_a_token_is_only_made_for_what_it_can_name(user_id, subject_id, purpose, attempt, why):
    with pytest.raises(ValueError, match=why):
        make_token(KEY, user_id, subject_id, purpose, attempt=attempt)


def test_an_address_follows_a_key_that_is_rolled():
    keys = [b"old", b"new"]
    addresses = Addresses("https://api.example/webhooks/", lambda: keys[-1])
    base, _, token = addresses.of(Purpose.RESULT, USER, PAYOUT, attempt=2).rpartition("/")
    assert base == "https://api.example/webhooks/daraja-result"
    assert read_token(b"new", "t1", token, Purpose.RESULT) == Subject(USER, PAYOUT, 2)
