"""Payout accounts, and the desk that counts withdrawals. Pure."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from shared.kernel.ids import created_at
from shared.kernel.money import Currency
from shared.kernel.states import Transitions, advance
from shared.payouts.model import Rail

ACCOUNTS_MAX = 5
"""At once."""
ADDED_MAX, ADDED_WITHIN = 10, timedelta(days=30)
"""New ones, also if they were removed again: money does not go round many accounts."""
DESK_KEEPS = timedelta(days=30)
"""For so long a withdrawal counts, and longer while it is under way."""


class AccountKind(StrEnum):
    """Where a payout account is."""

    MPESA = "MPESA"
    BANK = "BANK"


RAILS = {AccountKind.MPESA: Rail.MPESA_B2C, AccountKind.BANK: Rail.STRIPE_PAYOUT}


class AccountStatus(StrEnum):
    """Whether it can be paid out to."""

    ACTIVE = "ACTIVE"
    REMOVED = "REMOVED"


TRANSITIONS: Transitions[AccountStatus] = {
    AccountStatus.ACTIVE: frozenset({AccountStatus.REMOVED}),
    AccountStatus.REMOVED: frozenset(),
}


@dataclass(frozen=True, slots=True)
class PayoutAccount:
    """An account in the person's own name. What a gateway needs to pay it is sealed."""

    user_id: str
    account_id: str
    kind: AccountKind
    currency: Currency
    shown_as: str
    """Masked, such as ``2547*****678`` or ``DE **** 3000``."""
    fingerprint: str
    """Keyed hash of its numbers: the same account is known again, and cannot be guessed."""
    usable_at: datetime
    """Until then no money goes there: whoever took over an account waits, and is seen."""
    sealed: bytes | None
    """None once it was removed."""
    status: AccountStatus = AccountStatus.ACTIVE
    country: str | None = None
    """Of a bank, ISO 3166-1 alpha-3."""
    removed_at: datetime | None = None

    @property
    def created_at(self) -> datetime:
        """When it was added."""
        return created_at(self.account_id)

    @property
    def active(self) -> bool:
        """Whether withdrawals to it can be asked for."""
        return self.status is AccountStatus.ACTIVE

    def removed(self, at: datetime) -> "PayoutAccount":
        """Not paid out to any more; its numbers are gone."""
        status = advance(TRANSITIONS, self.status, AccountStatus.REMOVED)
        return replace(self, status=status, sealed=None, removed_at=at)


@dataclass(frozen=True, slots=True)
class Asked:
    """A withdrawal as the desk remembers it."""

    payout_id: str
    account_id: str
    debited_minor: int
    leaves_at: datetime | None = None
    """Of a part that the limits keep until then."""

    @property
    def at(self) -> datetime:
        """From when on it counts: when it was asked for, or may leave."""
        asked = created_at(self.payout_id)
        return asked if self.leaves_at is None else max(asked, self.leaves_at)


@dataclass(frozen=True, slots=True)
class Desk:
    """One per person: whoever asks for money, adds or removes an account, changes it. So limits
    hold exactly, however many ask at once."""

    user_id: str
    version: int = 0
    """0 while nobody has used it."""
    asked: tuple[Asked, ...] = ()

    def with_withdrawal(
        self, new: Asked, now: datetime, ended_unpaid: Collection[str], open_: Collection[str]
    ) -> "Desk":
        """With one more. Those that came to nothing count no more, nor those of long ago unless
        they are under way."""
        kept = tuple(
            one
            for one in self.asked
            if one.payout_id not in ended_unpaid
            and (one.at > now - DESK_KEEPS or one.payout_id in open_)
        )
        return replace(self, asked=(*kept, new))


class Verdict(StrEnum):
    """What a member of staff decides."""

    APPROVE = "APPROVE"
    REJECT = "REJECT"


SECOND_APPROVAL_FACTOR = 10
"""From so many times the amount that one member of staff approves, two of them have to."""


RISES_PERCENT = 5
"""So much more than expected everything may bring until it is sold, for what staff agree to."""


def approvals_needed(debited_minor: int, approval_minor: int, *, estimated: bool = False) -> int:
    """How many members of staff have to agree to such an amount, or estimate: 0, 1 or 2."""
    most = debited_minor
    if estimated:
        most = debited_minor * (100 + RISES_PERCENT) // 100
    if most >= SECOND_APPROVAL_FACTOR * approval_minor:
        return 2
    return int(most >= approval_minor)
