"""Cases of payouts of which nobody has known anything for too long: each ends with its payout."""

from datetime import timedelta

import pytest

from shared.cases.model import CaseStatus, MoneyCase
from shared.payouts.model import Payout, PayoutStatus, Rail
from tests.payouts.conftest import CAME_BACK, World
from tests.payouts.twins import CONSENT

S = PayoutStatus


def without_rate(world: World) -> Payout:
    """A withdrawal that has waited for a rate for so long that somebody was told."""
    world.deposit()
    payout = world.withdrawal(begin=False)
    world.recall(payout)
    world.rates.none = True
    world.clock.advance(timedelta(hours=25))
    world.send(payout)
    waits = world.now(payout)
    assert (waits.status, waits.escalated, len(world.open_cases())) == (S.RECALLED, True, 1)
    world.rates.none = False
    return waits


def ended(world: World) -> MoneyCase:
    assert world.open_cases() == []
    (case,) = world.cases.listed(CaseStatus.RESOLVED)
    return case


def listed(world: World) -> list[str]:
    return [one.payout_id for _, one in world.payouts.stuck(10).entries]


def test_one_that_waited_for_a_rate_is_sent_and_nobody_has_to_find_out_anything(world):
    payout = without_rate(world)
    world.send(payout)
    sent = world.now(payout)
    assert (sent.status, sent.escalated, sent.unsettled) == (S.SENT, False, False)
    assert listed(world) == []
    case = ended(world)
    assert (case.subject, case.resolved_by) == (payout.payout_id, "send_payout")


def test_a_gateway_that_is_silent_then_is_another_matter_that_is_told_too(world):
    payout = without_rate(world)
    world.rails[Rail.MPESA_B2C].script = ["silence"]
    world.send(payout)
    assert (world.now(payout).status, world.open_cases()) == (S.SENDING, [])
    world.clock.advance(timedelta(hours=24))
    world.sending.checked(world.user_id, payout.payout_id, 9)
    (case,) = world.open_cases()
    assert (case.subject, dict(case.facts)["said"]) == (payout.payout_id, "nothing")
    assert listed(world) == [payout.payout_id]


def test_what_was_silent_before_it_was_turned_back_stays_a_case_of_silence(world):
    world.deposit()
    rail = world.rails[Rail.MPESA_B2C]
    rail.script = ["never_sent", "silence"]
    payout = world.withdrawal()
    assert world.now(payout).status is S.RECALLED
    world.clock.advance(timedelta(hours=24))
    world.rates.none = True
    rail.script = ["never_sent", "never_sent", "silence"]
    world.sending.checked(world.user_id, payout.payout_id, 9)
    assert world.now(payout).escalated
    world.sending.checked(world.user_id, payout.payout_id, 9)
    world.sending.checked(world.user_id, payout.payout_id, 9)
    after = world.now(payout)
    assert (after.status, after.escalated, len(world.open_cases())) == (S.SENDING, True, 1)


@pytest.mark.parametrize("way", ["taken back", "asked and taken back", "asked and silent"])
def test_one_that_is_not_sent_at_all_leaves_no_case_behind(world, way):
    payout = without_rate(world)
    if way != "taken back":
        world.rates.rate = "120"
        world.send(payout)
        assert world.now(payout).status is S.AWAITING_CONSENT
    if way == "asked and silent":
        world.clock.advance(CONSENT)
        world.send(payout)
    else:
        world.requests.cancel(world.user_id, payout.payout_id)
    world.recall(payout)
    assert world.now(payout).status is S.CANCELLED
    assert ended(world).subject == payout.payout_id


def test_what_was_silent_and_came_back_leaves_no_case_behind(world):
    world.deposit()
    world.rails[Rail.MPESA_B2C].script = ["silence"]
    payout = world.withdrawal()
    world.clock.advance(timedelta(hours=24))
    world.sending.checked(world.user_id, payout.payout_id, 9)
    assert len(world.open_cases()) == 1
    world.told(payout, CAME_BACK)
    world.recall(payout)
    assert world.now(payout).status is S.RETURNED
    assert ended(world).subject == payout.payout_id
