"""Vendors that give up after a second: a warm platform has answered each of them by then."""

from collections.abc import Iterator
from typing import Any

import pytest

from tools.journey.client import wait_for
from tools.journey.person import Person

pytestmark = pytest.mark.journey

PATIENCE_MS = 1000


@pytest.fixture
def impatient(sandbox: Any) -> Iterator[Any]:
    """A sandbox whose vendors wait no longer than a second for an answer."""
    before = sandbox.get("/_control/config")["webhook_timeout_ms"]
    sandbox.post("/_control/config", {"webhook_timeout_ms": PATIENCE_MS})
    yield sandbox
    sandbox.post("/_control/config", {"webhook_timeout_ms": before})


def told_by(sandbox: Any) -> list[Any]:
    """Every attempt of every vendor."""
    found: list[Any] = sandbox.get("/_control/deliveries")["deliveries"]
    return found


def test_every_vendor_has_its_answer_at_the_first_attempt_within_a_second(
    veteran: Person, impatient: Any
) -> None:
    def answered() -> list[Any] | None:
        """What vendors told while one payment by card and one by phone came, if none of them had
        to tell it twice: in the first rounds functions still start."""
        before = max((one["delivery"] for one in told_by(impatient)), default=0)
        card = veteran.create_deposit("STRIPE", "30.00")
        veteran.pay_by_card(card).raise_for_status()
        push = veteran.create_deposit("MPESA", "1300.00")
        for deposit in (card, push):
            veteran.wait_for_deposit(deposit["depositId"], "FUNDED")
        told = [one for one in told_by(impatient) if one["delivery"] > before]
        assert {"stripe", "daraja"} <= {one["vendor"] for one in told}
        good = all((one["attempt"], one["status"]) == (1, 200) for one in told)
        return told if good else None

    told = wait_for("a round of answers in time", answered, seconds=120, every=200)
    assert max(one["took_ms"] for one in told) <= PATIENCE_MS * 1.5
