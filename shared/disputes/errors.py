"""Refusals about disputes."""

from shared.kernel.errors import BaobabError, Retry


class NothingToCollect(BaobabError):
    """Nothing is owed, or there is no cash to pay it with."""

    code = "DISPUTES_NOTHING_TO_COLLECT"
    template = "Nothing is owed, or there is no free cash to pay it with."
    template_sw = "Hakuna deni, au hakuna pesa huru za kulilipa."
    advice = "Read the account again."
    advice_sw = "Soma akaunti tena."
    retry = Retry.LATER


class GatewayDecides(BaobabError):
    """The gateway says itself how the dispute ends; it cannot be given up here."""

    code = "DISPUTES_GATEWAY_DECIDES"
    template = "How this dispute ends is told by the payment service itself."
    template_sw = "Huduma ya malipo yenyewe ndiyo inayosema jinsi pingamizi hili litakavyoisha."
    advice = "Accept the dispute at the payment service."
    advice_sw = "Kubali pingamizi kwenye huduma ya malipo."
    retry = Retry.NEVER
