"""A crash at any line: the next run continues, and nothing is doubled or lost.

The fuse counts every commit and every call with an effect outside; each test run dies once,
before or after the effect with that number, and then goes on like a redelivered message.
"""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.kyc.model import BrokerStatus, CaseStatus, DocumentStatus
from shared.kyc.verification import LEASE
from shared.users.model import KycStatus


def identity_run(world: Any) -> None:
    """As the worker does it: hand over, the provider finishes, take the result."""
    world.verification.advance(world.user)
    if world.provider.started:
        world.finish_check()
    world.verification.advance(world.user)


def opening_run(world: Any) -> None:
    world.opening.advance(world.user)
    world.broker.says("ACTIVE", BrokerStatus.ACTIVE)
    world.opening.advance(world.user)


def steps_of(make_world: Any, prepare: str, run: Any) -> int:
    world = make_world()
    getattr(world, prepare)()
    world.fuse.steps = 0
    run(world)
    return int(world.fuse.steps)


def survive(world: Any, crash: Any, run: Any, at: int, after: bool) -> None:
    world.fuse.steps, world.fuse.at, world.fuse.after = 0, at, after
    with pytest.raises(crash):
        run(world)
    world.fuse.at = None
    world.clock.advance(LEASE)
    run(world)


def test_an_identity_survives_a_crash_at_every_step(make_world: Any, crash: Any) -> None:
    steps = steps_of(make_world, "submit", identity_run)
    assert steps >= 11
    for at in range(1, steps + 1):
        for after in (False, True):
            world = make_world()
            world.submit()
            survive(world, crash, identity_run, at, after)
            where = f"step {at}, {'after' if after else 'before'}"
            assert world.case.status is CaseStatus.APPROVED, where
            assert world.profile.kyc_status is KycStatus.APPROVED, where
            assert [len(world.provider.applicants), len(world.provider.started)] == [1, 1], where
            assert len(world.provider.files) == 2, where
            assert {d.status for d in world.file.documents} == {DocumentStatus.VERIFIED}, where
            names = [name for name, _ in world.events()]
            assert names == ["kyc.identity_submitted.v1", "kyc.identity_approved.v1"], where


def test_a_broker_account_survives_a_crash_at_every_step(make_world: Any, crash: Any) -> None:
    steps = steps_of(make_world, "approve", opening_run)
    assert steps >= 6
    for at in range(1, steps + 1):
        for after in (False, True):
            world = make_world()
            world.approve()
            survive(world, crash, opening_run, at, after)
            where = f"step {at}, {'after' if after else 'before'}"
            assert world.file.broker_account.status is BrokerStatus.ACTIVE, where
            assert world.profile.broker_account_id == "account-1", where
            assert world.profile.broker_status == "ACTIVE", where
            assert len(world.broker.accounts) == 1, where
            names = [name for name, _ in world.events()]
            assert names.count("investing.broker_account_opened.v1") == 1, where
            assert names.count("investing.broker_account_refused.v1") == 0, where


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 6), st.booleans()), max_size=8))
def test_many_crashes_in_a_row_leave_one_of_everything(
    make_world: Any, crash: Any, crashes: list[tuple[int, bool]]
) -> None:
    world = make_world()
    world.submit()
    for at, after in crashes:
        world.fuse.steps, world.fuse.at, world.fuse.after = 0, at, after
        try:
            identity_run(world)
        except crash:
            world.clock.advance(LEASE)
    world.fuse.at = None
    world.clock.advance(LEASE)
    identity_run(world)
    assert world.case.status is CaseStatus.APPROVED
    assert [len(world.provider.applicants), len(world.provider.started)] == [1, 1]
    assert len(world.provider.files) == 2
    assert [name for name, _ in world.events()].count("kyc.identity_approved.v1") == 1
