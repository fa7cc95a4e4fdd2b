"""The market data API, read by the official client."""

import warnings
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

KEYS = ("sandbox-key", "sandbox-secret")


@pytest.fixture(scope="session")
def feed_client(running_sandbox):
    with warnings.catch_warnings():
        # The client library warns of its own use of an outdated websocket client.
        warnings.filterwarnings("ignore", "websockets.legacy", DeprecationWarning)
        from alpaca.data.historical import StockHistoricalDataClient
    client = StockHistoricalDataClient(
        *KEYS, use_basic_auth=True, url_override=f"{running_sandbox}/alpaca-data"
    )
    yield client
    client._session.close()


@pytest.fixture
def feed(sandbox, feed_client):
    """The official client; the market is open."""
    return feed_client


@pytest.fixture
def get(sandbox):
    """Plain HTTP with the keys."""
    return lambda path: sandbox.get(f"/alpaca-data{path}", auth=KEYS)


def latest(feed, *symbols):
    from alpaca.data.requests import StockLatestQuoteRequest

    return feed.get_stock_latest_quote(StockLatestQuoteRequest(symbol_or_symbols=list(symbols)))


def bars(feed, symbols, **terms):
    from alpaca.data.requests import StockBarsRequest
    from alpaca.data.timeframe import TimeFrame

    wanted = StockBarsRequest(symbol_or_symbols=symbols, timeframe=TimeFrame.Day, **terms)
    return feed.get_stock_bars(wanted).data


def test_a_quote_has_a_spread_of_two_basis_points_and_the_business_time(feed, sandbox):
    quotes = latest(feed, "MTUM", "AAAB", "NOPE")
    assert set(quotes) == {"MTUM", "AAAB"}
    now = datetime.fromisoformat(sandbox.get("/_control/clock").json()["now"])
    for quote in quotes.values():
        assert abs(quote.ask_price / quote.bid_price - 1.0002) < 0.00005
        assert timedelta(0) <= now - quote.timestamp < timedelta(seconds=5)


def test_the_latest_trade_lies_between_bid_and_ask(feed):
    from alpaca.data.requests import StockLatestBarRequest, StockLatestTradeRequest

    trade = feed.get_stock_latest_trade(StockLatestTradeRequest(symbol_or_symbols="KO"))["KO"]
    quote = latest(feed, "KO")["KO"]
    bar = feed.get_stock_latest_bar(StockLatestBarRequest(symbol_or_symbols="KO"))["KO"]
    # Some milliseconds lie between the answers; the price moves by less than the spread.
    assert abs(trade.price - quote.bid_price) < 0.02
    assert bar.timestamp == trade.timestamp.replace(second=0, microsecond=0)
    assert bar.low <= bar.close <= bar.high


def test_after_the_close_quotes_keep_the_time_of_the_close(feed, sandbox):
    sandbox.post("/_control/clock", json={"now": "2026-03-07T12:00:00-05:00"})
    quote = latest(feed, "MTUM")["MTUM"]
    assert quote.timestamp == datetime.fromisoformat("2026-03-06T16:00:00-05:00")


def test_times_have_nanoseconds_and_end_in_z(get):
    quote = get("/v2/stocks/quotes/latest?symbols=MTUM").json()["quotes"]["MTUM"]
    assert set(quote) == {"t", "ax", "ap", "as", "bx", "bp", "bs", "c", "z"}
    assert len(quote["t"]) == len("2026-03-02T15:30:00.123456789Z")
    assert quote["t"].endswith("Z")


def test_a_delayed_feed_and_a_halt_show_as_old_quotes(feed, sandbox):
    sandbox.post("/_control/alpaca", json={"feed_delay_seconds": 600}).raise_for_status()
    late = latest(feed, "MTUM")["MTUM"].timestamp
    sandbox.post("/_control/alpaca", json={"feed_delay_seconds": 0, "halted": ["MTUM"]})
    sandbox.post("/_control/clock", json={"advance_seconds": 3600})
    both = latest(feed, "MTUM", "QUAL")
    start = datetime.fromisoformat("2026-03-02T10:30:00-05:00")
    assert late < start - timedelta(seconds=590)
    assert both["MTUM"].timestamp < start + timedelta(minutes=1)
    assert both["QUAL"].timestamp >= start + timedelta(hours=1)


def test_daily_bars_are_the_replayed_closes(feed):
    start, end = datetime(2026, 2, 26, tzinfo=UTC), datetime(2026, 3, 2, tzinfo=UTC)
    (first, second) = bars(feed, "MTUM", start=start + timedelta(hours=12), end=end)["MTUM"]
    assert [first.timestamp.isoformat(), second.timestamp.isoformat()] == [
        "2026-02-26T05:00:00+00:00",
        "2026-02-27T05:00:00+00:00",
    ]
    assert (second.open, second.close) == (first.close, 150.131)
    assert second.low <= min(second.open, second.close)
    assert second.high >= max(second.open, second.close)
    assert second.trade_count == second.volume // 120


