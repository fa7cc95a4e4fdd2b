"""A till that pushes and queries."""

import json

import pytest

from tests.sandbox.daraja.till import PAYS, new_token, signed


@pytest.fixture
def token(sandbox):
    return new_token(sandbox)


@pytest.fixture
def push(sandbox, token, receiver):
    """Sends a push; fields may be changed, or left out with None."""

    def send(**changes):
        body = {
            **signed(),
            "TransactionType": "CustomerPayBillOnline",
            "Amount": "500",
            "PartyA": changes.get("PhoneNumber", PAYS),
            "PartyB": "174379",
            "PhoneNumber": PAYS,
            "CallBackURL": f"{receiver.url}/stk/0123456789abcdef",
            "AccountReference": "BAOBAB",
            "TransactionDesc": "Deposit",
            **changes,
        }
        return sandbox.post(
            "/daraja/mpesa/stkpush/v1/processrequest",
            content=json.dumps({name: value for name, value in body.items() if value is not None}),
            headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
        )

    return send


@pytest.fixture
def query(sandbox, token):
    def ask(checkout):
        return sandbox.post(
            "/daraja/mpesa/stkpushquery/v1/query",
            json={**signed(), "CheckoutRequestID": checkout},
            headers={"Authorization": f"Bearer {token}"},
        )

    return ask
