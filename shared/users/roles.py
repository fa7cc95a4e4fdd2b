"""What a person may do on the platform beyond looking after their own money."""

from enum import StrEnum


class Role(StrEnum):
    """One per person; it is read with the profile, so that a change holds at once."""

    USER = "USER"
    """Looks after their own money; everybody's role until staff give another."""
    SUPPORT = "SUPPORT"
    """Helps people: sees where they stand, personal data only masked."""
    COMPLIANCE = "COMPLIANCE"
    """Judges identities and suspicions: sees personal data in the clear, each look is recorded."""
    ADMIN = "ADMIN"
    """Gives roles and stops people; sees no personal data in the clear."""
    SYSTEM = "SYSTEM"
    """The platform's own workers, as the actor in the audit trail. Never given to a person."""


STAFF = frozenset({Role.SUPPORT, Role.COMPLIANCE, Role.ADMIN})
"""People of the company: a second factor is needed for everything they do as such."""
