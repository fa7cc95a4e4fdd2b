"""What people are told when a part of their portfolio outgrew its cap by itself."""

from collections.abc import Mapping
from decimal import Decimal

TEXTS: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "investing.limit_breached": {
        "en": (
            "{part} is now {share_percent} % of your portfolio",
            "Prices have moved: {part} is {share_percent} % of your portfolio, above the "
            "{cap_percent} % up to which we buy it. Nothing is sold because of that. Your next "
            "deposits go to the other parts first.",
        ),
        "sw": (
            "{part} sasa ni {share_percent} % ya uwekezaji wako",
            "Bei zimebadilika: {part} ni {share_percent} % ya uwekezaji wako, zaidi ya "
            "{cap_percent} % ambayo ni kikomo chetu cha kununua. Hakuna kinachouzwa kwa sababu "
            "hiyo. Amana zako zijazo zitaenda kwanza kwa sehemu nyingine.",
        ),
    },
}


def values_of(data: Mapping[str, object]) -> dict[str, str]:
    """Shares as percentages."""
    return {
        f"{name}_percent": format((Decimal(str(data[name])) * 100).quantize(Decimal("0.1")), "f")
        for name in ("share", "cap")
    }
