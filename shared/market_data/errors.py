"""Failures of market data sources."""

from shared.kernel.errors import BaobabError


class SourceUnavailable(BaobabError):
    """A source of market data gave no usable answer; what was known before stays."""

    code = "MARKET_SOURCE_UNAVAILABLE"
    template = "Market data from {source} is not available right now."
    template_sw = "Taarifa za soko kutoka {source} hazipatikani kwa sasa."
    advice = "Nothing to do: the last known data stays in use with its age."
    retryable = True
