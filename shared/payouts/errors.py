"""Refusals of payouts."""

from shared.kernel.errors import BaobabError, Retry


class PayoutNotCancellable(BaobabError):
    """The gateway or the broker is at work on it, or it has ended."""

    code = "PAYOUTS_NOT_CANCELLABLE"
    template = "This payout cannot be cancelled any more."
    template_sw = "Malipo haya hayawezi kughairiwa tena."
    advice = "Wait for its outcome."
    advice_sw = "Subiri matokeo yake."
    retry = Retry.NEVER


class PayoutNotStuck(BaobabError):
    """Nobody has to say how it ended: it goes on by itself, has ended, or was settled."""

    code = "PAYOUTS_NOT_STUCK"
    template = "This payout does not wait for anybody's word ({status})."
    template_sw = "Malipo haya hayasubiri neno la mtu yeyote ({status})."
    advice = "Read it again: it may have ended meanwhile."
    advice_sw = "Yasome tena: huenda yameisha."
    retry = Retry.NEVER


class TransferKnown(BaobabError):
    """A transfer of the firm's bank pays one thing only."""

    code = "PAYOUTS_TRANSFER_KNOWN"
    template = "This transfer was named for another payment before."
    template_sw = "Uhamisho huu ulitajwa kwa malipo mengine hapo awali."
    advice = "Look at the bank's statement for its own name of this transfer."
    advice_sw = "Angalia taarifa ya benki ili kupata jina lake la uhamisho huu."
    retry = Retry.AFTER_CORRECTION


class TakenByBank(BaobabError):
    """A dispute of the payment that is to go back is open, or was lost."""

    code = "PAYOUTS_TAKEN_BY_BANK"
    template = "The payer's bank takes this payment back, or has done so."
    template_sw = "Benki ya mlipaji inachukua tena malipo haya, au imekwisha kuyachukua."
    advice = "Wait until the dispute is won."
    advice_sw = "Subiri hadi mzozo ushindwe na benki."
    retry = Retry.LATER


class PayoutAccountRefused(BaobabError):
    """The gateway does not take these numbers of a bank account."""

    code = "PAYOUTS_ACCOUNT_REFUSED"
    template = "This bank account was not accepted."
    template_sw = "Akaunti hii ya benki haikukubaliwa."
    advice = "Check the numbers, or give another account."
    advice_sw = "Hakikisha nambari, au toa akaunti nyingine."
    retry = Retry.AFTER_CORRECTION
