"""Keys of the core table, in one place because several contexts share a person's partition.

A person's bounded state (KYC case and documents, positions, profile, wallets) has sort keys
between ``POSITION#`` and ``WALLET#~``, so that one Query reads it whole; everything that grows
(deposits, plans, orders, notices) lies under ``FEED#<ulid>``, newest last, where the ULID is the
one inside the row's own identifier, so that any of them is found by its id alone.
"""

from shared.kernel.ids import Kind, ulid_of
from shared.kernel.money import Currency

PROFILE = "PROFILE"
STATE_FIRST = "POSITION#"
STATE_LAST = "WALLET#~"
FEED = "FEED#"


def user(user_id: str) -> str:
    """Partition of everything that belongs to one person."""
    return f"USER#{user_id}"


def wallet(currency: Currency) -> str:
    """Sort key of a wallet."""
    return f"WALLET#{currency.value}"


def position(symbol: str) -> str:
    """Sort key of a position."""
    return f"POSITION#{symbol}"


def proof(identifier: str) -> str:
    """Sort key of a KYC document; ``proof("CASE")`` is the KYC case itself."""
    return f"PROOF#{identifier}"


def feed(identifier: str, kind: Kind) -> str:
    """Sort key of a row that grows with time: ``FEED#<ulid>#<kind>``."""
    return f"{FEED}{ulid_of(identifier)}#{kind.value}"
