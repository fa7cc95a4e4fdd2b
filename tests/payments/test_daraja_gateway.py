"""The Daraja adapter against the running sandbox and against recorded shapes of answers."""

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import httpx
import pytest

from shared.kernel.clock import FixedClock, SystemClock
from shared.kernel.ids import Kind, UlidIds
from shared.kernel.money import Currency, FxRate, Money
from shared.payments.errors import GatewayUnavailable
from shared.payments.making import new_deposit
from shared.payments.model import Gateway
from shared.payments.ports import (
    Failed,
    NoAnswer,
    NotSent,
    NoWord,
    Paid,
    Refused,
    Started,
    Waiting,
)
from shared.payments.providers.daraja import RESULTS, DarajaGateway, nairobi_timestamp
from shared.payments.quoting import quote_at
from shared.payments.reasons import Reason
from shared.platform.http import http_client

SECRET = {
    "consumer_key": "sandbox-key",
    "consumer_secret": "sandbox-secret",
    "shortcode": "174379",
    "passkey": "bfb279f9aa9bdbcf158e97dd71a467cd2e0c893059b10f78e6b72ada1ed2c919",
}
PHONE = "254712345678"
CLOCK = SystemClock()


@pytest.fixture
def deposit():
    ids, now = UlidIds("t1"), CLOCK.now()
    rate = FxRate(Currency.KES, Currency.USD, Decimal("0.0077"), "test", now)
    return new_deposit(
        user_id=ids.new(Kind.USER),
        deposit_id=ids.new(Kind.DEPOSIT),
        gateway=Gateway.MPESA,
        amount=Money(130_000, Currency.KES),
        quote=quote_at(rate, now),
    )


def gateway_over(http, clock=CLOCK):
    return DarajaGateway(
        http, lambda: SECRET, lambda one: f"http://127.0.0.1:9/webhooks/daraja/{'0a' * 48}", clock
    )


@pytest.fixture
def gateway(sandbox, sandbox_url):
    with http_client(f"{sandbox_url}/daraja") as http:
        yield gateway_over(http)


def payments(sandbox):
    return sandbox.get("/_control/daraja/payments").json()["payments"]


def look_until_final(gateway, deposit, reference):
    for _ in range(200):
        found = gateway.look_up(deposit, reference)
        if found != Waiting():
            return found
    raise AssertionError("the payment never ended")


def test_a_push_reaches_the_phone_and_the_query_tells_the_end(gateway, sandbox, deposit):
    started = gateway.start(deposit, PHONE)
    assert isinstance(started, Started)
    assert started.pushed_to == "2547*****678"
    (pushed,) = payments(sandbox)
    assert pushed["checkout_request_id"] == started.reference
    assert (pushed["amount"], pushed["phone"]) == (1300, PHONE)
    assert pushed["account_reference"] == deposit.deposit_id[-12:]
    assert look_until_final(gateway, deposit, started.reference) == Paid(started.reference, None)


@pytest.mark.parametrize(
    ("phone", "reason"),
    [
        ("254700000001", Reason.INSUFFICIENT_FUNDS),
        ("254700000032", Reason.CANCELLED_BY_PAYER),
        ("254700000037", Reason.NO_RESPONSE),
        ("254700000201", Reason.WRONG_PIN),
        ("254700000019", Reason.PROMPT_EXPIRED),
    ],
)
def test_what_the_payer_does_becomes_a_reason(gateway, deposit, phone, reason):
    started = gateway.start(deposit, phone)
    assert look_until_final(gateway, deposit, started.reference) == Failed(reason)


def test_a_phone_that_never_answers_stays_open(gateway, deposit):
    started = gateway.start(deposit, "254700000999")
    assert gateway.look_up(deposit, started.reference) == Waiting()


def test_silence_about_a_payment_is_never_a_failure(gateway, fault, deposit):
    started = gateway.start(deposit, PHONE)
    for status in (500, 200):
        fault("daraja", "stk_query", "flapping", http_status=status)
        assert gateway.look_up(deposit, started.reference) == NoAnswer()
    assert gateway.look_up(deposit, "ws_CO_unknown") == NoAnswer()


@pytest.mark.parametrize("params", [{"close": True}, {"status": 504}])
def test_a_lost_answer_is_no_word_and_the_push_is_not_repeated(
    gateway, sandbox, fault, deposit, params
):
    fault("daraja", "stk_push", "timeout_after_effect", **params)
    assert gateway.start(deposit, PHONE) == NoWord()
    assert len(payments(sandbox)) == 1


def test_a_server_error_is_no_word_because_nobody_knows(gateway, fault, deposit):
    fault("daraja", "stk_push", "error", status=503)
    assert gateway.start(deposit, PHONE) == NoWord()


def test_spike_arrest_means_not_sent(gateway, sandbox, fault, deposit):
    fault("daraja", "stk_push", "rate_limited")
    assert gateway.start(deposit, PHONE) == NotSent()
    assert payments(sandbox) == []
    fault("daraja", "stk_query", "rate_limited")
    with pytest.raises(GatewayUnavailable):
        gateway.look_up(deposit, "ws_CO_1")


def test_a_busy_payer_is_refused(gateway, sandbox, fault, deposit):
    fault("daraja", "stk_push", "subscriber_locked")
    assert gateway.start(deposit, PHONE) == Refused(Reason.PAYER_BUSY)
    assert payments(sandbox) == []


def test_a_number_that_daraja_does_not_take_is_refused(gateway, deposit):
    assert gateway.start(deposit, "254812345678") == Refused(Reason.INVALID_PHONE)


def test_without_a_token_nothing_is_sent(gateway, sandbox, fault, deposit):
    fault("daraja", "token", "error", status=500)
    assert gateway.start(deposit, PHONE) == NotSent()
    assert payments(sandbox) == []


