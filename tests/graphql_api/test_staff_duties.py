"""Acts of staff that are cut off, come too late, or meet each other."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest

from graphql_api.application import Application
from shared.audit.acting import Acting
from shared.audit.duties import Duties
from shared.audit.model import Actor
from shared.audit.service import AuditTrail
from shared.kernel.edge_errors import Forbidden
from shared.kernel.errors import TemporarilyUnavailable
from shared.kernel.events import Event
from shared.kyc.review import Review, Verdict
from shared.platform.work import Write
from shared.users.model import UserStatus
from shared.users.roles import Role
from tests.graphql_api.staffing import MAY, REASON, acts, appoint, done, hold, standing


@pytest.fixture
def duties(app: Application, trail: AuditTrail) -> Duties:
    """The use cases themselves."""
    return Duties(app.people, Review(app.cases, app.kyc_people, app.facts, app.clock), trail)


@pytest.mark.parametrize("name", MAY)
@pytest.mark.parametrize("committed", [False, True])
def test_a_cut_off_act_is_there_with_its_record_or_not_at_all_and_a_repeat_completes_it(
    app: Application,
    amina: Any,
    staff: Callable[..., Any],
    trail: AuditTrail,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    committed: bool,
) -> None:
    client = staff(min(MAY[name]))
    appoint(app, amina, Role.USER)
    hold(app, amina.user_id)
    if name == "reinstatePerson":
        user = standing(app, amina.user_id)
        suspended = replace(user, status=UserStatus.SUSPENDED)
        app.database.transact([app.users.save_standing(user, suspended)])
    before, commit = standing(app, amina.user_id), app.facts.commit

    def cut_off(writes: Sequence[Write], *events: Event) -> None:
        if committed:
            commit(writes, *events)
        raise TemporarilyUnavailable()

    with monkeypatch.context() as during:
        during.setattr(app.facts, "commit", cut_off)
        assert done(client, name, amina.user_id)["code"] == "TEMPORARILY_UNAVAILABLE"
    assert (standing(app, amina.user_id) != before) is committed
    assert len(acts(trail, amina.user_id)) == int(committed)
    assert "person" in done(client, name, amina.user_id)
    assert len(acts(trail, amina.user_id)) == (2 if name == "endSessions" and committed else 1)
    assert trail.broken(amina.user_id) == []


def test_whoever_lost_the_role_meanwhile_brings_about_nothing(
    app: Application, amina: Any, staff: Callable[..., Any], trail: AuditTrail, duties: Duties
) -> None:
    admin, officer = staff(Role.ADMIN), staff(Role.COMPLIANCE)
    hold(app, amina.user_id)
    late = Acting.as_staff(standing(app, officer.user_id))
    done(admin, "setRole", officer.user_id, role="USER")
    before = standing(app, amina.user_id)
    attempts: list[Callable[[], object]] = [
        lambda: duties.suspend(late, amina.user_id, REASON),
        lambda: duties.end_sessions(late, amina.user_id, REASON),
        lambda: duties.see_identity(late, amina.user_id, REASON),
        lambda: duties.decide_case(late, amina.user_id, Verdict.APPROVE, REASON),
    ]
    for attempt in attempts:
        with pytest.raises(Forbidden):
            attempt()
    assert (standing(app, amina.user_id), acts(trail, amina.user_id)) == (before, [])


def test_of_two_administrators_who_take_each_others_role_one_remains(
    app: Application, staff: Callable[..., Any], duties: Duties
) -> None:
    one, two = staff(Role.ADMIN, "one").user_id, staff(Role.ADMIN, "two").user_id
    acting = {each: Acting.as_staff(standing(app, each)) for each in (one, two)}
    refused: list[Exception] = []

    def take(by: str, other: str) -> None:
        try:
            duties.set_role(acting[by], other, Role.USER, REASON)
        except Forbidden as error:
            refused.append(error)

    threads = [threading.Thread(target=take, args=pair) for pair in ((one, two), (two, one))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(refused) == 1
    assert sorted(standing(app, each).role for each in (one, two)) == [Role.ADMIN, Role.USER]


def test_the_operators_tool_acts_as_the_platform_under_the_operators_name(
    app: Application, amina: Any, trail: AuditTrail, duties: Duties
) -> None:
    appoint(app, amina, Role.USER)
    duties.set_role(Acting.as_operator("user/wanjiru"), amina.user_id, Role.ADMIN, REASON)
    (recorded,) = trail.whole(amina.user_id)
    assert recorded.entry.actor == Actor("operator:user/wanjiru", Role.SYSTEM)
    assert standing(app, amina.user_id).role is Role.ADMIN
