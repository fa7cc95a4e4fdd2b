"""The official broker client, and customers of the sandbox's broker."""

import warnings
from decimal import Decimal

import pytest

FIRM = "f1a7c0de-0000-4000-8000-000000000001"
KEYS = ("sandbox-key", "sandbox-secret")


@pytest.fixture(scope="session")
def firm_account():
    return FIRM


@pytest.fixture(scope="session")
def alpaca_sdk():
    """The official client library, imported once: it takes seconds, and warns of its own use of
    an outdated websocket client, which none of this touches."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "websockets.legacy", DeprecationWarning)
        import alpaca.broker.client
        import alpaca.data.historical
    return alpaca


@pytest.fixture(scope="session")
def broker_client(running_sandbox, alpaca_sdk):
    client = alpaca_sdk.broker.client.BrokerClient(*KEYS, url_override=f"{running_sandbox}/alpaca")
    # Its own waits of three seconds would only hide what the broker answered.
    client._retry = 0
    yield client
    client._session.close()


@pytest.fixture
def broker(sandbox, broker_client):
    """The official client of an empty sandbox; the market is open."""
    return broker_client


@pytest.fixture(scope="session")
def raw_client(running_sandbox):
    import httpx

    with httpx.Client(
        base_url=f"{running_sandbox}/alpaca", auth=KEYS, trust_env=False, timeout=10
    ) as client:
        yield client


@pytest.fixture
def raw(sandbox, raw_client):
    """Plain HTTP with the broker's keys, for what the official client hides."""
    return raw_client


@pytest.fixture
def knobs(sandbox):
    """Sets lasting knobs: `knobs(executions=3)`; gives what is in force."""

    def change(**settings):
        answer = sandbox.post("/_control/alpaca", json=settings)
        answer.raise_for_status()
        return answer.json()

    return change


@pytest.fixture
def move_clock(sandbox):
    """Moves business time: `move_clock(now="…")` or `move_clock(advance_seconds=60)`."""

    def move(**order):
        sandbox.post("/_control/clock", json=order).raise_for_status()

    return move


@pytest.fixture
def application():
    """A complete application as the broker's documentation describes it."""

    def complete(email="wanjiru@example.com", family_name="Kamau"):
        return {
            "contact": {
                "email_address": email,
                "phone_number": "+254712345678",
                "street_address": ["1 Moi Avenue"],
                "city": "Nairobi",
                "postal_code": "00100",
                "country": "KEN",
            },
            "identity": {
                "given_name": "Wanjiru",
                "family_name": family_name,
                "date_of_birth": "1990-01-01",
                "tax_id": "A000000000A",
                "tax_id_type": "NOT_SPECIFIED",
                "country_of_citizenship": "KEN",
                "country_of_birth": "KEN",
                "country_of_tax_residence": "KEN",
                "funding_source": ["savings"],
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
                    "signed_at": "2026-03-02T09:00:00Z",
                    "ip_address": "127.0.0.1",
                    "revision": "19.2022.02",
                }
            ],
        }

    return complete


@pytest.fixture
def open_account(broker, application, eventually):
    """Opens an account through the official client and waits until it has `status`."""
    from alpaca.broker.requests import CreateAccountRequest

    def opened(email="wanjiru@example.com", family_name="Kamau", status="ACTIVE"):
        wanted = CreateAccountRequest(**application(email, family_name))
        account = broker.create_account(wanted)
        eventually(lambda: broker.get_account_by_id(account.id).status == status)
        return str(account.id)

    return opened


@pytest.fixture
def fund(broker, firm_account, eventually):
    """Pays into an account and waits until the cash is there."""
    from alpaca.broker.requests import CreateJournalRequest

    def paid(account_id, amount):
        wanted = CreateJournalRequest(
            from_account=firm_account, to_account=account_id, entry_type="JNLC", amount=amount
        )
        journal = broker.create_journal(wanted)
        eventually(lambda: broker.get_journal_by_id(journal.id).status == "executed")
        return str(journal.id)

    return paid


@pytest.fixture
def investor(open_account, fund):
    """An active account with 1 000.00."""
    account_id = open_account()
    fund(account_id, 1000)
    return account_id


@pytest.fixture
def order(broker):
    """Orders through the official client: `order(account, "MTUM", notional=10)`."""
    from alpaca.broker.requests import MarketOrderRequest

    def submitted(account_id, symbol, side="buy", **terms):
        wanted = MarketOrderRequest(symbol=symbol, side=side, time_in_force="day", **terms)
        return broker.submit_order_for_account(account_id, wanted)

    return submitted


@pytest.fixture
def settled(broker, eventually):
    """The order once nothing can happen to it any more."""

    def final(account_id, order_id):
        def look():
            found = broker.get_order_for_account_by_id(account_id, order_id)
            return found if found.status in {"filled", "canceled", "expired", "rejected"} else None

        return eventually(look)

    return final


@pytest.fixture
def cash(broker):
    """Cash of an account, exact."""
    return lambda account_id: Decimal(broker.get_trade_account_by_id(account_id).cash)


@pytest.fixture
def refused(alpaca_sdk):
    """What the official client's error says: status, code and message of the broker."""
    from alpaca.common.exceptions import APIError

    def answer(call, *arguments, **named):
        with pytest.raises(APIError) as caught:
            call(*arguments, **named)
        return caught.value.status_code, caught.value.code, caught.value.message

    return answer
