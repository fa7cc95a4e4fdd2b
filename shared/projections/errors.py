"""Why there is no projection of a goal."""

from shared.kernel.errors import BaobabError, Retry


class ProjectionDateMissing(BaobabError):
    """Without a day nobody knows how far to look."""

    code = "PROJECTION_DATE_MISSING"
    template = "This goal has no date, so there is no day to look at."
    template_sw = "Lengo hili halina tarehe, kwa hiyo hakuna siku ya kuangalia."
    advice = "Give the goal a date first."
    advice_sw = "Kwanza weka tarehe ya lengo."
    retry = Retry.AFTER_CORRECTION


class ProjectionDateTooNear(BaobabError):
    """The day is past or less than a month away: there is nothing left to project."""

    code = "PROJECTION_DATE_TOO_NEAR"
    template = "The date of this goal has passed or is less than a month away."
    template_sw = "Tarehe ya lengo hili imepita au imebaki chini ya mwezi mmoja."
    advice = "Give the goal a later date, or look at what is saved for it."
    advice_sw = "Weka tarehe ya baadaye, au angalia kilichowekwa kwa lengo hili."
    retry = Retry.AFTER_CORRECTION


class ProjectionTooFar(BaobabError):
    """No assumption about markets is worth anything over so long a time."""

    code = "PROJECTION_TOO_FAR"
    template = "The date of this goal is more than {years} years away."
    template_sw = "Tarehe ya lengo hili iko zaidi ya miaka {years} mbele."
    advice = "Give the goal an earlier date."
    advice_sw = "Weka tarehe ya mapema zaidi."
    retry = Retry.AFTER_CORRECTION


class ProjectionRiskProfileMissing(BaobabError):
    """Before the risk questions nobody knows how the money would be invested."""

    code = "PROJECTION_RISK_PROFILE_MISSING"
    template = "Your risk profile is missing."
    template_sw = "Wasifu wako wa hatari haujakamilika."
    advice = "Answer the risk questions first."
    advice_sw = "Jibu maswali ya hatari kwanza."
    retry = Retry.AFTER_CORRECTION


class ProjectionWorthUnknown(BaobabError):
    """A price of what is held is missing, and a start is never guessed."""

    code = "PROJECTION_WORTH_UNKNOWN"
    template = "What is saved for this goal is not known at the moment: a price is missing."
    template_sw = "Kilichowekwa kwa lengo hili hakijulikani kwa sasa: bei moja haipo."
    advice = "Try again later."
    advice_sw = "Jaribu tena baadaye."
    retryable = True
    retry = Retry.LATER
