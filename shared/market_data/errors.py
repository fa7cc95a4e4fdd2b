"""Failures of market data sources."""

from shared.kernel.errors import BaobabError, Retry


class SourceUnavailable(BaobabError):
    """A source of market data gave no usable answer; what was known before stays."""

    code = "MARKET_SOURCE_UNAVAILABLE"
    template = "Market data from {source} is not available right now."
    template_sw = "Taarifa za soko kutoka {source} hazipatikani kwa sasa."
    advice = "Nothing to do: the last known data stays in use with its age."
    advice_sw = "Hakuna la kufanya: taarifa za mwisho zinazojulikana hutumika pamoja na umri wake."
    retry = Retry.LATER
    retryable = True
