"""What an idempotency key promises, line by line, for createDeposit through the endpoint."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, cast

import httpx
import pytest

from graphql_api.adapter import LambdaAdapter
from graphql_api.application import Application, Outside
from graphql_api.asgi import Service
from shared.cases.store import CaseStore
from shared.kernel.clock import FixedClock
from shared.kernel.ids import UlidIds
from shared.kernel.money import Currency
from shared.ledger.store import LedgerStore
from shared.market_data.store import MarketStore
from shared.payments.errors import GatewayUnavailable
from shared.payments.exposures import ExposureStore
from shared.payments.funding import Funding
from shared.payments.model import Deposit, DepositStatus, Gateway
from shared.payments.ports import Paid
from shared.payments.providers.daraja import DarajaGateway
from shared.payments.providers.stripe import StripeGateway
from shared.payments.readings import StoredBreakers, StoredPeople, StoredRates
from shared.payments.routing import TRIES
from shared.payments.settlement import Hint, Settlement
from shared.payments.settling import Settling
from shared.payments.signals import stripe_signal
from shared.payments.store import DepositStore
from shared.platform.memory import MemoryDatabase
from shared.platform.origin import NO_EDGE
from shared.platform.outbox import Facts
from shared.platform.personal import MemoryPersonalData
from shared.platform.queues import Checks, MemoryQueue
from shared.platform.runtime import Runtime
from shared.platform.tables import Put
from shared.users.model import KycStatus
from shared.users.store import ProfileRow
from tests.conftest import NOW
from tests.graphql_api.conftest import PASSWORD, SETTINGS, Client, TwinBanks, TwinSafe, TwinVault
from tests.payments.twins import Crash, CrashingFacts, FakeBroker, FakeGateway
from tests.payments.world import ACCOUNT, World
from tests.users.twins import CODE, TwinIdentities

CREATE = """mutation($i: CreateDepositInput!) { createDeposit(input: $i) { __typename
  ... on CreateDepositPayload { deposit { depositId status amount { amount currency }
    credited { amount currency } nextAction { redirectUrl pushSentTo } createdAt settledAt } }
  ... on UserError { code message advice } ... on InvalidInputError { field } } }"""
CARD = {"idempotencyKey": "k-1", "gateway": "STRIPE", "amount": "100.00", "currency": "USD"}
PUSH = {
    "idempotencyKey": "k-1",
    "gateway": "MPESA",
    "amount": "13000",
    "currency": "KES",
    "phone": "+254712345678",
}
WIDE = '{"MONEY": {"capacity": 1000, "per_minute": 1000}}'
DAY = timedelta(hours=25)
"""Longer than a payment provider remembers a key."""


@dataclass
class Bank:
    """The deployed API over memory, with gateways and a broker that fail as told."""

    clock: FixedClock = field(default_factory=lambda: FixedClock(NOW))
    database: MemoryDatabase = field(default_factory=MemoryDatabase)
    card: FakeGateway = field(default_factory=lambda: FakeGateway(idempotent=True))
    push: FakeGateway = field(default_factory=lambda: FakeGateway(idempotent=False))
    broker: FakeBroker = field(default_factory=FakeBroker)
    adapters: list[LambdaAdapter] = field(default_factory=list)

    def __post_init__(self) -> None:
        ids = UlidIds("t1", self.clock)
        self.facts = CrashingFacts(Facts(self.database, self.clock, ids))
        self.gateways = {Gateway.STRIPE: self.card, Gateway.MPESA: self.push}
        identities, personal = TwinIdentities(self.clock), MemoryPersonalData()
        self.signals = MemoryQueue()
        runtime = Runtime(self.database, self.clock, ids, cast("Facts", self.facts))
        outside = Outside(
            runtime=runtime,
            personal=lambda: personal,
            identities=lambda: identities,
            gateways=lambda: self.gateways,
            banks=TwinBanks,
            vault=TwinVault,
            reports=TwinSafe,
            payment_signals=lambda: self.signals,
            market_requests=MemoryQueue,
            pepper=lambda: "pepper",
            origin=lambda: NO_EDGE,
        )
        self.app = Application(SETTINGS.model_copy(update={"rate_limits": WIDE}), outside)
        self.app.__dict__["routing"] = replace(self.app.routing, sleep=lambda _: None)
        self.deposits, self.ledger = DepositStore(self.database), LedgerStore(self.database)
        self.settlement = Settlement(
            settling=Settling(
                deposits=self.deposits,
                ledger=self.ledger,
                facts=cast("Facts", self.facts),
                cases=CaseStore(self.database),
                rates=StoredRates(self.database, self.clock),
                clock=self.clock,
            ),
            gateways=self.gateways,
            checks=Checks(self.signals),
            pause=lambda _: None,
        )
        self.funding = Funding(
            deposits=self.deposits,
            ledger=self.ledger,
            facts=cast("Facts", self.facts),
            broker=self.broker,
            people=StoredPeople(self.database),
            breakers=StoredBreakers(self.database),
            exposures=ExposureStore(self.database),
            cases=CaseStore(self.database),
            checks=Checks(MemoryQueue()),
            clock=self.clock,
            limit_minor=5_000_000,
            cap_minor=5_000_000,
            pause=lambda _: None,
        )
        World.rate(cast("World", self))

    @property
    def market(self) -> Any:
        return MarketStore(self.database)

    def browser(self) -> Client:
        self.adapters.append(LambdaAdapter(Service(self.app)))
        return Client(self.adapters[-1])

    def sign_in(self, client: Client, email: str) -> None:
        answer = client.session(
            "mutation($i: SignInInput!) { signIn(input: $i) { ... on SignedIn { accessToken } } }",
            {"i": {"email": email, "password": PASSWORD}},
        )
        client.token = answer.data["signIn"]["accessToken"]

    def join(self, email: str, *, approved: bool = True) -> Client:
        client = self.browser()
        client.session(
            "mutation($i: SignUpInput!) { signUp(input: $i) { __typename } }",
            {"i": {"email": email, "password": PASSWORD, "language": "EN"}},
        )
        client.session(
            "mutation($i: ConfirmSignUpInput!) { confirmSignUp(input: $i) { __typename } }",
            {"i": {"email": email, "code": CODE}},
        )
        self.sign_in(client, email)
        if approved:
            self.approve(client.user_id)
        return client

    def approve(self, user_id: str) -> None:
        users = self.app.users
        self.facts.commit([users.set_kyc_status(user_id, KycStatus.APPROVED)])
        self.facts.commit([users.set_risk_score(user_id, 3, "2026-1")])
        profile = self.database.get(ProfileRow, f"USER#{user_id}", "PROFILE")
        assert profile is not None
        profile.broker_account_id, profile.broker_status = ACCOUNT, "ACTIVE"
        self.database.write(Put("profile", profile))

    def stored(self, client: Client) -> list[Deposit]:
        return list(self.deposits.page(client.user_id, limit=50).deposits)

    def entries(self, client: Client) -> int:
        return len(self.ledger.entries(client.user_id, Currency.USD, limit=100).entries)

    def credited(self, client: Client) -> int:
        return self.ledger.wallet(client.user_id, Currency.USD).posted

    def used_keys(self) -> int:
        return sum(key.pk.startswith("IDEM#") for key in self.database._items)

    def untouched(self, client: Client) -> bool:
        return (self.stored(client), self.entries(client), self.used_keys()) == ([], 0, 0) and (
            self.card.asked,
            self.push.asked,
            len(self.signals.sent),
        ) == (0, 0, 0)


@pytest.fixture
def bank() -> Iterator[Bank]:
    bank = Bank()
    yield bank
    for adapter in bank.adapters:
        adapter.close()


@pytest.fixture
def amina(bank: Bank) -> Client:
    return bank.join("amina@example.com")


def pay(client: Client, wish: dict[str, Any], **changes: Any) -> Any:
    return client.graphql(CREATE, {"i": wish | changes}).data["createDeposit"]


def text_of(client: Client, wish: dict[str, Any]) -> str:
    answer = client.graphql(CREATE, {"i": wish})
    assert answer.status == 200
    return json.dumps(answer.body)


# (1) Every money mutation requires a key of 1 to 255 visible ASCII characters.

BAD_KEYS = [
    "",
    " ",
    "a b",
    "x" * 256,
    "ufunguo-ñ",
    "tab\t",
    "line\n",
    "\x7f",
    "\uff11",
    7,
    None,
    [],
]


@pytest.mark.parametrize("key", BAD_KEYS, ids=repr)
def test_line_1_a_key_of_another_form_is_refused_and_nothing_is_done(
    bank: Bank, amina: Client, key: object
) -> None:
    answer = amina.graphql(CREATE, {"i": CARD | {"idempotencyKey": key}})
    assert answer.codes == ["BAD_USER_INPUT"]
    assert bank.untouched(amina)


def test_line_1_no_key_is_refused_and_nothing_is_done(bank: Bank, amina: Client) -> None:
    without = {name: value for name, value in CARD.items() if name != "idempotencyKey"}
    assert amina.graphql(CREATE, {"i": without}).codes == ["BAD_USER_INPUT"]
    inline = CREATE.replace("($i: CreateDepositInput!)", "").replace(
        "$i", '{gateway: STRIPE, amount: "100.00", currency: USD}'
    )
    (code,) = amina.graphql(inline).codes
    assert code in ("BAD_USER_INPUT", "GRAPHQL_VALIDATION_FAILED")
    assert bank.untouched(amina)


@pytest.mark.parametrize("key", ["!", "~" * 255, "3f1c-É".replace("É", "E")])
def test_line_1_every_key_of_the_form_is_taken(bank: Bank, amina: Client, key: str) -> None:
    assert pay(amina, CARD, idempotencyKey=key)["__typename"] == "CreateDepositPayload"
    assert len(bank.stored(amina)) == 1


# (2) A key belongs to a person.


def test_line_2_another_persons_same_key_neither_collides_nor_tells(
    bank: Bank, amina: Client
) -> None:
    juma = bank.join("juma@example.com")
    mine = pay(amina, CARD)["deposit"]
    theirs = pay(juma, CARD, amount="250.00")["deposit"]
    assert mine["depositId"] != theirs["depositId"]
    assert (mine["amount"]["amount"], theirs["amount"]["amount"]) == ("100.00", "250.00")
    assert [one.user_id for one in bank.stored(juma)] == [juma.user_id]
    fresh = bank.join("zuri@example.com", approved=False)
    # A key that others used tells somebody without rights nothing but their own refusal.
    assert pay(fresh, CARD)["code"] == pay(fresh, CARD, idempotencyKey="unused")["code"]


# (3) The same key with the same content gives the same answer and no more entries, for ever.


@pytest.mark.parametrize("wish", [CARD, PUSH], ids=["card", "push"])
def test_line_3_the_same_wish_gives_the_same_bytes(
    bank: Bank, amina: Client, wish: dict[str, Any]
) -> None:
    first = text_of(amina, wish)
    assert [text_of(amina, wish) for _ in range(3)] == [first] * 3
    assert len(bank.stored(amina)) == bank.used_keys() == 1
    assert (bank.card.asked, bank.push.asked) in ((1, 0), (0, 1))


@pytest.mark.parametrize(
    "spelled",
    [
        {"phone": "+254 712 345 678"},
        {"phone": "0712345678"},
        {"phone": "254712345678"},
        {"amount": "13000.00"},
    ],
)
def test_line_3_another_spelling_of_the_same_wish_is_the_same_wish(
    bank: Bank, amina: Client, spelled: dict[str, str]
) -> None:
    first = text_of(amina, PUSH)
    answer = amina.graphql(CREATE, {"i": PUSH | spelled})
    if "errors" in answer.body:
        # A form that the field itself does not take changes nothing either.
        assert answer.codes == ["BAD_USER_INPUT"]
    else:
        assert json.dumps(answer.body) == first
    assert bank.push.asked == bank.used_keys() == len(bank.stored(amina)) == 1


def test_line_3_a_credited_deposit_stays_the_answer_after_more_than_a_day(
    bank: Bank, amina: Client
) -> None:
    first = pay(amina, CARD)["deposit"]
    (deposit,) = bank.stored(amina)
    bank.card.set(deposit, Paid("pi_1", deposit.amount))
    bank.settlement.signalled(amina.user_id, deposit.deposit_id, Hint())
    settled = text_of(amina, CARD)
    assert (bank.entries(amina), bank.credited(amina)) == (1, 10_000)
    bank.clock.advance(DAY)
    bank.sign_in(amina, "amina@example.com")
    assert text_of(amina, CARD) == settled
    assert (
        json.loads(settled)["data"]["createDeposit"]["deposit"]["depositId"] == (first["depositId"])
    )
    assert (bank.entries(amina), bank.credited(amina), len(bank.stored(amina))) == (1, 10_000, 1)
    assert bank.card.asked == 1


# (4) The same key with other content is an error, and nothing is done.


@pytest.mark.parametrize(
    ("wish", "other"),
    [
        (CARD, {"amount": "100.01"}),
        (
            CARD,
            {"gateway": "MPESA", "amount": "13000", "currency": "KES", "phone": "+254712345678"},
        ),
        (PUSH, {"amount": "13001"}),
        (PUSH, {"phone": "+254712345679"}),
        (PUSH, {"gateway": "STRIPE", "amount": "100.00", "currency": "USD"}),
    ],
)
def test_line_4_the_same_key_for_another_wish_is_refused_without_effect(
    bank: Bank, amina: Client, wish: dict[str, Any], other: dict[str, Any]
) -> None:
    first = text_of(amina, wish)
    before = bank.stored(amina)
    asked = (bank.card.asked, bank.push.asked)
    refused = pay(amina, wish, **other)
    assert (refused["__typename"], refused["code"]) == ("ConflictError", "IDEMPOTENCY_KEY_REUSED")
    assert bank.stored(amina) == before
    assert (bank.card.asked, bank.push.asked) == asked
    assert bank.used_keys() == 1
    assert text_of(amina, wish) == first


# (5) Of many at once one has an effect; the others get the same, or come again.


@pytest.mark.parametrize("wish", [CARD, PUSH], ids=["card", "push"])
def test_line_5_twenty_at_once_make_one_deposit_and_one_payment(
    bank: Bank, amina: Client, wish: dict[str, Any]
) -> None:
    browsers = [bank.browser() for _ in range(20)]
    for one in browsers:
        one.token = amina.token
    assert bank.app.deposits.keys
    answers: list[Any] = []
    strange: list[Exception] = []
    start = threading.Barrier(20)

    def run(client: Client) -> None:
        start.wait()
        try:
            answers.append(pay(client, wish))
        except Exception as error:  # noqa: BLE001 - whatever it is, no thread may see it
            strange.append(error)

    threads = [threading.Thread(target=run, args=(each,)) for each in browsers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert strange == []
    assert {answer["__typename"] for answer in answers} == {"CreateDepositPayload"}
    assert len(answers) == 20
    assert len({answer["deposit"]["depositId"] for answer in answers}) == 1
    (deposit,) = bank.stored(amina)
    assert deposit.status is DepositStatus.ACTION_REQUIRED
    used = bank.card if wish is CARD else bank.push
    assert len(used.attempts) == bank.used_keys() == 1
    if wish is PUSH:
        assert used.asked == 1


# (6) What was refused for its content has not used the key up.


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"amount": "0.99"}, "PAYMENTS_AMOUNT_OUT_OF_RANGE"),
        ({"amount": "10000.01"}, "PAYMENTS_AMOUNT_OUT_OF_RANGE"),
        ({"method": "BANK_DEBIT", "currency": "KES"}, "PAYMENTS_CURRENCY_NOT_ACCEPTED"),
        ({"gateway": "MPESA"}, "PAYMENTS_CURRENCY_NOT_ACCEPTED"),
        ({"amount": "abc"}, "BAD_USER_INPUT"),
        ({"gateway": "PAYPAL"}, "BAD_USER_INPUT"),
        ({"more": 1}, "BAD_USER_INPUT"),
    ],
)
def test_line_6_a_refused_content_leaves_the_key_free(
    bank: Bank, amina: Client, wrong: dict[str, Any], code: str
) -> None:
    answer = amina.graphql(CREATE, {"i": CARD | wrong})
    if "errors" in answer.body:
        assert answer.codes == [code]
    else:
        assert answer.data["createDeposit"]["code"] == code
    assert bank.untouched(amina)
    assert pay(amina, CARD)["deposit"]["status"] == "ACTION_REQUIRED"


def test_line_6_who_may_not_pay_in_yet_keeps_the_key(bank: Bank) -> None:
    early = bank.join("juma@example.com", approved=False)
    assert pay(early, CARD)["code"] == "PAYMENTS_IDENTITY_NOT_APPROVED"
    assert bank.untouched(early)
    bank.approve(early.user_id)
    assert pay(early, CARD)["deposit"]["status"] == "ACTION_REQUIRED"


# (7) A crash between effect and record: the same key gives what the first call would have.

CRASHES: dict[str, Callable[[Bank], None]] = {
    "before the record": lambda bank: bank.facts.script.append("before"),
    "after the record": lambda bank: bank.facts.script.append("after"),
    "before the gateway": lambda bank: bank.card.start_script.append("crash_before"),
    "after the gateway": lambda bank: bank.card.start_script.append("crash_after"),
    "without the gateway's answer": lambda bank: bank.card.start_script.extend(["no_word"] * TRIES),
    "before the answer is kept": lambda bank: bank.facts.script.extend(["ok", "before"]),
    "after the answer is kept": lambda bank: bank.facts.script.extend(["ok", "after"]),
}


@pytest.mark.parametrize("crash", CRASHES.values(), ids=CRASHES)
def test_line_7_after_a_crash_the_same_key_continues_to_the_one_page(
    bank: Bank, amina: Client, crash: Callable[[Bank], None]
) -> None:
    crash(bank)
    answer = amina.graphql(CREATE, {"i": CARD})
    if "errors" in answer.body:
        assert answer.codes == ["INTERNAL_ERROR"]
    else:
        assert answer.data["createDeposit"]["code"] == "PAYMENTS_GATEWAY_UNAVAILABLE"
    again = text_of(amina, CARD)
    assert json.loads(again)["data"]["createDeposit"]["deposit"]["status"] == "ACTION_REQUIRED"
    assert text_of(amina, CARD) == again
    assert len(bank.card.attempts) == len(bank.stored(amina)) == bank.used_keys() == 1


@pytest.mark.parametrize("moment", ["crash_before", "crash_after", "no_word"])
def test_line_7_a_push_that_may_have_rung_is_never_sent_again(
    bank: Bank, amina: Client, moment: str
) -> None:
    bank.push.start_script.append(moment)
    amina.graphql(CREATE, {"i": PUSH})
    again = [pay(amina, PUSH)["deposit"] for _ in range(3)]
    assert [one["status"] for one in again] == ["UNKNOWN"] * 3
    assert len({one["depositId"] for one in again}) == 1
    assert bank.push.asked == len(bank.stored(amina)) == 1


# (8) A credit belongs to a payment, however many events tell of it.


def event(kind: str, subject: str, deposit: Deposit, number: int) -> bytes:
    metadata = {"user_id": deposit.user_id, "deposit_id": deposit.deposit_id}
    inner = {"id": subject, "object": kind.rpartition(".")[0], "metadata": metadata}
    return json.dumps({"id": f"evt_{number}", "type": kind, "data": {"object": inner}}).encode()


def test_line_8_two_events_and_their_repeats_credit_one_payment_once(
    bank: Bank, amina: Client
) -> None:
    pay(amina, CARD)
    (deposit,) = bank.stored(amina)
    bank.card.set(deposit, Paid("pi_1", deposit.amount))
    told = [
        event("payment_intent.succeeded", "pi_1", deposit, 1),
        event("checkout.session.completed", deposit.reference or "", deposit, 2),
    ]
    for body in [*told, *told, *reversed(told)]:
        signal = stripe_signal(body, "t1")
        assert signal is not None
        bank.settlement.signalled(signal.user_id, signal.deposit_id, signal.hint)
    assert (bank.entries(amina), bank.credited(amina)) == (1, 10_000)


def test_line_8_one_payment_of_a_gateway_credits_one_deposit_ever(
    bank: Bank, amina: Client
) -> None:
    pay(amina, CARD)
    pay(amina, CARD, idempotencyKey="k-2")
    for deposit in bank.stored(amina):
        bank.card.set(deposit, Paid("pi_1", deposit.amount))
        bank.settlement.signalled(amina.user_id, deposit.deposit_id, Hint())
    assert (bank.entries(amina), bank.credited(amina)) == (1, 10_000)
    assert sorted(one.reason or "" for one in bank.stored(amina)) == ["", "PAYMENT_REUSED"]


# (9) Every call that goes out carries a name made of our own intent's.


class StripeDesk:
    """The SDK's client, as far as it is used; keeps what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[dict[str, Any], dict[str, str]]] = []
        self.v1 = self.checkout = self.sessions = self

    def create(self, params: dict[str, Any], options: dict[str, str]) -> Any:
        self.asked.append((params, options))
        return type("Session", (), {"id": "cs_1", "url": "https://pay.example/cs_1"})()


