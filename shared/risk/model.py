"""Questionnaire, answers and the score: pure, and monotone in every answer.

``score = min(tolerance, capacity, horizon cap)``. Tolerance is keyed and banded like the
13-item scale of Grable and Lytton (Financial Services Review 8, 1999): 13-47 points, of which
up to 18 is low, 22 below average, 28 average, 32 above average, and 33 or more high. Capacity
counts what a person can afford to lose, and the horizon caps both. Because every part is a sum
or a minimum of values that grow with the answer, a bolder answer never lowers the score.
"""

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from shared.risk.errors import AnswerMissing, AnswerUnknown

LOWEST, HIGHEST = 1, 5


class Aspect(StrEnum):
    """What a question measures."""

    TOLERANCE = "TOLERANCE"
    """Willingness: how a person feels about gains and losses."""
    CAPACITY = "CAPACITY"
    """Ability: what a person's circumstances allow."""
    HORIZON = "HORIZON"
    """When the money is needed: counts towards capacity and caps the score."""


@dataclass(frozen=True, slots=True)
class Text:
    """A sentence in the languages that we speak."""

    en: str
    sw: str

    def in_language(self, language: str) -> str:
        """Swahili when asked for, else English."""
        return self.sw if language == "sw" else self.en


@dataclass(frozen=True, slots=True)
class Choice:
    """One possible answer: its ``points`` and the highest score that it leaves reachable."""

    key: str
    text: Text
    points: int
    ceiling: int = HIGHEST


@dataclass(frozen=True, slots=True)
class Question:
    """One question with choices in the order in which they are shown."""

    key: str
    aspect: Aspect
    text: Text
    choices: tuple[Choice, ...]

    def choice(self, key: str) -> Choice:
        """The choice of this key; AnswerUnknown when there is none."""
        for choice in self.choices:
            if choice.key == key:
                return choice
        raise AnswerUnknown(question=self.key)


@dataclass(frozen=True, slots=True)
class Questionnaire:
    """A version never changes once somebody has answered it.

    ``*_bands`` are the smallest points of bands 2 to 5; ``twins`` names two questions that ask
    for the same thing in other words, whose answers should agree.
    """

    version: str
    questions: tuple[Question, ...]
    tolerance_bands: tuple[int, int, int, int]
    capacity_bands: tuple[int, int, int, int]
    twins: tuple[str, str]


class Flag(StrEnum):
    """Why answers should be looked at again; they never raise a score."""

    TWINS_DISAGREE = "TWINS_DISAGREE"
    """Two questions about the same thing were answered two or more points apart."""
    MORE_CAUTIOUS_THAN_NEEDED = "MORE_CAUTIOUS_THAN_NEEDED"
    """Capacity is two or more bands above tolerance."""
    BOLDER_THAN_AFFORDABLE = "BOLDER_THAN_AFFORDABLE"
    """Tolerance is two or more bands above capacity."""


@dataclass(frozen=True, slots=True)
class RiskScore:
    """Bands from 1 (lowest risk) to 5, and the flags of the answers."""

    tolerance: int
    capacity: int
    horizon_cap: int
    flags: frozenset[Flag] = frozenset()

    @property
    def score(self) -> int:
        """The weakest of the three decides."""
        return min(self.tolerance, self.capacity, self.horizon_cap)


@dataclass(frozen=True, slots=True)
class Assessment:
    """One submission, kept for ever as it was. ``chosen`` is in force: the score or lower."""

    id: str
    user_id: str
    at: datetime
    version: str
    answers: Mapping[str, str]
    risk: RiskScore
    chosen: int


def band(points: int, starts: tuple[int, int, int, int]) -> int:
    """The band 1-5 that ``points`` fall into; ``starts`` are where bands 2-5 begin."""
    return LOWEST + bisect_right(starts, points)


def score(questionnaire: Questionnaire, answers: Mapping[str, str]) -> RiskScore:
    """Score a full set of answers: question key to choice key.

    Raises AnswerMissing when a question has no answer, and AnswerUnknown for a question or
    choice that this version does not have: a guess is never made.
    """
    known = {question.key for question in questionnaire.questions}
    for key in answers:
        if key not in known:
            raise AnswerUnknown(question=key[:40])
    chosen: list[tuple[Question, Choice]] = []
    for question in questionnaire.questions:
        if question.key not in answers:
            raise AnswerMissing(question=question.key)
        chosen.append((question, question.choice(answers[question.key])))
    willing = sum(c.points for q, c in chosen if q.aspect is Aspect.TOLERANCE)
    able = sum(c.points for q, c in chosen if q.aspect is not Aspect.TOLERANCE)
    limits = [c.ceiling for q, c in chosen if q.aspect is Aspect.CAPACITY]
    tolerance = band(willing, questionnaire.tolerance_bands)
    capacity = min(band(able, questionnaire.capacity_bands), *limits)
    return RiskScore(
        tolerance=tolerance,
        capacity=capacity,
        horizon_cap=min(c.ceiling for q, c in chosen if q.aspect is Aspect.HORIZON),
        flags=_flags(questionnaire, dict(answers), tolerance, capacity),
    )


def _flags(
    questionnaire: Questionnaire, answers: Mapping[str, str], tolerance: int, capacity: int
) -> frozenset[Flag]:
    points = {
        question.key: question.choice(answers[question.key]).points
        for question in questionnaire.questions
    }
    first, second = questionnaire.twins
    found = set()
    if abs(points[first] - points[second]) >= 2:
        found.add(Flag.TWINS_DISAGREE)
    if capacity - tolerance >= 2:
        found.add(Flag.MORE_CAUTIOUS_THAN_NEEDED)
    if tolerance - capacity >= 2:
        found.add(Flag.BOLDER_THAN_AFFORDABLE)
    return frozenset(found)
