"""Adapters of market data: recorded shapes, missing sides, and answers that make no sense."""

import json
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from shared.kernel.money import Currency
from shared.market_data.errors import SourceUnavailable
from shared.market_data.model import AssetType
from shared.market_data.providers.alpaca import AlpacaExchange, AlpacaPrices
from shared.market_data.providers.frankfurter import Frankfurter

NOW = datetime(2026, 3, 2, 15, 30, tzinfo=UTC)


class Wire:
    """Answers by path; an exception is raised."""

    def __init__(self, **answers):
        self.answers = {path.replace("__", "/"): answer for path, answer in answers.items()}
        self.asked = []

    def get(self, path, **parameters):
        self.asked.append((path, parameters))
        answer = self.answers[path.rsplit("/v", 1)[1].split("/", 1)[1]]
        if isinstance(answer, Exception):
            raise answer
        return answer


def quote(bid, ask):
    return {"t": "2026-03-02T15:29:59.651613184Z", "bp": bid, "ap": ask, "as": 13, "bs": 2}


def test_a_quote_is_the_exact_middle_of_bid_and_ask(clock) -> None:
    wire = Wire(
        stocks__quotes__latest={"quotes": {"QUAL": quote(Decimal("161.1"), Decimal("161.11"))}}
    )
    (found,) = AlpacaPrices(wire, clock).latest(["QUAL"])
    assert (found.price.value, found.source) == (Decimal("161.105"), "alpaca:quote")
    assert found.as_of == datetime(2026, 3, 2, 15, 29, 59, 651613, tzinfo=UTC)
    assert len(wire.asked) == 1


@pytest.mark.parametrize(
    ("bid", "ask"), [(0, Decimal(5)), (Decimal(5), 0), (Decimal(6), Decimal(5))]
)
def test_a_quote_with_a_missing_side_gives_way_to_the_last_trade(clock, bid, ask) -> None:
    trade = {"t": "2026-02-27T20:59:59Z", "p": Decimal("161.2958"), "s": 100}
    wire = Wire(
        stocks__quotes__latest={"quotes": {"QUAL": quote(bid, ask)}},
        stocks__trades__latest={"trades": {"QUAL": trade}},
    )
    (found,) = AlpacaPrices(wire, clock).latest(["QUAL"])
    assert (found.price.value, found.source) == (Decimal("161.2958"), "alpaca:trade")


def test_a_symbol_without_any_price_is_left_out(clock) -> None:
    wire = Wire(stocks__quotes__latest={"quotes": {}}, stocks__trades__latest={"trades": {}})
    assert AlpacaPrices(wire, clock).latest(["QUAL"]) == []


@pytest.mark.parametrize("answer", [{}, {"quotes": {"QUAL": {"t": "x"}}}, [], {"quotes": None}])
def test_an_answer_of_another_shape_is_no_answer(clock, answer) -> None:
    with pytest.raises(SourceUnavailable):
        AlpacaPrices(Wire(stocks__quotes__latest=answer), clock).latest(["QUAL"])


def test_the_brokers_clock_is_read_with_its_offset(clock) -> None:
    answer = {
        "timestamp": "2022-05-16T16:32:24.14373588-04:00",
        "is_open": False,
        "next_open": "2022-05-17T09:30:00-04:00",
        "next_close": "2022-05-17T16:00:00-04:00",
    }
    found = AlpacaExchange(Wire(clock=answer), clock).clock()
    assert found.timestamp == datetime(2022, 5, 16, 20, 32, 24, 143735, tzinfo=UTC)
    assert found.next_open == datetime(2022, 5, 17, 13, 30, tzinfo=UTC)
    assert (found.is_open, found.fetched_at) == (False, clock.now())
    with pytest.raises(SourceUnavailable):
        AlpacaExchange(Wire(clock={"timestamp": "noon"}), clock).clock()


def test_only_wanted_assets_are_kept_and_they_carry_our_names(clock) -> None:
    listed = [
        {"id": "1", "symbol": "QUAL", "name": "iShares", "tradable": True, "fractionable": False},
        {"id": "2", "symbol": "TSLA", "name": "Tesla", "tradable": True, "fractionable": True},
    ]
    (found,) = AlpacaExchange(Wire(assets=listed), clock).assets(["QUAL"])
    assert (found.symbol, found.name, found.type) == (
        "QUAL",
        "US quality factor ETF",
        AssetType.ETF,
    )
    assert not found.buyable


