"""What management costs, in plain words."""

from collections.abc import Mapping

from shared.kernel.money import Currency, Money
from shared.management_fees.terms import Terms

_YEARLY: Mapping[str, str] = {
    "en": (
        "{rate} % a year of what you hold, counted for each day and charged once the month is over."
    ),
    "sw": (
        "Asilimia {rate} kwa mwaka ya mali uliyonayo, huhesabiwa kila siku na hutozwa mwezi "
        "unapoisha."
    ),
}
_WAIVED: Mapping[str, str] = {
    "en": " Days on which you hold less than {least} cost nothing.",
    "sw": " Siku ambazo una chini ya {least} hazitozwi chochote.",
}
_NOTHING: Mapping[str, str] = {
    "en": "Managing your money costs nothing.",
    "sw": "Kusimamia pesa zako hakutozwi chochote.",
}


def said_of(terms: Terms | None, language: str) -> str:
    """English where a language is not known."""
    spoken = language if language in _YEARLY else "en"
    if terms is None or not terms.annual_bp:
        return _NOTHING[spoken]
    whole, rest = divmod(terms.annual_bp, 100)
    said = _YEARLY[spoken].format(rate=f"{whole}.{rest:02}")
    if not terms.waived_below_minor:
        return said
    return said + _WAIVED[spoken].format(least=Money(terms.waived_below_minor, Currency.USD))
