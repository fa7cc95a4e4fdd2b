"""What the edge refuses before any business is asked: requests, documents, rights and rates."""

from shared.kernel.errors import BaobabError, Retry


class BadRequest(BaobabError):
    """A request that is no well-formed GraphQL request over HTTP."""

    code = "BAD_REQUEST"
    template = "The request cannot be read: {reason}"
    template_sw = "Ombi halisomeki: {reason}"
    advice = "Correct the request; the documentation of the API shows its form."
    advice_sw = "Sahihisha ombi; nyaraka za API zinaonyesha muundo wake."
    retry = Retry.AFTER_CORRECTION
    status = 400


class ParseFailed(BaobabError):
    """The document is not GraphQL."""

    code = "GRAPHQL_PARSE_FAILED"
    template = "The document is not well-formed GraphQL. {reason}"
    template_sw = "Hati si GraphQL sahihi. {reason}"
    advice = "Correct the document's syntax."
    advice_sw = "Sahihisha sintaksia ya hati."
    retry = Retry.AFTER_CORRECTION
    status = 400


class ValidationFailed(BaobabError):
    """The document asks for something that the schema does not have, or in a wrong way."""

    code = "GRAPHQL_VALIDATION_FAILED"
    template = "The document does not fit the schema. {reason}"
    template_sw = "Hati hailingani na skima. {reason}"
    advice = "Correct the document by the published schema."
    advice_sw = "Sahihisha hati kwa kufuata skima iliyochapishwa."
    retry = Retry.AFTER_CORRECTION
    status = 400


class BadUserInput(BaobabError):
    """A variable or an argument does not have the form of its type; nothing was changed."""

    code = "BAD_USER_INPUT"
    template = "A value of the request is not valid. {reason}"
    template_sw = "Thamani moja ya ombi si sahihi. {reason}"
    advice = "Correct the value and send the request again."
    advice_sw = "Sahihisha thamani kisha utume ombi tena."
    retry = Retry.AFTER_CORRECTION
    status = 400


class OperationUnresolved(BaobabError):
    """It is not clear which operation of the document is meant."""

    code = "OPERATION_RESOLUTION_FAILURE"
    template = "The operation to execute cannot be told. {reason}"
    template_sw = "Operesheni ya kutekeleza haijulikani. {reason}"
    advice = "Name one operation of the document in operationName."
    advice_sw = "Taja operesheni moja ya hati katika operationName."
    retry = Retry.AFTER_CORRECTION
    status = 400


class DocumentTooComplex(BaobabError):
    """The document exceeds a limit: ``limit`` names it, ``allowed`` is its value."""

    code = "DOCUMENT_TOO_COMPLEX"
    template = "The document exceeds the limit of {limit}: {allowed} allowed."
    template_sw = "Hati inazidi kikomo cha {limit}: kinachoruhusiwa ni {allowed}."
    advice = "Ask for less in one request, or for shorter pages."
    advice_sw = "Omba machache zaidi katika ombi moja, au kurasa fupi zaidi."
    retry = Retry.AFTER_CORRECTION
    status = 400


class PersistedQueryNotFound(BaobabError):
    """No persisted operation has this id."""

    code = "PERSISTED_QUERY_NOT_FOUND"
    template = "No persisted operation has this id."
    template_sw = "Hakuna operesheni iliyohifadhiwa yenye kitambulisho hiki."
    advice = "Use an id of the published list of operations."
    advice_sw = "Tumia kitambulisho kilicho kwenye orodha ya operesheni iliyochapishwa."
    retry = Retry.AFTER_CORRECTION
    status = 400


class PersistedQueryRequired(BaobabError):
    """This stage executes persisted operations only."""

    code = "PERSISTED_QUERY_REQUIRED"
    template = "Only persisted operations are executed here."
    template_sw = "Hapa zinatekelezwa operesheni zilizohifadhiwa tu."
    advice = "Send the id of a persisted operation instead of a document."
    advice_sw = "Tuma kitambulisho cha operesheni iliyohifadhiwa badala ya hati."
    retry = Retry.AFTER_CORRECTION
    status = 400


class NotSignedIn(BaobabError):
    """The request carries no valid access token of an active person."""

    code = "NOT_SIGNED_IN"
    template = "Please sign in."
    template_sw = "Tafadhali ingia."
    advice = "Sign in, or refresh the session."
    advice_sw = "Ingia, au onyesha upya kipindi chako."
    retry = Retry.AFTER_SIGN_IN
    status = 401


