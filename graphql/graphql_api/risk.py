"""The risk questionnaire and its result."""

from typing import Annotated

import strawberry

from graphql_api.errors import Failure, answered
from graphql_api.languages import Language
from graphql_api.rules import INHERITED, SIGNED_IN, Info, field, object_type
from graphql_api.scalars import Key
from shared.kernel.errors import InvalidValue
from shared.risk.model import Aspect, Assessment, Flag
from shared.risk.service import current_questionnaire, submit_answers

strawberry.enum(Aspect, name="RiskAspect", description="What a question measures.")
strawberry.enum(Flag, name="RiskFlag", description="Why answers should be looked at again.")

_TEXT_MAX = 64


@object_type(description="A possible answer.")
class RiskChoice:
    """See the description."""

    key: str = field(INHERITED, "Send this as `choice`.")
    text: str = field(INHERITED, "In the language asked for.")


@object_type(description="A question about attitude or circumstances.")
class RiskQuestion:
    """See the description."""

    key: str = field(INHERITED, "Send this as `question`.")
    aspect: Aspect = field(INHERITED, "What it measures.")
    text: str = field(INHERITED, "In the language asked for.")
    choices: list[RiskChoice] = field(INHERITED, "In the order to show them.")


@object_type(description="The questions by which a risk score is found.")
class RiskQuestionnaire:
    """See the description."""

    version: str = field(INHERITED, "Send this with the answers.")
    questions: list[RiskQuestion] = field(INHERITED, "In the order to show them.")


@object_type(description="The risk profile in force.")
class RiskProfile:
    """See the description."""

    score: int = field(INHERITED, "1 (cautious) to 5 (bold).")
    questionnaire_version: str | None = field(INHERITED, "What was answered.")


@object_type(description="What the answers came to: the weakest of the three decides.")
class RiskAssessment:
    """See the description."""

    score: int = field(INHERITED, "In force from now on, 1 to 5.")
    allowed: int = field(INHERITED, "The highest that the answers allow.")
    tolerance: int = field(INHERITED, "Willingness to take risk, 1 to 5.")
    capacity: int = field(INHERITED, "Ability to take risk, 1 to 5.")
    horizon_cap: int = field(INHERITED, "What the time until the goal allows.")
    flags: list[Flag] = field(INHERITED, "Answers to look at again.")


@strawberry.input(description="The answer to one question.")
class RiskAnswerInput:
    """See the description."""

    question: Key = strawberry.field(description="Key of the question.")
    choice: Key = strawberry.field(description="Key of the choice.")


@strawberry.input(description="All answers to a version of the questionnaire.")
class SubmitRiskProfileInput:
    """See the description."""

    version: Key = strawberry.field(description="Of the questionnaire.")
    answers: list[RiskAnswerInput] = strawberry.field(description="One for each question.")
    chosen: int | None = strawberry.field(
        default=None, description="A lower score than the answers allow, if wished."
    )


@object_type(description="The answers are stored and the score is in force.")
class SubmitRiskProfilePayload:
    """See the description."""

    assessment: RiskAssessment = field(INHERITED, "The result.")


SubmitRiskProfileResult = Annotated[
    SubmitRiskProfilePayload | Failure,
    strawberry.union(
        "SubmitRiskProfileResult", description="The result, or why the answers were not taken."
    ),
]


def assessment_of(assessment: Assessment) -> RiskAssessment:
    """For the person who answered."""
    return RiskAssessment(
        score=assessment.chosen,
        allowed=assessment.risk.score,
        tolerance=assessment.risk.tolerance,
        capacity=assessment.risk.capacity,
        horizon_cap=assessment.risk.horizon_cap,
        flags=sorted(assessment.risk.flags),
    )


def checked_answers(answers: list[RiskAnswerInput]) -> dict[str, str]:
    """By question; InvalidValue when a question is answered twice."""
    by_question: dict[str, str] = {each.question: each.choice for each in answers}
    long = any(len(text) > _TEXT_MAX for pair in by_question.items() for text in pair)
    if len(by_question) != len(answers) or long:
        raise InvalidValue(field="answers", reason="must answer each question once, by its keys")
    return by_question


@object_type()
class RiskQuery:
    """Root fields about risk."""

    @field(SIGNED_IN, "The questionnaire to answer now.")
    def risk_questionnaire(self, info: Info, language: Language | None = None) -> RiskQuestionnaire:
        """See the description."""
        spoken = info.context.language if language is None else language.value
        questionnaire = current_questionnaire()
        return RiskQuestionnaire(
            version=questionnaire.version,
            questions=[
                RiskQuestion(
                    key=question.key,
                    aspect=question.aspect,
                    text=question.text.in_language(spoken),
                    choices=[
                        RiskChoice(key=choice.key, text=choice.text.in_language(spoken))
                        for choice in question.choices
                    ],
                )
                for question in questionnaire.questions
            ],
        )


@object_type()
class RiskMutation:
    """Mutations about risk."""

    @field(
        SIGNED_IN,
        "Answer the questionnaire; the result decides how money is invested.",
    )
    def submit_risk_profile(
        self, info: Info, input: SubmitRiskProfileInput
    ) -> SubmitRiskProfileResult:
        """See the description."""
        context = info.context

        def submit() -> SubmitRiskProfilePayload:
            assessment = submit_answers(
                context.app.assessments,
                context.app.users,
                context.app.facts,
                context.app.clock,
                context.app.ids,
                user_id=context.user_id,
                version=input.version,
                answers=checked_answers(input.answers),
                chosen=input.chosen,
            )
            return SubmitRiskProfilePayload(assessment=assessment_of(assessment))

        return answered(submit, context.language)
