"""What an idempotency key promises, line by line, for each mutation that takes money out."""

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, cast

import pytest

from graphql_api.adapter import LambdaAdapter
from graphql_api.application import Application, Outside
from graphql_api.asgi import Service
from shared.kernel.clock import FixedClock
from shared.kernel.ids import Kind, UlidIds
from shared.kernel.money import Currency, Money
from shared.ledger.purses import PurseMove
from shared.payments.errors import GatewayUnavailable
from shared.payouts.model import Payout
from shared.payouts.states import PayoutStatus
from shared.payouts.terms import Terms
from shared.platform.memory import MemoryDatabase
from shared.platform.origin import NO_EDGE
from shared.platform.outbox import Facts
from shared.platform.personal import MemoryPersonalData
from shared.platform.queues import MemoryQueue
from shared.platform.runtime import Runtime
from shared.platform.tables import as_changes
from shared.strategies.goal_store import SavingStore
from shared.strategies.goals import Goal
from shared.withdrawals.deciding import Wanted
from tests.conftest import NOW
from tests.graphql_api.conftest import PASSWORD, SETTINGS, Client, TwinSafe, TwinVault
from tests.graphql_api.money_out import NAME, PHONE, cash, named, rate, stepped_up
from tests.users.twins import CODE, TwinIdentities
from tests.withdrawals.conftest import Crash, CrashingFacts, FakeBanks

ERRORS = "... on UserError { code message advice } ... on InvalidInputError { field }"
ACCOUNT = "payoutAccount { payoutAccountId kind status currency shownAs usableAt createdAt }"
WITHDRAWAL = """withdrawal { payoutId status reason reasonText debited { amount } paidTo
  amount { amount currency } quote { rate asOf } notBefore timeline { status at } canCancel }"""
DOCUMENTS = {
    "acceptWithdrawalOffer": f"""mutation($i: AcceptWithdrawalOfferInput!) {{
      acceptWithdrawalOffer(input: $i)
      {{ __typename ... on WithdrawalPayload {{ {WITHDRAWAL} }} {ERRORS} }} }}""",
    "addPayoutAccount": f"""mutation($i: AddPayoutAccountInput!) {{ addPayoutAccount(input: $i)
      {{ __typename ... on PayoutAccountPayload {{ {ACCOUNT} }} {ERRORS} }} }}""",
    "requestWithdrawal": f"""mutation($i: RequestWithdrawalInput!) {{ requestWithdrawal(input: $i)
      {{ __typename ... on WithdrawalPayload {{ {WITHDRAWAL} }} {ERRORS} }} }}""",
    "cancelWithdrawal": f"""mutation($i: CancelWithdrawalInput!) {{ cancelWithdrawal(input: $i)
      {{ __typename ... on WithdrawalPayload {{ {WITHDRAWAL} }} {ERRORS} }} }}""",
}
MUTATIONS = sorted(DOCUMENTS)
OF_ALL, OF_A_GOAL = "requestWithdrawal of all", "requestWithdrawal of a goal"
WISHES = [*MUTATIONS, OF_ALL, OF_A_GOAL]
"""The same mutation once more, where it goes another way."""
WIDE = '{"MONEY": {"capacity": 1000, "per_minute": 1000}}'
DAY = timedelta(hours=25)
OFFERED = Money(120_000, Currency.KES)


