"""Refusals about standing orders."""

from shared.kernel.errors import BaobabError, Retry


class TooManySchedules(BaobabError):
    """A person has a handful of standing orders; hundreds are a mistake or a machine."""

    code = "RECURRING_TOO_MANY"
    template = "You have {limit} recurring deposits already."
    template_sw = "Tayari una amana {limit} za kujirudia."
    advice = "Cancel one that you do not need any more."
    advice_sw = "Futa moja ambayo huihitaji tena."
    retry = Retry.AFTER_CORRECTION


class CardNotKept(BaobabError):
    """A card can be charged again only when a payment with it succeeded and its owner agreed."""

    code = "RECURRING_CARD_NOT_KEPT"
    template = "No card was kept with this deposit."
    template_sw = "Hakuna kadi iliyohifadhiwa kwa amana hii."
    advice = "Pay in once by card with saveCard, then name that deposit here."
    advice_sw = "Weka pesa mara moja kwa kadi ukitumia saveCard, kisha taja amana hiyo hapa."
    retry = Retry.AFTER_CORRECTION


class ScheduleNotActive(BaobabError):
    """Only of an order that runs an occurrence can be left out."""

    code = "RECURRING_NOT_ACTIVE"
    template = "This recurring deposit is not running."
    template_sw = "Amana hii ya kujirudia haiendelei kwa sasa."
    advice = "Resume it first."
    advice_sw = "Iendeleze kwanza."
    retry = Retry.AFTER_CORRECTION
