"""What a verified message of Stripe's about a refund or a payout says: whose it is. Pure."""

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from shared.kernel.ids import Kind, cell_of, is_id


class PayoutNamed(NamedTuple):
    """Look at this payout now."""

    user_id: str
    payout_id: str


def stripe_payout_named(body: bytes, cell: str) -> PayoutNamed | None:
    """Of an event only the identifiers in the object's metadata are used. None for what is no
    payout of this cell: the firm's own payouts to its bank, a refund that somebody made by hand."""
    subject = _mapping(_mapping(_mapping(_parsed(body)).get("data")).get("object"))
    metadata = _mapping(subject.get("metadata"))
    user_id, payout_id = str(metadata.get("user_id")), str(metadata.get("payout_id"))
    if not (is_id(user_id, Kind.USER) and is_id(payout_id, Kind.PAYOUT)):
        return None
    if {cell_of(user_id), cell_of(payout_id)} != {cell}:
        return None
    return PayoutNamed(user_id, payout_id)


def _parsed(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
