"""Refusals of the treasury."""

from shared.kernel.errors import BaobabError, Retry


class AlreadyBooked(BaobabError):
    """A movement of this kind and reference is in the books."""

    code = "TREASURY_ALREADY_BOOKED"
    template = "This movement is in the books already."
    template_sw = "Muamala huu tayari upo kwenye vitabu."
    advice = "Look it up by its reference."
    advice_sw = "Utafute kwa kumbukumbu yake."
    retry = Retry.NEVER


class SecondPersonNeeded(BaobabError):
    """Whoever proposed a movement does not decide it."""

    code = "TREASURY_SECOND_PERSON_NEEDED"
    template = "Somebody else than the one who recorded this has to decide it."
    template_sw = "Mtu mwingine asiye aliyeuandika muamala huu anapaswa kuuamua."
    advice = "Ask a colleague."
    advice_sw = "Mwombe mwenzako."
    retry = Retry.NEVER


class MovementDecided(BaobabError):
    """It was decided otherwise, or by somebody else."""

    code = "TREASURY_MOVEMENT_DECIDED"
    template = "This movement has been decided."
    template_sw = "Muamala huu tayari umeamuliwa."
    advice = "Look at how it stands now."
    advice_sw = "Angalia hali yake ya sasa."
    retry = Retry.NEVER


class LimitStillExceeded(BaobabError):
    """The breaker would open again at once."""

    code = "TREASURY_LIMIT_STILL_EXCEEDED"
    template = "The limit is still exceeded."
    template_sw = "Kikomo bado kimepitwa."
    advice = "Bring what is used below the limit first."
    advice_sw = "Kwanza punguza kinachotumika kiwe chini ya kikomo."
    retry = Retry.LATER


class SuspenseDecided(BaobabError):
    """What becomes of a payment is decided, or waits for a second person."""

    code = "TREASURY_SUSPENSE_DECIDED"
    template = "What becomes of this payment has been decided, or waits for a second person."
    template_sw = "Hatima ya malipo haya imeamuliwa, au inasubiri mtu wa pili."
    advice = "Look at how it stands now."
    advice_sw = "Angalia hali yake ya sasa."
    retry = Retry.NEVER


class ClaimedByBank(BaobabError):
    """A dispute of the payment is open, or was lost."""

    code = "TREASURY_CLAIMED_BY_BANK"
    template = "The payer's bank takes this payment back, or has done so."
    template_sw = "Benki ya mlipaji inachukua tena malipo haya, au imekwisha kuyachukua."
    advice = "Wait until the dispute is won."
    advice_sw = "Subiri hadi mzozo ushindwe na benki."
    retry = Retry.LATER


class PaidForAnother(BaobabError):
    """The payment carries the name of somebody else's deposit."""

    code = "TREASURY_PAID_FOR_ANOTHER"
    template = "This payment was made for somebody else's deposit."
    template_sw = "Malipo haya yalifanywa kwa amana ya mtu mwingine."
    advice = "Credit that person, or send it back."
    advice_sw = "Mpe mtu huyo, au yarudishwe."
    retry = Retry.NEVER


class MayNotBeCredited(BaobabError):
    """The person may not pay in, or the deposit was settled by another payment."""

    code = "TREASURY_MAY_NOT_BE_CREDITED"
    template = "This payment cannot be credited to this person."
    template_sw = "Malipo haya hayawezi kuwekwa kwa mtu huyu."
    advice = "Send it back."
    advice_sw = "Yarudishwe."
    retry = Retry.NEVER
