"""Orders to M-Pesa: payments to phones and reversals, against recorded shapes of answers."""

import base64
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from shared.kernel.clock import FixedClock
from shared.kernel.ids import Kind, SequentialIds
from shared.kernel.money import Currency, Money
from shared.payments.callbacks import Addresses, Purpose, Subject, read_token
from shared.payments.errors import GatewayUnavailable
from shared.payments.providers.daraja_client import DarajaClient, security_credential
from shared.payouts.model import Payout, PayoutStatus, Rail
from shared.payouts.model import Purpose as Why
from shared.payouts.ports import NeverSent, NotPaid, Silence, Taken
from shared.payouts.providers.daraja import MpesaB2C, MpesaReversals
from shared.payouts.reasons import PayoutReason

NOW = datetime(2026, 3, 2, 15, 30, tzinfo=UTC)
CLOCK = FixedClock(NOW)
IDS = SequentialIds("t1", CLOCK)
PRIVATE = rsa.generate_private_key(public_exponent=65537, key_size=1024)
KEY = b"0f" * 32
PHONE = "254708374149"


def certificate(private):
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "mpesa.test")])
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).serial_number(1)
    made = made.not_valid_before(NOW).not_valid_after(NOW + timedelta(days=1))
    signed = made.public_key(private.public_key()).sign(private, hashes.SHA256())
    return signed.public_bytes(serialization.Encoding.PEM).decode()


SECRET = {
    "consumer_key": "k",
    "consumer_secret": "s",
    "shortcode": "174379",
    "payout_shortcode": "600996",
    "passkey": "p",
    "initiator": "testapi",
    "initiator_password": "Safaricom999!*!",
    "certificate": certificate(PRIVATE),
}
PAYOUT = Payout(
    user_id=IDS.new(Kind.USER),
    payout_id=IDS.new(Kind.PAYOUT),
    purpose=Why.WITHDRAWAL,
    rail=Rail.MPESA_B2C,
    debited=Money(1_000, Currency.USD),
    amount=Money(130_000, Currency.KES),
    status=PayoutStatus.SENDING,
)
REVERSAL = replace(PAYOUT, rail=Rail.MPESA_REVERSAL, source="MJ551H6X5D")
ACK = {
    "ConversationID": "AG_20191219_00005797af5d7d75f652",
    "OriginatorConversationID": "16740-34861180-1",
    "ResponseCode": "0",
    "ResponseDescription": "Accept the service request successfully.",
}


