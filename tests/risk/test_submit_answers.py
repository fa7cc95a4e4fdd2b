"""Answers, profile and event are one fact."""

import json
from datetime import UTC, datetime

import pytest

from shared.kernel.clock import FixedClock
from shared.kernel.errors import InvalidValue, NotFound
from shared.kernel.ids import Kind, SequentialIds
from shared.platform import keys
from shared.platform.memory import MemoryDatabase
from shared.platform.outbox import Facts, OutboxRow
from shared.platform.tables import Put, Table
from shared.risk import service
from shared.risk.errors import AnswerMissing, QuestionnaireUnknown, RiskTooHigh
from shared.risk.model import Assessment
from shared.risk.store import AssessmentStore
from shared.users.store import ProfileRow, UserStore

Q = service.current_questionnaire()
AT = datetime(2026, 3, 2, 9, tzinfo=UTC)


class World:
    def __init__(self) -> None:
        self.database = MemoryDatabase()
        self.clock = FixedClock(AT)
        self.ids = SequentialIds(clock=self.clock)
        self.user = self.ids.new(Kind.USER)
        self.store = AssessmentStore(self.database)

    def register(self) -> None:
        row = ProfileRow(
            pk=keys.user(self.user),
            sk=keys.PROFILE,
            status="ACTIVE",
            language="en",
            kyc_status="NOT_STARTED",
            wrapped_key=b"key",
            personal=b"data",
        )
        self.database.write(Put.new("profile", row))

    def submit(self, answers: dict[str, str], **more: object) -> Assessment:
        arguments = {"version": Q.version, "user_id": self.user, "answers": answers} | more
        unit = Facts(self.database, self.clock, self.ids)
        return service.submit_answers(
            self.store,
            UserStore(self.database),
            unit,
            self.clock,
            self.ids,
            **arguments,
        )

    def score_in_force(self) -> int | None:
        user = UserStore(self.database).get(self.user)
        return None if user is None else user.risk_score

    def events(self) -> list[dict[str, object]]:
        pages = [self.database.query(Table.OUTBOX, f"OUTBOX#{n}", "0", "Z") for n in range(8)]
        return [json.loads(row.envelope) for page in pages for row in page.rows(OutboxRow)]

    def feed(self) -> int:
        return len(self.database.query(Table.CORE, keys.user(self.user), "FEED#", "FEED#~").items)


@pytest.fixture
def world() -> World:
    world = World()
    world.register()
    return world


BEST = {q.key: max(q.choices, key=lambda choice: choice.points).key for q in Q.questions}


def test_answers_profile_and_event_are_stored_together(world: World) -> None:
    assessment = world.submit(BEST)
    assert world.store.find(world.user, assessment.id) == assessment
    assert (assessment.chosen, assessment.version, assessment.answers) == (5, "2026-1", BEST)
    assert world.score_in_force() == 5
    (event,) = world.events()
    assert event["type"] == "users.risk_profile_set.v1"
    assert event["data"] == {
        "user_id": world.user,
        "score": 5,
        "questionnaire_version": "2026-1",
    }


def test_a_lower_level_may_be_chosen(world: World) -> None:
    assessment = world.submit(BEST, chosen=2)
    assert (assessment.risk.score, assessment.chosen, world.score_in_force()) == (5, 2, 2)


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"chosen": 6}, RiskTooHigh),
        ({"chosen": 0}, InvalidValue),
        ({"version": "2020-1"}, QuestionnaireUnknown),
        ({"answers": BEST | {"horizon": "a"}, "chosen": 2}, RiskTooHigh),
        ({"answers": {}}, AnswerMissing),
    ],
)
def test_a_refusal_stores_nothing(
    world: World, change: dict[str, object], error: type[Exception]
) -> None:
    with pytest.raises(error):
        world.submit(**({"answers": BEST} | change))
    assert (world.score_in_force(), world.events(), world.feed()) == (None, [], 0)


def test_a_person_without_a_profile_is_not_found() -> None:
    world = World()
    with pytest.raises(NotFound):
        world.submit(BEST)
    assert (world.events(), world.feed()) == ([], 0)


def test_a_new_submission_keeps_the_old_one_as_it_was(world: World) -> None:
    first = world.submit(BEST)
    second = world.submit(BEST | {"horizon": "a"})
    assert world.store.find(world.user, first.id) == first
    assert world.store.find(world.user, second.id) == second
    assert (world.score_in_force(), world.feed()) == (1, 2)
