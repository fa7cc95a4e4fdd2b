"""What is particular to orders at Interactive Brokers: questions, whole shares, empty lists."""

from dataclasses import replace
from decimal import Decimal

import pytest

from shared.investing.brokers.ibkr_books import cash, exchange_rate, positions
from shared.investing.brokers.ibkr_orders import Terms, whole_shares
from shared.investing.brokers.ibkr_questions import CONFIRMED, Placed, Question, answer_of
from shared.investing.errors import BrokerUnavailable
from shared.investing.model import Side
from shared.investing.ports import Accepted, NotSent, RefusalReason, Refused, Ticket
from shared.kernel.money import NANOS_PER_SHARE, Currency, Money, Quantity
from shared.market_data.providers.ibkr import american_listing

ACCOUNT = "DU1000001"
BUY = Ticket(ACCOUNT, "t1.01A.01B", "USMV", Money(33_340, Currency.USD))


@pytest.fixture
def gateway(vendors, ibkr):
    def change(**knobs):
        answer = vendors.post("/_control/ibkr", json=knobs)
        answer.raise_for_status()
        return answer.json()

    return change


@pytest.fixture
def fault(vendors):
    def order(operation, kind, times=1, **params):
        body = {"vendor": "ibkr", "operation": operation, "kind": kind, "times": times}
        vendors.post("/_control/faults", json=body | {"params": params}).raise_for_status()

    return order


def test_known_questions_are_answered_and_the_order_is_placed_once(gateway, ibkr) -> None:
    gateway(questions=["o10151", "o10164", "o354"])
    assert isinstance(ibkr.broker.submit(BUY), Accepted)
    assert [one["order_ref"] for one in gateway()["orders"]] == [BUY.client_order_id]
    assert (ibkr.asked, gateway()["waiting_questions"]) == ([], 0)


@pytest.mark.parametrize("message", ["o163", "o383", "o451", "p12"])
def test_a_question_that_nobody_decided_about_is_declined_and_told(gateway, ibkr, message) -> None:
    gateway(questions=["o10151", message])
    assert ibkr.broker.submit(BUY) == Refused(RefusalReason.NEEDS_CONFIRMATION)
    assert gateway()["orders"] == []
    assert ibkr.asked == [(BUY.client_order_id, (message,))]
    assert ibkr.broker.find(ACCOUNT, BUY.client_order_id) is None


def test_a_gateway_that_asks_for_ever_is_given_up(gateway, ibkr, fault) -> None:
    gateway(questions=["o10151"])
    fault("orders.create", "question_loop")
    assert ibkr.broker.submit(BUY) == Refused(RefusalReason.NEEDS_CONFIRMATION)
    assert (gateway()["orders"], gateway()["waiting_questions"]) == ([], 0)
    assert ibkr.asked == [(BUY.client_order_id, ("endless", "o10151"))]


def test_an_answer_lost_after_the_last_yes_is_found_and_adopted(gateway, ibkr, fault) -> None:
    gateway(questions=["o10151"])
    fault("orders.reply", "timeout_after_effect", status=504)
    ibkr.broker.submit(BUY)
    found = ibkr.broker.find(ACCOUNT, BUY.client_order_id)
    assert ibkr.broker.submit(BUY) == Accepted(found.broker_order_id)
    assert len(gateway()["orders"]) == 1


def test_a_session_that_ends_between_question_and_answer_places_nothing(
    gateway, ibkr, fault
) -> None:
    gateway(questions=["o10151"])
    fault("orders.reply", "error", status=401)
    assert ibkr.broker.submit(BUY) == NotSent()
    assert gateway()["orders"] == []


def test_an_empty_list_that_only_begins_is_never_taken_for_no_order(ibkr, fault) -> None:
    taken = ibkr.broker.submit(BUY)
    fault("orders.list", "empty_preflight", times=2)
    found = ibkr.broker.find(ACCOUNT, BUY.client_order_id)
    assert found.broker_order_id == taken.broker_order_id
    fault("orders.list", "empty_preflight", times=4)
    with pytest.raises(BrokerUnavailable):
        ibkr.broker.find(ACCOUNT, BUY.client_order_id)