@dataclass
class Counter:
    """The deployed API over memory, with a bank that fails as told."""

    clock: FixedClock = field(default_factory=lambda: FixedClock(NOW))
    database: MemoryDatabase = field(default_factory=MemoryDatabase)
    banks: FakeBanks = field(default_factory=FakeBanks)
    adapters: list[LambdaAdapter] = field(default_factory=list)

    def __post_init__(self) -> None:
        ids = UlidIds("t1", self.clock)
        self.facts = CrashingFacts(Facts(self.database, self.clock, ids))
        identities, personal = TwinIdentities(self.clock), MemoryPersonalData()
        outside = Outside(
            runtime=Runtime(self.database, self.clock, ids, cast("Facts", self.facts)),
            personal=lambda: personal,
            identities=lambda: identities,
            gateways=dict,
            banks=lambda: self.banks,
            vault=TwinVault,
            reports=TwinSafe,
            payment_signals=MemoryQueue,
            market_requests=MemoryQueue,
            pepper=lambda: "pepper",
            origin=lambda: NO_EDGE,
        )
        self.app = Application(SETTINGS.model_copy(update={"rate_limits": WIDE}), outside)
        rate(self.app)

    def browser(self) -> Client:
        self.adapters.append(LambdaAdapter(Service(self.app)))
        return Client(self.adapters[-1])

    def sign_in(self, client: Client, email: str) -> None:
        answer = client.session(
            "mutation($i: SignInInput!) { signIn(input: $i) { ... on SignedIn { accessToken } } }",
            {"i": {"email": email, "password": PASSWORD}},
        )
        client.token = answer.data["signIn"]["accessToken"]

    def come_back(self, client: Client, email: str) -> None:
        """Another day: signed in anew, the second factor proved by other tests' means."""
        user = self.app.users.get(client.user_id)
        assert user is not None
        plain = self.app.users.save_standing(user, replace(user, mfa=False))
        self.database.transact(as_changes([plain]))
        self.sign_in(client, email)
        stepped_up(self.app, client)

    def join(self, email: str, minor: int = 50_000) -> Client:
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
        named(self.app, client)
        cash(self.app, client.user_id, minor)
        return client

    def keeping(self, client: Client, phone: str = PHONE) -> str:
        """An account that was added without any key of these tests."""
        made = self.app.paying_out.keeping.add(
            client.user_id, idempotency_key=f"before{phone}", holder_name=NAME, phone=phone
        )
        return made.account_id

    def asked(self, client: Client) -> list[Payout]:
        return list(self.app.paying_out.payouts.page(client.user_id, limit=50)[0])

    def held(self, client: Client) -> int:
        return self.app.ledger.wallet(client.user_id, Currency.USD).held

    def used_keys(self) -> int:
        return sum(key.pk.startswith("IDEM#") for key in self.database._items)

    def state(self, client: Client) -> tuple[Any, ...]:
        """All that a mutation could have an effect on."""
        accounts = self.app.paying_out.accounts.book(client.user_id)
        return (accounts, self.asked(client), self.held(client), self.used_keys())


@dataclass(frozen=True)
class Case:
    """A mutation with a wish that can be carried out, and one that differs from it."""

    name: str
    wish: Mapping[str, Any]
    other: Mapping[str, Any]

    def send(self, client: Client, **changes: Any) -> Any:
        return client.graphql(DOCUMENTS[self.name], {"i": {**self.wish, **changes}})

    def do(self, client: Client, **changes: Any) -> Any:
        return self.send(client, **changes).data[self.name]

    def text(self, client: Client, **changes: Any) -> str:
        answer = self.send(client, **changes)
        assert answer.status == 200
        return json.dumps(answer.body)


def case_of(counter: Counter, client: Client, name: str) -> Case:
    if name == "addPayoutAccount":
        wish: dict[str, Any] = {"idempotencyKey": "k-1", "holderName": NAME}
        bank = {"country": "DEU", "accountNumber": "DE89370400440532013000"}
        return Case(name, wish | {"bank": bank}, {"bank": None, "phone": PHONE})
    account = counter.keeping(client)
    if name == "requestWithdrawal":
        wish = {"idempotencyKey": "k-1", "payoutAccountId": account, "amount": "10.00"}
        return Case(name, wish, {"amount": "10.01"})
    if name == OF_ALL:
        wish = {"idempotencyKey": "k-1", "payoutAccountId": account, "all": True}
        return Case("requestWithdrawal", wish, {"all": False, "amount": "10.00"})
    if name == OF_A_GOAL:
        goal = saved_for(counter, client)
        wish = {"idempotencyKey": "k-1", "payoutAccountId": account, "amount": "10.00"}
        return Case("requestWithdrawal", wish | {"goalId": goal.goal_id}, {"goalId": None})
    first, second = (
        counter.app.paying_out.withdrawals.request(
            client.user_id,
            idempotency_key=f"made-{number}",
            wish=Wanted(account, Money(1_000, Currency.USD)),
        )
        for number in (1, 2)
    )
    wish = {"idempotencyKey": "k-1", "payoutId": first.payout_id}
    if name == "acceptWithdrawalOffer":
        offered(counter, first)
        return Case(name, wish | {"amount": OFFERED.amount}, {"amount": "1199.00"})
    return Case(name, wish, {"payoutId": second.payout_id})


