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


class PayoutNotReviewable(BaobabError):
    """Nobody is asked to agree to it, or somebody has decided already."""

    code = "PAYOUTS_NOT_REVIEWABLE"
    template = "This payout does not wait for a decision."
    template_sw = "Malipo haya hayasubiri uamuzi."
    advice = "Read its current state."
    advice_sw = "Soma hali yake ya sasa."
    retry = Retry.NEVER
