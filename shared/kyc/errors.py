"""What can be refused about identity documents, and what a provider may do to us."""

from shared.kernel.errors import BaobabError, Retry


class DocumentKindInvalid(BaobabError):
    """This document has no such side."""

    code = "KYC_DOCUMENT_KIND_INVALID"
    template = "A {document} has no {side} side."
    template_sw = "{document} haina upande wa {side}."
    advice = "Ask for a side that the document has."
    advice_sw = "Omba upande ambao hati inao."
    retry = Retry.AFTER_CORRECTION


class ContentTypeRefused(BaobabError):
    """A kind of file that is not taken."""

    code = "KYC_CONTENT_TYPE_REFUSED"
    template = "Files of this kind are not accepted here. Accepted: {accepted}."
    template_sw = "Faili za aina hii hazikubaliki hapa. Zinazokubalika: {accepted}."
    advice = "Send the picture in one of the accepted formats."
    advice_sw = "Tuma picha katika mojawapo ya miundo inayokubalika."
    retry = Retry.AFTER_CORRECTION


class FileSizeRefused(BaobabError):
    """A file that is too small to be legible or too large."""

    code = "KYC_FILE_SIZE_REFUSED"
    template = "The file must have {smallest} to {largest} bytes."
    template_sw = "Faili lazima iwe na baiti {smallest} hadi {largest}."
    advice = "Take the picture again with another quality."
    advice_sw = "Piga picha tena kwa ubora mwingine."
    retry = Retry.AFTER_CORRECTION


class VerificationUnderWay(BaobabError):
    """Documents are being checked; nothing can be replaced now."""

    code = "KYC_UNDER_WAY"
    template = "Your documents are being checked."
    template_sw = "Hati zako zinakaguliwa."
    advice = "Wait for the result."
    advice_sw = "Subiri matokeo."
    retry = Retry.LATER


class AlreadyVerified(BaobabError):
    """The identity is confirmed; its documents are never replaced."""

    code = "KYC_ALREADY_VERIFIED"
    template = "Your identity is already confirmed."
    template_sw = "Utambulisho wako tayari umethibitishwa."
    advice = "There is nothing more to upload."
    advice_sw = "Hakuna kingine cha kupakia."
    retry = Retry.NEVER


class VerificationClosed(BaobabError):
    """The case is closed or in the hands of staff."""

    code = "KYC_CLOSED"
    template = "No more documents can be sent for this case."
    template_sw = "Hakuna hati zaidi zinazoweza kutumwa."
    advice = "Write to support."
    advice_sw = "Waandikie wahudumu."
    retry = Retry.NEVER


class UploadLimitReached(BaobabError):
    """Too many uploads for one case."""

    code = "KYC_UPLOAD_LIMIT_REACHED"
    template = "You have sent {limit} files; more cannot be taken."
    template_sw = "Umetuma faili {limit}; zaidi hazipokelewi."
    advice = "Write to support."
    advice_sw = "Waandikie wahudumu."
    retry = Retry.NEVER


class CaseNotInReview(BaobabError):
    """The case is not one that a member of staff decides, or it is decided otherwise already."""

    code = "KYC_NOT_IN_REVIEW"
    template = "The case is {status}; only a case in review can be decided."
    template_sw = "Kesi iko {status}; ni kesi inayopitiwa tu inayoweza kuamuliwa."
    advice = "Read the case again."
    advice_sw = "Soma kesi tena."
    retry = Retry.NEVER


class ProviderUnavailable(BaobabError):
    """A provider does not answer, throttles, or answers something unheard of."""

    code = "KYC_PROVIDER_UNAVAILABLE"
    template = "{provider} does not answer."
    template_sw = "{provider} haijibu."
    advice = "Nothing to do; it is tried again."
    advice_sw = "Hakuna la kufanya; hujaribiwa tena."
    retry = Retry.LATER
    retryable = True


class ProviderRefused(BaobabError):
    """A provider understood a request and does not carry it out."""

    code = "KYC_PROVIDER_REFUSED"
    template = "{provider} refused {what}."
    template_sw = "{provider} imekataa {what}."
    advice = "A member of staff looks at it."
    advice_sw = "Mhudumu ataliangalia."
    retry = Retry.NEVER
