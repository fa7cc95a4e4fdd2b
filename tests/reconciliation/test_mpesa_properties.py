"""Whatever is there and here, in whichever order answers come, and wherever a run dies: the report
sums to the cent and says what is so."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from shared.platform.memory import MemoryDatabase
from shared.reconciliation.model import Status
from shared.reconciliation.mpesa.model import BOOK, By, Question
from tests.reconciliation.desk import DAY
from tests.reconciliation.mpesa_desk import PAYBILL, MpesaDesk, statuses


class Died(Exception):
    """The process is gone."""


class Mortal(MemoryDatabase):
    """Dies before or after its n-th change, once."""

    def __init__(self, dies_at: int | None = None, *, after: bool = False) -> None:
        super().__init__()
        self.left, self.after = dies_at, after

    def _survive(self, act: Callable[[], None]) -> None:
        if self.left is None:
            act()
            return
        self.left -= 1
        if self.left < 0:
            self.left = None
            if self.after:
                act()
            raise Died
        act()

    def write(self, change: Any) -> None:
        self._survive(lambda: MemoryDatabase.write(self, change))

    def transact(self, changes: Any) -> None:
        self._survive(lambda: MemoryDatabase.transact(self, changes))


KINDS = st.sampled_from(["agrees", "differs", "unknown there", "out", "twice"])
THINGS = st.lists(st.tuples(KINDS, st.integers(1, 500)), min_size=1, max_size=6)


def plant(desk: MpesaDesk, things: list[tuple[str, int]]) -> dict[str, Status]:
    """What is planted, and how each has to stand."""
    expected = {}
    for number, (kind, shillings) in enumerate(things):
        receipt, minor = f"RKT{number:07d}", shillings * 100
        key, status = f"PAYMENT:{receipt}", Status.MATCHED
        match kind:
            case "agrees":
                desk.came_in(receipt, minor)
            case "differs":
                desk.came_in(receipt, minor, there=minor + 100)
                status = Status.AMOUNT_DIFFERS
            case "unknown there":
                desk.came_in(receipt, minor, there=0)
                status = Status.MISSING_THERE
            case "twice":
                desk.came_in(receipt, minor)
                desk.ours(minor, reference=f"dep_again_{number}", payment=receipt)
                status = Status.AMOUNT_DIFFERS
            case _:
                desk.went_out(receipt, minor)
                key = f"OUT:pay_{receipt}"
                expected[f"FEE:pay_{receipt}"] = Status.MATCHED
        expected[key] = status
    return expected


def differences(things: list[tuple[str, int]]) -> int:
    """Ours less theirs, of what was planted."""
    each = {"differs": lambda minor: -100, "unknown there": int, "twice": int}
    return sum(each[kind](shillings * 100) for kind, shillings in things if kind in each)


def until_made(desk: MpesaDesk, order: Callable[[list[Question]], list[Question]] = list) -> None:
    for attempt in range(40):
        if desk.asking.step(DAY, attempt) is not None:
            return
        sent, desk.mpesa.sent = order(desk.mpesa.sent), []
        for question in sent:
            desk.tell(question)
        desk.clock.advance(timedelta(minutes=2))
    raise AssertionError("no report")


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(things=THINGS, surplus=st.integers(-300, 300), data=st.data())
@example(things=[("twice", 5), ("out", 3)], surplus=7, data=None)
def test_every_planted_thing_is_found_and_nothing_else(
    things: list[tuple[str, int]], surplus: int, data: Any
) -> None:
    desk = MpesaDesk(MemoryDatabase())
    expected = plant(desk, things)
    desk.mpesa.move(PAYBILL, surplus)

    def order(sent: list[Question]) -> list[Question]:
        """Any order, and some of them again."""
        if data is None:
            return [*reversed(sent), *sent]
        return [*data.draw(st.permutations(sent)), *data.draw(st.permutations(sent))]

    until_made(desk, order)
    stored = desk.reports.of(BOOK, DAY)
    assert stored is not None
    report = desk.reconciling.read(stored)
    assert statuses(report) == expected
    assert report.difference_minor == differences(things)
    assert report.difference_minor == sum(line.difference_minor for line in report.open)
    assert report.unexplained_minor == surplus
    assert len(desk.open_cases()) == len(report.open) + (surplus != 0)
    assert desk.house.entries(BOOK.currency).entries == ()


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("dies_at", range(14))
def test_a_run_that_dies_anywhere_ends_in_the_same_report(dies_at: int, after: bool) -> None:
    things = [("agrees", 5), ("out", 3), ("differs", 2)]

    def made(database: Mortal, die: int | None) -> tuple[Any, MpesaDesk]:
        desk = MpesaDesk(database)
        plant(desk, things)
        desk.mpesa.move(PAYBILL, 70, "Working Account")
        desk.mpesa.move(PAYBILL, -20, "Charges Paid Account")
        database.left, database.after = die, after
        for _ in range(60):
            try:
                until_made(desk)
                break
            except Died:
                # The message comes again; what M-Pesa was asked and has not been heard is lost.
                desk.mpesa.sent.clear()
                desk.clock.advance(timedelta(minutes=30))
        report = desk.reports.of(BOOK, DAY)
        assert report is not None
        return desk.reconciling.read(report), desk

    usual, _ = made(Mortal(), None)
    mortal = Mortal()
    report, desk = made(mortal, dies_at)
    assert mortal.left is None
    assert statuses(report) == statuses(usual)
    assert report.ours == usual.ours
    assert report.theirs == usual.theirs
    assert report.unexplained_minor == usual.unexplained_minor == 70
    assert len(desk.house.entries(BOOK.currency).entries) == 1
    assert len(desk.open_cases()) == 2


def test_a_question_is_on_record_before_it_is_sent() -> None:
    desk = MpesaDesk(MemoryDatabase())
    desk.came_in("RKT0000001", 100)
    seen: list[bool] = []
    ask = desk.mpesa.balances

    def balances(question: Question) -> str | None:
        known = desk.questions.get(question.question_id)
        seen.append(known == question and question.subject.by is By.BALANCES)
        return ask(question)

    desk.mpesa.balances = balances  # looks at what is on record
    desk.asking.step(DAY)
    assert seen == [True, True]
