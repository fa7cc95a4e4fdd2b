"""Columns of a payout whose cash is raised, or that is of one goal, or of everything."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from shared.payouts.everything import Everything
from shared.payouts.model import Payout


def raise_columns(payout: Payout) -> dict[str, Any]:
    """To a row; nothing for a payout that has none of it."""
    columns: dict[str, Any] = {}
    if payout.lacks_minor or payout.raises != 1 or payout.settles_on is not None:
        columns = {
            "lacks_minor": payout.lacks_minor,
            "raises": payout.raises,
            "settles_on": None if payout.settles_on is None else payout.settles_on.isoformat(),
        }
    if payout.goal_id:
        columns["goal_id"] = payout.goal_id
    if payout.purses:
        columns["purses"] = _text(payout.purses)
    if payout.everything is not None:
        columns["everything"] = payout.everything.text()
    return columns


def raised_in(row: Any) -> dict[str, Any]:
    """Out of a row that has these columns."""
    return {
        "lacks_minor": int(row.lacks_minor or 0),
        "raises": int(row.raises or 1),
        "settles_on": None if row.settles_on is None else date.fromisoformat(row.settles_on),
        "goal_id": row.goal_id or "",
        "purses": _purses(row.purses or ""),
        "everything": None if row.everything is None else Everything.of_text(row.everything),
    }


def _text(purses: Mapping[str, int]) -> str:
    """``TAG=cents`` with commas between."""
    return ",".join(f"{tag}={minor}" for tag, minor in sorted(purses.items()))


def _purses(text: str) -> dict[str, int]:
    pairs = (part.partition("=") for part in text.split(",") if part)
    return {tag: int(minor) for tag, _, minor in pairs}
