"""The broker's non-trade activities in our words."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from shared.corporate_actions.model import ActivityKind
from shared.corporate_actions.providers.alpaca import activity, line_in
from shared.investing.errors import BrokerEventMalformed

DIVIDEND: dict[str, Any] = {
    "id": "0d2ab7a9-9dd5-4a0b-9d4c-000000000001",
    "qty": 0,
    "price": None,
    "status": "executed",
    "symbol": "MMS",
    "cusip": "577933104",
    "entry_type": "DIV",
    "net_amount": 0.78,
    "description": "Cash DIV @ 0.3, Pos QTY: 2.607144585, Rec Date: 2024-11-15",
    "settle_date": "2024-11-29",
    "system_date": "2024-12-02",
    "entry_sub_type": "CDIV",
    "per_share_amount": 0.3,
    "account_id": "11111111-1111-4111-8111-111111111111",
    "at": "2024-12-02T05:09:50.214Z",
    "event_ulid": "01JE30000000000000000000AA",
}


def read(**changes: Any) -> Any:
    body = json.dumps({"type": "account_activity", "data": DIVIDEND | changes}).encode()
    return line_in(body)


def test_a_dividend_with_its_rate_and_its_record_date() -> None:
    line = read()
    assert (line.kind, line.word) == (ActivityKind.DIVIDEND, "DIV")
    assert (line.amount, line.per_share) == (Decimal("0.78"), Decimal("0.3"))
    assert (line.settled, line.record_date) == (date(2024, 11, 29), date(2024, 11, 15))
    assert line.at == datetime(2024, 12, 2, 5, 9, 50, 214_000, tzinfo=UTC)
    assert (line.symbol, line.account_id, line.executed) == ("MMS", DIVIDEND["account_id"], True)


def test_a_tax_is_below_zero_and_names_no_rate() -> None:
    words = "DIV tax withholding on $1.2 at 25% for tax country IND; w8w9: w8"
    line = read(
        entry_type="DIVNRA", net_amount=-0.3, per_share_amount=None, description=words, symbol="ALE"
    )
    assert (line.kind, line.amount) == (ActivityKind.TAX, Decimal("-0.3"))
    assert (line.per_share, line.record_date) == (None, None)


def test_a_reverse_split_removes_and_adds_to_the_last_nano_share() -> None:
    gone = read(entry_type="SPLIT", qty=-0.29194239, net_amount=0, per_share_amount=None)
    come = read(entry_type="SPLIT", qty=0.029194239, net_amount=0, per_share_amount=None)
    assert (gone.kind, gone.nanos) == (ActivityKind.SPLIT, -291_942_390)
    assert come.nanos == 29_194_239


@pytest.mark.parametrize("word", ["DIVCGL", "DIVCGS", "DIVTXEX"])
def test_all_kinds_of_dividends_are_cash(word: str) -> None:
    assert read(entry_type=word).kind is ActivityKind.DIVIDEND


@pytest.mark.parametrize(
    ("word", "kind"),
    [
        ("DIVROC", ActivityKind.RETURN_OF_CAPITAL),
        ("CIL", ActivityKind.CASH_IN_LIEU),
        ("MA", ActivityKind.BY_PEOPLE),
        ("SPIN", ActivityKind.BY_PEOPLE),
        ("REORG", ActivityKind.BY_PEOPLE),
        ("DIVWH", ActivityKind.TAX),
    ],
)
def test_other_kinds(word: str, kind: ActivityKind) -> None:
    assert read(entry_type=word).kind is kind


@pytest.mark.parametrize("word", ["CSD", "CSW", "JNLC", "FEE", "INT", "SOMETHING"])
def test_what_is_about_no_shares_is_left_to_others(word: str) -> None:
    assert read(entry_type=word, symbol="") is None


def test_a_line_that_is_taken_back_says_so() -> None:
    assert read(status="canceled").executed is False
    assert read(status="correct").executed is False


@pytest.mark.parametrize(
    "changes",
    [
        {"symbol": ""},
        {"id": None},
        {"at": "yesterday"},
        {"settle_date": "2024-13-01"},
        {"net_amount": "NaN"},
        {"net_amount": True},
        {"qty": 0.1234567891},
        {"entry_type": "SPLIT", "qty": "x"},
    ],
)
def test_what_cannot_be_read_is_never_booked(changes: dict[str, Any]) -> None:
    with pytest.raises(BrokerEventMalformed):
        read(**changes)


def test_without_its_kind_it_is_malformed() -> None:
    with pytest.raises(BrokerEventMalformed):
        activity({})
