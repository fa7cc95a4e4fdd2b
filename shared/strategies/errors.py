"""Refusals about strategies, exclusions and goals."""

from shared.kernel.errors import BaobabError, Retry


class NothingLeft(BaobabError):
    """Without the excluded assets a class of the strategy is empty."""

    code = "STRATEGY_NOTHING_LEFT"
    template = "Without these assets there is nothing left of their kind to invest in."
    template_sw = "Bila mali hizi hakuna mali nyingine ya aina hiyo ya kuwekeza."
    advice = "Exclude fewer assets."
    advice_sw = "Ondoa mali chache zaidi."
    retry = Retry.AFTER_CORRECTION


class TooNarrow(BaobabError):
    """Too much of a portfolio would lie in one asset."""

    code = "STRATEGY_TOO_NARROW"
    template = "Without these assets {symbol} alone would be more than {percent} % of a portfolio."
    template_sw = "Bila mali hizi {symbol} pekee ingekuwa zaidi ya asilimia {percent} ya mkoba."
    advice = "Exclude fewer assets."
    advice_sw = "Ondoa mali chache zaidi."
    retry = Retry.AFTER_CORRECTION


class WeightsRefused(BaobabError):
    """Weights of a strategy that nobody could be invested by."""

    code = "STRATEGY_WEIGHTS_REFUSED"
    template = "A strategy cannot have these weights: {reason}."
    template_sw = "Mkakati hauwezi kuwa na uzani huu: {reason}."
    advice = "Correct the weights and propose them again."
    advice_sw = "Sahihisha uzani kisha upendekeze tena."
    retry = Retry.AFTER_CORRECTION


class SecondPersonNeeded(BaobabError):
    """Whoever proposed a strategy does not decide it."""

    code = "STRATEGY_SECOND_PERSON_NEEDED"
    template = "Somebody else than the one who proposed this has to decide it."
    template_sw = "Mtu mwingine asiye aliyependekeza anapaswa kuamua."
    advice = "Ask a colleague."
    advice_sw = "Mwombe mwenzako."
    retry = Retry.NEVER


class NotYourProposal(BaobabError):
    """Only whoever proposed it takes it back."""

    code = "STRATEGY_NOT_YOUR_PROPOSAL"
    template = "Only the one who proposed this can take it back."
    template_sw = "Ni aliyependekeza pekee anayeweza kuondoa pendekezo hili."
    advice = "Decide it instead."
    advice_sw = "Badala yake, liamue."
    retry = Retry.NEVER


class ProposalDecided(BaobabError):
    """It was decided otherwise, by somebody else, or taken back."""

    code = "STRATEGY_PROPOSAL_DECIDED"
    template = "This proposal has been decided or taken back."
    template_sw = "Pendekezo hili tayari limeamuliwa au limeondolewa."
    advice = "Look at how it stands now."
    advice_sw = "Angalia hali yake ya sasa."
    retry = Retry.NEVER


class ProposalTooLate(BaobabError):
    """Its day has passed: nobody may be surprised by a strategy of yesterday."""

    code = "STRATEGY_PROPOSAL_TOO_LATE"
    template = "The day on which this should have taken effect has passed."
    template_sw = "Siku ambayo hili lilipaswa kuanza kutumika imepita."
    advice = "Propose it again for a later day."
    advice_sw = "Lipendekeze tena kwa siku ya baadaye."
    retry = Retry.NEVER


class TooManyGoals(BaobabError):
    """A person has a handful of goals; hundreds are a mistake or a machine."""

    code = "GOALS_TOO_MANY"
    template = "You have {limit} goals already."
    template_sw = "Tayari una malengo {limit}."
    advice = "Archive one that you do not need any more."
    advice_sw = "Hifadhi kwenye kumbukumbu lengo ambalo hulihitaji tena."
    retry = Retry.AFTER_CORRECTION


class GoalArchived(BaobabError):
    """Nothing is saved for a goal that was given up or reached."""

    code = "GOAL_ARCHIVED"
    template = "This goal is archived."
    template_sw = "Lengo hili limehifadhiwa kwenye kumbukumbu."
    advice = "Choose another goal, or make a new one."
    advice_sw = "Chagua lengo lingine, au unda jipya."
    retry = Retry.AFTER_CORRECTION


class DefaultGoalStays(BaobabError):
    """Money that names no goal belongs to it, so that it is always there."""

    code = "GOAL_DEFAULT_STAYS"
    template = "Your general goal cannot be archived."
    template_sw = "Lengo lako la jumla haliwezi kuhifadhiwa kwenye kumbukumbu."
    advice = "Change it instead."
    advice_sw = "Badala yake, libadilishe."
    retry = Retry.NEVER
