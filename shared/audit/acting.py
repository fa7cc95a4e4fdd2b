"""Who acts as staff, what they are refused whatever they do, and the words that they leave."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from shared.audit.errors import OwnAccount, StaffProtected
from shared.audit.model import Actor
from shared.kernel.edge_errors import Forbidden
from shared.kernel.errors import InvalidValue
from shared.platform.work import ConditionFailed, Write
from shared.users.authority import AUTHORITY, still_acts
from shared.users.model import User
from shared.users.roles import STAFF, Role

REASON_SHORTEST, REASON_LONGEST = 10, 500


@dataclass(frozen=True, slots=True)
class Acting:
    """Who acts, and the conditions under which they still may when the fact is committed."""

    actor: Actor
    conditions: Sequence[Write] = ()

    @classmethod
    def as_staff(cls, user: User) -> "Acting":
        """A member of staff, by the role that their profile gives."""
        return cls(Actor(user.user_id, user.role), (still_acts(user),))

    @classmethod
    def as_operator(cls, name: str) -> "Acting":
        """Somebody with rights on the cloud account itself, named as that account names them."""
        return cls(Actor(f"operator:{name}", Role.SYSTEM))


def authorised[T](act: Callable[[], T]) -> T:
    """Carry out an act; Forbidden when the actor lost their role before it was committed."""
    try:
        return act()
    except ConditionFailed as failed:
        if AUTHORITY in failed.found:
            raise Forbidden() from None
        raise


def not_oneself(by: Acting, user_id: str) -> None:
    """OwnAccount for one's own."""
    if by.actor.id == user_id:
        raise OwnAccount()


def not_above(by: Acting, user: User) -> None:
    """StaffProtected for a member of staff, except by administrators."""
    if user.role in STAFF and by.actor.role not in (Role.ADMIN, Role.SYSTEM):
        raise StaffProtected()


def checked_reason(reason: str) -> str:
    """The reason without outer blanks; InvalidValue when it says nothing or is no plain text."""
    text = reason.strip()
    if not REASON_SHORTEST <= len(text) <= REASON_LONGEST or not text.isprintable():
        raise InvalidValue(
            field="reason",
            reason=f"must be {REASON_SHORTEST} to {REASON_LONGEST} characters of plain text",
        )
    return text
