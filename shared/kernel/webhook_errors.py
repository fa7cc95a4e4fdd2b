"""What a vendor's delivery is refused with; nothing of a refused delivery is kept."""

from shared.kernel.errors import BaobabError, Retry


class BadSignature(BaobabError):
    """The delivery does not prove that it comes from the vendor."""

    code = "BAD_SIGNATURE"
    template = "The signature does not fit the body, or its time is too far from now."
    template_sw = "Saini hailingani na mwili wa ujumbe, au wakati wake uko mbali mno na sasa."
    advice = "Compare the signing secret of the endpoint, and the sender's clock."
    advice_sw = "Linganisha siri ya kutia saini ya anwani hii, na saa ya mtumaji."
    retry = Retry.AFTER_CORRECTION
    status = 401


class Malformed(BaobabError):
    """The body or a header does not have the form that the vendor documents."""

    code = "MALFORMED"
    template = "The delivery does not have the documented form."
    template_sw = "Ujumbe hauna muundo ulioelezwa kwenye nyaraka."
    advice = "Send the body as the vendor's documentation shows it."
    advice_sw = "Tuma mwili wa ujumbe kama nyaraka za mtoa huduma zinavyoonyesha."
    retry = Retry.AFTER_CORRECTION
    status = 400


class WrongMode(BaobabError):
    """A test delivery at a live endpoint, or the other way round."""

    code = "WRONG_MODE"
    template = "Test and live deliveries have different endpoints."
    template_sw = "Ujumbe wa majaribio na wa kweli una anwani tofauti."
    advice = "Set the endpoint of the other mode at the vendor."
    advice_sw = "Weka anwani ya hali nyingine kwa mtoa huduma."
    retry = Retry.AFTER_CORRECTION
    status = 400


class WrongAccount(BaobabError):
    """The delivery is about another account at the vendor than ours."""

    code = "WRONG_ACCOUNT"
    template = "The delivery is about another account than the one of this endpoint."
    template_sw = "Ujumbe unahusu akaunti nyingine, si ya anwani hii."
    advice = "Set this endpoint for its own account only."
    advice_sw = "Weka anwani hii kwa akaunti yake pekee."
    retry = Retry.AFTER_CORRECTION
    status = 400


class NotJson(BaobabError):
    """The media type is not application/json."""

    code = "NOT_JSON"
    template = "The media type must be application/json."
    template_sw = "Aina ya maudhui lazima iwe application/json."
    advice = "Send the body as JSON and say so in the header."
    advice_sw = "Tuma mwili kama JSON na uueleze kwenye kichwa."
    retry = Retry.AFTER_CORRECTION
    status = 415


class DeliveryTooLarge(BaobabError):
    """The delivery has more bytes than a vendor's news can have."""

    code = "TOO_LARGE"
    template = "The delivery is too large."
    template_sw = "Ujumbe ni mkubwa mno."
    advice = "Send the reference only; the rest is fetched."
    advice_sw = "Tuma rejeleo tu; mengine huchukuliwa."
    retry = Retry.NEVER
    status = 413


class TryAgain(BaobabError):
    """The delivery could not be kept; it was not looked at."""

    code = "TRY_AGAIN"
    template = "The delivery could not be kept right now."
    template_sw = "Ujumbe haukuweza kuhifadhiwa kwa sasa."
    advice = "Deliver it again later."
    advice_sw = "Ulete tena baadaye."
    retryable = True
    retry = Retry.LATER
    status = 503
