"""The Adyen adapter with the official SDK against the running sandbox."""

import json
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from shared.kernel.clock import FixedClock
from shared.kernel.ids import Kind, UlidIds
from shared.kernel.money import Currency, Money
from shared.payments.errors import GatewayUnavailable
from shared.payments.making import new_deposit
from shared.payments.model import Gateway
from shared.payments.ports import (
    Lapsed,
    NoAnswer,
    NotSent,
    NoWord,
    Processing,
    Refused,
    Started,
    Waiting,
)
from shared.payments.providers.adyen import AdyenGateway, outcome_of
from shared.payments.providers.adyen_client import (
    Transport,
    account_in,
    adyen_account,
    is_turned_away,
    is_wrong,
)
from shared.payments.providers.adyen_references import LENGTH_MAX, named_in, reference_of
from shared.payments.reasons import Reason
from shared.platform.secrets import MemorySecrets

ACCOUNT = "BaobabSandbox"
KEY = "AQE_sandbox"
AMOUNT = Money(2_550, Currency.USD)
PAGE = "http://127.0.0.1:1/deposits/{deposit_id}"


def deposit_of(amount=AMOUNT, at=None):
    ids = UlidIds("t1", FixedClock(at or datetime.now(UTC)))
    return new_deposit(
        user_id=ids.new(Kind.USER),
        deposit_id=ids.new(Kind.DEPOSIT),
        gateway=Gateway.ADYEN,
        amount=amount,
        quote=None,
    )


@pytest.fixture
def deposit():
    return deposit_of()


@pytest.fixture
def account_with(sandbox_url):
    made = []

    def account(key=KEY, merchant=ACCOUNT, base=f"{sandbox_url}/adyen/v72"):
        made.append(adyen_account(key, merchant, base))
        return made[-1]

    yield account
    for one in made:
        one.checkout.client.http_client._http.close()


@pytest.fixture
def gateway(sandbox, account_with):
    account = account_with()
    return AdyenGateway(lambda: account, return_url=PAGE)


def pay(sandbox, reference, **order):
    answer = sandbox.post(f"/_control/adyen/links/{reference}/pay", json=order)
    answer.raise_for_status()
    return answer.json()


def test_a_link_is_made_and_says_when_it_was_used(gateway, sandbox, deposit):
    started = gateway.start(deposit, None)
    assert isinstance(started, Started)
    assert started.reference.startswith("PL")
    assert sandbox.get(started.redirect_url).status_code == 200
    assert gateway.look_up(deposit, started.reference) == Waiting()
    pay(sandbox, started.reference)
    assert gateway.look_up(deposit, started.reference) == Processing()


def test_the_link_names_the_deposit_and_ends_with_it(gateway, sandbox, deposit):
    started = gateway.start(deposit, None)
    (link,) = sandbox.get("/_control/adyen").json()["links"]
    assert link["id"] == started.reference
    assert link["reference"] == reference_of(deposit.user_id, deposit.deposit_id)
    assert link["amount"] == {"currency": "USD", "value": 2_550}
    assert link["shopperReference"] == deposit.user_id
    assert link["metadata"] == {"user_id": deposit.user_id, "deposit_id": deposit.deposit_id}
    assert link["returnUrl"] == PAGE.format(deposit_id=deposit.deposit_id)
    ends = datetime.fromisoformat(link["expiresAt"])
    assert timedelta(0) <= deposit.lapses_at - ends < timedelta(seconds=1)
    assert (link["reusable"], link["captureDelayHours"]) == (False, 0)
    assert link["allowedPaymentMethods"] == ["scheme"]


def test_asking_twice_gives_the_same_link(gateway, sandbox, deposit):
    assert gateway.start(deposit, None) == gateway.start(deposit, None)
    assert len(sandbox.get("/_control/adyen").json()["links"]) == 1