class Forbidden(BaobabError):
    """The signed-in person may not do this."""

    code = "FORBIDDEN"
    template = "You may not do this."
    template_sw = "Huna ruhusa ya kufanya hivi."
    advice = "Ask somebody who may."
    advice_sw = "Muombe mwenye ruhusa."
    retry = Retry.NEVER
    status = 403


class StepUpRequired(BaobabError):
    """The action asks for a second factor proved a few minutes ago."""

    code = "STEP_UP_REQUIRED"
    template = "Please confirm with your second factor first."
    template_sw = "Tafadhali thibitisha kwanza kwa njia yako ya pili ya uthibitisho."
    advice = "Confirm with password and authenticator code; set up an app first if you have none."
    advice_sw = (
        "Thibitisha kwa nenosiri na msimbo wa programu ya uthibitisho; iweke kwanza kama huna."
    )
    retry = Retry.AFTER_STEP_UP
    status = 403


class MethodNotAllowed(BaobabError):
    """The path does not take this HTTP method."""

    code = "METHOD_NOT_ALLOWED"
    template = "This method is not taken here. Taken: {allowed}."
    template_sw = "Njia hii ya HTTP haipokelewi hapa. Zinazopokelewa: {allowed}."
    advice = "Send the request with POST."
    advice_sw = "Tuma ombi kwa POST."
    retry = Retry.AFTER_CORRECTION
    status = 405


class NotAcceptable(BaobabError):
    """The Accept header excludes every media type that is answered."""

    code = "NOT_ACCEPTABLE"
    template = "No media type of the Accept header is answered here. Answered: {offered}."
    template_sw = (
        "Hakuna aina ya maudhui ya kichwa cha Accept inayojibiwa. Zinazojibiwa: {offered}."
    )
    advice = "Accept one of these media types."
    advice_sw = "Kubali mojawapo ya aina hizi za maudhui."
    retry = Retry.AFTER_CORRECTION
    status = 406


class BodyTooLarge(BaobabError):
    """The body has more bytes than are read."""

    code = "BODY_TOO_LARGE"
    template = "The body may have at most {allowed} bytes."
    template_sw = "Mwili wa ombi unaweza kuwa na baiti {allowed} tu."
    advice = "Send a smaller request."
    advice_sw = "Tuma ombi dogo zaidi."
    retry = Retry.AFTER_CORRECTION
    status = 413


class UnsupportedMediaType(BaobabError):
    """The body's media type, charset or content encoding is not read."""

    code = "UNSUPPORTED_MEDIA_TYPE"
    template = "The body must be {expected}."
    template_sw = "Mwili wa ombi lazima uwe {expected}."
    advice = "Send the body in this form and say so in the headers."
    advice_sw = "Tuma mwili wa ombi katika muundo huu na uueleze kwenye vichwa."
    retry = Retry.AFTER_CORRECTION
    status = 415


class RateLimited(BaobabError):
    """Too many requests for now; ``seconds`` (whole, at least 1) until the next may succeed."""

    code = "RATE_LIMITED"
    template = "Too many requests. Try again in {seconds} seconds."
    template_sw = "Maombi ni mengi mno. Jaribu tena baada ya sekunde {seconds}."
    advice = "Wait, then send the same request again."
    advice_sw = "Subiri, kisha utume ombi lile lile tena."
    retryable = True
    retry = Retry.AFTER_SECONDS
    status = 429


class InternalError(BaobabError):
    """Something unforeseen failed; only the correlation id, which finds the log line, is told."""

    code = "INTERNAL_ERROR"
    template = "Something went wrong on our side. Nothing more is known yet."
    template_sw = "Hitilafu imetokea upande wetu. Bado hatujui zaidi."
    advice = "Try again with the same idempotency key, and give support the correlation id."
    advice_sw = "Jaribu tena kwa ufunguo ule ule, na uwape wahudumu kitambulisho cha ufuatiliaji."
    retry = Retry.SAME_KEY
    status = 500


class CardNumberRefused(BaobabError):
    """A text holds what can be the number of a payment card; it was neither stored nor sent on."""

    code = "CARD_NUMBER_REFUSED"
    template = "This text seems to hold a card number, which does not belong here."
    template_sw = "Maandishi haya yanaonekana kuwa na namba ya kadi, ambayo haipaswi kuwa hapa."
    advice = "Take the number out; cards are typed on the payment page only."
    advice_sw = "Ondoa namba hiyo; kadi huandikwa kwenye ukurasa wa malipo pekee."
    retry = Retry.AFTER_CORRECTION
    status = 400
