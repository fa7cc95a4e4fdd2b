"""Names of the rules that watch movements of money, and of their outcomes."""

from enum import StrEnum


class Rule(StrEnum):
    """What is looked for. Names are for staff alone: no person ever reads one."""

    STRUCTURING = "STRUCTURING"
    """Several deposits just below a threshold of reporting."""
    VELOCITY = "VELOCITY"
    """More comes in than the declared income explains."""
    IN_AND_OUT = "IN_AND_OUT"
    """What just came in leaves, and next to nothing was invested."""
    THIRD_PARTY_PAYER = "THIRD_PARTY_PAYER"
    """Somebody else's phone paid."""
    DORMANT_THEN_ACTIVE = "DORMANT_THEN_ACTIVE"
    """After a long time without any movement money comes in and leaves."""
    MANY_INSTRUMENTS = "MANY_INSTRUMENTS"
    """Many phones and payout accounts within a short time."""
    NEW_ACCOUNT_FULL_OUT = "NEW_ACCOUNT_FULL_OUT"
    """Nearly everything goes to a payout account that was just added."""
    COUNTRY = "COUNTRY"
    """The person, or where the money goes, belongs to a country that calls for measures."""


class Outcome(StrEnum):
    """What a rule says of a person's movements."""

    PASS = "PASS"  # noqa: S105 - the name of an outcome
    ALERT = "ALERT"
    UNKNOWN = "UNKNOWN"
    """Something that it needs was not told: nothing is guessed."""
