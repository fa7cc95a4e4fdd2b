"""Payouts of gateways that list none: recorded by staff as they leave and as they arrive."""

from collections.abc import Callable
from typing import Any

import pytest

from graphql_api.application import Application
from shared.kernel.money import Currency
from shared.ledger.house import HouseJournal
from shared.ledger.model import fold
from shared.users.roles import Role
from tests.graphql_api.firm_money import book, decide, record
from tests.graphql_api.staffing import appoint
from tests.graphql_api.unlimited import unlimited


@pytest.mark.parametrize(
    ("gateway", "currency", "sent", "arrived"),
    [("ADYEN", "USD", "9000.00", "9000.00"), ("MPESA", "KES", "13000.00", "13000.00")],
)
def test_a_payout_of_a_gateway_leaves_its_clearing_and_reaches_the_bank_once(
    app: Application,
    staff: Callable[..., Any],
    join: Callable[[str], Any],
    gateway: str,
    currency: str,
    sent: str,
    arrived: str,
) -> None:
    unlimited(app)
    one, two = staff(Role.ADMIN), appoint(app, join("second@example.com"), Role.ADMIN)
    of = {"gateway": gateway, "currency": currency, "reference": f"{gateway}-OUT-1"}
    steps = [("GATEWAY_PAYOUT_SENT", sent, "k1"), ("GATEWAY_PAYOUT_ARRIVED", arrived, "k2")]
    minor = int(sent.replace(".", ""))
    accounts = {
        f"house:gateway_clearing:{gateway.lower()}:{currency}": -minor,
        f"house:money_in_transit:{gateway.lower()}:{currency}": minor,
    }
    for kind, amount, key in steps:
        given = {"kind": kind, "amount": amount, "idempotencyKey": key, **of}
        made = record(one, **given)["movement"]
        if made["status"] == "PROPOSED":
            assert decide(one, made["movementId"])["code"] == "TREASURY_SECOND_PERSON_NEEDED"
            assert decide(two, made["movementId"])["movement"]["status"] == "AGREED"
        for _ in range(2):
            book(app)
        again = record(two, **given | {"idempotencyKey": f"{key}-again"})
        assert again == {"code": "TREASURY_ALREADY_BOOKED"}
        assert balances(app, currency) == accounts
        accounts = {
            f"house:gateway_clearing:{gateway.lower()}:{currency}": -minor,
            f"house:bank:{currency}": minor,
        }


def balances(app: Application, currency: str) -> dict[str, int]:
    house = HouseJournal(app.database, "t1")
    found = fold(one.entry for one in house.entries(Currency(currency)).entries)
    return {account: minor for (account, _), minor in found.items() if minor}
