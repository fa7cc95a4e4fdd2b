"""Strategies: versions for staff to see, proposals by one and decisions by another, on record."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from graphql_api.application import Application
from shared.audit.model import Action
from shared.audit.service import AuditTrail
from shared.strategies.rows import StrategyStore, keep_in_force
from shared.users.roles import Role
from tests.graphql_api.goals import seen
from tests.graphql_api.staffing import appoint
from tests.graphql_api.steps import approved
from tests.graphql_api.unlimited import unlimited

HOUSE, REASON = "house_t1", "Momentum was too small"
TODAY = date(2026, 3, 2)
SHARES = {"AAAB": 4000, "MTUM": 1000, "QUAL": 1500, "SIZE": 700, "USMV": 1600, "VLUE": 1200}
_ERRORS = "... on UserError { code } ... on InvalidInputError { field }"
_PROPOSAL = f"""... on StrategyProposalPayload {{ proposal {{ proposalId status strategy style score
  validFrom weights {{ symbol weightBp }} reason proposedBy decidedBy version }} }} {_ERRORS}"""
PROPOSE = (
    f"""mutation($i: ProposeStrategyInput!) {{ proposeStrategy(input: $i) {{ {_PROPOSAL} }} }}"""
)
DECIDE = f"""mutation($i: DecideStrategyProposalInput!) {{
  decideStrategyProposal(input: $i) {{ {_PROPOSAL} }} }}"""
WITHDRAW = f"""mutation($i: WithdrawStrategyProposalInput!) {{
  withdrawStrategyProposal(input: $i) {{ {_PROPOSAL} }} }}"""
IN_FORCE = "{ strategies { inForce { strategy version inForce equityBp } } }"
VERSIONS = """{ strategies { versions(style: GROWTH, score: 3) { version validFrom inForce } } }"""
LIST = """query($after: Cursor) { strategies { proposals(first: 2, after: $after) {
  nodes { proposalId status } pageInfo { hasNextPage endCursor } } } }"""
ONE = """query($p: ProposalId!) { strategyProposal(proposalId: $p) { proposalId status
  changes { symbol beforeBp afterBp } } }"""


def asked(client: Any, document: str, **given: Any) -> Any:
    answer = client.graphql(document, {"i": {"reason": REASON} | given})
    assert "errors" not in answer.body, answer.body
    (found,) = answer.data.values()
    return found


def propose(client: Any, key: str = "key-1", **changes: Any) -> Any:
    wish = {
        "idempotencyKey": key,
        "style": "GROWTH",
        "score": 3,
        "weights": [{"symbol": name, "weightBp": points} for name, points in SHARES.items()],
        "validFrom": TODAY.isoformat(),
    }
    return asked(client, PROPOSE, **wish | changes)


def decide(client: Any, proposal: Any, agreed: bool = True) -> Any:
    return asked(client, DECIDE, proposalId=proposal["proposalId"], agreed=agreed)


@pytest.fixture
def keepers(
    app: Application, staff: Callable[..., Any], join: Callable[[str], Any]
) -> tuple[Any, Any]:
    unlimited(app)
    return staff(Role.ADMIN), appoint(app, join("second@example.com"), Role.COMPLIANCE)


def test_one_proposes_and_another_publishes_it_and_people_aim_for_it_from_its_day_on(
    app: Application, keepers: Any, join: Callable[[str], Any], trail: AuditTrail
) -> None:
    one, two = keepers
    keep_in_force(app.database, TODAY)
    proposal = propose(one)["proposal"]
    assert proposal | {"proposalId": "", "weights": []} == {
        "proposalId": "",
        "status": "PROPOSED",
        "strategy": "factor-3",
        "style": "GROWTH",
        "score": 3,
        "validFrom": "2026-03-02",
        "weights": [],
        "reason": REASON,
        "proposedBy": one.user_id,
        "decidedBy": None,
        "version": None,
    }
    assert decide(one, proposal) == {"code": "STRATEGY_SECOND_PERSON_NEEDED"}
    assert len(StrategyStore(app.database).versions()) == 10
    agreed = decide(two, proposal)["proposal"]
    assert (agreed["status"], agreed["decidedBy"], agreed["version"]) == (
        "APPROVED",
        two.user_id,
        2,
    )
    assert decide(two, proposal)["proposal"] == agreed
    # The minute's refresh puts it in force.
    keep_in_force(app.database, TODAY)
    saver = join("saver@example.com")
    approved(app, saver)
    (goal,) = seen(saver)
    assert goal["strategy"] == "factor-3 v2"
    assert {each["symbol"]: each["weightBp"] for each in goal["targetWeights"]} == SHARES
    entries = {each.entry.action: each.entry for each in trail.whole(HOUSE)}
    assert entries.keys() == {Action.STRATEGY_PROPOSED, Action.STRATEGY_DECIDED}
    decided = entries[Action.STRATEGY_DECIDED]
    assert (decided.actor.id, decided.reason) == (two.user_id, REASON)
    assert decided.after == {
        "proposal": proposal["proposalId"],
        "strategy": "factor-3",
        "status": "APPROVED",
        "valid_from": "2026-03-02",
        "version": "2",
        **{f"weight_bp.{name}": str(points) for name, points in SHARES.items()},
    }


def test_a_rejected_or_withdrawn_proposal_publishes_nothing_and_is_on_record(
    app: Application, keepers: Any, trail: AuditTrail
) -> None:
    one, two = keepers
    rejected = decide(two, propose(one)["proposal"], agreed=False)["proposal"]
    assert rejected["status"] == "REJECTED"
    assert decide(two, rejected) == {"code": "STRATEGY_PROPOSAL_DECIDED"}
    other = propose(one, "key-2")["proposal"]
    assert asked(two, WITHDRAW, proposalId=other["proposalId"]) == {
        "code": "STRATEGY_NOT_YOUR_PROPOSAL"
    }
    back = asked(one, WITHDRAW, proposalId=other["proposalId"])["proposal"]
    assert back["status"] == "WITHDRAWN"
    assert StrategyStore(app.database).versions() == ()
    assert sorted(each.entry.action.value for each in trail.whole(HOUSE)) == [
        "STRATEGY_DECIDED",
        "STRATEGY_PROPOSED",
        "STRATEGY_PROPOSED",
        "STRATEGY_WITHDRAWN",
    ]


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"weights": [{"symbol": "AAAB", "weightBp": 10_000}]}, "STRATEGY_WEIGHTS_REFUSED"),
        ({"weights": [{"symbol": "VTI", "weightBp": 10_000}]}, "STRATEGY_WEIGHTS_REFUSED"),
        ({"weights": [{"symbol": "AAAB", "weightBp": 5_000}] * 2}, "weights"),
        ({"validFrom": "2026-03-01"}, "validFrom"),
        ({"validFrom": "2027-03-04"}, "validFrom"),
        ({"score": 0}, "score"),
        ({"reason": "short"}, "reason"),
    ],
    ids=str,
)
def test_what_nobody_could_be_invested_by_is_refused_and_not_recorded(
    keepers: Any, trail: AuditTrail, wrong: dict[str, Any], told: str
) -> None:
    refused = propose(keepers[0], **wrong)
    assert refused.get("field", refused["code"]) == told
    assert list(trail.whole(HOUSE)) == []
    assert keepers[0].graphql(LIST).data["strategies"]["proposals"]["nodes"] == []


def test_one_who_lost_the_role_meanwhile_decides_nothing(
    app: Application, keepers: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = keepers
    proposal = propose(one)["proposal"]
    versions = StrategyStore.versions

    def demoted(self: StrategyStore) -> Any:
        appoint(app, two, Role.USER)
        return versions(self)

    monkeypatch.setattr(StrategyStore, "versions", demoted)
    given = {"proposalId": proposal["proposalId"], "agreed": True, "reason": REASON}
    refused = two.graphql(DECIDE, {"i": given}).data["decideStrategyProposal"]
    assert refused == {"code": "FORBIDDEN"}
    monkeypatch.undo()
    assert StrategyStore(app.database).versions() == ()
    found = one.graphql(ONE, {"p": proposal["proposalId"]}).data["strategyProposal"]
    assert found["status"] == "PROPOSED"


def test_versions_are_listed_also_those_to_come_and_one_is_in_force(
    app: Application, keepers: Any
) -> None:
    one, two = keepers
    for key, day in (("a", "2026-03-09"), ("b", "2026-03-02")):
        decide(two, propose(one, key, validFrom=day)["proposal"])
    listed = one.graphql(VERSIONS).data["strategies"]["versions"]
    assert [(each["version"], each["validFrom"], each["inForce"]) for each in listed] == [
        (3, "2026-03-02", True),
        (2, "2026-03-09", False),
        (1, "2026-01-01", False),
    ]
    now = one.graphql(IN_FORCE).data["strategies"]["inForce"]
    assert len(now) == 10
    assert {"strategy": "factor-3", "version": 3, "inForce": True, "equityBp": 6000} in now


def test_proposals_are_paged_and_one_is_found_by_its_id_with_what_it_changes(
    app: Application, keepers: Any
) -> None:
    one, _ = keepers
    ids = [propose(one, f"key-{number}")["proposal"]["proposalId"] for number in range(3)]
    page = one.graphql(LIST).data["strategies"]["proposals"]
    rest = one.graphql(LIST, {"after": page["pageInfo"]["endCursor"]}).data["strategies"]
    found = [each["proposalId"] for each in (*page["nodes"], *rest["proposals"]["nodes"])]
    assert (len(page["nodes"]), sorted(found)) == (2, sorted(ids))
    shown = one.graphql(ONE, {"p": ids[0]}).data["strategyProposal"]
    assert shown["changes"] == [
        {"symbol": "MTUM", "beforeBp": 900, "afterBp": 1000},
        {"symbol": "USMV", "beforeBp": 1700, "afterBp": 1600},
    ]
    nothing = "prp_t1_01ARZ3NDEKTSV4RRFFQ69G5FAV"
    assert one.graphql(ONE, {"p": nothing}).data["strategyProposal"] is None