class Safaricom:
    """Answers in a row; tokens are always given."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.tokens = 0
        self.sent = []

    def __call__(self, request):
        if request.url.path.endswith("/generate"):
            self.tokens += 1
            return httpx.Response(200, json={"access_token": f"t{self.tokens}", "expires_in": 3599})
        self.sent.append((request.url.path, json.loads(request.content)))
        status, body = self.answers.pop(0)
        if isinstance(body, Exception):
            raise body
        return httpx.Response(status, **(body if "content" in body else {"json": body}))


def over(*answers, secret=SECRET):
    script = Safaricom(*answers)
    http = httpx.Client(base_url="http://daraja", transport=httpx.MockTransport(script))
    client = DarajaClient(http, lambda: secret, CLOCK)
    return client, Addresses("https://api.example/webhooks", lambda: KEY), script


def opened(sealed):
    return PRIVATE.decrypt(base64.b64decode(sealed), padding.PKCS1v15()).decode()


def subject_at(url, purpose):
    base, _, token = url.rpartition("/")
    assert base == f"https://api.example/webhooks/daraja-{purpose.value.lower()}"
    return read_token(KEY, "t1", token, purpose)


def test_a_payment_to_a_phone_is_ordered_under_the_payouts_key():
    client, addresses, script = over((200, ACK))
    sent = MpesaB2C(client, addresses).send(replace(PAYOUT, attempt=1), {"phone": PHONE})
    assert sent == Taken("AG_20191219_00005797af5d7d75f652")
    ((path, body),) = script.sent
    assert path == "/mpesa/b2c/v3/paymentrequest"
    assert opened(body.pop("SecurityCredential")) == "Safaricom999!*!"
    here = Subject(PAYOUT.user_id, PAYOUT.payout_id, 1)
    assert subject_at(body.pop("ResultURL"), Purpose.RESULT) == here
    assert subject_at(body.pop("QueueTimeOutURL"), Purpose.TIMEOUT) == here
    assert body == {
        "OriginatorConversationID": f"{PAYOUT.payout_id}.1",
        "InitiatorName": "testapi",
        "CommandID": "BusinessPayment",
        "Amount": "1300",
        "PartyA": "600996",
        "PartyB": PHONE,
        "Remarks": "Payout",
        "Occassion": "Payout",
    }


def test_a_reversal_names_the_receipt_and_the_shortcode_it_goes_back_from():
    client, addresses, script = over((200, ACK))
    sent = MpesaReversals(client, addresses).send(REVERSAL, {})
    assert sent == Taken("16740-34861180-1")
    ((path, body),) = script.sent
    assert path == "/mpesa/reversal/v1/request"
    assert opened(body.pop("SecurityCredential")) == "Safaricom999!*!"
    here = Subject(PAYOUT.user_id, PAYOUT.payout_id)
    assert subject_at(body.pop("ResultURL"), Purpose.RESULT) == here
    assert subject_at(body.pop("QueueTimeOutURL"), Purpose.TIMEOUT) == here
    assert body == {
        "Initiator": "testapi",
        "CommandID": "TransactionReversal",
        "TransactionID": "MJ551H6X5D",
        "Amount": "1300",
        "ReceiverParty": "174379",
        "RecieverIdentifierType": "11",
        "Remarks": "Payout",
        "Occasion": "Payout",
    }


def refused(code, text="", status=400):
    return status, {"requestId": "1", "errorCode": code, "errorMessage": text}


RAILS = [(MpesaB2C, PAYOUT), (MpesaReversals, REVERSAL)]
CERTAIN_REFUSAL = NotPaid(PayoutReason.GATEWAY_REFUSED)


@pytest.mark.parametrize(("rail", "payout"), RAILS)
@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ((200, ACK | {"ResponseCode": "1"}), Silence()),
        ((201, ACK), Silence()),
        ((200, {"ResponseCode": "0"}), Silence()),
        ((200, {"content": b"<html>"}), Silence()),
        ((200, {"content": b"null"}), Silence()),
        ((502, {"content": b"<html>"}), Silence()),
        (refused("500.001.1001", "", 500), Silence()),
        (refused("500.001.1001", "", 200), Silence()),
        (refused("500.002.1001", "Duplicate OriginatorConversationID.", 500), Silence()),
        (refused("500.002.1001", "Duplicate OriginatorConversationID.", 400), Silence()),
        (refused("500.003.02", "Spike Arrest", 429), NeverSent()),
        (refused("500.003.03", "Quota", 500), NeverSent()),
        ((429, {"content": b""}), NeverSent()),
        (refused("400.002.02", "Bad Request - Invalid Initiator"), CERTAIN_REFUSAL),
        (
            refused("400.002.02", "Bad Request - Invalid PartyB"),
            NotPaid(PayoutReason.RECEIVER_NOT_ABLE),
        ),
        (
            refused("400.002.02", "Bad Request - Invalid Amount"),
            NotPaid(PayoutReason.LIMIT_EXCEEDED),
        ),
        ((400, {"content": b""}), Silence()),
        ((0, httpx.ReadTimeout("slow")), Silence()),
        ((0, httpx.RemoteProtocolError("gone")), Silence()),
        ((0, httpx.ConnectTimeout("never")), NeverSent()),
        ((0, httpx.ConnectError("never")), NeverSent()),
    ],
)
def test_only_certain_answers_are_certain(rail, payout, answer, expected):
    client, addresses, script = over(answer)
    assert rail(client, addresses).send(payout, {"phone": PHONE}) == expected
    assert len(script.sent) == 1


def test_a_refused_token_is_renewed_once_and_the_order_goes_out_once():
    expired = refused("404.001.03", "Invalid Access Token", 404)
    client, addresses, script = over(expired, (200, ACK))
    assert isinstance(MpesaB2C(client, addresses).send(PAYOUT, {"phone": PHONE}), Taken)
    client, addresses, script = over(expired, expired)
    assert MpesaB2C(client, addresses).send(PAYOUT, {"phone": PHONE}) == NeverSent()
    assert (script.tokens, len(script.sent)) == (2, 2)


@pytest.mark.parametrize(
    "missing", [{"initiator": ""}, {"initiator_password": ""}, {"certificate": "no certificate"}]
)
def test_without_an_operator_nothing_is_sent(missing):
    client, addresses, script = over(secret=SECRET | missing)
    assert MpesaB2C(client, addresses).send(PAYOUT, {"phone": PHONE}) == NeverSent()
    with pytest.raises(GatewayUnavailable):
        MpesaB2C(client, addresses).look_up(PAYOUT)
    assert script.sent == []


@pytest.mark.parametrize("minor", [130_050, 99, 0, -100])
def test_shillings_are_never_rounded(minor):
    client, addresses, script = over()
    odd = replace(PAYOUT, amount=Money(minor, Currency.KES))
    assert MpesaB2C(client, addresses).send(odd, {"phone": PHONE}) == CERTAIN_REFUSAL
    assert script.sent == []


def test_a_payment_to_a_phone_is_looked_up_by_our_own_key():
    client, addresses, script = over((200, ACK))
    assert MpesaB2C(client, addresses).look_up(PAYOUT) == Silence()
    ((path, body),) = script.sent
    assert path == "/mpesa/transactionstatus/v1/query"
    assert opened(body.pop("SecurityCredential")) == "Safaricom999!*!"
    here = Subject(PAYOUT.user_id, PAYOUT.payout_id)
    assert subject_at(body.pop("ResultURL"), Purpose.STATUS) == here
    assert subject_at(body.pop("QueueTimeOutURL"), Purpose.TIMEOUT) == here
    assert body == {
        "Initiator": "testapi",
        "CommandID": "TransactionStatusQuery",
        "OriginalConversationID": PAYOUT.payout_id,
        "PartyA": "600996",
        "IdentifierType": "4",
        "Remarks": "OK",
        "Occasion": "OK",
    }


def test_a_reversal_is_looked_up_by_its_order_and_by_what_goes_back():
    client, addresses, script = over((200, ACK), (200, ACK), (200, ACK))
    rail = MpesaReversals(client, addresses)
    rail.look_up(REVERSAL)
    rail.look_up(replace(REVERSAL, reference="71840-1"))
    asked = [
        {name: body[name] for name in body if name in ("TransactionID", "OriginalConversationID")}
        for _, body in script.sent
    ]
    assert asked == [
        {"TransactionID": "MJ551H6X5D"},
        {"OriginalConversationID": "71840-1"},
        {"TransactionID": "MJ551H6X5D"},
    ]
    assert {body["PartyA"] for _, body in script.sent} == {"174379"}


@pytest.mark.parametrize(
    "answer",
    [
        refused("500.001.1001", "", 500),
        refused("500.003.02", "Spike Arrest", 429),
        (200, ACK | {"ResponseCode": "1"}),
        (0, httpx.ReadTimeout("slow")),
        (0, httpx.ConnectError("never")),
    ],
)
def test_a_question_that_was_not_taken_is_asked_again_later(answer):
    client, addresses, _ = over(answer)
    with pytest.raises(GatewayUnavailable):
        MpesaB2C(client, addresses).look_up(PAYOUT)


def test_a_credential_is_the_password_alone_and_never_twice_the_same():
    one, other = (security_credential("secret", SECRET["certificate"]) for _ in range(2))
    assert one != other
    assert opened(one) == opened(other) == "secret"


def test_a_certificate_of_another_kind_is_refused():
    curve = certificate(ec.generate_private_key(ec.SECP256R1()))
    with pytest.raises(ValueError, match="RSA"):
        security_credential("secret", curve)
