"""The adapter of journals both ways, with the official SDK against the running sandbox."""

import time
import warnings
from dataclasses import replace
from decimal import Decimal
from types import SimpleNamespace

import httpx
import pytest
from alpaca.common.exceptions import APIError

from sandbox.config import SandboxConfig
from shared.kernel.ids import Kind, UlidIds
from shared.kernel.money import Currency, Money
from shared.payments.errors import GatewayUnavailable
from shared.payments.making import new_deposit
from shared.payments.methods import Gateway
from shared.payments.ports import JournalRefused, JournalState
from shared.payments.providers.alpaca_journals import AlpacaJournals
from shared.payouts.making import new_claim
from shared.payouts.providers.alpaca_recalls import AlpacaRecalls
from shared.platform.alpaca_sdk import broker_client
from tests.payouts.twins import NOW

FIRM = "f1a7c0de-0000-4000-8000-000000000001"
AUTH = ("sandbox-key", "sandbox-secret")
IDS = UlidIds("t1")
BODY = {
    "contact": {
        "email_address": "amina@example.com",
        "phone_number": "+254712345678",
        "street_address": ["Moi Avenue 1"],
        "city": "Nairobi",
        "country": "KEN",
    },
    "identity": {
        "given_name": "Amina",
        "family_name": "Otieno",
        "date_of_birth": "1990-01-01",
        "tax_id_type": "NOT_SPECIFIED",
        "country_of_tax_residence": "KEN",
        "funding_source": ["employment_income"],
    },
    "disclosures": {
        "is_control_person": False,
        "is_affiliated_exchange_or_finra": False,
        "is_politically_exposed": False,
        "immediate_family_exposed": False,
    },
    "agreements": [
        {
            "agreement": "customer_agreement",
            "signed_at": "2026-03-02T10:00:00Z",
            "ip_address": "127.0.0.1",
        }
    ],
}


@pytest.fixture(scope="session")
def url(serve_sandbox):
    return serve_sandbox(SandboxConfig(alpaca_account_delay_ms=20, alpaca_journal_delay_ms=20))


@pytest.fixture
def sandbox(url):
    with httpx.Client(base_url=url, trust_env=False, timeout=10) as one:
        one.post("/_control/reset").raise_for_status()
        yield one


@pytest.fixture(scope="session")
def client(url):
    with warnings.catch_warnings():
        # The SDK imports a module that its own dependency has deprecated.
        warnings.filterwarnings("ignore", "websockets.legacy", DeprecationWarning)
        made = broker_client(f"{url}/alpaca", *AUTH)
    yield made
    made._session.close()


@pytest.fixture
def recalls(sandbox, client):
    return AlpacaRecalls(lambda: client, FIRM)


def until(ask, wanted):
    for _ in range(200):
        if wanted(found := ask()):
            return found
        time.sleep(0.01)
    raise AssertionError("it never came")


@pytest.fixture
def account_id(sandbox, client):
    """Of a person who has 100.10 dollars there."""
    answer = sandbox.post("/alpaca/v1/accounts", json=BODY, auth=AUTH)
    answer.raise_for_status()
    made = answer.json()["id"]
    read = lambda: sandbox.get(f"/alpaca/v1/accounts/{made}", auth=AUTH).json()  # noqa: E731
    until(read, lambda found: found["status"] == "ACTIVE")
    deposit = new_deposit(
        user_id=IDS.new(Kind.USER),
        deposit_id=IDS.new(Kind.DEPOSIT),
        gateway=Gateway.STRIPE,
        amount=Money(10_010, Currency.USD),
        quote=None,
    )
    journals = AlpacaJournals(lambda: client, FIRM)
    journal = journals.journal(replace(deposit, broker_account_id=made))
    until(
        lambda: journals.read(journal.journal_id),
        lambda found: found.state is JournalState.EXECUTED,
    )
    return made


def payout_for(account_id, minor=4_005):
    made = new_claim(
        user_id=IDS.new(Kind.USER), payout_id=IDS.new(Kind.PAYOUT), minor=minor, at=NOW
    )
    return replace(made, broker_account_id=account_id)


def cash(sandbox, account_id):
    path = f"/alpaca/v1/trading/accounts/{account_id}/account"
    answer = sandbox.get(path, auth=AUTH)
    answer.raise_for_status()
    return answer.json()["cash"]


def done(recalls, journal):
    return until(
        lambda: recalls.read(journal.journal_id),
        lambda found: found.state is not JournalState.WAITING,
    )


def count(sandbox):
    return len(sandbox.get("/alpaca/v1/journals", auth=AUTH).json())


