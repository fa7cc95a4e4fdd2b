"""Use cases of risk: render the questionnaire, take its answers."""

from collections.abc import Mapping

from shared.kernel.clock import Clock
from shared.kernel.errors import InvalidValue, NotFound
from shared.kernel.ids import Ids, Kind
from shared.platform.work import ConditionFailed, UnitOfWork
from shared.risk import questionnaires
from shared.risk.errors import RiskTooHigh
from shared.risk.events import RiskProfileSetV1
from shared.risk.model import LOWEST, Assessment, Questionnaire, score
from shared.risk.ports import Assessments, Profiles


def current_questionnaire() -> Questionnaire:
    """The questionnaire to show; texts by ``text.in_language(language)``."""
    return questionnaires.current()


def submit_answers(
    assessments: Assessments,
    profiles: Profiles,
    unit: UnitOfWork,
    clock: Clock,
    ids: Ids,
    *,
    user_id: str,
    version: str,
    answers: Mapping[str, str],
    chosen: int | None = None,
) -> Assessment:
    """Score the answers and put the result in force: answers, profile and event in one fact.

    ``chosen`` may name a lower level than the score. Raises QuestionnaireUnknown,
    AnswerMissing, AnswerUnknown, RiskTooHigh, InvalidValue, and NotFound when the person has
    no profile; then nothing is stored.
    """
    risk = score(questionnaires.answerable(version), answers)
    level = risk.score if chosen is None else chosen
    if level < LOWEST:
        raise InvalidValue(field="chosen", reason=f"must be at least {LOWEST}")
    if level > risk.score:
        raise RiskTooHigh(allowed=risk.score, chosen=level)
    at = clock.now()
    assessment = Assessment(
        ids.new(Kind.RISK), user_id, at, version, dict(answers), risk, chosen=level
    )
    writes = [assessments.add(assessment), profiles.set_risk_score(user_id, level, version)]
    event = RiskProfileSetV1(user_id=user_id, score=level, questionnaire_version=version)
    try:
        unit.commit(writes, event)
    except ConditionFailed:
        raise NotFound(what="The profile") from None
    return assessment