def test_line_9_a_card_page_is_asked_for_under_the_deposits_own_name(
    bank: Bank, amina: Client
) -> None:
    desk = StripeDesk()
    back = "https://app.example/deposits/{deposit_id}"
    gateway = StripeGateway(cast("Any", lambda: desk), success_url=back, cancel_url=back)
    bank.gateways[Gateway.STRIPE] = cast("Any", gateway)
    made = pay(amina, CARD)["deposit"]
    ((params, options),) = desk.asked
    assert options == {"idempotency_key": made["depositId"]}
    assert params["client_reference_id"] == made["depositId"]
    assert params["payment_intent_data"]["metadata"]["deposit_id"] == made["depositId"]


def test_line_9_a_push_calls_back_at_the_deposits_own_path(bank: Bank, amina: Client) -> None:
    sent: list[dict[str, Any]] = []

    def answer(request: httpx.Request) -> httpx.Response:
        if request.method == "GET":
            return httpx.Response(200, json={"access_token": "t", "expires_in": "3599"})
        sent.append(json.loads(request.content))
        return httpx.Response(200, json={"ResponseCode": "0", "CheckoutRequestID": "ws_1"})

    names = ("consumer_key", "consumer_secret", "shortcode", "passkey")
    with httpx.Client(transport=httpx.MockTransport(answer), base_url="http://d") as http:
        bank.gateways[Gateway.MPESA] = cast(
            "Any",
            DarajaGateway(
                http,
                lambda: dict.fromkeys(names, "x"),
                lambda deposit: f"https://hooks.example/{deposit.deposit_id}",
                bank.clock,
            ),
        )
        made = pay(amina, PUSH)["deposit"]
        pay(amina, PUSH)
    (push,) = sent
    assert push["CallBackURL"].endswith(made["depositId"])
    assert push["AccountReference"] == made["depositId"][-12:]


