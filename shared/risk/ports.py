"""What the use cases of risk need from outside."""

from typing import Protocol

from shared.platform.work import Write
from shared.risk.model import Assessment


class Assessments(Protocol):
    """Keeps every submission as it was."""

    def add(self, assessment: Assessment) -> Write:
        """Write a new one; there is no way to change it afterwards."""

    def find(self, user_id: str, assessment_id: str) -> Assessment | None:
        """One of this person's submissions."""


class Profiles(Protocol):
    """The person's profile, in which the score in force is kept."""

    def set_risk_score(self, user_id: str, score: int, questionnaire_version: str) -> Write:
        """Put ``score`` in force; the write fails when there is no such person."""
