"""Deposits through the deployed adapter, and what others see of them."""

from collections.abc import Callable
from typing import Any

import pytest

from graphql_api.application import Application
from shared.kernel.ids import Kind
from shared.notifications.model import Notice
from shared.platform.queues import CheckMessage, MemoryQueue
from shared.users.model import KycStatus
from tests.graphql_api.steps import CREATE, DEPOSIT, approved, pay_in


def test_nobody_pays_in_before_identity_and_risk_are_known(
    amina: Any, app: Application, signals: MemoryQueue
) -> None:
    assert pay_in(amina)["code"] == "PAYMENTS_IDENTITY_NOT_APPROVED"
    app.facts.commit([app.users.set_kyc_status(amina.user_id, KycStatus.APPROVED)])
    assert pay_in(amina)["code"] == "PAYMENTS_RISK_PROFILE_MISSING"
    assert amina.graphql("{ viewer { deposits { nodes { depositId } } } }").data == {
        "viewer": {"deposits": {"nodes": []}}
    }
    assert signals.sent == []


def test_a_deposit_by_card_is_made_once_per_key(
    amina: Any, app: Application, signals: MemoryQueue
) -> None:
    approved(app, amina)
    first = pay_in(amina)
    assert first == pay_in(amina)
    deposit = first["deposit"]
    assert deposit["status"] == "ACTION_REQUIRED"
    assert deposit["amount"] == {"amount": "100.00", "currency": "USD"}
    assert deposit["nextAction"] == {
        "redirectUrl": "https://pay.example.com/cs_1",
        "pushSentTo": None,
    }
    other = pay_in(amina, amount="100.01")
    assert (other["__typename"], other["code"]) == ("ConflictError", "IDEMPOTENCY_KEY_REUSED")
    assert [message for message, _ in signals.sent] == [
        CheckMessage("payment", {"user_id": amina.user_id, "deposit_id": deposit["depositId"]}, 0)
    ]


@pytest.mark.parametrize(
    "amount",
    [
        "NaN",
        "Infinity",
        "1e3",
        "1_000",
        " 1",
        "\uff11",
        "+1",
        "01",
        ".5",
        "1.",
        "",
        "-0",
        "00",
        "9" * 18,
        "9" * 200,
        100,
        True,
        1.5,
    ],
)
def test_amounts_are_plain_decimal_text(amina: Any, app: Application, amount: Any) -> None:
    approved(app, amina)
    given = {"idempotencyKey": "k", "gateway": "STRIPE", "amount": amount, "currency": "USD"}
    assert amina.graphql(CREATE, {"i": given}).codes == ["BAD_USER_INPUT"]


@pytest.mark.parametrize("amount", ["0", "-5.00", "0.99", "10000.01", "1.001", "9" * 15])
def test_amounts_have_limits(amina: Any, app: Application, amount: str) -> None:
    approved(app, amina)
    assert pay_in(amina, amount=amount)["code"] in (
        "PAYMENTS_AMOUNT_OUT_OF_RANGE",
        "INVALID_VALUE",
    )


@pytest.mark.parametrize("key", ["", " ", "a b", "\u00e9", "x" * 256, "a\n"])
def test_idempotency_keys_have_a_form(amina: Any, app: Application, key: str) -> None:
    approved(app, amina)
    given = {"idempotencyKey": key, "gateway": "STRIPE", "amount": "5.00", "currency": "USD"}
    assert amina.graphql(CREATE, {"i": given}).codes == ["BAD_USER_INPUT"]


def test_what_is_one_persons_does_not_exist_for_another(
    amina: Any, app: Application, join: Callable[[str], Any]
) -> None:
    approved(app, amina)
    deposit = pay_in(amina)["deposit"]["depositId"]
    notice = app.ids.new(Kind.NOTICE)
    app.notices.add(Notice(notice, amina.user_id, "users.user_registered", {}, app.clock.now()))
    juma = join("juma@example.com")
    approved(app, juma)
    assert amina.graphql(DEPOSIT, {"d": deposit}).data["viewer"]["deposit"] is not None
    assert juma.graphql(DEPOSIT, {"d": deposit}).data["viewer"]["deposit"] is None
    nothing = "dep_t1_01ARZ3NDEKTSV4RRFFQ69G5FAV"
    assert juma.graphql(DEPOSIT, {"d": nothing}).data["viewer"]["deposit"] is None
    for malformed in ("", "x", notice):
        assert juma.graphql(DEPOSIT, {"d": malformed}).codes == ["BAD_USER_INPUT"]
    mark = """mutation($i: MarkNotificationsReadInput!) { markNotificationsRead(input: $i) {
      ... on MarkNotificationsReadPayload { marked } ... on UserError { code } } }"""
    ids = {"i": {"notificationIds": [notice]}}
    assert juma.graphql(mark, ids).data["markNotificationsRead"]["marked"] == 0
    assert amina.graphql(mark, ids).data["markNotificationsRead"]["marked"] == 1
    assert amina.graphql(mark, ids).data["markNotificationsRead"]["marked"] == 0
    other = pay_in(juma)["deposit"]["depositId"]
    assert other != deposit, "the same key of another person is another key"
    feed = (
        "{ viewer { deposits { nodes { depositId } } transactions { nodes { transactionId } } } }"
    )
    assert juma.graphql(feed).data["viewer"] == {
        "deposits": {"nodes": [{"depositId": other}]},
        "transactions": {"nodes": [{"transactionId": other}]},
    }
