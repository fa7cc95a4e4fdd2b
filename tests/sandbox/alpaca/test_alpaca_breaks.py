"""What is planted in an account: there at once, told by nobody, and never money out of nothing."""

from decimal import Decimal

import pytest

from sandbox.config import SandboxConfig


def plant(sandbox, account_id, **what):
    return sandbox.post("/_control/alpaca/breaks", json={"account_id": account_id, **what})


def books(sandbox):
    told = sandbox.get("/_control/alpaca").json()["books"]
    return sum(Decimal(told[name]) for name in ("firm_cash", "customer_cash", "street_cash"))


def history(sandbox, account_id):
    asked = {"account_id": account_id}
    keys = (SandboxConfig().alpaca_key, SandboxConfig().alpaca_secret)
    told = sandbox.get("/alpaca/v1/accounts/activities", params=asked, auth=keys)
    return told.raise_for_status().json()


def test_shares_and_cash_come_and_go_without_a_line_of_history(sandbox, broker, investor):
    before = books(sandbox)
    lines = history(sandbox, investor)
    assert [one["net_amount"] for one in lines] == ["1000"]
    planted = plant(sandbox, investor, cash="-2.00", symbol="MSFT", shares="1.5")
    assert planted.json() == {"cash": "998", "positions": {"MSFT": "1.5"}}
    assert broker.get_open_position_for_account(investor, "MSFT").qty == "1.5"
    assert books(sandbox) == before
    assert history(sandbox, investor) == lines
    taken = plant(sandbox, investor, cash="2", symbol="MSFT", shares="-1.5")
    assert taken.json() == {"cash": "1000", "positions": {}}


@pytest.mark.parametrize(
    "what",
    [
        {"symbol": "MSFT", "shares": "-1"},
        {"symbol": "NOSUCH", "shares": "1"},
        {"symbol": "MSFT"},
        {"shares": "1"},
        {"cash": "0.001"},
        {"cash": "NaN"},
        {"account_id": "nobody"},
    ],
)
def test_what_cannot_be_is_refused_and_changes_nothing(sandbox, investor, what):
    answer = plant(sandbox, **{"account_id": investor, **what})
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "invalid_body")
    assert plant(sandbox, investor).json() == {"cash": "1000", "positions": {}}
