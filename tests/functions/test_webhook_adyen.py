"""Adyen's deliveries: what is taken of a list of items, and which lists and items are refused."""

import json
from typing import Any

import pytest

from functions.receive_webhook.items import ITEMS_MAX
from tests.functions.webhook_adyen_door import ACCEPTED, MALFORMED, delivered, with_key
from tests.functions.webhook_door import Door
from tests.functions.webhook_samples import ACCOUNT, DEPOSIT, USER, adyen_body, adyen_item, packed


@pytest.fixture
def door() -> Door:
    return Door()


def test_each_item_becomes_a_message_of_its_own_without_what_is_not_needed(door: Door) -> None:
    items = [adyen_item(), adyen_item(pspReference="SECOND", success="false", reason="Refused")]
    assert delivered(door, *items) == ACCEPTED
    assert [url for url, _ in door.kept] == ["payments", "payments"]
    first, second = (json.loads(message.body) for _, message in door.kept)
    assert first == {
        "pspReference": "QFQTPCQ8HXSKGK82",
        "merchantAccountCode": ACCOUNT,
        "merchantReference": f"{USER}.{DEPOSIT}",
        "amount": {"value": 2550, "currency": "USD"},
        "eventCode": "AUTHORISATION",
        "eventDate": "2026-03-02T16:30:00+01:00",
        "success": "true",
    }
    assert (second["pspReference"], second["success"]) == ("SECOND", "false")


@pytest.mark.parametrize(
    "changes",
    [
        {"pspReference": ...},
        {"pspReference": None},
        {"pspReference": ""},
        {"pspReference": 7},
        {"pspReference": "A B"},
        {"merchantAccountCode": ...},
        {"merchantAccountCode": None},
        {"eventCode": ...},
        {"eventCode": ""},
        {"eventCode": []},
        {"success": ...},
        {"success": True},
        {"success": "TRUE"},
        {"merchantReference": 7},
        {"merchantReference": "x" * 201},
        {"amount": ...},
        {"amount": None},
        {"amount": {"value": 2550}},
        {"amount": {"currency": "USD"}},
    ],
)
def test_an_item_of_another_form_is_refused_even_when_signed(
    door: Door, changes: dict[str, Any]
) -> None:
    assert delivered(door, adyen_item(**changes)) == MALFORMED
    assert delivered(door, adyen_item(), adyen_item(**changes)) == MALFORMED
    assert door.kept == []


@pytest.mark.parametrize(
    "items",
    [
        ...,
        None,
        {},
        "x",
        [],
        [None],
        ["x"],
        [{}],
        [{"NotificationRequestItem": None}],
        [{"NotificationRequestItem": []}],
        [{"NotificationRequestItem": adyen_item()}, None],
        [{"NotificationRequestItem": adyen_item()}] * (ITEMS_MAX + 1),
    ],
)
def test_a_list_of_another_form_is_refused(door: Door, items: Any) -> None:
    body = {"live": "false"} | ({} if items is ... else {"notificationItems": items})
    assert door.deliver("adyen", packed(body)) == MALFORMED
    assert door.kept == []


@pytest.mark.parametrize("live", [..., None, False, True, "", "False", "yes", 0])
def test_the_mode_is_a_word(door: Door, live: object) -> None:
    body = adyen_body(adyen_item(), live=live)
    if live is ...:
        del body["live"]
    assert door.deliver("adyen", packed(body)) == MALFORMED
    assert door.kept == []


def test_live_money_and_test_money_never_meet() -> None:
    for mode, word, other in ((False, "false", "true"), (True, "true", "false")):
        door = Door(settings=Door().receiver.settings.model_copy(update={"live_mode": mode}))
        assert delivered(door, adyen_item(), live=other) == (400, {"error": "WRONG_MODE"})
        assert door.kept == []
        assert delivered(door, adyen_item(), live=word) == ACCEPTED


def test_news_of_another_account_are_refused_whole(door: Door) -> None:
    wrong = (400, {"error": "WRONG_ACCOUNT"})
    other = adyen_item(merchantAccountCode="AnotherShop")
    assert delivered(door, other) == wrong
    assert delivered(door, adyen_item(), other) == wrong
    assert door.kept == []


@pytest.mark.parametrize("kind", ["REPORT_UNHEARD_OF", "OFFER_CLOSED", "AUTHORISATION_ADJUSTMENT"])
def test_authentic_news_that_nobody_wants_is_answered_and_dropped(door: Door, kind: str) -> None:
    bare = adyen_item(eventCode=kind, amount=..., merchantReference=...)
    assert delivered(door, bare) == ACCEPTED
    assert door.kept == []
    assert delivered(door, bare, adyen_item()) == ACCEPTED
    assert len(door.kept) == 1


def test_where_no_account_is_set_nothing_is_ours() -> None:
    for secret in ({"merchant_account": ""}, {"merchant_account": None}):
        door = with_key(**secret)
        assert delivered(door, adyen_item()) == (400, {"error": "WRONG_ACCOUNT"})
        assert door.kept == []


def test_a_replay_is_kept_again_and_says_the_same(door: Door) -> None:
    """Nothing that is signed tells the time: what a payment counts for is known by itself."""
    assert door.deliver("adyen") == door.deliver("adyen") == ACCEPTED
    first, second = door.kept
    assert first[1].body == second[1].body
