"""Whatever is sent, the answer is a documented refusal and never a crash."""

import itertools

import pytest

STRIPE = {"Authorization": "Bearer sk_test_sandbox"}
ONFIDO = {"Authorization": "Token token=api_sandbox.token"}
BODIES = [
    b"",
    b"\xff\xfe\x00",
    b"[",
    b"null",
    b"[" * 20_000,
    b'{"a":' * 20_000,
    b'{"amount":' + b"9" * 6000 + b"}",
    b'{"card":"\\ud800","vendor":"\\ud800","now":"\\ud800","first_name":"\\ud800"}',
    b'{"now":"0001-01-01T00:00:00+23:59"}',
    b'{"advance_seconds":1e308}',
    b"a[b][c][d][e][f][g][h][i][j][k][l][m][n]=1",
    b"a=1&a[b]=2&a[]=3",
    b"line_items[0]=1&line_items[0][quantity]=" + b"9" * 6000,
    b"expand[0][a]=1&metadata=x&line_items=x",
    b"expires_at=" + b"9" * 6000 + b"&mode=payment",
    b"x=%ED%A0%80&y=%00&z=%",
    b"&".join(b"k%d=1" % number for number in range(2000)),
]
POSTS = [
    ("/_control/faults", {}),
    ("/_control/clock", {}),
    ("/_control/config", {}),
    ("/_control/stripe/sessions/none/pay", {}),
    ("/_control/daraja/payments/none/settle", {}),
    ("/_control/onfido/checks/none/complete", {}),
    ("/stripe/v1/checkout/sessions", STRIPE),
    ("/stripe/v1/checkout/sessions/none/expire", STRIPE),
    ("/stripe/pay/none", {"Content-Type": "application/x-www-form-urlencoded"}),
    ("/onfido/v3.6/applicants", ONFIDO),
    ("/onfido/v3.6/checks", ONFIDO),
    ("/onfido/v3.6/documents", ONFIDO | {"Content-Type": "multipart/form-data; boundary=x"}),
    ("/onfido/v3.6/live_photos", ONFIDO | {"Content-Type": "multipart/form-data"}),
]
GETS = [
    "/stripe/v1/events?limit=" + "9" * 6000,
    "/stripe/v1/events?limit[a]=1&created[gte][x]=2",
    "/stripe/v1/events?types=x&starting_after[a]=1",
    "/stripe/v1/events?created=%ff",
    "/stripe/v1/charges/%00?expand=x",
    "/onfido/v3.6/applicants?page=-1",
    "/onfido/v3.6/applicants?per_page=" + "9" * 6000,
    "/onfido/v3.6/documents",
    "/fx/v2/rate/%00%00%00/USD",
    "/fx/v2/rates?quotes=,,&date=9999-99-99",
    "/daraja/oauth/v1/generate?grant_type=%ff",
    "/stripe/pay/%ff",
    "/nothing",
]


@pytest.mark.parametrize(("path", "headers"), POSTS)
def test_a_hostile_body_is_refused(sandbox, path, headers):
    for body in BODIES:
        answer = sandbox.post(path, content=body, headers=headers)
        assert 400 <= answer.status_code < 500, (path, body[:60], answer.text[:200])


@pytest.mark.parametrize("path", GETS)
def test_a_hostile_address_is_refused(sandbox, path):
    headers = ONFIDO if path.startswith("/onfido") else STRIPE
    answer = sandbox.get(path, headers=headers)
    assert 400 <= answer.status_code < 500, answer.text[:200]


def test_hostile_daraja_bodies_are_refused_in_its_own_envelope(sandbox):
    token = sandbox.get(
        "/daraja/oauth/v1/generate?grant_type=client_credentials",
        auth=("sandbox-key", "sandbox-secret"),
    ).json()["access_token"]
    paths = ("/daraja/mpesa/stkpush/v1/processrequest", "/daraja/mpesa/stkpushquery/v1/query")
    for path, body in itertools.product(paths, BODIES):
        answer = sandbox.post(path, content=body, headers={"Authorization": f"Bearer {token}"})
        assert answer.status_code == 400, (path, body[:60])
        assert answer.json()["errorCode"] == "400.002.02"


@pytest.mark.parametrize("value", ["", "Basic", "Basic %%%", "Basic w6k=", "Bearer", "\xe9 \xe9"])
def test_a_hostile_authorization_is_refused(sandbox, value):
    headers = {"Authorization": value.encode("latin-1")}
    assert sandbox.get("/stripe/v1/events", headers=headers).status_code == 401
    assert sandbox.get("/onfido/v3.6/applicants", headers=headers).status_code == 401
    token = "/daraja/oauth/v1/generate?grant_type=client_credentials"
    assert sandbox.get(token, headers=headers).status_code == 400
    push = sandbox.post("/daraja/mpesa/stkpush/v1/processrequest", headers=headers)
    assert push.json()["errorCode"] == "404.001.03"