def test_a_refused_card_is_not_the_end(gateway, sandbox, deposit):
    started = gateway.start(deposit, None)
    assert pay(sandbox, started.reference, card="4000000000000002")["resultCode"] == "Refused"
    assert gateway.look_up(deposit, started.reference) == Waiting()
    pay(sandbox, started.reference)
    assert gateway.look_up(deposit, started.reference) == Processing()


def test_a_link_that_was_closed_cannot_be_paid(gateway, sandbox, deposit):
    started = gateway.start(deposit, None)
    assert gateway.cancel(deposit, started.reference) is True
    assert gateway.look_up(deposit, started.reference) == Lapsed()
    assert gateway.cancel(deposit, started.reference) is True
    refused = sandbox.post(f"/_control/adyen/links/{started.reference}/pay", json={})
    assert refused.status_code == 409


def test_a_link_that_was_used_is_not_closed(gateway, sandbox, deposit):
    started = gateway.start(deposit, None)
    pay(sandbox, started.reference)
    assert gateway.cancel(deposit, started.reference) is False


def test_a_link_that_cannot_be_closed_now_stays_unknown(gateway, fault, deposit):
    started = gateway.start(deposit, None)
    fault("adyen", "payment_links.update", "error", status=500)
    with pytest.raises(GatewayUnavailable):
        gateway.cancel(deposit, started.reference)
    fault("adyen", "payment_links.update", "timeout_after_effect", close=True)
    with pytest.raises(GatewayUnavailable):
        gateway.cancel(deposit, started.reference)
    assert gateway.cancel(deposit, started.reference) is True


def test_the_link_of_another_deposit_says_nothing(gateway, deposit):
    started = gateway.start(deposit_of(), None)
    assert gateway.look_up(deposit, started.reference) == NoAnswer()
    assert gateway.look_up(deposit, "PL0000000000000000") == NoAnswer()
    assert gateway.look_up(deposit, "../payments?x=1#y") == NoAnswer()
    assert gateway.cancel(deposit, "PL0000000000000000") is False


def test_the_effect_of_a_lost_answer_is_found_again(gateway, fault, sandbox, deposit):
    fault("adyen", "payment_links.create", "timeout_after_effect", close=True)
    assert gateway.start(deposit, None) == NoWord()
    again = gateway.start(deposit, None)
    assert isinstance(again, Started)
    assert [link["id"] for link in sandbox.get("/_control/adyen").json()["links"]] == [
        again.reference
    ]


@pytest.mark.parametrize("status", [500, 503])
def test_a_gateway_that_is_down_is_no_word(gateway, fault, deposit, status):
    fault("adyen", "payment_links.create", "error", status=status)
    assert gateway.start(deposit, None) == NoWord()
    fault("adyen", "payment_links.get", "error", status=status)
    with pytest.raises(GatewayUnavailable):
        gateway.look_up(deposit, "PL0000000000000000")


def test_who_is_not_let_in_has_begun_nothing(account_with, fault, gateway, sandbox, deposit):
    fault("adyen", "payment_links.create", "rate_limited")
    assert gateway.start(deposit, None) == NotSent()
    for account in (account_with(key="AQE_wrong"), account_with(merchant="AnotherShop")):
        broken = AdyenGateway(lambda account=account: account, return_url=PAGE)
        assert broken.start(deposit, None) == NotSent()
    assert sandbox.get("/_control/adyen").json()["links"] == []
    wrong = account_with(key="AQE_wrong")
    stranger = AdyenGateway(lambda: wrong, return_url=PAGE)
    with pytest.raises(GatewayUnavailable):
        stranger.look_up(deposit, "PL0000000000000000")


def test_an_address_where_nobody_listens_took_nothing(account_with, deposit):
    nobody = account_with(base="http://127.0.0.1:1/v72")
    gateway = AdyenGateway(lambda: nobody, return_url=PAGE)
    assert gateway.start(deposit, None) == NotSent()
    with pytest.raises(GatewayUnavailable):
        gateway.look_up(deposit, "PL0000000000000000")
    with pytest.raises(GatewayUnavailable):
        gateway.cancel(deposit, "PL0000000000000000")


