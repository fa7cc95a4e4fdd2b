"""Why a payout does not move on or came to nothing, in words for people."""

from enum import StrEnum


class PayoutReason(StrEnum):
    """Stable codes. ``TEXTS`` has the words."""

    NEW_ACCOUNT = "NEW_ACCOUNT"
    UNDER_REVIEW = "UNDER_REVIEW"
    NOT_AGREED = "NOT_AGREED"
    CANCELLED = "CANCELLED"
    GATEWAY_REFUSED = "GATEWAY_REFUSED"
    RECEIVER_NOT_ABLE = "RECEIVER_NOT_ABLE"
    LIMIT_EXCEEDED = "LIMIT_EXCEEDED"
    RETURNED_BY_BANK = "RETURNED_BY_BANK"
    NO_ANSWER = "NO_ANSWER"
    BROKER_REJECTED = "BROKER_REJECTED"
    AMOUNT_MISMATCH = "AMOUNT_MISMATCH"
    RATE_UNAVAILABLE = "RATE_UNAVAILABLE"
    RATE_CHANGED = "RATE_CHANGED"
    RATE_NOT_AGREED = "RATE_NOT_AGREED"
    DISPUTED = "DISPUTED"
    CASH_RAISED = "CASH_RAISED"
    CASH_NOT_RAISED = "CASH_NOT_RAISED"
    IN_PARTS = "IN_PARTS"


TEXTS: dict[PayoutReason, tuple[str, str]] = {
    PayoutReason.NEW_ACCOUNT: (
        "The account is new: the payout waits for your safety.",
        "Akaunti ni mpya: malipo yanasubiri kwa usalama wako.",
    ),
    # Neutral on purpose: nobody is told which rule wants a look.
    PayoutReason.UNDER_REVIEW: ("We are checking this payout.", "Tunakagua malipo haya."),
    PayoutReason.NOT_AGREED: (
        "This payout was not approved. The money is in your account.",
        "Malipo haya hayakuidhinishwa. Pesa ziko kwenye akaunti yako.",
    ),
    PayoutReason.CANCELLED: ("You cancelled this payout.", "Ulighairi malipo haya."),
    PayoutReason.GATEWAY_REFUSED: (
        "The payment service refused this payout.",
        "Huduma ya malipo imekataa malipo haya.",
    ),
    PayoutReason.RECEIVER_NOT_ABLE: (
        "The receiving account cannot take this payout.",
        "Akaunti inayopokea haiwezi kupokea malipo haya.",
    ),
    PayoutReason.LIMIT_EXCEEDED: (
        "The payout exceeds a limit of the receiving account.",
        "Malipo yanazidi kikomo cha akaunti inayopokea.",
    ),
    PayoutReason.RETURNED_BY_BANK: (
        "The bank sent the money back.",
        "Benki ilirudisha pesa.",
    ),
    PayoutReason.NO_ANSWER: (
        "The payment service has not confirmed this payout yet. We are looking into it.",
        "Huduma ya malipo bado haijathibitisha malipo haya. Tunachunguza.",
    ),
    PayoutReason.BROKER_REJECTED: (
        "The broker has not released the money yet. We are looking into it.",
        "Dalali bado hajatoa pesa. Tunachunguza.",
    ),
    PayoutReason.AMOUNT_MISMATCH: (
        "The amount paid differs from the amount asked for. We are looking into it.",
        "Kiasi kilicholipwa ni tofauti na kilichoombwa. Tunachunguza.",
    ),
    PayoutReason.RATE_UNAVAILABLE: (
        "There is no current exchange rate. The payout goes on as soon as there is one.",
        "Hakuna kiwango cha kubadilisha fedha kwa sasa. Malipo yataendelea kikipatikana.",
    ),
    PayoutReason.RATE_CHANGED: (
        "The exchange rate has changed, and less would arrive. Agree to it, or cancel.",
        "Kiwango cha kubadilisha fedha kimebadilika, na pesa kidogo zaidi zitafika. Kubali, au "
        "ghairi.",
    ),
    PayoutReason.RATE_NOT_AGREED: (
        "The exchange rate had changed and you did not agree in time.",
        "Kiwango cha kubadilisha fedha kilibadilika na hukukubali kwa wakati.",
    ),
    PayoutReason.DISPUTED: (
        "The payer's bank is taking this payment back itself.",
        "Benki ya mlipaji inarudisha malipo haya yenyewe.",
    ),
    PayoutReason.CASH_RAISED: (
        "We are selling investments for this payout. It goes on when the sale has settled.",
        "Tunauza uwekezaji kwa ajili ya malipo haya. Yataendelea mauzo yakikamilika.",
    ),
    PayoutReason.CASH_NOT_RAISED: (
        "Your investments could not be sold for this amount.",
        "Uwekezaji wako haukuweza kuuzwa kwa kiasi hiki.",
    ),
    PayoutReason.IN_PARTS: (
        "So much leaves in parts. This one waits until the limits let it go.",
        "Kiasi hiki kinalipwa kwa sehemu. Sehemu hii inasubiri mipaka iruhusu.",
    ),
}


def text_of(reason: PayoutReason, language: str = "en") -> str:
    """Words for a person, in English unless Swahili is asked for."""
    english, swahili = TEXTS[reason]
    return swahili if language == "sw" else english
