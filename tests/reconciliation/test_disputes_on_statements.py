"""Disputes on statements: fees that come back agree, and news that was missed is asked for."""

import json

import pytest

from shared.kernel.money import Currency
from shared.platform.memory import MemoryDatabase
from shared.platform.tables import Database
from shared.reconciliation.model import Book, Category, Party, Status
from tests.reconciliation.desk import BOOK, DAY, ONE, Desk, theirs

DISPUTE, BACK, FEE = Category.DISPUTE, Category.DISPUTE_BACK, Category.FEE


class Disputed:
    """A dispute of 100.00 with a fee of 15.00, taken on the first day in both books."""

    def __init__(self, database: Database, book: Book = BOOK) -> None:
        self.desk = Desk(database, book)
        self.book = book
        self.entry(-10_000, "DISPUTE_OPENED")
        self.entry(-1_500, "GATEWAY_FEE")
        self.told("txn_1", DISPUTE, -10_000)
        self.told("txn_1#fee", FEE, -1_500)

    def entry(self, minor: int, kind: str, days: int = 0) -> None:
        self.desk.ours(
            minor, DAY + days * ONE, kind, reference="dsp_1", dispute="du_1", payment="pi_1"
        )

    def told(self, name: str, category: Category, minor: int, days: int = 0) -> None:
        self.desk.statement.listed.append(theirs(name, category, "du_1", minor, DAY + days * ONE))

    def given_back(self) -> None:
        """Two days later the gateway's reinstatement brings the money, and carries the fee."""
        self.told("txn_9", BACK, 10_000, 2)
        self.told("txn_9#fee", FEE, 1_500, 2)

    def run(self, days: int) -> dict[Category, Status]:
        reconciling = self.desk.reconciling
        report = reconciling.read(reconciling.run(self.book, DAY + days * ONE))
        return {line.category: line.status for line in report.lines}

    def asked(self) -> list[dict[str, str]]:
        """What whoever follows disputes was told."""
        items = self.desk.database._items.values()  # the twin's
        envelopes = [json.loads(each["envelope"]["S"]) for each in items if "envelope" in each]
        return [
            each["data"]
            for each in envelopes
            if each["type"] == "reconciliation.dispute_differs.v1"
        ]


def test_a_fee_that_comes_back_with_a_dispute_that_was_won_is_matched() -> None:
    one = Disputed(MemoryDatabase())
    assert one.run(0) == {DISPUTE: Status.MATCHED, FEE: Status.MATCHED}
    one.given_back()
    one.entry(10_000, "DISPUTE_WON", 2)
    one.entry(1_500, "GATEWAY_FEE", 2)
    assert one.run(2) == {BACK: Status.MATCHED, FEE: Status.MATCHED}
    assert one.desk.house.entries(Currency.USD).entries == ()
    assert (one.asked(), one.desk.open_cases()) == ([], [])


@pytest.mark.parametrize("money_known", [True, False])
def test_a_fee_that_came_back_unseen_is_asked_for_where_disputes_are_followed(
    money_known: bool,
) -> None:
    one = Disputed(MemoryDatabase())
    one.run(0)
    one.given_back()
    if money_known:
        one.entry(10_000, "DISPUTE_WON", 2)
    assert one.run(2)[FEE] is Status.MISSING_HERE
    assert one.asked() == [{"gateway": "STRIPE", "reference": "du_1"}]
    # It is booked there and by nobody else, and then agrees.
    assert one.desk.house.entries(Currency.USD).entries == ()
    if not money_known:
        one.entry(10_000, "DISPUTE_WON", 3)
    one.entry(1_500, "GATEWAY_FEE", 3)
    assert set(one.run(3).values()) == {Status.MATCHED}
    assert len(one.asked()) == 1
    assert one.desk.open_cases() == []


def test_a_dispute_of_which_nobody_told_us_is_asked_for() -> None:
    one = Disputed(MemoryDatabase())
    one.desk.statement.listed.append(theirs("txn_5", DISPUTE, "du_5", -700))
    one.run(0)
    assert one.asked() == [{"gateway": "STRIPE", "reference": "du_5"}]


def test_a_fee_of_a_payment_and_what_only_we_know_are_nothing_to_ask_for() -> None:
    one = Disputed(MemoryDatabase())
    one.desk.statement.listed.append(theirs("txn_5#fee", FEE, "pi_7", -30))
    one.desk.ours(-700, kind="DISPUTE_OPENED", reference="dsp_2", dispute="du_2")
    one.run(0)
    assert one.asked() == []


def test_a_gateway_that_cannot_be_asked_is_not() -> None:
    one = Disputed(MemoryDatabase(), Book(Party.ADYEN, Currency.USD))
    one.told("late", BACK, 10_000)
    one.run(0)
    assert one.asked() == []
