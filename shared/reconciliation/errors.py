"""Refusals of reconciliation."""

from shared.kernel.errors import BaobabError, Retry


class DayNotOver(BaobabError):
    """A day can be compared when it is over."""

    code = "RECONCILIATION_DAY_NOT_OVER"
    template = "This day is not over yet."
    template_sw = "Siku hii bado haijaisha."
    advice = "Choose an earlier day."
    advice_sw = "Chagua siku iliyotangulia."
    retry = Retry.LATER
