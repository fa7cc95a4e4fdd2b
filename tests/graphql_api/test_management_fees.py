"""Management fees as people see them: terms in words, what has accrued, and what was charged."""

from datetime import timedelta
from typing import Any

import pytest

from graphql_api.application import Application
from shared.kernel.clock import FixedClock
from shared.kernel.ids import Kind
from shared.kernel.money import Currency
from shared.ledger.accounts import customer_cash, customers_cash_at_broker
from shared.ledger.model import Draft, EntryKind, Posting, settled_by
from shared.management_fees.due import accrued_in, charge_of, due
from shared.management_fees.model import ChargeStatus
from shared.management_fees.store import FeeStore
from shared.management_fees.terms import published
from shared.market_data.model import MarketClock
from shared.market_data.store import MarketStore
from tests.graphql_api.unlimited import unlimited

SEEN = """query($after: Cursor) { viewer {
  portfolio { fees { amount } gain { amount } netDeposits { amount } }
  managementFees {
    terms { version validFrom annualRate waivedBelow { amount } summary }
    charged { amount }
    accrued { first last amount days waivedDays unpricedDays closing { amount currency } }
    charges(first: 1, after: $after) { nodes { status amount { amount } first last annualRate
      termsVersion carried { amount } days waivedDays closing chargedAt }
      pageInfo { hasNextPage endCursor } } } } }"""


def seen(client: Any, after: str | None = None) -> Any:
    answer = client.graphql(SEEN, {"after": after})
    assert "errors" not in answer.body, answer.body
    return answer.data["viewer"]


def pay_in(app: Application, user: str, minor: int, ago: timedelta = timedelta(0)) -> None:
    legs = (
        Posting(customers_cash_at_broker(), "USD/2", minor),
        Posting(customer_cash(user), "USD/2", -minor),
    )
    draft = Draft(EntryKind.DEPOSIT_FUNDED, app.ids.new(Kind.DEPOSIT), app.clock.now() - ago, legs)
    wallet = app.ledger.wallet(user, Currency.USD)
    app.facts.commit(app.ledger.post(wallet, draft, posted=minor))


def market_in(app: Application, clock: FixedClock, days: int) -> None:
    """The exchange's day is so many days after the system's."""
    clock.advance(timedelta(minutes=1))
    now = clock.now()
    there = now + timedelta(days=days)
    later = there + timedelta(hours=5)
    MarketStore(app.database).keep_clock(MarketClock(there, True, later, later, now))


def charged(app: Application, user: str, days: int) -> None:
    """As the worker leaves it: until the day before that of the exchange."""
    store, now = FeeStore(app.database), app.clock.now()
    yesterday = settled_by(now) + timedelta(days=days - 1)
    books = store.books(user, yesterday)
    # Whoever holds no shares needs no closes.
    found = due(books, yesterday, published(), None)
    assert found is not None
    made = charge_of(found, user, published(), now, closing=False)
    assert made is not None
    done = made.moved(ChargeStatus.COLLECTING, now).moved(ChargeStatus.CHARGED, now, charged_at=now)
    paid = app.ledger.post(books.wallet, posted=-made.amount_minor, fees=made.amount_minor)
    kept = store.keep(books.account, accrued_in(books.account, found, made))
    app.facts.commit([store.save(None, done), kept, *paid])


@pytest.fixture
def saver(app: Application, amina: Any, clock: FixedClock) -> Any:
    """Ten thousand dollars, ten days ago."""
    unlimited(app)
    pay_in(app, amina.user_id, 1_000_000)
    market_in(app, clock, 10)
    return amina


def test_before_the_first_day_is_over_nothing_has_accrued(app: Application, amina: Any) -> None:
    found = seen(amina)["managementFees"]
    assert found["accrued"]["first"] is None
    assert (found["accrued"]["amount"], found["accrued"]["days"]) == ("0.000000", 0)
    assert (found["charged"]["amount"], found["charges"]["nodes"]) == ("0.00", [])


def test_the_terms_are_told_in_english(amina: Any) -> None:
    assert seen(amina)["managementFees"]["terms"] == {
        "version": 1,
        "validFrom": "2026-01-01",
        "annualRate": "0.0025",
        "waivedBelow": {"amount": "100.00"},
        "summary": (
            "0.25 % a year of what you hold, counted for each day and charged once the month is "
            "over. Days on which you hold less than 100.00 USD cost nothing."
        ),
    }


def test_what_has_accrued_is_exact_to_the_day_and_nothing_is_written(
    app: Application, saver: Any, database: Any
) -> None:
    before = len(database._items)
    found = seen(saver)["managementFees"]["accrued"]
    # 10,000 dollars for ten days at 25 basis points: 68.4931 cents.
    assert (found["days"], found["amount"]) == (10, "0.684932")
    assert found["closing"] == {"amount": "0.68", "currency": "USD"}
    assert (found["waivedDays"], found["unpricedDays"]) == (0, 0)
    assert len(database._items) == before


def test_a_fee_that_was_charged_is_a_part_of_the_return_of_its_own(
    app: Application, saver: Any
) -> None:
    charged(app, saver.user_id, 10)
    found = seen(saver)
    assert found["portfolio"] == {
        "fees": {"amount": "0.68"},
        "gain": {"amount": "-0.68"},
        "netDeposits": {"amount": "10000.00"},
    }
    fees = found["managementFees"]
    assert fees["charged"] == {"amount": "0.68"}
    (fee,) = fees["charges"]["nodes"]
    assert (fee["status"], fee["amount"], fee["days"]) == ("CHARGED", {"amount": "0.68"}, 10)
    assert (fee["annualRate"], fee["termsVersion"], fee["closing"]) == ("0.0025", 1, False)
    assert fee["carried"] == {"amount": "0.00"}
    # The fraction of a cent that was not charged is there.
    assert fees["accrued"]["amount"] == "0.004932"


def test_charges_come_page_by_page(app: Application, saver: Any) -> None:
    charged(app, saver.user_id, 10)
    charged(app, saver.user_id, 30)
    first = seen(saver)["managementFees"]["charges"]
    assert first["pageInfo"]["hasNextPage"]
    rest = seen(saver, first["pageInfo"]["endCursor"])["managementFees"]["charges"]
    assert first["nodes"][0]["days"] == 20
    assert (rest["nodes"][0]["days"], rest["pageInfo"]["hasNextPage"]) == (10, False)
