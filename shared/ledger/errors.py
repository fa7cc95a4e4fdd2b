"""Refusals of the ledger."""

from shared.kernel.errors import BaobabError, Retry


class InsufficientFunds(BaobabError):
    """The wallet does not hold enough available money."""

    code = "LEDGER_INSUFFICIENT_FUNDS"
    template = "There is not enough available money for this."
    template_sw = "Hakuna pesa za kutosha kwa hili."
    advice = "Use a smaller amount or pay in first."
    advice_sw = "Tumia kiasi kidogo zaidi au weka pesa kwanza."
    retry = Retry.AFTER_CORRECTION


class UnbalancedEntry(ValueError):
    """An entry whose legs do not sum to zero per asset: a programming error, never user input."""