def saved_for(counter: Counter, client: Client) -> Goal:
    """A goal that has some of the cash."""
    app = counter.app
    goal = Goal(client.user_id, app.ids.new(Kind.GOAL), sealed=b"sealed", version=1)
    wallet = app.ledger.wallet(client.user_id, Currency.USD)
    purse = app.ledger.reserve(wallet, 0, orders=0, purses=[PurseMove(goal.tag, 20_000)])
    writes = [SavingStore(counter.database).save(None, goal), purse]
    counter.database.transact(as_changes(writes))
    return goal


def offered(counter: Counter, payout: Payout) -> None:
    """Its owner was asked about a worse rate."""
    now, known = counter.clock.now(), payout
    assert payout.quote is not None
    offer = Terms(payout.quote, OFFERED, now + 3 * DAY)
    for status in (PayoutStatus.READY, PayoutStatus.RECALLED, PayoutStatus.AWAITING_CONSENT):
        asked = {"offer": offer} if status is PayoutStatus.AWAITING_CONSENT else {}
        after = known.moved(status, now, **asked)
        save = counter.app.paying_out.payouts.save(known, after)
        counter.database.transact(as_changes([save]))
        known = after


@pytest.fixture
def counter() -> Iterator[Counter]:
    counter = Counter()
    yield counter
    for adapter in counter.adapters:
        adapter.close()


@pytest.fixture
def amina(counter: Counter) -> Client:
    return counter.join("amina@example.com")


@pytest.fixture(params=WISHES)
def case(request: pytest.FixtureRequest, counter: Counter, amina: Client) -> Case:
    return case_of(counter, amina, request.param)


# (1) Every money mutation requires a key of 1 to 255 visible ASCII characters.

BAD_KEYS = [
    "",
    " ",
    "a b",
    "x" * 256,
    "ufunguo-\u00f1",
    "tab\t",
    "line\n",
    "\x7f",
    "\uff11",
    7,
    None,
]


@pytest.mark.parametrize("key", BAD_KEYS, ids=repr)
def test_line_1_a_key_of_another_form_is_refused_and_nothing_is_done(
    counter: Counter, amina: Client, case: Case, key: object
) -> None:
    before = counter.state(amina)
    assert case.send(amina, idempotencyKey=key).codes == ["BAD_USER_INPUT"]
    assert counter.state(amina) == before


def test_line_1_no_key_is_refused_and_nothing_is_done(
    counter: Counter, amina: Client, case: Case
) -> None:
    before = counter.state(amina)
    without = {name: value for name, value in case.wish.items() if name != "idempotencyKey"}
    assert amina.graphql(DOCUMENTS[case.name], {"i": without}).codes == ["BAD_USER_INPUT"]
    assert counter.state(amina) == before


# (2) A key belongs to a person and an operation.


@pytest.mark.parametrize("name", MUTATIONS)
def test_line_2_another_persons_same_key_neither_collides_nor_tells(
    counter: Counter, amina: Client, name: str
) -> None:
    juma = counter.join("juma@example.com")
    mine, theirs = case_of(counter, amina, name), case_of(counter, juma, name)
    first, second = mine.do(amina), theirs.do(juma)
    assert first["__typename"] == second["__typename"]
    assert "code" not in first
    assert json.dumps(first) != json.dumps(second)
    assert counter.asked(amina) != counter.asked(juma) or name == "addPayoutAccount"


def test_line_2_one_key_serves_each_operation(counter: Counter, amina: Client) -> None:
    made = [case_of(counter, amina, name).do(amina) for name in MUTATIONS]
    assert not any("code" in one for one in made)