def test_cash_comes_to_the_firm_and_goes_back_on_the_next_leg(recalls, sandbox, account_id):
    payout = payout_for(account_id)
    out = done(recalls, recalls.journal(payout))
    assert (out.state, out.amount, out.leg) == (
        JournalState.EXECUTED,
        Money(4_005, Currency.USD),
        0,
    )
    assert out.account_id == account_id
    assert (out.user_id, out.payout_id) == (payout.user_id, payout.payout_id)
    assert recalls.find(payout) == out
    assert Decimal(cash(sandbox, account_id)) == Decimal("60.05")
    back = replace(payout, leg=1)
    assert recalls.find(back) is None
    returned = done(recalls, recalls.journal(back))
    assert (returned.state, returned.leg, returned.account_id) == (
        JournalState.EXECUTED,
        1,
        account_id,
    )
    assert recalls.find(back) == returned
    assert Decimal(cash(sandbox, account_id)) == Decimal("100.1")
    # Fetched again, the first leg is not taken for the third.
    assert recalls.find(replace(payout, leg=2)) is None


def test_the_same_key_moves_cash_once(recalls, sandbox, account_id):
    payout, before = payout_for(account_id), count(sandbox)
    assert recalls.journal(payout).journal_id == recalls.journal(payout).journal_id
    assert count(sandbox) == before + 1


def test_a_journal_of_another_payout_or_of_a_deposit_is_not_found(recalls, client, account_id):
    recalls.journal(payout_for(account_id))
    assert recalls.find(payout_for(account_id)) is None
    made = client.get_journals()
    deposits = [one for one in made if one["to_account"] == account_id]
    assert len(deposits) == 1
    assert recalls.read(deposits[0]["id"]) is None


def test_journals_of_payouts_are_none_of_a_deposits(recalls, client, account_id):
    journal = recalls.journal(payout_for(account_id))
    assert AlpacaJournals(lambda: client, FIRM).read(journal.journal_id) is None


@pytest.mark.parametrize("params", [{"close": True}, {"status": 504}])
def test_a_lost_answer_is_unknown_and_the_effect_is_found(recalls, sandbox, account_id, params):
    payout, before = payout_for(account_id), count(sandbox)
    fault = {"vendor": "alpaca", "operation": "journals.create", "times": 1, "params": params}
    fault["kind"] = "timeout_after_effect"
    sandbox.post("/_control/faults", json=fault).raise_for_status()
    with pytest.raises(GatewayUnavailable):
        recalls.journal(payout)
    assert recalls.find(payout).payout_id == payout.payout_id
    assert count(sandbox) == before + 1


def test_more_than_is_there_never_moves(recalls, sandbox, account_id):
    payout = payout_for(account_id, minor=10_011)
    try:
        state = done(recalls, recalls.journal(payout)).state
    except JournalRefused:
        state = JournalState.REJECTED
    assert state is JournalState.REJECTED
    assert recalls.find(payout) is None
    assert Decimal(cash(sandbox, account_id)) == Decimal("100.1")


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (403, '{"code": 40310000, "message": "insufficient balance"}', JournalRefused),
        (422, "{}", JournalRefused),
        (403, '{"message": "forbidden."}', GatewayUnavailable),
        (401, '{"code": 40110000}', GatewayUnavailable),
        (500, "{}", GatewayUnavailable),
    ],
)
def test_only_the_brokers_own_no_is_a_refusal(status, body, error):
    answer = SimpleNamespace(response=SimpleNamespace(status_code=status))

    class Client:
        _session = SimpleNamespace(headers={})

        def create_journal(self, order):
            raise APIError(body, answer)

    with pytest.raises(error):
        AlpacaRecalls(Client, FIRM).journal(payout_for("0a9152c4-d232-4b00-9102-5fa19aca40cb"))
    assert Client._session.headers == {}


@pytest.mark.parametrize(
    "changes",
    [
        {"entry_type": "JNLS"},
        {"description": "by hand"},
        {"description": None},
        {"description": "{user} {payout}"},
        {"description": "{user} {payout} x"},
        {"description": "{user} {payout} 1"},
        {"description": "{payout} {user} 0"},
        {"to_account": "a", "from_account": FIRM},
    ],
)
def test_other_journals_of_the_firm_are_none_of_ours(changes):
    payout = payout_for("a")
    raw = {
        "id": "j",
        "entry_type": "JNLC",
        "status": "executed",
        "from_account": "a",
        "to_account": FIRM,
        "net_amount": "40.05",
        "description": f"{payout.user_id} {payout.payout_id} 0",
    }
    odd = raw | changes
    if odd["description"]:
        odd["description"] = odd["description"].format(user=payout.user_id, payout=payout.payout_id)
    found = []

    class Client:
        def get_journal_by_id(self, journal_id):
            return found[0]

    recalls = AlpacaRecalls(Client, FIRM)
    journal_id = "11111111-1111-4111-8111-111111111111"
    found[:] = [raw]
    assert recalls.read(journal_id).amount == Money(4_005, Currency.USD)
    found[:] = [raw | {"status": "something_new"}]
    assert recalls.read(journal_id).state is JournalState.WAITING
    found[:] = [odd]
    assert recalls.read(journal_id) is None


def test_unknown_or_odd_ids_are_nothing(recalls):
    assert recalls.read("11111111-1111-4111-8111-111111111111") is None
    assert recalls.read("../accounts") is None
