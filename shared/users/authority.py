"""That somebody may still act for the company, as a condition of the fact that they bring about."""

from shared.platform import keys
from shared.platform.tables import Check
from shared.platform.work import Write
from shared.users.model import User, UserStatus
from shared.users.store import ProfileRow

AUTHORITY = "authority"
"""Name of the write; its condition fails when the role was lost between reading and writing."""


def still_acts(user: User) -> Write:
    """Requires that the person is active and has the role and the second factor as read.

    With it two administrators cannot take each other's role at the same instant, and whoever
    loses a role brings about nothing more, not even with a request that is under way.
    """
    return Check(
        AUTHORITY,
        ProfileRow,
        keys.user(user.user_id),
        keys.PROFILE,
        (ProfileRow.role == user.role.value)
        & (ProfileRow.status == UserStatus.ACTIVE.value)
        & (ProfileRow.mfa == True),  # noqa: E712 - a condition of the database
    )