# (3) The same key with the same content gives the same answer and no more, for ever.


def test_line_3_the_same_wish_gives_the_same_bytes(
    counter: Counter, amina: Client, case: Case
) -> None:
    first = case.text(amina)
    after = counter.state(amina)
    assert [case.text(amina) for _ in range(3)] == [first] * 3
    assert counter.state(amina) == after
    assert len(counter.banks.asked) <= 1


@pytest.mark.parametrize(
    ("name", "spelled"),
    [
        ("addPayoutAccount", {"holderName": "OTIENO, amina"}),
        (
            "addPayoutAccount",
            {"bank": {"country": "DEU", "accountNumber": "de89 3704 0044 0532 0130 00"}},
        ),
        ("acceptWithdrawalOffer", {"amount": "1200"}),
        ("requestWithdrawal", {"amount": "10"}),
        ("requestWithdrawal", {"amount": "10.0"}),
    ],
)
def test_line_3_another_spelling_of_the_same_wish_is_the_same_wish(
    counter: Counter, amina: Client, name: str, spelled: dict[str, Any]
) -> None:
    case = case_of(counter, amina, name)
    first = case.text(amina)
    after = counter.state(amina)
    assert case.text(amina, **spelled) == first
    assert counter.state(amina) == after


def test_line_3_the_answer_stays_after_more_than_a_day(
    counter: Counter, amina: Client, case: Case
) -> None:
    first = case.text(amina)
    after = counter.state(amina)
    counter.clock.advance(DAY)
    counter.come_back(amina, "amina@example.com")
    assert case.text(amina) == first
    assert counter.state(amina) == after


# (4) The same key with other content is an error, and nothing is done.


def test_line_4_the_same_key_for_another_wish_is_refused_without_effect(
    counter: Counter, amina: Client, case: Case
) -> None:
    first = case.text(amina)
    after = counter.state(amina)
    refused = case.do(amina, **case.other)
    assert (refused["__typename"], refused["code"]) == ("ConflictError", "IDEMPOTENCY_KEY_REUSED")
    assert counter.state(amina) == after
    assert case.text(amina) == first


# (5) Of many at once one has an effect; the others get the same, or come again.


