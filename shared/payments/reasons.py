"""Why a payment or its funding did not go through, in words for people."""

from enum import StrEnum


class Reason(StrEnum):
    """Stable codes. ``TEXTS`` has the words."""

    INSUFFICIENT_FUNDS = "INSUFFICIENT_FUNDS"
    CANCELLED_BY_PAYER = "CANCELLED_BY_PAYER"
    CANCELLED = "CANCELLED"
    NO_RESPONSE = "NO_RESPONSE"
    WRONG_PIN = "WRONG_PIN"
    PROMPT_EXPIRED = "PROMPT_EXPIRED"
    PROMPT_NOT_SENT = "PROMPT_NOT_SENT"
    PAYER_BUSY = "PAYER_BUSY"
    LIMIT_EXCEEDED = "LIMIT_EXCEEDED"
    PAYER_NOT_ALLOWED = "PAYER_NOT_ALLOWED"
    INVALID_PHONE = "INVALID_PHONE"
    DECLINED = "DECLINED"
    EXPIRED = "EXPIRED"
    GATEWAY_REFUSED = "GATEWAY_REFUSED"
    AMOUNT_MISMATCH = "AMOUNT_MISMATCH"
    PAYMENT_REUSED = "PAYMENT_REUSED"
    SENT_BACK = "SENT_BACK"
    OVER_FUNDING_LIMIT = "OVER_FUNDING_LIMIT"
    BROKER_REJECTED = "BROKER_REJECTED"
    SEASONING = "SEASONING"


TEXTS: dict[Reason, tuple[str, str]] = {
    Reason.INSUFFICIENT_FUNDS: (
        "There is not enough money on the paying account.",
        "Hakuna pesa za kutosha kwenye akaunti inayolipa.",
    ),
    Reason.CANCELLED_BY_PAYER: (
        "The payment was cancelled on the phone.",
        "Malipo yalighairiwa kwenye simu.",
    ),
    Reason.CANCELLED: ("You cancelled this payment.", "Ulighairi malipo haya."),
    Reason.NO_RESPONSE: (
        "The phone did not answer in time.",
        "Simu haikujibu kwa wakati.",
    ),
    Reason.WRONG_PIN: ("The PIN was wrong.", "PIN haikuwa sahihi."),
    Reason.PROMPT_EXPIRED: (
        "The payment request on the phone expired.",
        "Ombi la malipo kwenye simu limeisha muda.",
    ),
    Reason.PROMPT_NOT_SENT: (
        "The payment request could not be sent to the phone.",
        "Ombi la malipo halikuweza kutumwa kwenye simu.",
    ),
    Reason.PAYER_BUSY: (
        "Another payment is still open on this phone.",
        "Malipo mengine bado yanaendelea kwenye simu hii.",
    ),
    Reason.LIMIT_EXCEEDED: (
        "The payment exceeds a limit of the paying account.",
        "Malipo yanazidi kikomo cha akaunti inayolipa.",
    ),
    Reason.PAYER_NOT_ALLOWED: (
        "The paying account may not make this payment.",
        "Akaunti inayolipa hairuhusiwi kufanya malipo haya.",
    ),
    Reason.INVALID_PHONE: (
        "The phone number cannot be used for this payment.",
        "Nambari ya simu haiwezi kutumika kwa malipo haya.",
    ),
    Reason.DECLINED: ("The payment was declined.", "Malipo yamekataliwa."),
    Reason.EXPIRED: (
        "The payment was not completed in time.",
        "Malipo hayakukamilika kwa wakati.",
    ),
    Reason.GATEWAY_REFUSED: (
        "The payment service refused this payment.",
        "Huduma ya malipo imekataa malipo haya.",
    ),
    Reason.AMOUNT_MISMATCH: (
        "The amount paid differs from the amount asked for. We are looking into it.",
        "Kiasi kilicholipwa ni tofauti na kilichoombwa. Tunachunguza.",
    ),
    Reason.PAYMENT_REUSED: (
        "This payment was already counted. We are looking into it.",
        "Malipo haya yalishahesabiwa. Tunachunguza.",
    ),
    Reason.SENT_BACK: (
        "Another amount was paid than was asked for. What was paid goes back to where it came "
        "from.",
        "Kiasi kilicholipwa ni tofauti na kilichoombwa. Kilicholipwa kinarudishwa kilikotoka.",
    ),
    Reason.OVER_FUNDING_LIMIT: (
        "The amount is above what is forwarded automatically. We are looking into it.",
        "Kiasi kinazidi kinachotumwa moja kwa moja. Tunachunguza.",
    ),
    Reason.SEASONING: (
        "Your bank can still take back much of what you paid in lately. This money is yours, and "
        "is invested as soon as earlier payments are safe.",
        "Benki yako bado inaweza kurudisha sehemu kubwa ya pesa ulizoweka hivi karibuni. Pesa hizi "
        "ni zako, na zitawekezwa malipo ya awali yatakapokuwa salama.",
    ),
    Reason.BROKER_REJECTED: (
        "The broker has not accepted the money yet. We are looking into it.",
        "Dalali bado hajapokea pesa. Tunachunguza.",
    ),
}


def text_of_code(code: str, language: str = "en") -> str:
    """Words for a code out of an event, which an older or newer version may have written."""
    reason = Reason(code) if code in Reason else Reason.GATEWAY_REFUSED
    return text_of(reason, language)


def text_of(reason: Reason, language: str = "en") -> str:
    """Words for a person, in English unless Swahili is asked for."""
    english, swahili = TEXTS[reason]
    return swahili if language == "sw" else english
