"""What happened to a person's risk profile."""

from typing import ClassVar

from shared.kernel.events import Event


class RiskProfileSetV1(Event):
    """The risk level in force has been set: ``score`` 1 (lowest) to 5."""

    type: ClassVar[str] = "users.risk_profile_set"

    user_id: str
    score: int
    questionnaire_version: str