class Response:
    """A rate list as the API writes it."""

    def __init__(self, body, status=200):
        self.body, self.status_code = body, status

    def json(self, **options):
        return json.loads(self.body, **options)


USD, KES, EUR, ZAR = Currency.USD, Currency.KES, Currency.EUR, Currency.ZAR
KES_ROW = '{"date":"2026-02-27","base":"USD","quote":"KES","rate":129.0200}'


@pytest.fixture
def rates_of(clock, monkeypatch):
    def answered(body, status=200, asked=None):
        def get(url, **options):
            if asked is not None:
                asked.append((url, options))
            return Response(body, status)

        source = Frankfurter("http://127.0.0.1:9", clock)
        monkeypatch.setattr(source._session, "get", get)
        return source

    return answered


@pytest.mark.parametrize(
    "body",
    [
        "",
        "<html>",
        "null",
        "{}x",
        '[{"base":"USD","quote":"KES","rate":0,"date":"2026-03-02"}]',
        '[{"base":"USD","quote":"KES","rate":-1.5,"date":"2026-03-02"}]',
        '[{"base":"USD","quote":"KES","rate":NaN,"date":"2026-03-02"}]',
        '[{"base":"USD","quote":"KES","rate":Infinity,"date":"2026-03-02"}]',
        '[{"base":"USD","quote":"KES","rate":"129.02","date":"2026-03-02"}]',
        '[{"base":"USD","quote":"KES","rate":true,"date":"2026-03-02"}]',
        '[{"base":"USD","quote":"KES","rate":null,"date":"2026-03-02"}]',
        '[{"base":"USD","quote":"KES","rate":1,"date":"soon"}]',
        '[{"base":"USD","quote":"KES","rate":1,"date":20260302}]',
        '[{"base":"USD","quote":"KES","rate":1}]',
        '[{"base":"USD","rate":1,"date":"2026-03-02"}]',
        "[1]",
    ],
)
def test_rates_that_make_no_sense_are_no_rates(rates_of, body) -> None:
    with pytest.raises(SourceUnavailable):
        rates_of(body).latest(USD, [KES])


@pytest.mark.parametrize("status", [204, 302, 404, 422, 429, 500, 503])
def test_another_status_is_no_answer_whatever_its_body_says(rates_of, status) -> None:
    with pytest.raises(SourceUnavailable):
        rates_of(f"[{KES_ROW}]", status).latest(USD, [KES])


def test_all_rates_come_in_one_request_exact_and_with_their_days(rates_of, clock) -> None:
    asked = []
    body = (
        '[{"date":"2026-02-27","base":"USD","quote":"USD","rate":1.0},'
        '{"date":"2026-02-26","base":"USD","quote":"EUR","rate":0.84},'
        '{"date":"2026-02-27","base":"USD","quote":"GBP","rate":0.7412},'
        f"{KES_ROW},{KES_ROW.replace('-27', '-25').replace('0200', '9999')},"
        '{"date":"2026-02-27","base":"EUR","quote":"ZAR","rate":18.8178}]'
    )
    found = rates_of(body, asked=asked).latest(USD, [EUR, KES, USD, ZAR])
    assert [(one.base, one.quote, str(one.rate), one.as_of.day) for one in found] == [
        (USD, EUR, "0.84", 26),
        (USD, KES, "129.0200", 27),
    ]
    assert {one.source for one in found} == {"frankfurter"}
    assert {one.fetched_at for one in found} == {clock.now()}
    ((url, options),) = asked
    assert url == "http://127.0.0.1:9/v2/rates"
    assert options["params"] == {"base": "USD", "quotes": "EUR,KES,USD,ZAR"}
    assert options["allow_redirects"] is False


def test_nobody_at_the_other_end_is_no_answer(clock) -> None:
    with pytest.raises(SourceUnavailable):
        Frankfurter("http://127.0.0.1:9", clock).latest(USD, [KES])
