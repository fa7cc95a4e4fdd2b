"""All versions of the questionnaire; the last one is asked, earlier ones explain old scores."""

from shared.risk.errors import QuestionnaireUnknown
from shared.risk.model import Questionnaire
from shared.risk.questionnaires import y2026_1

VERSIONS: dict[str, Questionnaire] = {
    questionnaire.version: questionnaire for questionnaire in (y2026_1.QUESTIONNAIRE,)
}


def current() -> Questionnaire:
    """The version that is asked now."""
    return list(VERSIONS.values())[-1]


def answerable(version: str) -> Questionnaire:
    """The current version when ``version`` names it; QuestionnaireUnknown otherwise."""
    if version != current().version:
        raise QuestionnaireUnknown(version=version[:20])
    return current()
