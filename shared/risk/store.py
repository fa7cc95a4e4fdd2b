"""Submitted questionnaires as rows of the person's feed; they are only ever added."""

from typing import Any, ClassVar

from pynamodb.attributes import JSONAttribute, NumberAttribute, UnicodeAttribute

from shared.kernel.ids import Kind
from shared.platform import keys
from shared.platform.tables import Database, InstantAttribute, Put, Row
from shared.platform.work import Write
from shared.risk.model import Assessment, Flag, RiskScore


class AssessmentRow(Row):
    """One submission with its answers, version and every part of its score."""

    KIND: ClassVar[str] = "risk_assessment"

    id = UnicodeAttribute()
    user_id = UnicodeAttribute()
    at = InstantAttribute()
    version = UnicodeAttribute()
    answers = JSONAttribute()
    tolerance = NumberAttribute()
    capacity = NumberAttribute()
    horizon_cap = NumberAttribute()
    flags = JSONAttribute()
    chosen = NumberAttribute()


def _row(assessment: Assessment) -> AssessmentRow:
    risk = assessment.risk
    return AssessmentRow(
        pk=keys.user(assessment.user_id),
        sk=keys.feed(assessment.id, Kind.RISK),
        id=assessment.id,
        user_id=assessment.user_id,
        at=assessment.at,
        version=assessment.version,
        answers=dict(assessment.answers),
        tolerance=risk.tolerance,
        capacity=risk.capacity,
        horizon_cap=risk.horizon_cap,
        flags=sorted(risk.flags),
        chosen=assessment.chosen,
    )


def _domain(row: AssessmentRow) -> Assessment:
    answers: dict[str, Any] = row.answers
    return Assessment(
        id=row.id,
        user_id=row.user_id,
        at=row.at,
        version=row.version,
        answers=answers,
        risk=RiskScore(
            tolerance=int(row.tolerance),
            capacity=int(row.capacity),
            horizon_cap=int(row.horizon_cap),
            flags=frozenset(Flag(flag) for flag in row.flags),
        ),
        chosen=int(row.chosen),
    )


class AssessmentStore:
    """See Assessments."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, assessment: Assessment) -> Write:
        """See Assessments."""
        return Put.new("assessment", _row(assessment))

    def find(self, user_id: str, assessment_id: str) -> Assessment | None:
        """See Assessments."""
        sort_key = keys.feed(assessment_id, Kind.RISK)
        row = self._database.get(AssessmentRow, keys.user(user_id), sort_key)
        return None if row is None else _domain(row)