def test_an_account_without_fractions_buys_whole_shares_within_its_amount(gateway, ibkr) -> None:
    gateway(fractions=False)
    assert isinstance(ibkr.broker.submit(BUY), Accepted)
    (order,) = gateway()["orders"]
    assert order["origOrderType"] == "LIMIT"
    assert order["totalSize"] == int(order["totalSize"]) > 0
    assert Decimal(str(order["totalSize"])) * Decimal(order["price"]) <= Decimal("333.40")
    few = replace(BUY, client_order_id="t1.01A.01C", amount=Money(100, Currency.USD))
    assert ibkr.broker.submit(few) == Refused(RefusalReason.BELOW_MINIMUM)
    half = Ticket(
        ACCOUNT, "t1.01A.01D", "USMV", side=Side.SELL, quantity=Quantity(NANOS_PER_SHARE // 2)
    )
    assert ibkr.broker.submit(half) == Refused(RefusalReason.NOT_FRACTIONABLE)
    assert len(gateway()["orders"]) == 1


def test_an_account_of_somebody_else_is_refused(gateway, ibkr) -> None:
    answer = ibkr.broker.submit(replace(BUY, account_id="U7654321"))
    assert answer == Refused(RefusalReason.ACCOUNT_BLOCKED)
    assert gateway()["orders"] == []


def test_an_order_is_watched_from_before_it_is_sent_until_its_end_was_told(
    gateway, ibkr, fault, eventually
) -> None:
    fault("orders.create", "timeout_after_effect", status=504)
    ibkr.broker.submit(BUY)
    assert [one.client_order_id for one in ibkr.watches.open()] == [BUY.client_order_id]
    eventually(lambda: ibkr.watcher.look() == 0)
    assert ibkr.watches.open() == []
    (done,) = {one.execution for one in ibkr.told if one.execution}
    (ending,) = {one.ending for one in ibkr.told if one.ending}
    assert ending.filled_nanos == done.nanos
    told = len(ibkr.told)
    assert (ibkr.watcher.look(), len(ibkr.told)) == (0, told)


def test_trades_that_lag_behind_the_list_are_waited_for(gateway, ibkr, fault, eventually) -> None:
    ibkr.broker.submit(BUY)
    eventually(lambda: gateway()["orders"][0]["status"] == "Filled")
    # The list begins with this question.
    ibkr.broker.find(ACCOUNT, BUY.client_order_id)
    fault("trades.list", "empty_preflight")
    assert ibkr.watcher.look() == 1
    assert not any(one.execution for one in ibkr.told)
    assert ibkr.watcher.look() == 0
    assert any(one.execution for one in ibkr.told)


def test_prices_are_a_second_source_with_their_time(gateway, ibkr) -> None:
    quotes = {one.symbol: one for one in ibkr.prices.latest(["USMV", "AAPL", "NOSUCH"])}
    assert quotes.keys() == {"USMV", "AAPL"}
    assert {one.source for one in quotes.values()} == {"ibkr:quote"}
    gateway(delayed_prices=True)
    assert ibkr.prices.latest(["USMV"]) == []
    assert ibkr.prices.ask("USMV") is None


def test_what_an_account_holds_is_read_exactly(gateway, ibkr, eventually) -> None:
    assert (cash(ibkr.wire, ACCOUNT).total, positions(ibkr.wire, ACCOUNT)) == (1000, {})
    ibkr.broker.submit(BUY)
    eventually(lambda: gateway()["orders"][0]["status"] == "Filled")
    conid = ibkr.contracts.find(["USMV"])["USMV"]
    filled = Decimal(str(gateway()["orders"][0]["filledQuantity"]))
    assert positions(ibkr.wire, ACCOUNT) == {conid: int(filled * NANOS_PER_SHARE)}
    assert cash(ibkr.wire, ACCOUNT).settled < 1000
    assert exchange_rate(ibkr.wire, "USD", "KES") == Decimal("129.5")


@pytest.mark.parametrize(
    ("cents", "ask", "terms"),
    [
        (10_000, "100", Terms(quantity=Decimal(1), limit=Decimal("100.00"))),
        (10_100, "100", Terms(quantity=Decimal(1), limit=Decimal("101.00"))),
        (19_999, "100", Terms(quantity=Decimal(1), limit=Decimal("102.00"))),
        (30_001, "100", Terms(quantity=Decimal(3), limit=Decimal("100.00"))),
        (9_999, "100", None),
    ],
)
def test_whole_shares_never_cost_more_than_the_amount(cents, ask, terms) -> None:
    assert whole_shares(Money(cents, Currency.USD), Decimal(ask)) == terms


@pytest.mark.parametrize("bad", [[], {}, [1], [{}], "x", [{"id": 1, "messageIds": "o163"}], None])
def test_an_answer_of_another_form_is_none(bad) -> None:
    with pytest.raises(ValueError, match=r"answer"):
        answer_of(bad)


def test_a_question_without_a_number_is_not_known() -> None:
    assert answer_of([{"order_id": 7}]) == Placed("7")
    assert answer_of([{"id": "q", "message": ["?"]}]) == Question("q", ())
    assert Question("q", ()).open == ("none",)
    assert Question("q", tuple(CONFIRMED)).open == ()


def test_the_american_listing_is_taken_and_no_namesake_abroad() -> None:
    abroad = {"assetClass": "STK", "contracts": [{"conid": 1, "isUS": False}]}
    here = {"assetClass": "STK", "contracts": [{"conid": 2, "isUS": True}]}
    other = {"assetClass": "STK", "contracts": [{"conid": 3, "isUS": True}]}
    assert american_listing({"X": [abroad, here]}, "X") == 2
    assert american_listing({"X": [here, other]}, "X") is None
    assert american_listing({"X": [abroad]}, "X") is None
    assert american_listing({"X": []}, "X") is None
    assert american_listing({}, "X") is None
