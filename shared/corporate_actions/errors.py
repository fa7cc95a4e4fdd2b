"""Interruptions of corporate actions."""

from shared.kernel.errors import BaobabError, Retry


class OwnerUnknown(BaobabError):
    """The broker tells of an account that is nobody's here (yet)."""

    code = "OWNER_UNKNOWN"
    template = "The broker reported something about an account that is not known here."
    template_sw = "Dalali ameripoti jambo kuhusu akaunti isiyojulikana hapa."
    advice = "Find out whose account it is; redrive the message when it is known."
    advice_sw = "Tafuta akaunti ni ya nani; rudisha ujumbe kwenye foleni ikijulikana."
    retry = Retry.LATER
    retryable = True
