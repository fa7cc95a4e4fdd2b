"""Refusals about payout accounts and withdrawals."""

from shared.kernel.errors import BaobabError, Retry


class IdentityNeeded(BaobabError):
    """Money goes out to people whose identity is approved, and to nobody else."""

    code = "PAYOUTS_IDENTITY_NOT_APPROVED"
    template = "Your identity has to be approved before money can be paid out to you."
    template_sw = "Utambulisho wako lazima uidhinishwe kabla ya kulipwa pesa."
    advice = "Finish the identity check first."
    advice_sw = "Maliza kwanza ukaguzi wa utambulisho."
    retry = Retry.AFTER_CORRECTION


class HolderNameMismatch(BaobabError):
    """A payout account must be in the person's own name. Neither name is repeated."""

    code = "PAYOUTS_NAME_MISMATCH"
    template = "The account must be in your own name, as in your identity document."
    template_sw = "Akaunti lazima iwe kwa jina lako, kama ilivyo kwenye kitambulisho chako."
    advice = "Check how the account holder's name is spelled, or choose an account of your own."
    advice_sw = "Hakikisha jina la mwenye akaunti, au chagua akaunti yako mwenyewe."
    retry = Retry.AFTER_CORRECTION


class TooManyAccounts(BaobabError):
    """Only so many payout accounts at once, and only so many new ones in a while."""

    code = "PAYOUTS_TOO_MANY_ACCOUNTS"
    template = "You can have {at_once} payout accounts, and add {added} within {days} days."
    template_sw = (
        "Unaweza kuwa na akaunti {at_once} za malipo, na kuongeza {added} ndani ya siku {days}."
    )
    advice = "Remove an account that you do not need, or wait."
    advice_sw = "Ondoa akaunti usiyoihitaji, au subiri."
    retry = Retry.LATER


class AccountInUse(BaobabError):
    """Money is on its way to this account."""

    code = "PAYOUTS_ACCOUNT_IN_USE"
    template = "A withdrawal to this account is under way."
    template_sw = "Kuna malipo yanayoendelea kwenda akaunti hii."
    advice = "Cancel the withdrawal, or wait until it has been paid."
    advice_sw = "Ghairi malipo, au subiri hadi yalipwe."
    retry = Retry.LATER


class AmountNotPaidOut(BaobabError):
    """Less or more than one withdrawal to such an account can be."""

    code = "PAYOUTS_AMOUNT_OUT_OF_RANGE"
    template = "One withdrawal to this account must be between {minimum} and {maximum}."
    template_sw = "Malipo moja kwenda akaunti hii lazima yawe kati ya {minimum} na {maximum}."
    advice = "Choose an amount in this range."
    advice_sw = "Chagua kiasi kilicho ndani ya mipaka hii."
    retry = Retry.AFTER_CORRECTION


class NotEnoughMoney(BaobabError):
    """Less is available than shall be paid out. What is held or invested is not available."""

    code = "PAYOUTS_NOT_ENOUGH_MONEY"
    template = "You have {available} available."
    template_sw = "Una {available} zinazopatikana."
    advice = "Choose a smaller amount."
    advice_sw = "Chagua kiasi kidogo zaidi."
    retry = Retry.AFTER_CORRECTION


class TooOften(BaobabError):
    """Too many withdrawals, or too much money, in a while."""

    code = "PAYOUTS_LIMIT_REACHED"
    template = "Within {days} days you can withdraw {count} times and {sum} at most."
    template_sw = "Ndani ya siku {days} unaweza kutoa pesa mara {count} na {sum} zaidi."
    advice = "Wait, or choose a smaller amount."
    advice_sw = "Subiri, au chagua kiasi kidogo zaidi."
    retry = Retry.LATER


class PayoutsBlocked(BaobabError):
    """A dispute is open, or the person owes us: nothing is paid out meanwhile."""

    code = "PAYOUTS_BLOCKED"
    template = "No money can be paid out of your account right now."
    template_sw = "Pesa haziwezi kulipwa kutoka akaunti yako kwa sasa."
    advice = "Look at your deposits, or write to support."
    advice_sw = "Angalia amana zako, au waandikie wahudumu."
    retry = Retry.LATER


class NotInReview(BaobabError):
    """Only a withdrawal that is in review is for staff to decide."""

    code = "PAYOUTS_NOT_IN_REVIEW"
    template = "This withdrawal is not in review: it is {status}."
    template_sw = "Malipo haya hayako kwenye ukaguzi: ni {status}."
    advice = "Read the withdrawal again."
    advice_sw = "Soma malipo tena."
    retry = Retry.NEVER


class NothingToAgreeTo(BaobabError):
    """Nobody was asked about another rate, or the time for the answer is over."""

    code = "PAYOUTS_NOTHING_TO_AGREE_TO"
    template = "There is no new rate to agree to: this withdrawal is {status}."
    template_sw = "Hakuna kiwango kipya cha kukubali: malipo haya ni {status}."
    advice = "Read the withdrawal again."
    advice_sw = "Soma malipo tena."
    retry = Retry.NEVER


class OfferChanged(BaobabError):
    """Another amount is on offer than the one that was agreed to."""

    code = "PAYOUTS_OFFER_CHANGED"
    template = "{amount} would arrive now."
    template_sw = "Kwa sasa {amount} zitafika."
    advice = "Read the withdrawal again, then agree to this amount or cancel."
    advice_sw = "Soma malipo tena, kisha kubali kiasi hiki au ghairi."
    retry = Retry.AFTER_CORRECTION
