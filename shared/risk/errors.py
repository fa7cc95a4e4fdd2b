"""What can be wrong with a risk questionnaire's answers."""

from shared.kernel.errors import BaobabError, Retry


class AnswerMissing(BaobabError):
    """A question has no answer; without all answers there is no score."""

    code = "RISK_ANSWER_MISSING"
    template = "The question {question} has no answer."
    template_sw = "Swali {question} halijajibiwa."
    advice = "Answer every question of the questionnaire."
    advice_sw = "Jibu kila swali la dodoso."
    retry = Retry.AFTER_CORRECTION


class AnswerUnknown(BaobabError):
    """A question or a choice that this version of the questionnaire does not have."""

    code = "RISK_ANSWER_UNKNOWN"
    template = "The answer to {question} is not one of the choices."
    template_sw = "Jibu la {question} si mojawapo ya machaguo."
    advice = "Read the questionnaire again and use its keys."
    advice_sw = "Soma dodoso tena na utumie vitambulisho vyake."
    retry = Retry.AFTER_CORRECTION


class QuestionnaireUnknown(BaobabError):
    """No such version, or one that is not answered any more."""

    code = "RISK_QUESTIONNAIRE_UNKNOWN"
    template = "There is no questionnaire {version} to answer."
    template_sw = "Hakuna dodoso {version} la kujibu."
    advice = "Read the current questionnaire and answer that."
    advice_sw = "Soma dodoso la sasa na ulijibu hilo."
    retry = Retry.AFTER_CORRECTION


class RiskTooHigh(BaobabError):
    """A person may choose a lower risk than the answers allow, never a higher one."""

    code = "RISK_TOO_HIGH"
    template = "Your answers allow a risk level of at most {allowed}; {chosen} is higher."
    template_sw = (
        "Majibu yako yanaruhusu kiwango cha hatari kisichozidi {allowed}; {chosen} kimezidi."
    )
    advice = "Choose a level up to the one that your answers allow."
    advice_sw = "Chagua kiwango kisichozidi kile ambacho majibu yako yanaruhusu."
    retry = Retry.AFTER_CORRECTION
