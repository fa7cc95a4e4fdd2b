"""The sandbox's M-Pesa is asked and answers by its paths: what is planted is found."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shared.kernel.clock import SystemClock
from shared.payments.callbacks import Addresses, read_token
from shared.payments.providers.daraja_client import DarajaClient
from shared.platform.memory import MemoryDatabase
from shared.reconciliation.model import Status
from shared.reconciliation.providers.daraja_questions import DarajaQuestions
from tests.payments.test_daraja_over_sandbox import (
    PURPOSES,
    Hooks,
    client,
    customer_pays,
    hooks,
    http,
    secret,
)
from tests.reconciliation.mpesa_desk import PAYBILL, PAYOUTS, MpesaDesk, statuses

__all__ = ["client", "hooks", "http", "secret"]
FLOAT = 1_000_000_000


@pytest.fixture
def desk(client: DarajaClient, hooks: Hooks) -> MpesaDesk:
    """It is now; M-Pesa is the sandbox's."""
    one = MpesaDesk(MemoryDatabase())
    one.it_is(SystemClock().now())
    inquiry = DarajaQuestions(client, Addresses(hooks.url, lambda: b"key"))
    one.asking = replace(one.asking, inquiry=inquiry)
    return one


def heard(desk: MpesaDesk, hooks: Hooks, known: int, count: int) -> int:
    """Takes in so many answers as the worker does."""
    came = hooks.wait_for(known + count)
    for vendor, token, body in came[known:]:
        assert read_token(b"key", "t1", token, PURPOSES[vendor]) is not None
        desk.answers.came(vendor, token, body, SystemClock().now())
    return known + count


def test_the_sandboxs_mpesa_agrees_but_for_what_was_planted(
    desk: MpesaDesk, hooks: Hooks, sandbox: Any
) -> None:
    today = datetime.now(UTC).date()
    over = datetime.combine(today, datetime.min.time(), UTC) + timedelta(days=1, hours=1)
    known, lost = customer_pays(sandbox), customer_pays(sandbox)
    desk.ours(130_000, today, reference="dep_1", payment=known)
    desk.ours(9_900, today, reference="dep_2", payment="QQQQQQQQQQ")
    # The day before: at whichever hour this runs, it was there when the balance is told.
    funded = {"kind": "GATEWAY_FUNDED", "reference": "mov_1", "gateway": "MPESA"}
    desk.ours(FLOAT, today - timedelta(days=1), **funded)
    charge = {"account": "Charges Paid Account", "amount": -15}
    sandbox.post("/_control/daraja/accounts", json=charge).raise_for_status()

    assert desk.asking.step(today, 0, over) is None
    seen = heard(desk, hooks, 0, 2)
    told = desk.questions.told(today, (PAYBILL, PAYOUTS))
    assert told is not None
    assert {one.shortcode: one.minor for one in told} == {PAYBILL: 258_500, PAYOUTS: FLOAT}
    stored = None
    for attempt, wait in enumerate((0, 1, 6, 20)):
        desk.clock.advance(timedelta(minutes=wait))
        stored = desk.asking.step(today, attempt, over)
        if stored is not None:
            break
        seen = heard(desk, hooks, seen, 2 if attempt == 0 else 1)
    assert stored is not None
    report = desk.reconciling.read(stored)
    assert statuses(report) == {
        f"PAYMENT:{known}": Status.MATCHED,
        "PAYMENT:QQQQQQQQQQ": Status.MISSING_THERE,
        "OTHER:mov_1": Status.MATCHED,
        f"FEE:fee:charges:MPESA:{today.isoformat()}": Status.MISSING_HERE,
    }
    # A payment that our books have never heard of: nobody could ask about it.
    assert lost not in str(statuses(report))
    assert report.unexplained_minor == 130_000
    assert report.difference_minor == 9_900 + 1_500
    assert len(desk.open_cases()) == 2


@pytest.mark.parametrize("kind", ["rate_limited", "error"])
def test_a_gateway_that_turns_questions_away_is_asked_again(
    desk: MpesaDesk, hooks: Hooks, fault: Callable[..., None], kind: str
) -> None:
    fault("daraja", "balance", kind, times=2)
    day = datetime.now(UTC).date() - timedelta(days=1)
    desk.ours(100, day, payment="QQQQQQQQQQ")
    over = datetime.now(UTC)
    assert desk.asking.step(day, 0, over + timedelta(hours=1)) is None
    assert hooks.came == []
    desk.clock.advance(timedelta(minutes=1))
    assert desk.asking.step(day, 1, over + timedelta(hours=1)) is None
    heard(desk, hooks, 0, 2)
    assert desk.questions.told(day, (PAYBILL, PAYOUTS)) is not None
