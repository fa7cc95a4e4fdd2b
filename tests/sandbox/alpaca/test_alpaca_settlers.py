"""Accounts that have been there for long: whole, silent, and never money out of nothing."""

from decimal import Decimal

import pytest

from sandbox.config import SandboxConfig


def settle(sandbox, *settlers):
    return sandbox.post("/_control/alpaca/settlers", json={"settlers": list(settlers)})


def books(sandbox):
    told = sandbox.get("/_control/alpaca").json()["books"]
    return sum(Decimal(told[name]) for name in ("firm_cash", "customer_cash", "street_cash"))


def history(sandbox, account_id):
    keys = (SandboxConfig().alpaca_key, SandboxConfig().alpaca_secret)
    asked = {"account_id": account_id}
    return sandbox.get("/alpaca/v1/accounts/activities", params=asked, auth=keys).json()


def test_many_accounts_are_there_at_once_with_what_is_in_them_and_without_a_history(
    sandbox, broker
):
    before = books(sandbox)
    made = settle(
        sandbox,
        {"email": "a@example.com", "cash": "100.00", "shares": {"MSFT": "1.5", "AAPL": "2"}},
        {"email": "b@example.com"},
    )
    first, second = made.json()["account_ids"]
    assert broker.get_account_by_id(first).status == "ACTIVE"
    assert broker.get_trade_account_by_id(first).cash == "100"
    held = {one.symbol: one.qty for one in broker.get_all_positions_for_account(first)}
    assert held == {"MSFT": "1.5", "AAPL": "2"}
    assert broker.get_all_positions_for_account(second) == []
    assert history(sandbox, first) == history(sandbox, second) == []
    assert books(sandbox) == before


@pytest.mark.parametrize(
    "what",
    [
        {"email": "c@example.com", "shares": {"NOSUCH": "1"}},
        {"email": "c@example.com", "shares": {"MSFT": "0"}},
        {"email": "c@example.com", "shares": {"MSFT": "-1"}},
        {"email": "c@example.com", "cash": "-1.00"},
        {"email": "c@example.com", "cash": "NaN"},
        {"email": "A@example.com"},
        {"email": "nobody"},
        {},
    ],
)
def test_where_one_of_them_cannot_be_there_none_of_them_is(sandbox, what):
    settle(sandbox, {"email": "a@example.com"}).raise_for_status()
    before = sandbox.get("/_control/alpaca").json()["books"]
    refused = settle(sandbox, {"email": "d@example.com", "cash": "5.00"}, what)
    assert refused.status_code == 422
    assert refused.json()["error"]["code"] == "invalid_body"
    assert sandbox.get("/_control/alpaca").json()["books"] == before
    assert settle(sandbox, {"email": "d@example.com"}).status_code == 200


def test_nobody_at_all_cannot_settle_down(sandbox):
    assert settle(sandbox).status_code == 422
