"""Refusals about round-ups."""

from shared.kernel.errors import BaobabError, Retry


class RoundUpsNotRunning(BaobabError):
    """There are no round-ups of this person, or they were stopped."""

    code = "ROUND_UPS_NOT_RUNNING"
    template = "Your round-ups are not running."
    template_sw = "Ukusanyaji wa chenji yako hauendelei kwa sasa."
    advice = "Start them first."
    advice_sw = "Uanzishe kwanza."
    retry = Retry.AFTER_CORRECTION


class RoundUpsRunning(BaobabError):
    """A person has one pool: settings are changed, or it is stopped before another is begun."""

    code = "ROUND_UPS_RUNNING"
    template = "Your round-ups have been started already."
    template_sw = "Ukusanyaji wa chenji yako tayari umeanzishwa."
    advice = "Change them, or stop them first."
    advice_sw = "Ubadilishe, au umalize kwanza."
    retry = Retry.AFTER_CORRECTION


class PurchaseInOtherCurrency(BaobabError):
    """The pool has one currency: what is rounded up in another would need a rate each time."""

    code = "ROUND_UPS_OTHER_CURRENCY"
    template = "Purchase {purchase_id} is not in {currency}, the currency of your round-ups."
    template_sw = "Ununuzi {purchase_id} si wa {currency}, sarafu ya chenji yako."
    advice = "Report purchases as the card was charged for them, in that currency."
    advice_sw = "Ripoti manunuzi kama kadi ilivyotozwa, kwa sarafu hiyo."
    retry = Retry.AFTER_CORRECTION


class PurchaseDiffers(BaobabError):
    """A purchase counts once for ever; what was recorded of it does not change."""

    code = "ROUND_UPS_PURCHASE_DIFFERS"
    template = "Purchase {purchase_id} was recorded before with another amount."
    template_sw = "Ununuzi {purchase_id} ulishaandikwa kwa kiasi kingine."
    advice = "Give another purchase another identifier; refund this one if it was undone."
    advice_sw = "Tumia kitambulisho kingine kwa ununuzi mwingine; rejesha huu kama ulifutwa."
    retry = Retry.NEVER
