"""What can be traded."""

from typing import Any
from uuid import NAMESPACE_DNS, uuid5

from sandbox.alpaca.state import State

# The exchange on which the real fund or share is listed. The model bond is listed nowhere; the
# client's enumeration needs a value all the same.
LISTED: dict[str, tuple[str, str]] = {
    "MTUM": ("BATS", "iShares MSCI USA Momentum Factor ETF"),
    "QUAL": ("BATS", "iShares MSCI USA Quality Factor ETF"),
    "SIZE": ("ARCA", "iShares MSCI USA Size Factor ETF"),
    "USMV": ("BATS", "iShares MSCI USA Min Vol Factor ETF"),
    "VLUE": ("BATS", "iShares MSCI USA Value Factor ETF"),
    "AAPL": ("NASDAQ", "Apple Inc. Common Stock"),
    "JNJ": ("NYSE", "Johnson & Johnson Common Stock"),
    "JPM": ("NYSE", "JPMorgan Chase & Co. Common Stock"),
    "KO": ("NYSE", "Coca-Cola Company Common Stock"),
    "MSFT": ("NASDAQ", "Microsoft Corporation Common Stock"),
    "PG": ("NYSE", "Procter & Gamble Company Common Stock"),
    "UNH": ("NYSE", "UnitedHealth Group Incorporated Common Stock"),
    "WMT": ("NYSE", "Walmart Inc. Common Stock"),
    "XOM": ("NYSE", "Exxon Mobil Corporation Common Stock"),
    "AAAB": ("OTC", "Model 10-year AAA bond (derived from Moody's AAA yields)"),
}


def asset_id(symbol: str) -> str:
    """The same symbol always has the same id."""
    return str(uuid5(NAMESPACE_DNS, f"{symbol}.assets.sandbox"))


def find(state: State, symbol_or_id: str) -> str | None:
    """The symbol, None if there is no such asset."""
    if symbol_or_id in LISTED and symbol_or_id in state.market.symbols:
        return symbol_or_id
    wanted = symbol_or_id.lower()
    return next((symbol for symbol in LISTED if asset_id(symbol) == wanted), None)


def wire(state: State, symbol: str) -> dict[str, Any]:
    """The asset object."""
    exchange, name = LISTED[symbol]
    return {
        "id": asset_id(symbol),
        "class": "us_equity",
        "exchange": exchange,
        "symbol": symbol,
        "name": name,
        "status": "active",
        "tradable": symbol not in state.market.halted,
        "marginable": False,
        "shortable": False,
        "easy_to_borrow": False,
        "fractionable": symbol not in state.knobs.whole_shares_only,
        "maintenance_margin_requirement": 100,
        "attributes": ["model_derived"] if symbol == "AAAB" else [],
    }