def test_line_9_the_brokers_journal_has_a_key_of_the_deposit(bank: Bank, amina: Client) -> None:
    pay(amina, CARD)
    (deposit,) = bank.stored(amina)
    bank.card.set(deposit, Paid("pi_1", deposit.amount))
    bank.settlement.signalled(amina.user_id, deposit.deposit_id, Hint())
    for _ in range(3):
        bank.funding.settled(amina.user_id, deposit.deposit_id)
    assert list(bank.broker.journals) == [f"{deposit.deposit_id}.0"]
    assert bank.broker.moved == 10_000


# (10) When a provider has forgotten a key, nothing is sent under it before looking.


@pytest.mark.parametrize("wish", [CARD, PUSH], ids=["card", "push"])
@pytest.mark.parametrize("moment", ["crash_before", "crash_after", "no_word"])
def test_line_10_after_a_day_the_gateway_is_not_asked_again(
    bank: Bank, amina: Client, wish: dict[str, Any], moment: str
) -> None:
    used = bank.card if wish is CARD else bank.push
    used.start_script.extend([moment] * (TRIES if wish is CARD else 1))
    amina.graphql(CREATE, {"i": wish})
    asked = used.asked
    bank.clock.advance(DAY)
    bank.sign_in(amina, "amina@example.com")
    (before,) = bank.stored(amina)
    again = [pay(amina, wish) for _ in range(2)]
    if wish is CARD:
        assert [one["code"] for one in again] == ["PAYMENTS_DEPOSIT_LAPSED"] * 2
    else:
        assert [one["deposit"]["depositId"] for one in again] == [before.deposit_id] * 2
    assert bank.stored(amina) == [before]
    assert used.asked == asked
    # Should the payer have paid all the same, the gateway's word credits it, once.
    if used.attempts:
        used.set(before, Paid("pay_1", before.amount))
        for _ in range(2):
            bank.settlement.signalled(amina.user_id, before.deposit_id, Hint(reference="ref_1"))
        assert (bank.entries(amina), bank.credited(amina)) == (1, before.credited.minor)
        assert pay(amina, wish)["deposit"]["status"] == "SETTLED"
    assert used.asked == asked


@pytest.mark.parametrize("moment", ["lost_answer", "crash_after"])
def test_line_10_a_journal_of_yesterday_is_looked_for_before_it_is_sent(
    bank: Bank, amina: Client, moment: str
) -> None:
    pay(amina, CARD)
    (deposit,) = bank.stored(amina)
    bank.card.set(deposit, Paid("pi_1", deposit.amount))
    bank.settlement.signalled(amina.user_id, deposit.deposit_id, Hint())
    bank.broker.script.append(moment)
    with suppress(Crash, GatewayUnavailable):
        bank.funding.settled(amina.user_id, deposit.deposit_id)
    bank.clock.advance(DAY)
    bank.funding.checked(amina.user_id, deposit.deposit_id, 0)
    (now,) = bank.stored(amina)
    assert now.status is DepositStatus.FUNDED
    assert (bank.broker.instructed, bank.broker.moved) == (1, 10_000)
