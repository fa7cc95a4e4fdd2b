"""M-Pesa as a whole: the adapters against the running sandbox, and what its messages then say."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from shared.kernel.clock import SystemClock
from shared.kernel.ids import Kind, UlidIds
from shared.kernel.money import Currency, Money
from shared.payments.callbacks import VENDORS, Addresses, Purpose, Subject, named_by
from shared.payments.errors import GatewayUnavailable
from shared.payments.paybill_notices import read_notice
from shared.payments.ports import Failed, NoAnswer, Paid
from shared.payments.providers.daraja import DarajaLookup
from shared.payments.providers.daraja_client import DarajaClient
from shared.payments.providers.daraja_listing import ask_balances, balances_of
from shared.payments.providers.daraja_menu import register_urls
from shared.payments.providers.daraja_status import paid_in, transaction_of
from shared.payments.reasons import Reason
from shared.payouts.model import Payout, PayoutStatus, Rail
from shared.payouts.model import Purpose as Why
from shared.payouts.ports import NotPaid, PaidOut, Silence, Taken
from shared.payouts.providers.daraja import MpesaB2C, MpesaReversals
from shared.payouts.providers.daraja_answers import named_payout, result_hint, status_of
from shared.payouts.reasons import PayoutReason
from shared.platform.http import http_client

IDS, CLOCK = UlidIds("t1"), SystemClock()
USER = IDS.new(Kind.USER)
PAYBILL = "174379"
PHONE = "254708374149"
PURPOSES = {name: purpose for purpose, name in VENDORS.items()}


@dataclass
class Hooks:
    """Our webhooks, as far as M-Pesa is concerned: (vendor, token, body), oldest first."""

    url: str = ""
    came: list[tuple[str, str, bytes]] = field(default_factory=list)
    heard: threading.Condition = field(default_factory=threading.Condition)

    def wait_for(self, count: int) -> list[tuple[str, str, bytes]]:
        with self.heard:
            assert self.heard.wait_for(lambda: len(self.came) >= count, timeout=5)
            return list(self.came)


@pytest.fixture
def hooks() -> Iterator[Hooks]:
    mine = Hooks()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            _, _, vendor, token = self.path.split("/")
            with mine.heard:
                mine.came.append((vendor, token, body))
                mine.heard.notify_all()
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    mine.url = f"http://127.0.0.1:{server.server_address[1]}/webhooks"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield mine
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def secret(sandbox):
    return {
        "consumer_key": "sandbox-key",
        "consumer_secret": "sandbox-secret",
        "shortcode": PAYBILL,
        "payout_shortcode": "600996",
        "passkey": "unused",
        "initiator": "testapi",
        "initiator_password": "Safaricom999!*!",
        "certificate": sandbox.get("/_control/daraja/certificate").json()["certificate"],
    }


@pytest.fixture
def http(sandbox_url):
    with http_client(f"{sandbox_url}/daraja") as client:
        yield client


@pytest.fixture
def client(http, secret):
    return DarajaClient(http, lambda: secret, CLOCK)


@pytest.fixture
def addresses(hooks):
    return Addresses(hooks.url, lambda: b"key")


def payout(rail=Rail.MPESA_B2C, **more):
    return Payout(
        user_id=USER,
        payout_id=IDS.new(Kind.PAYOUT),
        purpose=Why.WITHDRAWAL,
        rail=rail,
        debited=Money(1_000, Currency.USD),
        amount=Money(130_000, Currency.KES),
        status=PayoutStatus.SENDING,
        **more,
    )


def customer_pays(sandbox, account="01234567", amount=1300):
    body = {"account": account, "amount": amount}
    return sandbox.post("/_control/daraja/c2b", json=body).json()["receipt"]


def moved(sandbox):
    return sandbox.get("/_control/daraja/statement").json()["totals"]


def test_a_payment_to_a_phone_is_hinted_at_and_then_certain(client, addresses, hooks, sandbox):
    rail, one = MpesaB2C(client, addresses), payout()
    sent = rail.send(one, {"phone": PHONE})
    assert isinstance(sent, Taken)
    ((vendor, token, body),) = hooks.wait_for(1)
    assert vendor == "daraja-result"
    assert named_payout(token, "t1", PURPOSES[vendor]).payout_id == one.payout_id
    hint = result_hint(body)
    assert (hint.reason, hint.conversation) == (None, sent.reference)
    assert rail.look_up(one) == Silence()
    vendor, token, body = hooks.wait_for(2)[1]
    assert vendor == "daraja-status"
    assert status_of(one, body) == PaidOut(
        reference=sent.reference,
        amount=one.amount,
        receipt=hint.receipt,
        fee_minor=3300,
        receiver="JOHN DOE",
    )
    assert moved(sandbox)["customers"] == 1300


def test_an_order_without_an_answer_is_found_by_its_key_and_never_paid_twice(
    client, addresses, hooks, sandbox, fault
):
    rail, one = MpesaB2C(client, addresses), payout()
    fault("daraja", "b2c", "timeout_after_effect", close=True)
    fault("daraja", "b2c_result", "lost")
    assert rail.send(one, {"phone": PHONE}) == Silence()
    assert rail.send(one, {"phone": PHONE}) == Silence()
    for number in range(20):
        rail.look_up(one)
        if isinstance(status_of(one, hooks.wait_for(number + 1)[-1][2]), PaidOut):
            break
    assert isinstance(status_of(one, hooks.came[-1][2]), PaidOut)
    assert moved(sandbox)["customers"] == 1300


@pytest.mark.parametrize(
    ("phone", "reason"),
    [
        ("254700000008", PayoutReason.LIMIT_EXCEEDED),
        ("254700002040", PayoutReason.RECEIVER_NOT_ABLE),
        ("254700000001", PayoutReason.GATEWAY_REFUSED),
    ],
)
def test_a_payment_that_failed_says_why(client, addresses, hooks, sandbox, phone, reason):
    rail, one = MpesaB2C(client, addresses), payout()
    rail.send(one, {"phone": phone})
    hint = result_hint(hooks.wait_for(1)[0][2])
    assert hint.reason is reason
    rail.look_up(one)
    assert status_of(one, hooks.wait_for(2)[1][2], hint.reason) == NotPaid(reason)
    assert moved(sandbox) == {}


def test_a_blocked_system_is_no_failure(client, addresses, hooks):
    rail, one = MpesaB2C(client, addresses), payout()
    rail.send(one, {"phone": "254700000026"})
    hint = result_hint(hooks.wait_for(1)[0][2])
    assert hint.reason is None
    rail.look_up(one)
    assert status_of(one, hooks.wait_for(2)[1][2], hint.reason) == Silence()


def test_a_queue_that_times_out_may_have_paid(client, addresses, hooks, fault):
    rail, one = MpesaB2C(client, addresses), payout()
    fault("daraja", "b2c", "queue_timeout")
    rail.send(one, {"phone": PHONE})
    assert hooks.wait_for(1)[0][0] == "daraja-timeout"
    rail.look_up(one)
    assert isinstance(status_of(one, hooks.wait_for(2)[1][2]), PaidOut)


def test_a_reversal_goes_back_once_whatever_is_lost(client, addresses, hooks, sandbox):
    rail = MpesaReversals(client, addresses)
    one = payout(Rail.MPESA_REVERSAL, source=customer_pays(sandbox))
    taken = rail.send(one, {})
    assert isinstance(taken, Taken)
    assert result_hint(hooks.wait_for(1)[0][2]).reason is None
    known = replace(one, reference=taken.reference)
    rail.look_up(known)
    answers = [status_of(known, body) for _, _, body in hooks.wait_for(3)[1:]]
    assert all(isinstance(answer, PaidOut) for answer in answers)
    assert {answer.amount for answer in answers} == {one.amount}
    rail.look_up(one)
    assert isinstance(status_of(one, hooks.wait_for(4)[3][2]), PaidOut)
    assert moved(sandbox)["customers"] == 0


def test_a_second_reversal_is_no_failure_of_the_first(client, addresses, hooks, sandbox):
    rail = MpesaReversals(client, addresses)
    source = customer_pays(sandbox)
    rail.send(payout(Rail.MPESA_REVERSAL, source=source), {})
    hooks.wait_for(1)
    again = payout(Rail.MPESA_REVERSAL, source=source)
    again = replace(again, reference=rail.send(again, {}).reference)
    assert result_hint(hooks.wait_for(2)[1][2]).reason is None
    rail.look_up(again)
    answers = {type(status_of(again, body)) for _, _, body in hooks.wait_for(4)[2:]}
    assert answers == {Silence, PaidOut}
    assert moved(sandbox)["customers"] == 0


def test_a_payment_from_the_menu_is_confirmed_and_then_certain(
    client, http, secret, addresses, hooks, sandbox
):
    register_urls(client, hooks.url, "5ec4e7")
    receipt = customer_pays(sandbox)
    (question, asked, _), (vendor, token, body) = hooks.wait_for(2)
    assert (question, asked) == ("daraja-c2b-validation", "5ec4e7")
    assert (vendor, token) == ("daraja-c2b-confirmation", "5ec4e7")
    notice = read_notice(body)
    assert (notice.receipt, notice.shortcode) == (receipt, PAYBILL)
    assert (notice.amount, notice.account) == (Money(130_000, Currency.KES), "01234567")
    subject = Subject(USER, IDS.new(Kind.DEPOSIT))
    DarajaLookup(http, lambda: secret, CLOCK, addresses).ask(subject, receipt)
    vendor, token, body = hooks.wait_for(3)[2]
    assert named_by("t1", token, Purpose.STATUS) == subject
    found = transaction_of(body)
    paid = Paid(receipt, Money(130_000, Currency.KES))
    assert paid_in(found, shortcode=PAYBILL) == paid
    assert paid_in(found, shortcode="600966") == NoAnswer()


@pytest.mark.parametrize("kind", ["pending", "unknown"])
def test_an_answer_that_says_nothing_is_none(http, secret, addresses, hooks, sandbox, fault, kind):
    receipt = customer_pays(sandbox)
    fault("daraja", "transaction_status", kind)
    subject = Subject("", IDS.new(Kind.MOVEMENT))
    DarajaLookup(http, lambda: secret, CLOCK, addresses).ask(subject, receipt)
    _, _, body = hooks.wait_for(1)[0]
    assert paid_in(transaction_of(body), shortcode=PAYBILL) == NoAnswer()


def test_a_payment_that_went_back_is_not_ours_any_more(
    client, http, secret, addresses, hooks, sandbox
):
    receipt = customer_pays(sandbox)
    MpesaReversals(client, addresses).send(payout(Rail.MPESA_REVERSAL, source=receipt), {})
    hooks.wait_for(1)
    subject = Subject(USER, IDS.new(Kind.DEPOSIT))
    DarajaLookup(http, lambda: secret, CLOCK, addresses).ask(subject, receipt)
    _, _, body = hooks.wait_for(2)[1]
    found = paid_in(transaction_of(body), shortcode=PAYBILL)
    assert found == Failed(Reason.GATEWAY_REFUSED)


def test_without_addresses_nobody_is_asked(http, secret):
    with pytest.raises(GatewayUnavailable):
        DarajaLookup(http, lambda: secret, CLOCK).ask(Subject(USER, IDS.new(Kind.DEPOSIT)), "R")


def test_balances_are_read_to_the_cent(client, addresses, hooks, sandbox):
    customer_pays(sandbox)
    report = IDS.new(Kind.REPORT)
    ask_balances(client, addresses, report, PAYBILL)
    ((vendor, token, body),) = hooks.wait_for(1)
    assert vendor == "daraja-balance"
    assert named_by("t1", token, Purpose.BALANCE) == Subject("", report)
    found = balances_of(body)
    assert found.of("Utility Account") == Money(130_000, Currency.KES)
    assert found.of("Float Account") is None
    assert found.at is not None


def test_registration_that_is_not_taken_is_told(client, hooks, fault):
    fault("daraja", "c2b_register", "rate_limited")
    with pytest.raises(GatewayUnavailable):
        register_urls(client, hooks.url, "5ec4e7")
    with pytest.raises(GatewayUnavailable):
        register_urls(client, "https://example.com", "5ec4e7")
