"""Contracts: a symbol stands for several listings, and only one of them is the American one."""

from typing import Any
from zlib import crc32

# Listing exchange and name. The model bond is listed nowhere.
LISTED: dict[str, tuple[str, str]] = {
    "MTUM": ("BATS", "ISHARES MSCI USA MOMENTUM FA"),
    "QUAL": ("BATS", "ISHARES MSCI USA QUALITY FAC"),
    "SIZE": ("ARCA", "ISHARES MSCI USA SIZE FACTOR"),
    "USMV": ("BATS", "ISHARES MSCI USA MIN VOL FAC"),
    "VLUE": ("BATS", "ISHARES MSCI USA VALUE FACTO"),
    "AAPL": ("NASDAQ", "APPLE INC"),
    "JNJ": ("NYSE", "JOHNSON & JOHNSON"),
    "JPM": ("NYSE", "JPMORGAN CHASE & CO"),
    "KO": ("NYSE", "COCA-COLA CO/THE"),
    "MSFT": ("NASDAQ", "MICROSOFT CORP"),
    "PG": ("NYSE", "PROCTER & GAMBLE CO/THE"),
    "UNH": ("NYSE", "UNITEDHEALTH GROUP INC"),
    "WMT": ("NASDAQ", "WALMART INC"),
    "XOM": ("NYSE", "EXXON MOBIL CORP"),
    "AAAB": ("PINK", "MODEL 10-YEAR AAA BOND"),
}
_REAL = {"AAPL": 265598}


def conid(symbol: str) -> int:
    """The American listing's number, the same in every run."""
    return _REAL.get(symbol) or 100_000_000 + 2 * (crc32(symbol.encode()) % 400_000_000)


BY_CONID = {conid(symbol): symbol for symbol in LISTED}


def stocks(symbols: list[str]) -> dict[str, list[dict[str, Any]]]:
    """The answer of `/trsrv/stocks`: an unknown symbol has an empty list."""
    return {symbol: _listings(symbol) if symbol in LISTED else [] for symbol in symbols}


def _listings(symbol: str) -> list[dict[str, Any]]:
    exchange, name = LISTED[symbol]
    # The namesake abroad stands first, so that taking the first one would be noticed.
    abroad = {"conid": conid(symbol) + 1, "exchange": "LSEETF", "isUS": False}
    namesake = {"name": f"LS 1X {symbol}", "chineseName": None, "assetClass": "STK"}
    return [
        namesake | {"contracts": [abroad]},
        {
            "name": name,
            "chineseName": None,
            "assetClass": "STK",
            "contracts": [
                {"conid": conid(symbol) + 3, "exchange": "MEXI", "isUS": False},
                {"conid": conid(symbol), "exchange": exchange, "isUS": True},
            ],
        },
    ]
