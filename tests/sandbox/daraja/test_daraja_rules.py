"""Tokens, and the rules that a request must keep."""

import re

import pytest

from tests.sandbox.daraja.till import PAYS, new_token, signed

UNKNOWN = "500.001.1001"


def test_a_token_has_28_characters_and_about_an_hour(sandbox):
    answer = sandbox.get(
        "/daraja/oauth/v1/generate?grant_type=client_credentials",
        auth=("sandbox-key", "sandbox-secret"),
    )
    assert re.fullmatch(r"[A-Za-z0-9]{28}", answer.json()["access_token"])
    assert answer.json()["expires_in"] == "3599"


@pytest.mark.parametrize(
    ("path", "auth", "code"),
    [
        ("generate?grant_type=client_credentials", ("sandbox-key", "wrong"), "400.008.01"),
        ("generate?grant_type=client_credentials", None, "400.008.01"),
        ("generate", ("sandbox-key", "sandbox-secret"), "400.008.02"),
    ],
)
def test_no_token_without_the_right_credentials(sandbox, path, auth, code):
    answer = sandbox.get(f"/daraja/oauth/v1/{path}", auth=auth)
    assert (answer.status_code, answer.json()["errorCode"]) == (400, code)


def test_an_expired_or_revoked_or_unknown_token_is_refused(sandbox, fault, push):
    sandbox.post("/_control/config", json={"daraja_token_seconds": 0}).raise_for_status()
    expired = new_token(sandbox)
    sandbox.post("/_control/config", json={"daraja_token_seconds": 3599}).raise_for_status()
    for token in (expired, "unknown"):
        answer = sandbox.post(
            "/daraja/mpesa/stkpush/v1/processrequest",
            json={},
            headers={"Authorization": f"Bearer {token}"},
        )
        assert (answer.status_code, answer.json()["errorCode"]) == (404, "404.001.03")
    fault("daraja", "token", "revoked")
    assert push().json()["errorCode"] == "404.001.03"
    assert push().json()["errorCode"] == "404.001.03"
    assert sandbox.get("/_control/daraja/payments").json() == {"payments": []}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"Amount": "0"}, "Invalid Amount"),
        ({"Amount": "10.5"}, "Invalid Amount"),
        ({"Amount": 10.0}, "Invalid Amount"),
        ({"Amount": True}, "Invalid Amount"),
        ({"Amount": "9" * 5000}, "Invalid Amount"),
        ({"PhoneNumber": "0708374149"}, "Invalid PartyA"),
        ({"PhoneNumber": "+254708374149"}, "Invalid PartyA"),
        ({"PhoneNumber": "255708374149", "PartyA": PAYS}, "Invalid PhoneNumber"),
        ({"PartyB": "600000"}, "Invalid PartyB"),
        ({"TransactionType": "Pay"}, "Invalid TransactionType"),
        ({"TransactionDesc": ""}, "Invalid Remarks"),
        ({"AccountReference": "thirteen-char"}, "Invalid AccountReference"),
        ({"Timestamp": "20261318153000"}, "Invalid Timestamp"),
        ({"CallBackURL": None}, "Invalid CallBackURL"),
        ({"CallBackURL": "https://example.com/stk"}, "Invalid CallBackURL"),
        ({"CallBackURL": "http://127.0.0.1:9/hooks/MPESA"}, "Invalid CallBackURL"),
        ({"CallBackURL": "http://127.0.0.1:9/hooks?sql=1"}, "Invalid CallBackURL"),
        ({"CallBackURL": "http://127.0.0.1:9/run.exe"}, "Invalid CallBackURL"),
        ({"AccountReference": "\ud800"}, "Invalid AccountReference"),
    ],
)
def test_a_bad_field_is_named_and_nothing_is_pushed(sandbox, push, changes, message):
    answer = push(**changes)
    assert answer.status_code == 400
    assert answer.json()["errorCode"] == "400.002.02"
    assert answer.json()["errorMessage"] == f"Bad Request - {message}"
    assert sandbox.get("/_control/daraja/payments").json() == {"payments": []}


def test_the_address_of_an_emulated_api_is_no_forbidden_word(push):
    url = "http://127.0.0.1:9/_aws/execute-api/abc123/$default/webhooks/stk/00ff"
    assert push(CallBackURL=url).status_code == 200


@pytest.mark.parametrize(
    "changes", [signed(passkey="other"), {"BusinessShortCode": 600000}, {"Password": ""}]
)
def test_a_wrong_password_or_shortcode_is_a_system_error(push, changes):
    answer = push(**changes)
    assert (answer.status_code, answer.json()["errorCode"]) == (500, UNKNOWN)


@pytest.mark.parametrize("content", ["", "[]", "{", "[" * 50_000, "null"])
def test_a_body_that_is_no_object_is_a_bad_request(sandbox, token, content):
    answer = sandbox.post(
        "/daraja/mpesa/stkpush/v1/processrequest",
        content=content,
        headers={"Authorization": f"Bearer {token}"},
    )
    assert (answer.status_code, answer.json()["errorCode"]) == (400, "400.002.02")


def test_unknown_addresses_and_methods_have_the_error_envelope(sandbox):
    assert sandbox.get("/daraja/mpesa/nothing").json()["errorCode"] == "404.001.01"
    wrong = sandbox.get("/daraja/mpesa/stkpush/v1/processrequest")
    assert (wrong.status_code, wrong.json()["errorCode"]) == (405, "405.001")
