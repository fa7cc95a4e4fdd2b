"""Names of the breakers of automatic orders, and how reasons begin that people gave. Pure."""

MARKET = "volatility"
GLOBAL = ("trading", "broker", MARKET, "overload")
"""What stops all automatic orders: by a person, the broker, the market, or too much work."""
BY_STAFF = "STAFF"
OVERRIDE = "STAFF_OVERRIDE"
"""Of what a person let go on against the measure: it stays on trial until the measure is calm."""


def breaker_of(symbol: str) -> str:
    """The name of a symbol's breaker."""
    return f"{MARKET}.{symbol}"
