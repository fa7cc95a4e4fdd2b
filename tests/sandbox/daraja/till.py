"""What a till knows: its password, how to get a token, how to read a callback."""

import base64
import json

PASSKEY = "bfb279f9aa9bdbcf158e97dd71a467cd2e0c893059b10f78e6b72ada1ed2c919"
PAYS = "254708374149"


def new_token(sandbox):
    answer = sandbox.get(
        "/daraja/oauth/v1/generate",
        params={"grant_type": "client_credentials"},
        auth=("sandbox-key", "sandbox-secret"),
    )
    return answer.raise_for_status().json()["access_token"]


def signed(timestamp="20260918153000", passkey=PASSKEY):
    password = base64.b64encode(f"174379{passkey}{timestamp}".encode()).decode()
    return {"BusinessShortCode": 174379, "Password": password, "Timestamp": timestamp}


def callback_of(received):
    return json.loads(received.body)["Body"]["stkCallback"]
