"""A new version takes two people, and fits beside the others on its day."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from shared.kernel.clock import FixedClock
from shared.kernel.errors import IdempotencyKeyReused, InvalidValue, NotFound
from shared.platform.tables import Table
from shared.strategies.errors import (
    NotYourProposal,
    ProposalDecided,
    ProposalTooLate,
    SecondPersonNeeded,
    WeightsRefused,
)
from shared.strategies.founding import FOUNDING
from shared.strategies.model import Style
from shared.strategies.proposals import Draft, Proposal, ProposalStatus
from shared.strategies.proposing import Proposing
from shared.strategies.rows import StrategyStore, keep_in_force

TODAY = date(2026, 3, 2)
WEIGHTS = {"AAAB": 4000, "MTUM": 1000, "QUAL": 1500, "SIZE": 700, "USMV": 1600, "VLUE": 1200}
DRAFT = Draft(Style.GROWTH, 3, WEIGHTS, TODAY + timedelta(days=7))
WHY = "Momentum was too small"


def propose(proposing: Proposing, key: str = "k-1", by: str = "one", **changes: Any) -> Proposal:
    return proposing.propose(by, key, replace(DRAFT, **changes), WHY, lambda _: [])


def decide(proposing: Proposing, one: Proposal, by: str = "two", agreed: bool = True) -> Proposal:
    return proposing.decide(by, one.proposal_id, agreed, lambda _: [])


def told(database: Any) -> list[str]:
    rows = [
        item
        for shard in range(8)
        for item in database.query(Table.OUTBOX, f"OUTBOX#{shard}", "0", "~").items
    ]
    return [item.attributes["type"]["S"] for item in rows]


def test_agreed_by_a_second_person_it_is_published_and_in_force_on_its_day(
    proposing: Proposing, database: Any, clock: FixedClock
) -> None:
    keep_in_force(database, TODAY)
    made = propose(proposing)
    assert (made.status, made.proposed_by, told(database)) == (ProposalStatus.PROPOSED, "one", [])
    agreed = decide(proposing, made)
    assert (agreed.status, agreed.decided_by, agreed.published) == (
        ProposalStatus.APPROVED,
        "two",
        2,
    )
    assert proposing.proposal(made.proposal_id) == agreed
    store = StrategyStore(database)
    assert store.in_force()["factor-3"].version == 1
    assert keep_in_force(database, DRAFT.valid_from - timedelta(days=1)) == 0
    keep_in_force(database, DRAFT.valid_from)
    assert store.in_force()["factor-3"] == DRAFT.as_version(2)
    assert told(database) == ["strategies.strategy_published.v1"]


def test_the_same_word_again_is_success_and_another_one_is_not(
    proposing: Proposing, database: Any
) -> None:
    made = propose(proposing)
    agreed = decide(proposing, made)
    assert decide(proposing, made) == agreed
    for by, word in (("two", False), ("three", True)):
        with pytest.raises(ProposalDecided):
            decide(proposing, made, by, word)
    with pytest.raises(ProposalDecided):
        proposing.withdraw("one", made.proposal_id, lambda _: [])
    assert len(StrategyStore(database).versions()) == 1


def test_nobody_decides_their_own_and_only_they_take_it_back(
    proposing: Proposing, database: Any
) -> None:
    made = propose(proposing)
    with pytest.raises(SecondPersonNeeded):
        decide(proposing, made, "one")
    with pytest.raises(NotYourProposal):
        proposing.withdraw("two", made.proposal_id, lambda _: [])
    back = proposing.withdraw("one", made.proposal_id, lambda _: [])
    assert back.status is ProposalStatus.WITHDRAWN
    assert proposing.withdraw("one", made.proposal_id, lambda _: []) == back
    with pytest.raises(ProposalDecided):
        decide(proposing, made)
    assert StrategyStore(database).versions() == ()


def test_a_rejected_one_publishes_nothing(proposing: Proposing, database: Any) -> None:
    made = propose(proposing)
    assert decide(proposing, made, agreed=False).status is ProposalStatus.REJECTED
    assert decide(proposing, made, agreed=False).published is None
    assert (StrategyStore(database).versions(), told(database)) == ((), [])


def test_one_key_makes_one_proposal(proposing: Proposing) -> None:
    made = propose(proposing)
    shuffled = dict(reversed(WEIGHTS.items()))
    assert propose(proposing, weights=shuffled) == made
    with pytest.raises(IdempotencyKeyReused):
        propose(proposing, valid_from=DRAFT.valid_from + timedelta(days=1))
    assert [one.proposal_id for _, one in proposing.proposals.page(limit=9).entries] == [
        made.proposal_id
    ]


def test_a_day_that_passed_is_too_late_to_agree_but_not_to_reject(
    proposing: Proposing, clock: FixedClock
) -> None:
    made = propose(proposing)
    clock.advance(timedelta(days=8))
    with pytest.raises(ProposalTooLate):
        decide(proposing, made)
    assert decide(proposing, made, agreed=False).status is ProposalStatus.REJECTED


def test_what_changed_beside_it_is_looked_at_again_when_it_is_decided(proposing: Proposing) -> None:
    # Both fit what is in force; one after the other they would cross.
    lower = propose(proposing, weights=WEIGHTS | {"AAAB": 2500, "USMV": 3100})
    higher = propose(
        proposing,
        "k-2",
        score=4,
        weights={"AAAB": 3000, "QUAL": 3000, "USMV": 2000, "VLUE": 2000},
    )
    decide(proposing, higher)
    with pytest.raises(WeightsRefused, match="NOT_MONOTONE"):
        decide(proposing, lower)
    assert proposing.proposal(lower.proposal_id).status is ProposalStatus.PROPOSED


def test_two_that_are_agreed_to_at_once_get_numbers_of_their_own(
    proposing: Proposing, database: Any
) -> None:
    first, second = propose(proposing), propose(proposing, "k-2")
    inner, store = StrategyStore(database), StrategyStore(database)
    raced: list[int] = []

    class Racing:
        def __getattr__(self, name: str) -> Any:
            return getattr(inner, name)

        def versions(self) -> Any:
            known = inner.versions()
            if not raced:
                raced.append(1)
                decide(proposing, first)
            return known

    racing = replace(proposing, strategies=Racing())
    assert decide(racing, second).published == 3
    assert sorted(one.version for one in store.versions()) == [2, 3]


@pytest.mark.parametrize(
    ("weights", "reason"),
    [
        ({}, "NOT_A_WHOLE"),
        (WEIGHTS | {"AAAB": 4001}, "NOT_A_WHOLE"),
        (WEIGHTS | {"AAAB": 5000, "MTUM": 0}, "NOT_A_WHOLE"),
        (WEIGHTS | {"AAAB": 6000, "MTUM": -1000}, "NOT_A_WHOLE"),
        ({"AAAB": 4000, "TSLA": 6000}, "UNKNOWN_ASSET"),
        ({"AAAB": 4000, "QUAL": 4001, "USMV": 1999}, "OVER_CAP"),
        ({"AAAB": 9001, "QUAL": 999}, "OVER_CAP"),
        ({"QUAL": 4000, "USMV": 4000, "MTUM": 2000}, "CLASS_MISSING"),
        ({"AAAB": 7000, "QUAL": 3000}, "NOT_MONOTONE"),
        ({"AAAB": 1000, "QUAL": 4000, "USMV": 4000, "MTUM": 1000}, "NOT_MONOTONE"),
    ],
)
def test_weights_by_which_nobody_can_be_invested_are_refused(
    proposing: Proposing, weights: Mapping[str, int], reason: str
) -> None:
    with pytest.raises(WeightsRefused, match=reason):
        propose(proposing, weights=weights)
    assert proposing.proposals.page(limit=9).entries == ()
    assert propose(proposing).status is ProposalStatus.PROPOSED


def test_income_never_holds_more_equity_than_growth(proposing: Proposing) -> None:
    growth = {one.id: one for one in FOUNDING}["factor-1"].weights
    bolder = dict(growth) | {"AAAB": 7900, "USMV": 900}
    with pytest.raises(WeightsRefused, match="INCOME_OVER_GROWTH"):
        propose(proposing, style=Style.INCOME, score=1, weights=bolder)


@pytest.mark.parametrize(
    "changes",
    [
        {"score": 0},
        {"score": 6},
        {"valid_from": TODAY - timedelta(days=1)},
        {"valid_from": TODAY + timedelta(days=367)},
    ],
)
def test_scores_and_days_that_there_are_not_are_refused(
    proposing: Proposing, changes: Mapping[str, Any]
) -> None:
    with pytest.raises(InvalidValue):
        propose(proposing, **changes)


def test_a_proposal_that_never_was_is_not_found(proposing: Proposing) -> None:
    with pytest.raises(NotFound):
        proposing.decide("two", "prp_t1_01ARZ3NDEKTSV4RRFFQ69G5FAV", True, lambda _: [])
