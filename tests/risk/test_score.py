"""The score: pure, complete, monotone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.risk import questionnaires
from shared.risk.errors import AnswerMissing, AnswerUnknown, QuestionnaireUnknown
from shared.risk.model import Aspect, Flag, Questionnaire, score

Q = questionnaires.current()


def extreme(best: bool) -> dict[str, str]:
    pick = max if best else min
    return {
        q.key: pick(q.choices, key=lambda choice: (choice.points, choice.ceiling)).key
        for q in Q.questions
    }


answers_of = st.fixed_dictionaries(
    {q.key: st.sampled_from([choice.key for choice in q.choices]) for q in Q.questions}
)


def tolerance_points(which: Questionnaire) -> tuple[int, int]:
    items = [q for q in which.questions if q.aspect is Aspect.TOLERANCE]
    low = sum(min(c.points for c in q.choices) for q in items)
    return low, sum(max(c.points for c in q.choices) for q in items)


def test_the_tolerance_key_has_the_published_range() -> None:
    assert tolerance_points(Q) == (13, 47)
    shapes = [
        tuple(choice.points for choice in q.choices)
        for q in Q.questions
        if q.aspect is Aspect.TOLERANCE
    ]
    four, three, two = (1, 2, 3, 4), (1, 2, 3), (1, 3)
    assert shapes == [
        *((4, 3, 2, 1), four, four, three, three, four, four),
        *(four, two, two, four, three, four),
    ]


@pytest.mark.parametrize(
    ("points", "expected"),
    [(13, 1), (18, 1), (19, 2), (22, 2), (23, 3), (28, 3), (29, 4), (32, 4), (33, 5), (47, 5)],
)
def test_tolerance_bands_start_where_the_scale_says(points: int, expected: int) -> None:
    answers = extreme(best=False)
    left = points - 13
    for question in (q for q in Q.questions if q.aspect is Aspect.TOLERANCE):
        low = min(choice.points for choice in question.choices)
        fitting = [c for c in question.choices if c.points - low <= left]
        chosen = max(fitting, key=lambda choice: choice.points)
        left -= chosen.points - low
        answers[question.key] = chosen.key
    assert left == 0
    assert score(Q, answers).tolerance == expected


def test_the_boldest_answers_reach_the_highest_score_and_the_most_careful_the_lowest() -> None:
    assert score(Q, extreme(best=True)).score == 5
    assert score(Q, extreme(best=False)).score == 1


@given(answers_of, st.data())
def test_a_bolder_answer_never_lowers_the_score(
    answers: dict[str, str], data: st.DataObject
) -> None:
    question = data.draw(st.sampled_from(Q.questions))
    old = question.choice(answers[question.key])
    bolder = [c for c in question.choices if c.points >= old.points]
    changed = answers | {question.key: data.draw(st.sampled_from(bolder)).key}
    before, after = score(Q, answers), score(Q, changed)
    assert after.score >= before.score
    assert after.tolerance >= before.tolerance
    assert after.capacity >= before.capacity
    assert after.horizon_cap >= before.horizon_cap


@given(answers_of)
def test_the_score_is_the_weakest_of_its_parts(answers: dict[str, str]) -> None:
    risk = score(Q, answers)
    assert risk.score == min(risk.tolerance, risk.capacity, risk.horizon_cap)
    assert 1 <= risk.score <= 5


def test_no_question_rewards_a_choice_with_points_that_its_ceiling_takes_away() -> None:
    for question in Q.questions:
        by_points = sorted(question.choices, key=lambda choice: choice.points)
        ceilings = [choice.ceiling for choice in by_points]
        assert ceilings == sorted(ceilings), question.key


@given(answers_of, st.sampled_from([q.key for q in Q.questions]))
def test_a_missing_answer_gives_no_score(answers: dict[str, str], missing: str) -> None:
    del answers[missing]
    with pytest.raises(AnswerMissing) as raised:
        score(Q, answers)
    assert raised.value.values == {"question": missing}


@pytest.mark.parametrize("change", [{"horizon": "z"}, {"shoe_size": "a"}, {"horizon": ""}])
def test_an_answer_that_does_not_exist_is_refused(change: dict[str, str]) -> None:
    with pytest.raises(AnswerUnknown):
        score(Q, extreme(best=True) | change)


@pytest.mark.parametrize(("choice", "cap"), [("a", 1), ("b", 1), ("c", 2), ("d", 4), ("e", 5)])
def test_the_horizon_caps_the_boldest_person(choice: str, cap: int) -> None:
    risk = score(Q, extreme(best=True) | {"horizon": choice})
    assert (risk.horizon_cap, risk.score) == (cap, cap)


@pytest.mark.parametrize("question", ["emergency_fund", "debt"])
def test_a_person_without_reserves_stays_careful(question: str) -> None:
    assert score(Q, extreme(best=True) | {question: "a"}).score == 2


def test_answers_that_contradict_each_other_are_flagged_and_never_scored_higher() -> None:
    best = extreme(best=True)
    twin = score(Q, best | {Q.twins[0]: "a"})
    assert twin.flags == {Flag.TWINS_DISAGREE}
    assert score(Q, best).flags == frozenset()
    careful = {
        q.key: extreme(best=False)[q.key] for q in Q.questions if q.aspect is Aspect.TOLERANCE
    }
    assert score(Q, best | careful).flags == {Flag.MORE_CAUTIOUS_THAN_NEEDED}
    bold = {q.key: best[q.key] for q in Q.questions if q.aspect is Aspect.TOLERANCE}
    assert Flag.BOLDER_THAN_AFFORDABLE in score(Q, extreme(best=False) | bold).flags


def test_every_text_is_there_in_both_languages() -> None:
    texts = [text for q in Q.questions for text in (q.text, *(choice.text for choice in q.choices))]
    assert all(text.in_language("en") and text.in_language("sw") for text in texts)
    assert all(text.in_language("en") != text.in_language("sw") for text in texts)
    assert len({q.key for q in Q.questions}) == 20


def test_only_the_current_version_can_be_answered() -> None:
    assert questionnaires.answerable(Q.version) is Q
    with pytest.raises(QuestionnaireUnknown):
        questionnaires.answerable("1999-1")