def test_volumes_are_made_up_as_large_as_real_ones_and_always_the_same(feed):
    start, end = datetime(2026, 1, 5, tzinfo=UTC), datetime(2026, 2, 28, tzinfo=UTC)
    volumes = [
        [bar.volume for bar in bars(feed, symbol, start=start, end=end)[symbol]]
        for symbol in ("MTUM", "AAAB", "MTUM")
    ]
    assert volumes[0] == volumes[2] != volumes[1]
    assert all(300_000 <= each <= 9_000_000 for each in volumes[0] + volumes[1])
    assert len(set(volumes[0])) > 30
    usual = sum(volumes[0]) // len(volumes[0])
    assert all(usual // 2 - usual // 10 < each < 2 * usual for each in volumes[0])


def test_the_volume_of_a_session_grows_until_its_bell(feed, sandbox):
    (before,) = bars(feed, "MTUM")["MTUM"]
    sandbox.post("/_control/clock", json={"advance_seconds": 3600})
    (after,) = bars(feed, "MTUM")["MTUM"]
    assert 0 < before.volume < after.volume


def test_todays_bar_is_what_has_happened_so_far(feed):
    (today,) = bars(feed, "MTUM")["MTUM"]
    quote = latest(feed, "MTUM")["MTUM"]
    assert today.timestamp.isoformat() == "2026-03-02T05:00:00+00:00"
    assert today.open == 150.131
    assert abs(today.close - quote.bid_price) < 0.05


def test_the_future_has_no_bars(feed):
    start = datetime(2026, 3, 3, tzinfo=UTC) + timedelta(hours=12)
    assert bars(feed, "MTUM", start=start, end=datetime(2026, 12, 1, tzinfo=UTC)) == {}


def test_history_is_paged_over_symbols_and_loses_nothing(get):
    query = "/v2/stocks/bars?symbols=QUAL,MTUM&timeframe=1Day&start=2026-02-23&end=2026-02-27"
    whole = get(query).json()
    assert whole["next_page_token"] is None
    assert {symbol: len(found) for symbol, found in whole["bars"].items()} == {"MTUM": 5, "QUAL": 5}
    pages, token = [], ""
    while token is not None:
        page = get(f"{query}&limit=3" + (f"&page_token={token}" if token else "")).json()
        pages += [(symbol, bar) for symbol, found in page["bars"].items() for bar in found]
        token = page["next_page_token"]
    assert pages == [(symbol, bar) for symbol, found in whole["bars"].items() for bar in found]
    newest_first = get(f"{query}&sort=desc").json()["bars"]["MTUM"]
    assert newest_first == whole["bars"]["MTUM"][::-1]


def test_the_whole_history_is_there(feed):
    start = datetime(2018, 1, 1, tzinfo=UTC)
    history = bars(feed, "AAAB", start=start)["AAAB"]
    assert len(history) == 1803
    assert all(bar.low > 0 for bar in history)
    assert history[0].timestamp < history[1].timestamp


def test_a_snapshot_has_all_five_parts(feed, sandbox):
    from alpaca.data.requests import StockSnapshotRequest

    sandbox.post("/_control/clock", json={"now": "2026-03-02T17:00:00-05:00"})
    wanted = StockSnapshotRequest(symbol_or_symbols=["MTUM", "NOPE"])
    snapshots = feed.get_stock_snapshot(wanted)
    assert set(snapshots) == {"MTUM"}
    one = snapshots["MTUM"]
    assert one.previous_daily_bar.close == one.daily_bar.open == 150.131
    assert one.latest_trade.price == one.daily_bar.close == one.minute_bar.close
    assert one.latest_quote.bid_price < one.latest_trade.price < one.latest_quote.ask_price
    assert one.minute_bar.timestamp.isoformat() == "2026-03-02T20:59:00+00:00"


@pytest.mark.parametrize(
    "query",
    [
        "quotes/latest",
        "quotes/latest?symbols=",
        "quotes/latest?symbols=MTUM,,KO",
        "bars?symbols=MTUM&timeframe=1Min",
        "bars?symbols=MTUM",
        "bars?symbols=MTUM&timeframe=1Day&limit=0",
        "bars?symbols=MTUM&timeframe=1Day&limit=10001",
        "bars?symbols=MTUM&timeframe=1Day&start=soon",
        "bars?symbols=MTUM&timeframe=1Day&page_token=nonsense",
        "bars?symbols=MTUM&timeframe=1Day&sort=up",
    ],
)
def test_a_bad_question_is_refused_with_a_message(get, query):
    answer = get(f"/v2/stocks/{query}")
    assert answer.status_code == 400
    assert set(answer.json()) == {"message"}


def test_the_feed_wants_the_keys(sandbox):
    path = "/alpaca-data/v2/stocks/quotes/latest?symbols=MTUM"
    assert sandbox.get(path).status_code == 401
    trading_keys = {"APCA-API-KEY-ID": KEYS[0], "APCA-API-SECRET-KEY": KEYS[1]}
    assert sandbox.get(path, headers=trading_keys).status_code == 200
    assert sandbox.get(path, headers={"Authorization": "Basic ???"}).status_code == 401


def test_prices_are_written_with_four_places_at_most(get):
    quotes = get("/v2/stocks/quotes/latest?symbols=MTUM,KO,AAAB").json()["quotes"]
    for quote in quotes.values():
        for price in (quote["ap"], quote["bp"]):
            assert Decimal(repr(price)) == Decimal(repr(price)).quantize(Decimal("0.0001"))
