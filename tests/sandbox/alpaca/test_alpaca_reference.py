"""Assets, clock and calendar of the broker API."""

import pytest


def test_every_asset_has_prices_and_a_stable_id(broker):
    assets = broker.get_all_assets()
    symbols = {asset.symbol for asset in assets}
    assert symbols >= {"MTUM", "QUAL", "SIZE", "USMV", "VLUE", "AAPL", "XOM", "AAAB"}
    assert len(symbols) == len(assets) == 15
    assert all(asset.tradable and asset.fractionable for asset in assets)
    for asset in assets:
        assert broker.get_asset(asset.id) == broker.get_asset(asset.symbol) == asset


def test_the_model_bond_says_what_it_is(broker):
    bond = broker.get_asset("AAAB")
    assert bond.name == "Model 10-year AAA bond (derived from Moody's AAA yields)"
    assert bond.attributes == ["model_derived"]


def test_an_unknown_asset_is_not_found(broker, refused):
    assert refused(broker.get_asset, "NOPE")[:2] == (404, 40410000)


@pytest.mark.parametrize(
    ("now", "is_open", "next_open", "next_close"),
    [
        ("2026-03-02T15:59:59-05:00", True, "2026-03-03T09:30-05:00", "2026-03-02T16:00-05:00"),
        ("2026-03-02T16:00:00-05:00", False, "2026-03-03T09:30-05:00", "2026-03-03T16:00-05:00"),
        ("2026-03-07T12:00:00-05:00", False, "2026-03-09T09:30-04:00", "2026-03-09T16:00-04:00"),
        ("2026-04-02T17:00:00-04:00", False, "2026-04-06T09:30-04:00", "2026-04-06T16:00-04:00"),
        ("2026-11-27T12:00:00-05:00", True, "2026-11-30T09:30-05:00", "2026-11-27T13:00-05:00"),
    ],
)
def test_the_clock_knows_weekends_holidays_and_half_days(
    broker, move_clock, now, is_open, next_open, next_close
):
    move_clock(now=now)
    clock = broker.get_clock()
    assert clock.is_open is is_open
    assert clock.next_open.isoformat(timespec="minutes") == next_open
    assert clock.next_close.isoformat(timespec="minutes") == next_close


def test_the_calendar_lists_sessions_only(broker):
    from alpaca.trading.requests import GetCalendarRequest

    sessions = broker.get_calendar(GetCalendarRequest(start="2026-11-25", end="2026-11-30"))
    assert [(one.date.isoformat(), one.close.hour) for one in sessions] == [
        ("2026-11-25", 16),
        ("2026-11-27", 13),
        ("2026-11-30", 16),
    ]


def test_there_are_no_corporate_actions_since_the_prices_are_adjusted(raw):
    query = "ca_types=dividend,split&since=2026-01-01&until=2026-03-01"
    assert raw.get(f"/v1/corporate_actions/announcements?{query}").json() == []
    assert raw.get("/v1/corporate_actions/announcements").status_code == 422


@pytest.mark.parametrize("path", ["/v1/clock", "/v1/assets/MTUM"])
def test_after_the_last_replayed_year_the_broker_refuses_instead_of_failing(
    sandbox, raw, move_clock, path
):
    move_clock(now="2031-01-01T00:00:00Z")
    assert raw.get(path).status_code in {200, 422}
    feed = sandbox.get(
        "/alpaca-data/v2/stocks/quotes/latest?symbols=MTUM", auth=("sandbox-key", "sandbox-secret")
    )
    assert feed.status_code == 200


@pytest.mark.parametrize(
    "body",
    [
        "",
        "[]",
        '{"push": "perhaps"}',
        '{"halted": ["NOPE"]}',
        '{"executions": 0}',
        '{"journal_limit": "-1"}',
        '{"feed_delay_seconds": NaN}',
        '{"nonsense": 1}',
    ],
)
def test_a_bad_knob_is_refused_and_changes_nothing(sandbox, knobs, body):
    before = knobs()
    answer = sandbox.post("/_control/alpaca", content=body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "invalid_body")
    assert knobs() == before


def test_a_reset_forgets_accounts_knobs_and_money(sandbox, raw, investor, order, knobs):
    order(investor, "MTUM", notional=10)
    knobs(halted=["KO"], push=False)
    sandbox.post("/_control/reset").raise_for_status()
    assert raw.get("/v1/accounts").json() == []
    assert raw.get(f"/v1/accounts/{investor}").status_code == 401
    after = knobs()
    assert (after["halted"], after["push"], after["firm_cash"]) == ([], True, "1000000")
    assert after["books"]["street_cash"] == after["books"]["customer_cash"] == "0"


def test_a_shock_shows_in_quotes_and_fills(sandbox, broker, investor, order, settled):
    before = settled(investor, order(investor, "KO", qty=1).id)
    shock = {"symbol": "KO", "percent": "-20"}
    shown = sandbox.post("/_control/alpaca/shocks", json=shock).json()
    assert [(one["symbol"], one["factor"]) for one in shown["shocks"]] == [("KO", "0.8")]
    after = settled(investor, order(investor, "KO", qty=1).id)
    assert 0.79 < float(after.filled_avg_price) / float(before.filled_avg_price) < 0.81
    position = broker.get_open_position_for_account(investor, "KO")
    assert float(position.change_today) < -0.19


@pytest.mark.parametrize("shock", [{}, {"symbol": "NOPE", "percent": 1}, {"symbol": "KO"}])
def test_a_shock_that_makes_no_sense_is_refused(sandbox, knobs, shock):
    assert sandbox.post("/_control/alpaca/shocks", json=shock).status_code == 422
    assert knobs()["shocks"] == []
