"""Card numbers are found in whatever dress, and what only looks long is left alone."""

import random
import uuid

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.kernel.card_numbers import contains_card_number

CARDS = [
    "4111111111111111",
    "4222222222222",
    "4000000000000000006",
    "5555555555554444",
    "2223003122003222",
    "378282246310005",
    "6011111111111117",
    "30569309025904",
    "3530111333300000",
    "6200000000000005",
    "5061460410120223210",
    "6759649826438453",
]


@pytest.mark.parametrize("card", CARDS)
def test_numbers_of_the_known_issuers_are_found(card: str) -> None:
    assert contains_card_number(card)
    assert contains_card_number(f"my card is {card}, thanks")
    assert contains_card_number(f"pan{card}x")


@pytest.mark.parametrize(
    "text",
    [
        "4111 1111 1111 1111",
        "4111-1111-1111-1111",
        "4111.1111.1111.1111",
        "4111/1111/1111/1111",
        "4111_1111_1111_1111",
        "4111 - 1111 1111-1111",
        "41 11 11 11 11 11 11 11",
        "4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1",
        "Moi Avenue 12 4111 1111 1111 1111",
        "4111 1111 1111 1111 12/27 123",
        "3782 822463 10005",
        "\uff14\uff11\uff11\uff11\uff11\uff11\uff11\uff11\uff11\uff11\uff11\uff11\uff11\uff11\uff11\uff11",
        "٤١١١١١١١١١١١١١١١",
        "4111\u00a01111\u20031111\u20111111",
        "4111\u200b1111\u200b1111\u200b1111",
        "+4111 1111 1111 1111",
        "not-4111111111111111-a-key",
    ],
)
def test_no_dress_hides_one(text: str) -> None:
    assert contains_card_number(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Moi Avenue 1",
        "4111111111111112",
        "1234567812345670",
        "0000000000000000",
        "9999999999999995",
        "411111111111",
        "41111111111111110000",
        "+4915123456789",
        "+254712345678",
        "+254 712 345 678",
        "A012345678Z",
        "dep_t1_01ARZ3NDEKTSV4RRFFQ69G5FAV",
        "41111111-1111-1111-1111-111111111111",
        "2026-03-02T15:30:00.000000Z",
        "1772465400000",
        "20260302153000123456",
    ],
)
def test_what_only_looks_long_is_left_alone(text: str) -> None:
    assert not contains_card_number(text)


def test_short_ones_are_passed_over_where_ones_own_numbers_look_like_them() -> None:
    assert contains_card_number("4222222222222")
    assert not contains_card_number("4222222222222", shortest=14)
    assert contains_card_number("4111111111111111", shortest=14)


def test_keys_as_programs_make_them_are_never_taken_for_cards() -> None:
    chance = random.Random(7)
    for _ in range(5_000):
        made = uuid.UUID(int=chance.getrandbits(128), version=4)
        for key in (str(made), made.hex, f"deposit-{made}", f"{made.hex}{made.hex}".upper()):
            assert not contains_card_number(key), key


@settings(deadline=None, derandomize=True, max_examples=200)
@given(
    card=st.sampled_from(CARDS),
    marks=st.lists(st.sampled_from(["", " ", "-", ".", "\u2013"]), min_size=19, max_size=19),
    before=st.sampled_from(["", "a", "x ", "12 ", "é-"]),
    after=st.sampled_from(["", ".", " b", " 12/30", "!"]),
)  # fmt: skip
def test_any_grouping_is_seen_through(card: str, marks: list[str], before: str, after: str) -> None:
    dressed = "".join(
        digit + mark for digit, mark in zip(card, [*marks[: len(card) - 1], ""], strict=True)
    )
    assert contains_card_number(before + dressed + after)


@settings(deadline=None, derandomize=True, max_examples=300)
@given(st.text(max_size=300))
def test_every_text_is_answered(text: str) -> None:
    assert contains_card_number(text) in (True, False)
