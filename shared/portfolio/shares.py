"""What of a position belongs to named goals, as its row tells the index of holders. Pure."""

from collections.abc import Iterable

from shared.portfolio.lots import Lot


def shares_by_tag(lots: Iterable[Lot]) -> dict[str, int]:
    """Nano-shares by tag, without those of the general goal."""
    found: dict[str, int] = {}
    for lot in lots:
        if lot.tag:
            found[lot.tag] = found.get(lot.tag, 0) + lot.nanos
    return dict(sorted(found.items()))


def shares_text(lots: Iterable[Lot]) -> str:
    """As a position's row keeps them: ``TAG=nanos``, with commas between."""
    return ",".join(f"{tag}={nanos}" for tag, nanos in shares_by_tag(lots).items())


def shares_from(text: str) -> dict[str, int]:
    """The shares of ``shares_text``; ValueError for another text."""
    pairs = (part.split("=") for part in text.split(",")) if text else ()
    return {tag: int(nanos) for tag, nanos in pairs}