def test_line_5_ten_at_once_have_one_effect(counter: Counter, amina: Client, case: Case) -> None:
    keys = counter.used_keys()
    browsers = [counter.browser() for _ in range(10)]
    for one in browsers:
        one.token = amina.token
    assert counter.app.paying_out.withdrawals.keys
    assert counter.app.paying_out.keeping.keys
    answers: list[str] = []
    strange: list[Exception] = []
    start = threading.Barrier(len(browsers))

    def run(client: Client) -> None:
        start.wait()
        try:
            answers.append(case.text(client))
        except Exception as error:  # noqa: BLE001 - whatever it is, no thread may see it
            strange.append(error)

    threads = [threading.Thread(target=run, args=(each,)) for each in browsers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert strange == []
    assert len(answers) == len(browsers)
    done = {text for text in answers if "TEMPORARILY_UNAVAILABLE" not in text}
    assert done == {case.text(amina)}
    assert "code" not in json.loads(done.pop())["data"][case.name]
    assert counter.used_keys() == keys + 1
    assert len(counter.banks.known) <= 1


def test_line_5_many_keys_at_once_never_hold_more_than_there_is(
    counter: Counter, amina: Client
) -> None:
    account = counter.keeping(amina)
    wishes = [
        Case(
            "requestWithdrawal",
            {"idempotencyKey": f"k-{number}", "payoutAccountId": account, "amount": "200.00"},
            {},
        )
        for number in range(8)
    ]
    clients = [counter.browser() for _ in wishes]
    for one in clients:
        one.token = amina.token
    threads = [
        threading.Thread(target=wish.send, args=(client,))
        for wish, client in zip(wishes, clients, strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    made = counter.asked(amina)
    assert len(made) <= 2
    assert counter.held(amina) == sum(one.debited.minor for one in made) <= 50_000


# (6) What was refused for its content has not used the key up.


@pytest.mark.parametrize(
    ("name", "wrong", "code"),
    [
        ("addPayoutAccount", {"holderName": "Juma Kamau"}, "PAYOUTS_NAME_MISMATCH"),
        ("addPayoutAccount", {"phone": PHONE}, "INVALID_VALUE"),
        ("addPayoutAccount", {"more": 1}, "BAD_USER_INPUT"),
        ("requestWithdrawal", {"amount": "0.99"}, "PAYOUTS_AMOUNT_OUT_OF_RANGE"),
        ("requestWithdrawal", {"amount": "500.01"}, "PAYOUTS_NOT_ENOUGH_MONEY"),
        ("requestWithdrawal", {"amount": "abc"}, "BAD_USER_INPUT"),
        (
            "requestWithdrawal",
            {"payoutAccountId": "pac_t1_01ARZ3NDEKTSV4RRFFQ69G5FAV"},
            "NOT_FOUND",
        ),
        ("cancelWithdrawal", {"payoutId": "pay_t1_01ARZ3NDEKTSV4RRFFQ69G5FAV"}, "NOT_FOUND"),
        ("acceptWithdrawalOffer", {"payoutId": "pay_t1_01ARZ3NDEKTSV4RRFFQ69G5FAV"}, "NOT_FOUND"),
        ("acceptWithdrawalOffer", {"amount": "1200.01"}, "PAYOUTS_OFFER_CHANGED"),
        ("acceptWithdrawalOffer", {"amount": "1200.001"}, "INVALID_VALUE"),
    ],
)
def test_line_6_a_refused_content_leaves_the_key_free(
    counter: Counter, amina: Client, name: str, wrong: dict[str, Any], code: str
) -> None:
    case = case_of(counter, amina, name)
    before = counter.state(amina)
    answer = case.send(amina, **wrong)
    codes = answer.codes if "errors" in answer.body else [answer.data[name]["code"]]
    assert codes == [code]
    assert counter.state(amina) == before
    assert counter.banks.asked == []
    assert "code" not in case.do(amina)


def test_line_6_a_bank_that_does_not_answer_leaves_the_key_free(
    counter: Counter, amina: Client
) -> None:
    case = case_of(counter, amina, "addPayoutAccount")
    counter.banks.script.append(GatewayUnavailable())
    assert case.do(amina)["code"] == "PAYMENTS_GATEWAY_UNAVAILABLE"
    assert counter.used_keys() == 0
    assert "code" not in case.do(amina)


# (7) A crash between effect and record: the same key gives what the first call would have.


@pytest.mark.parametrize("moment", ["before", "after"])
def test_line_7_after_a_crash_the_same_key_gives_the_one_effect(
    counter: Counter, amina: Client, case: Case, moment: str
) -> None:
    keys = counter.used_keys()
    counter.facts.script.append(moment)
    assert case.send(amina).codes == ["INTERNAL_ERROR"]
    again = case.text(amina)
    assert "code" not in json.loads(again)["data"][case.name]
    assert case.text(amina) == again
    assert counter.used_keys() == keys + 1
    assert len(counter.banks.known) <= 1


# (8) Nothing here is told of by providers: what they say of a payout is the engine's matter. What
# corresponds is that one account and one withdrawal are known by what they are, not by the key.


def test_line_8_the_same_account_under_other_keys_is_one(counter: Counter, amina: Client) -> None:
    case = case_of(counter, amina, "addPayoutAccount")
    first = case.do(amina)
    assert [case.do(amina, idempotencyKey=f"k-{n}") for n in range(2, 5)] == [first] * 3
    assert len(counter.app.paying_out.accounts.book(amina.user_id).accounts) == 1
    assert len(counter.banks.asked) == 1


def test_line_8_a_withdrawal_is_taken_back_once_whatever_the_key(
    counter: Counter, amina: Client
) -> None:
    case = case_of(counter, amina, "cancelWithdrawal")
    before = counter.held(amina)
    first = case.do(amina)
    assert [case.do(amina, idempotencyKey=f"k-{n}") for n in range(2, 5)] == [first] * 3
    assert counter.held(amina) == before - 1_000


def test_line_8_a_rate_is_agreed_to_once_whatever_the_key(counter: Counter, amina: Client) -> None:
    case = case_of(counter, amina, "acceptWithdrawalOffer")
    before = counter.held(amina)
    first, told = case.do(amina), len(counter.facts.published)
    assert first["withdrawal"]["amount"] == {"amount": "1200.00", "currency": "KES"}
    assert [case.do(amina, idempotencyKey=f"k-{n}") for n in range(2, 5)] == [first] * 3
    assert len(counter.facts.published) == told
    assert counter.held(amina) == before


# (9) Every call that goes out carries a name made of our own intent's.


def test_line_9_a_payout_is_ordered_under_its_own_name(counter: Counter, amina: Client) -> None:
    case = case_of(counter, amina, "requestWithdrawal")
    made = case.do(amina)["withdrawal"]
    (payout,) = counter.asked(amina)
    assert payout.key == payout.payout_id == made["payoutId"]


def test_line_9_a_bank_account_is_registered_by_person_and_numbers(
    counter: Counter, amina: Client
) -> None:
    case = case_of(counter, amina, "addPayoutAccount")
    counter.facts.script += ["before"]
    with suppress(Crash):
        case.send(amina)
    case.do(amina)
    assert len(counter.banks.asked) == 2
    assert set(counter.banks.known) == {(amina.user_id, "DE89370400440532013000")}


# (10) When a provider has forgotten a key, nothing is sent under it before looking.


@pytest.mark.parametrize("after", [PayoutStatus.CANCELLED, PayoutStatus.PAID])
def test_line_10_a_key_of_yesterday_begins_nothing_again(
    counter: Counter, amina: Client, after: PayoutStatus
) -> None:
    case = case_of(counter, amina, "requestWithdrawal")
    case.do(amina)
    (payout,) = counter.asked(amina)
    way: dict[PayoutStatus, list[PayoutStatus]] = {
        PayoutStatus.CANCELLED: [PayoutStatus.CANCELLED],
        PayoutStatus.PAID: [
            PayoutStatus.READY,
            PayoutStatus.RECALLED,
            PayoutStatus.SENDING,
            PayoutStatus.PAID,
        ],
    }
    for status in way[after]:
        moved = payout.moved(status, counter.clock.now())
        save = counter.app.paying_out.payouts.save(payout, moved)
        counter.database.transact(as_changes([save]))
        payout = moved
    counter.clock.advance(DAY)
    counter.come_back(amina, "amina@example.com")
    sent = len(counter.facts.published)
    assert case.do(amina)["withdrawal"]["status"] == after.value
    assert counter.asked(amina) == [payout]
    assert len(counter.facts.published) == sent


def test_line_10_a_consent_of_yesterday_changes_nothing_that_was_paid_since(
    counter: Counter, amina: Client
) -> None:
    case = case_of(counter, amina, "acceptWithdrawalOffer")
    case.do(amina)
    (payout,) = (one for one in counter.asked(amina) if one.earlier)
    for status in (PayoutStatus.SENDING, PayoutStatus.PAID):
        moved = payout.moved(status, counter.clock.now())
        save = counter.app.paying_out.payouts.save(payout, moved)
        counter.database.transact(as_changes([save]))
        payout = moved
    counter.clock.advance(DAY)
    counter.come_back(amina, "amina@example.com")
    sent = len(counter.facts.published)
    assert case.do(amina)["withdrawal"]["status"] == "PAID"
    assert payout in counter.asked(amina)
    assert len(counter.facts.published) == sent


def test_line_10_a_removed_account_is_not_registered_again_by_its_old_key(
    counter: Counter, amina: Client
) -> None:
    case = case_of(counter, amina, "addPayoutAccount")
    made = case.do(amina)["payoutAccount"]
    counter.app.paying_out.keeping.remove(amina.user_id, made["payoutAccountId"])
    counter.clock.advance(DAY)
    counter.come_back(amina, "amina@example.com")
    assert case.do(amina)["payoutAccount"]["status"] == "REMOVED"
    assert len(counter.banks.asked) == 1