def test_nobody_at_the_address_means_not_sent(deposit):
    with http_client("http://127.0.0.1:9") as http:
        assert gateway_over(http).start(deposit, PHONE) == NotSent()
        with pytest.raises(GatewayUnavailable):
            gateway_over(http).look_up(deposit, "ws_CO_1")


class Script:
    """Answers of Safaricom in a row; tokens are always given."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.tokens = 0
        self.bodies = []

    def __call__(self, request):
        if request.url.path.endswith("/generate"):
            self.tokens += 1
            token = {"access_token": f"token-{self.tokens}", "expires_in": "3599"}
            return httpx.Response(200, json=token)
        self.bodies.append((request.headers["authorization"], json.loads(request.content)))
        status, body = self.answers.pop(0)
        if isinstance(body, Exception):
            raise body
        return httpx.Response(status, **(body if "content" in body else {"json": body}))


def scripted(*answers, clock=CLOCK):
    script = Script(*answers)
    http = httpx.Client(base_url="http://daraja", transport=httpx.MockTransport(script))
    return gateway_over(http, clock), script


TAKEN = (200, {"ResponseCode": "0", "CheckoutRequestID": "ws_CO_1", "MerchantRequestID": "x"})


def test_the_password_is_the_published_example(deposit):
    gateway, script = scripted(TAKEN, clock=FixedClock(datetime(2026, 9, 18, 12, 30, tzinfo=UTC)))
    gateway.start(deposit, PHONE)
    _, body = script.bodies[0]
    assert body["Timestamp"] == "20260918153000"
    assert body["Password"] == (
        "MTc0Mzc5YmZiMjc5ZjlhYTliZGJjZjE1OGU5N2RkNzFhNDY3Y2QyZTBjODkzMDU5YjEwZjc4ZTZiNzJhZGExZWQy"
        "YzkxOTIwMjYwOTE4MTUzMDAw"
    )
    assert body["Amount"] == "1300"


def test_east_africa_time_crosses_midnight_before_utc():
    assert nairobi_timestamp(datetime(2026, 3, 1, 21, 0, tzinfo=UTC)) == "20260302000000"


def test_a_refused_token_is_renewed_once_and_the_push_goes_out_once(deposit):
    refused = (404, {"errorCode": "404.001.03", "errorMessage": "Invalid Access Token"})
    gateway, script = scripted(refused, TAKEN)
    assert gateway.start(deposit, PHONE) == Started("ws_CO_1", pushed_to="2547*****678")
    assert [token for token, _ in script.bodies] == ["Bearer token-1", "Bearer token-2"]
    gateway, script = scripted(refused, refused)
    assert gateway.start(deposit, PHONE) == NotSent()
    assert len(script.bodies) == 2


def test_a_token_is_used_until_shortly_before_its_end(deposit):
    clock = FixedClock(datetime(2026, 9, 18, 12, 30, tzinfo=UTC))
    gateway, script = scripted(TAKEN, TAKEN, TAKEN, clock=clock)
    gateway.start(deposit, PHONE)
    clock.advance(timedelta(seconds=3298))
    gateway.start(deposit, PHONE)
    assert script.tokens == 1
    clock.advance(timedelta(seconds=1))
    gateway.start(deposit, PHONE)
    assert script.tokens == 2


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (200, {"ResponseCode": "1"}, NoWord()),
        (200, {"ResponseCode": "0"}, NoWord()),
        (200, {"content": b"<html>"}, NoWord()),
        (502, {"content": b"<html>Bad gateway</html>"}, NoWord()),
        (500, {"errorCode": "500.001.1001", "errorMessage": "Wrong credentials"}, NoWord()),
        (
            400,
            {"errorCode": "400.002.02", "errorMessage": "Bad Request - Invalid Amount"},
            Refused(Reason.GATEWAY_REFUSED),
        ),
        (0, httpx.ReadTimeout("slow"), NoWord()),
        (0, httpx.RemoteProtocolError("gone"), NoWord()),
        (0, httpx.ConnectTimeout("never"), NotSent()),
    ],
)
def test_only_certain_answers_are_certain(deposit, status, body, expected):
    gateway, script = scripted((status, body))
    assert gateway.start(deposit, PHONE) == expected
    assert len(script.bodies) == 1


def result(code, **more):
    return {"ResponseCode": "0", "CheckoutRequestID": "ws_CO_1", "ResultCode": code} | more


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (200, result("0"), Paid("ws_CO_1", None)),
        (200, result(0, ResponseCode=0), Paid("ws_CO_1", None)),
        (200, result("4999"), Waiting()),
        (200, result("26"), Waiting()),
        (200, result(26), Waiting()),
        (200, result("1032"), Failed(Reason.CANCELLED_BY_PAYER)),
        (200, result("31337"), Failed(Reason.GATEWAY_REFUSED)),
        (200, result("0", CheckoutRequestID="ws_CO_2"), NoAnswer()),
        (200, result("0", ResponseCode="1"), NoAnswer()),
        (500, result("0"), NoAnswer()),
        (200, {"requestId": "1", "errorCode": "500.001.1001", "errorMessage": ""}, NoAnswer()),
        (500, {"requestId": "1", "errorCode": "500.001.1001"}, NoAnswer()),
        (200, {"content": b"[]"}, NoAnswer()),
        (503, {"content": b"<html>"}, NoAnswer()),
    ],
)
def test_a_query_is_read_strictly(deposit, status, body, expected):
    gateway, _ = scripted((status, body))
    assert gateway.look_up(deposit, "ws_CO_1") == expected


def test_no_final_code_of_the_table_means_open_or_paid():
    assert {"0", "4999", "26"}.isdisjoint(RESULTS)
