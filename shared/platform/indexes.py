"""The sparse indexes of the core table: their partitions, and what they keep."""

ATTENTION_BUCKETS = 4
"""Partitions of each list of things that wait for a member of staff; people read such a list, so
it never grows fast."""
SEGMENTS = 64
"""Parts into which all people who hold something are divided: each is walked on its own."""
HOLDERS_KEEP = (
    "kind",
    # Of positions; those of their goals.
    *("quantity_nanos", "shares"),
    # Of the wallet.
    *("posted", "held", "open_orders", "owed", "settling", "purses"),
    # Of the profile.
    *("status", "kyc_status", "risk_score", "broker_account_id", "broker_status"),
    # Of goals, of exclusions, and of the last run of rebalancing.
    *("until", "path", "style", "score", "symbols", "completed_on"),
)
"""What the index of holders keeps of an item beside its keys, at most 20: nothing personal, and
nothing that grows."""
PENDING_BUCKETS = 16
"""Partitions of the sparse index of unfinished things, so that no status is a hot key."""


def pending_bucket(identifier: str) -> str:
    """Partition of the sparse index for a thing, spread by its identifier's random part."""
    return f"PENDING#{sum(identifier.encode()[-8:]) % PENDING_BUCKETS}"


def segment_name(number: int) -> str:
    """The partition of a segment in the index of holders."""
    return f"HOLDERS#{number}"


def segment_of(user_id: str) -> str:
    """The partition of the index of holders in which a person is, by the random part of their
    identifier. Python's own ``hash`` differs from one process to the next."""
    return segment_name(sum(user_id.encode()[-8:]) % SEGMENTS)


def attention_buckets(name: str) -> tuple[str, ...]:
    """All partitions of one list of staff, such as ``KYC_REVIEW``."""
    return tuple(f"{name}#{number}" for number in range(ATTENTION_BUCKETS))


def attention_bucket(name: str, identifier: str) -> str:
    """The partition of a thing in one list of staff."""
    return attention_buckets(name)[sum(identifier.encode()[-8:]) % ATTENTION_BUCKETS]
