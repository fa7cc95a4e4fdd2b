"""The adapter of cash journals with the official SDK against the running sandbox."""

import time
import warnings
from dataclasses import replace
from types import SimpleNamespace

import pytest
from alpaca.common.exceptions import APIError

from shared.kernel.ids import Kind, UlidIds
from shared.kernel.money import Currency, Money
from shared.payments.errors import GatewayUnavailable
from shared.payments.making import new_deposit
from shared.payments.model import Gateway
from shared.payments.ports import JournalRefused, JournalState
from shared.payments.providers.alpaca_cash import is_cash
from shared.payments.providers.alpaca_journals import AlpacaJournals, _journal
from shared.platform.alpaca_sdk import broker_client

FIRM = "f1a7c0de-0000-4000-8000-000000000001"
DISCLOSURES = (
    "is_control_person",
    "is_affiliated_exchange_or_finra",
    "is_politically_exposed",
    "immediate_family_exposed",
)


@pytest.fixture(scope="session")
def client(sandbox_url):
    with warnings.catch_warnings():
        # The SDK imports a module that its own dependency has deprecated.
        warnings.filterwarnings("ignore", "websockets.legacy", DeprecationWarning)
        made = broker_client(f"{sandbox_url}/alpaca", "sandbox-key", "sandbox-secret")
    yield made
    made._session.close()


@pytest.fixture
def journals(sandbox, client):
    return AlpacaJournals(lambda: client, FIRM)


@pytest.fixture
def account_id(sandbox):
    body = {
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
        "disclosures": dict.fromkeys(DISCLOSURES, False),
        "agreements": [
            {
                "agreement": "customer_agreement",
                "signed_at": "2026-03-02T10:00:00Z",
                "ip_address": "127.0.0.1",
            }
        ],
    }
    auth = ("sandbox-key", "sandbox-secret")
    answer = sandbox.post("/alpaca/v1/accounts", json=body, auth=auth)
    answer.raise_for_status()
    made = answer.json()["id"]
    for _ in range(200):
        if sandbox.get(f"/alpaca/v1/accounts/{made}", auth=auth).json()["status"] == "ACTIVE":
            return made
        time.sleep(0.01)
    raise AssertionError("the account never became active")


def deposit_for(account_id, minor=10_010):
    ids = UlidIds("t1")
    made = new_deposit(
        user_id=ids.new(Kind.USER),
        deposit_id=ids.new(Kind.DEPOSIT),
        gateway=Gateway.STRIPE,
        amount=Money(minor, Currency.USD),
        quote=None,
    )
    return replace(made, broker_account_id=account_id)


def executed(journals, journal):
    for _ in range(200):
        found = journals.read(journal.journal_id)
        if found.state is JournalState.EXECUTED:
            return found
        time.sleep(0.01)
    raise AssertionError("the journal never executed")


def count(sandbox):
    return len(sandbox.get("/alpaca/v1/journals", auth=("sandbox-key", "sandbox-secret")).json())


def test_cash_moves_to_the_person_and_the_journal_names_the_deposit(journals, account_id):
    deposit = deposit_for(account_id)
    made = journals.journal(deposit)
    assert made.state is JournalState.WAITING
    done = executed(journals, made)
    assert done.amount == Money(10_010, Currency.USD)
    assert done.account_id == account_id
    assert (done.user_id, done.deposit_id) == (deposit.user_id, deposit.deposit_id)
    assert journals.find(deposit) == done


def test_the_same_key_moves_money_once(journals, sandbox, account_id):
    deposit = deposit_for(account_id)
    assert journals.journal(deposit).journal_id == journals.journal(deposit).journal_id
    assert count(sandbox) == 1


def test_a_journal_of_another_deposit_is_not_found(journals, account_id):
    journals.journal(deposit_for(account_id))
    assert journals.find(deposit_for(account_id)) is None


@pytest.mark.parametrize("params", [{"close": True}, {"status": 504}])
def test_a_lost_answer_is_unknown_and_the_effect_is_found(
    journals, sandbox, fault, account_id, params
):
    deposit = deposit_for(account_id)
    fault("alpaca", "journals.create", "timeout_after_effect", **params)
    with pytest.raises(GatewayUnavailable):
        journals.journal(deposit)
    assert journals.find(deposit).deposit_id == deposit.deposit_id
    assert count(sandbox) == 1


def test_a_server_error_and_a_rate_limit_are_not_refusals(journals, sandbox, fault, account_id):
    deposit = deposit_for(account_id)
    fault("alpaca", "journals.create", "error", status=500)
    fault("alpaca", "journals.create", "rate_limited")
    for _ in range(2):
        with pytest.raises(GatewayUnavailable):
            journals.journal(deposit)
    assert count(sandbox) == 0


def test_an_account_that_may_not_receive_is_a_refusal(journals, sandbox):
    with pytest.raises(JournalRefused):
        journals.journal(deposit_for("0a9152c4-d232-4b00-9102-5fa19aca40cb"))
    assert count(sandbox) == 0


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (403, '{"code": 40310000, "message": "insufficient balance"}', JournalRefused),
        (422, "{}", JournalRefused),
        (403, '{"message": "forbidden."}', GatewayUnavailable),
        (403, "<html>blocked</html>", GatewayUnavailable),
        (404, "[]", GatewayUnavailable),
        (401, '{"code": 40110000}', GatewayUnavailable),
        (409, '{"code": 40910000}', GatewayUnavailable),
    ],
)
def test_only_the_brokers_own_no_is_a_refusal(account_id, status, body, error):
    answer = SimpleNamespace(response=SimpleNamespace(status_code=status))

    class Client:
        _session = SimpleNamespace(headers={})

        def create_journal(self, order):
            raise APIError(body, answer)

    with pytest.raises(error):
        AlpacaJournals(Client, FIRM).journal(deposit_for(account_id))


def test_the_key_of_one_call_does_not_stay_on_the_client(journals, client, account_id):
    journals.journal(deposit_for(account_id))
    assert "Idempotency-Key" not in client._session.headers


def test_unknown_or_odd_ids_are_nothing(journals):
    assert journals.read("11111111-1111-4111-8111-111111111111") is None
    assert journals.read("../accounts") is None


@pytest.mark.parametrize(
    "changes",
    [{"entry_type": "JNLS"}, {"description": "by hand"}, {"description": None}],
)
def test_other_journals_of_the_firm_are_none_of_ours(changes):
    deposit = deposit_for("a")
    raw = {
        "id": "j",
        "entry_type": "JNLC",
        "status": "executed",
        "to_account": "a",
        "net_amount": "100.1",
        "description": f"{deposit.user_id} {deposit.deposit_id}",
    }
    assert _journal(raw).amount == Money(10_010, Currency.USD)
    assert _journal(raw | {"status": "something_new"}).state is JournalState.WAITING
    assert not is_cash(raw | changes) or _journal(raw | changes) is None
