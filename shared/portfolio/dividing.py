"""Cash that a position brings, divided among the goals whose lots it lies in. Pure."""

from collections.abc import Sequence

from shared.ledger.purses import PurseMove
from shared.portfolio.lots import GENERAL, Lot, shared_out


def divided(lots: Sequence[Lot], minor: int) -> list[PurseMove]:
    """What of these cents goes to the purses of named goals: by shares, the last cents to the
    largest remainders. The rest is the general goal's, and so is all of it without lots."""
    shares: dict[str, int] = {}
    for lot in lots:
        shares[lot.tag] = shares.get(lot.tag, 0) + lot.nanos
    tags = sorted(shares)
    parts = zip(tags, shared_out(minor, [shares[tag] for tag in tags]), strict=True)
    return [PurseMove(tag, part) for tag, part in parts if tag != GENERAL and part]