def test_what_adyen_will_never_take_is_refused_with_a_reason(gateway):
    assert gateway.start(deposit_of(Money(0, Currency.USD)), None) == Refused(Reason.LIMIT_EXCEEDED)
    late = deposit_of(at=datetime.now(UTC) - timedelta(days=2))
    assert gateway.start(late, None) == Refused(Reason.GATEWAY_REFUSED)


class Recorded:
    """A vendor that answers what it is told to, and remembers what it was asked."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.asked = []

    def __call__(self, request):
        self.asked.append(request)
        status, content = self.answers.pop(0)
        text = content if isinstance(content, str) else json.dumps(content)
        return httpx.Response(status, text=text, headers={"content-type": "application/json"})


def gateway_over(vendor, base="https://checkout-test.adyen.com/v72"):
    account = adyen_account(KEY, "Acme", base)
    account.checkout.client.http_client._http.close()
    http = httpx.Client(transport=httpx.MockTransport(vendor))
    account.checkout.client.http_client = Transport(http)
    return AdyenGateway(lambda: account, return_url=PAGE)


LINK = {"id": "PL022C12D3DD92F6AE", "url": "https://test.adyen.link/PL022C12D3DD92F6AE"}


def test_the_request_is_the_documented_one(deposit):
    vendor = Recorded((201, LINK))
    assert gateway_over(vendor).start(deposit, None) == Started(LINK["id"], LINK["url"])
    (request,) = vendor.asked
    assert (request.method, str(request.url)) == (
        "POST",
        "https://checkout-test.adyen.com/v72/paymentLinks",
    )
    assert request.headers["x-api-key"] == KEY
    assert request.headers["idempotency-key"] == f"{deposit.deposit_id}.adyen"
    assert json.loads(request.content)["merchantAccount"] == "Acme"


@pytest.mark.parametrize(
    "base",
    [
        "https://checkout-test.adyen.com/v72",
        "https://1797a841fbb37ca7-baobab-checkout-live.adyenpayments.com/checkout/v72",
        "http://127.0.0.1:4580/adyen/v72",
    ],
)
def test_every_address_is_called_as_it_is_set(deposit, base):
    link = {**LINK, "status": "active", "reference": reference_of(deposit.user_id, "x")}
    vendor = Recorded((200, link), (200, link))
    gateway = gateway_over(vendor, base)
    gateway.look_up(deposit, "PL1")
    gateway.cancel(deposit, "PL1")
    assert [str(one.url) for one in vendor.asked] == [f"{base}/paymentLinks/PL1"] * 2
    assert [one.method for one in vendor.asked] == ["GET", "PATCH"]


@pytest.mark.parametrize(
    ("status", "content", "result"),
    [
        (200, "<html>", NoWord()),
        (200, "[]", NoWord()),
        (200, "null", NoWord()),
        (201, {}, NoWord()),
        (201, {"id": "PL1"}, NoWord()),
        (201, {"id": 7, "url": "https://x"}, NoWord()),
        (302, "", NoWord()),
        (400, "<html>", NoWord()),
        (422, "[]", NoWord()),
        (422, {"status": 422, "errorCode": "704", "message": "in progress"}, NoWord()),
        (400, {"status": 400, "errorCode": "702"}, Refused(Reason.GATEWAY_REFUSED)),
        (422, {"status": 422, "errorCode": "137"}, Refused(Reason.LIMIT_EXCEEDED)),
        (401, {"status": 401, "errorCode": "000"}, NotSent()),
        (403, {"status": 403, "errorCode": "010"}, NotSent()),
        (502, "bad gateway", NoWord()),
    ],
)
def test_each_answer_has_one_meaning(deposit, status, content, result):
    assert gateway_over(Recorded((status, content))).start(deposit, None) == result


def test_a_redirect_is_not_followed_with_our_key_in_hand(deposit):
    def elsewhere(request):
        assert request.url.host == "checkout-test.adyen.com"
        return httpx.Response(307, headers={"location": "https://evil.example/v72/paymentLinks"})

    assert gateway_over(elsewhere).start(deposit, None) == NoWord()


@pytest.mark.parametrize("error", [httpx.ReadTimeout, httpx.RemoteProtocolError, httpx.ReadError])
def test_a_connection_that_breaks_later_is_no_word(deposit, error):
    def broken(request):
        raise error("broken", request=request)

    assert gateway_over(broken).start(deposit, None) == NoWord()


@pytest.mark.parametrize("error", [httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout])
def test_a_connection_that_never_was_took_nothing(deposit, error):
    def broken(request):
        raise error("broken", request=request)

    assert gateway_over(broken).start(deposit, None) == NotSent()


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        ("active", Waiting()),
        ("expired", Lapsed()),
        ("completed", Processing()),
        ("paid", Processing()),
        ("paymentPending", Processing()),
        ("frozen", NoAnswer()),
        (None, NoAnswer()),
    ],
)
def test_a_link_never_says_that_money_came(deposit, status, outcome):
    ours = reference_of(deposit.user_id, deposit.deposit_id)
    assert outcome_of({"status": status, "reference": ours}, deposit) == outcome
    for other in (None, deposit.deposit_id, reference_of(deposit.user_id, "dep_t1_x")):
        assert outcome_of({"status": status, "reference": other}, deposit) == NoAnswer()


def test_a_reference_names_a_person_and_a_deposit_of_this_cell(deposit):
    reference = reference_of(deposit.user_id, deposit.deposit_id)
    assert named_in(reference, Kind.DEPOSIT, "t1") == (deposit.user_id, deposit.deposit_id)
    assert named_in(reference, Kind.PAYOUT, "t1") is None
    assert named_in(reference, Kind.DEPOSIT, "t2") is None
    for other in (
        "",
        None,
        7,
        deposit.deposit_id,
        f"{deposit.deposit_id}.{deposit.user_id}",
        f"{reference}.x",
        f" {reference}",
        reference.lower(),
        reference.replace(".", ":"),
        reference.replace("usr_t1", "usr_t2"),
    ):
        assert named_in(other, Kind.DEPOSIT, "t1") is None, other
    longest = UlidIds("a" * 8)
    assert len(reference_of(longest.new(Kind.USER), longest.new(Kind.DEPOSIT))) <= LENGTH_MAX


def test_a_changed_key_is_used_without_a_new_start(sandbox_url):
    first = {"adyen": {"api_key": "one", "merchant_account": ACCOUNT}}
    second = {"adyen": {"api_key": "two", "merchant_account": ACCOUNT}}
    base = f"{sandbox_url}/adyen/v72"
    accounts = [account_in("adyen", base, MemorySecrets(one))() for one in (first, second, first)]
    try:
        assert [one.checkout.client.xapikey for one in accounts] == ["one", "two", "one"]
        assert accounts[0] is accounts[2]
    finally:
        for one in accounts[:2]:
            one.checkout.client.http_client._http.close()


def test_which_errors_are_refusals():
    class Answered(Exception):
        def __init__(self, status, code):
            super().__init__()
            self.status_code, self.error_code = status, code

    refusals = [(400, "702"), (422, "130"), (422, "167")]
    turned_away = [(401, "000"), (403, "901"), (429, None)]
    neither = [(422, "704"), (422, None), (400, None), (404, "000"), (500, "905"), ("", "")]
    for status, code in refusals:
        assert (is_wrong(Answered(status, code)), is_turned_away(Answered(status, code))) == (
            True,
            False,
        )
    for status, code in turned_away:
        assert (is_wrong(Answered(status, code)), is_turned_away(Answered(status, code))) == (
            False,
            True,
        )
    for status, code in neither:
        assert not is_wrong(Answered(status, code))
        assert not is_turned_away(Answered(status, code))
