"""Corporate actions of the sandbox: announced, carried out, told."""

import json
from datetime import UTC, datetime
from decimal import Decimal

import pytest

CONTROL = "/_control/alpaca/corporate-actions"
SPLIT = {
    "kind": "forward_split",
    "symbol": "MTUM",
    "ex_date": "2026-03-03",
    "old_rate": "1",
    "new_rate": "2",
}
DIVIDEND = {
    "kind": "cash_dividend",
    "symbol": "MTUM",
    "ex_date": "2026-03-03",
    "record_date": "2026-03-03",
    "payable_date": "2026-03-13",
    "rate": "0.30",
}


@pytest.fixture
def act(sandbox):
    """Announces, or carries out: `act(SPLIT)`, `act(id, "ex")`."""

    def send(what, step=None, **body):
        path = CONTROL if step is None else f"{CONTROL}/{what}/{step}"
        answer = sandbox.post(path, json=what if step is None else body)
        answer.raise_for_status()
        return answer.json()["id"]

    return send


@pytest.fixture
def told(raw):
    def read():
        bounds = {"since": "2026-01-01", "until": datetime.now(UTC).isoformat()}
        text = raw.get("/v1/events/nta", params=bounds).text
        lines = [line for line in text.split("\n\n") if line.startswith("data: ")]
        return [
            json.loads(line.removeprefix("data: "), parse_float=Decimal, parse_int=Decimal)
            for line in lines
        ]

    return read


@pytest.fixture
def data(sandbox):
    def read(**parameters):
        keys = ("sandbox-key", "sandbox-secret")
        bounds = {"start": "2026-02-01", "end": "2026-04-01"} | parameters
        path = "/alpaca-data/v1/corporate-actions"
        answer = sandbox.get(path, params=bounds, auth=keys)
        assert answer.status_code == 200
        return answer.json()["corporate_actions"]

    return read


def test_what_is_announced_is_read_in_both_apis(act, data, raw) -> None:
    split, dividend = act(SPLIT), act(DIVIDEND)
    found = data(symbols="MTUM,QUAL")
    assert [one["id"] for one in found["forward_splits"]] == [split]
    assert found["cash_dividends"][0]["rate"] == 0.3
    assert data(symbols="QUAL") == {}
    bounds = {"ca_types": "dividend", "since": "2026-02-15", "until": "2026-04-15"}
    (one,) = raw.get("/v1/corporate_actions/announcements", params=bounds).json()
    assert (one["id"], one["cash"], one["ca_sub_type"]) == (dividend, "0.3", "cash")


def test_a_split_moves_shares_and_prices_and_is_told_as_a_pair(
    act, told, investor, order, settled, broker, data
) -> None:
    settled(investor, order(investor, "MTUM", notional=100).id)
    before = broker.get_open_position_for_account(investor, "MTUM")
    name = act(SPLIT)
    act(name, "ex")
    after = broker.get_open_position_for_account(investor, "MTUM")
    assert Decimal(after.qty) == 2 * Decimal(before.qty)
    assert after.cost_basis == before.cost_basis
    assert abs(Decimal(after.current_price) * 2 - Decimal(before.current_price)) <= Decimal("0.5")
    gone, come = told()
    assert (gone["entry_type"], gone["qty"]) == ("SPLIT", -Decimal(before.qty))
    assert come["qty"] == Decimal(after.qty)
    assert gone["account_id"] == come["account_id"] == str(investor)


def test_a_dividend_is_paid_to_whoever_held_into_the_day_with_its_tax(
    act, told, investor, order, settled, broker, knobs, sandbox
) -> None:
    filled = settled(investor, order(investor, "MTUM", notional=500).id)
    name = act(DIVIDEND)
    act(name, "ex")
    cash = Decimal(broker.get_trade_account_by_id(investor).cash)
    act(name, "pay", withheld_percent="30")
    gross = (Decimal(filled.filled_qty) * Decimal("0.30")).quantize(Decimal("0.01"))
    tax = (gross * Decimal("0.3")).quantize(Decimal("0.01"))
    assert Decimal(broker.get_trade_account_by_id(investor).cash) == cash + gross - tax
    paid, withheld = told()
    assert (paid["entry_type"], paid["net_amount"]) == ("DIV", gross)
    assert "Rec Date: 2026-03-03" in paid["description"]
    assert (withheld["entry_type"], withheld["net_amount"]) == ("DIVNRA", -tax)
    books = {name: Decimal(value) for name, value in knobs()["books"].items()}
    assert books["firm_cash"] + books["customer_cash"] + books["street_cash"] == books["prefunded"]
    act(name, "pay")
    assert len(told()) == 2


def test_what_says_too_little_is_refused(sandbox) -> None:
    for body in (
        {"kind": "cash_dividend", "symbol": "MTUM", "ex_date": "2026-03-03"},
        SPLIT | {"symbol": "NONE"},
        SPLIT | {"new_rate": "0"},
        {},
    ):
        assert sandbox.post(CONTROL, json=body).status_code == 422
    assert sandbox.post(f"{CONTROL}/none/ex").status_code == 422
