"""Refusals of refunds."""

from shared.kernel.errors import BaobabError, Retry


class NotRefundable(BaobabError):
    """There is nothing of this deposit that could go back, or it is on its way to the broker."""

    code = "REFUNDS_NOT_REFUNDABLE"
    template = "This deposit cannot be refunded as it stands."
    template_sw = "Amana hii haiwezi kurudishwa katika hali iliyopo."
    advice = "Read the deposit again in a few minutes."
    advice_sw = "Soma amana tena baada ya dakika chache."
    retry = Retry.LATER


class RefundTooLate(BaobabError):
    """The time in which it may be asked for is over."""

    code = "REFUNDS_TOO_LATE"
    template = "A deposit can be refunded for {days} days."
    template_sw = "Amana inaweza kurudishwa ndani ya siku {days}."
    advice = "Withdraw the money instead."
    advice_sw = "Toa pesa badala yake."
    retry = Retry.NEVER


class WholeOnly(BaobabError):
    """Of this deposit only all that is left can go back at once."""

    code = "REFUNDS_WHOLE_ONLY"
    template = "This deposit can only be refunded as a whole."
    template_sw = "Amana hii inaweza kurudishwa yote tu."
    advice = "Leave out the amount."
    advice_sw = "Usitaje kiasi."
    retry = Retry.AFTER_CORRECTION


class RefundOutOfRange(BaobabError):
    """Less than can be refunded at all, or more than is left of the deposit."""

    code = "REFUNDS_AMOUNT_OUT_OF_RANGE"
    template = "The amount must be between {minimum} and {maximum}."
    template_sw = "Kiasi lazima kiwe kati ya {minimum} na {maximum}."
    advice = "Choose an amount in this range."
    advice_sw = "Chagua kiasi kilicho ndani ya mipaka hii."
    retry = Retry.AFTER_CORRECTION


class MoneyInvested(BaobabError):
    """The money is not there as cash: it was invested, or is reserved."""

    code = "REFUNDS_MONEY_INVESTED"
    template = "There is not enough free cash: the refund takes {needed}, {available} is free."
    template_sw = "Hakuna pesa huru za kutosha: zinahitajika {needed}, zilizo huru ni {available}."
    advice = "Ask for a smaller refund."
    advice_sw = "Omba kurudishiwa kiasi kidogo."
    retry = Retry.LATER


class PayoutsStopped(BaobabError):
    """A payer's bank disputes a payment, or something is owed: nothing leaves the account."""

    code = "REFUNDS_PAYOUTS_STOPPED"
    template = "Nothing can be paid out of this account right now."
    template_sw = "Hakuna kinachoweza kulipwa kutoka kwenye akaunti hii kwa sasa."
    advice = "Open disputes have to be decided, and what is owed has to be paid, first."
    advice_sw = "Kwanza mapingamizi yaamuliwe na deni lilipwe."
    retry = Retry.LATER
