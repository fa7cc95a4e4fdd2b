"""Entries of the audit trail: who did what to whom, why, and what changed. Pure."""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from shared.kernel.clock import to_text
from shared.users.roles import Role

_CODE = re.compile(r"[A-Za-z0-9_:.#-]{1,80}", re.ASCII)


class Action(StrEnum):
    """What members of staff do that is recorded."""

    PERSON_SUSPENDED = "PERSON_SUSPENDED"
    PERSON_REINSTATED = "PERSON_REINSTATED"
    SESSIONS_ENDED = "SESSIONS_ENDED"
    ROLE_CHANGED = "ROLE_CHANGED"
    IDENTITY_CASE_DECIDED = "IDENTITY_CASE_DECIDED"
    IDENTITY_SEEN = "IDENTITY_SEEN"
    """Somebody's personal data was about to be shown in the clear."""
    TREASURY_MOVEMENT_RECORDED = "TREASURY_MOVEMENT_RECORDED"
    """Of the firm's own money: booked, or proposed to a second person."""
    TREASURY_MOVEMENT_DECIDED = "TREASURY_MOVEMENT_DECIDED"
    BREAKER_RESET = "BREAKER_RESET"
    BREAKER_CHANGED = "BREAKER_CHANGED"
    """A measure opened or closed a breaker, by itself."""
    BREAKER_TRIPPED = "BREAKER_TRIPPED"
    """A person stopped automatic work."""
    ASSET_RESTRICTED = "ASSET_RESTRICTED"
    """An asset came on the restricted list, or is restricted in another way."""
    ASSET_RELEASED = "ASSET_RELEASED"
    ORDER_CANCELED = "ORDER_CANCELED"
    """Somebody wanted an order canceled that had not ended."""
    SUSPENSE_DECIDED = "SUSPENSE_DECIDED"
    """Whose money in suspense is, or that it goes back: by one, or proposed to a second person."""
    SUSPENSE_CONFIRMED = "SUSPENSE_CONFIRMED"
    """A second person agreed to what was proposed about it, or did not."""
    WITHDRAWAL_DECIDED = "WITHDRAWAL_DECIDED"
    """Agreed to, by one or the first of two, or not."""
    PAYOUT_RELEASED = "PAYOUT_RELEASED"
    """Somebody looked at a payout that was held, and it goes on."""
    PAYOUT_SETTLED = "PAYOUT_SETTLED"
    """Somebody said how a payout ended that its gateway leaves open: alone, or one of two."""
    PAYOUT_REMEDIED = "PAYOUT_REMEDIED"
    """Somebody said how a payment that could not be sent back goes back: one of two."""
    DEPOSIT_REFUNDED = "DEPOSIT_REFUNDED"
    """A refund was begun."""
    DEPOSIT_REVIEWED = "DEPOSIT_REVIEWED"
    """Somebody looked at a deposit that was held, and it goes on."""
    RECEIVABLE_COLLECTED = "RECEIVABLE_COLLECTED"
    """What somebody owes was taken out of their cash."""
    DISPUTE_CONCEDED = "DISPUTE_CONCEDED"
    """A dispute was given up."""
    RECONCILIATION_ASKED = "RECONCILIATION_ASKED"
    """A day of a book was to be compared with its statement."""
    CASE_RESOLVED = "CASE_RESOLVED"
    """Somebody looked at a case about money and was done with it."""
    STRATEGY_PROPOSED = "STRATEGY_PROPOSED"
    """New weights of a strategy: nobody is invested by them before somebody else agrees."""
    STRATEGY_DECIDED = "STRATEGY_DECIDED"
    """A second person agreed, so that they are published, or did not."""
    STRATEGY_WITHDRAWN = "STRATEGY_WITHDRAWN"
    """Whoever proposed them took them back."""
    MONEY_ALERT_PROPOSED = "MONEY_ALERT_PROPOSED"
    """Somebody said what to make of an alert about movements of money."""
    MONEY_ALERT_DECIDED = "MONEY_ALERT_DECIDED"
    """A second person agreed to that, or did not."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts, and in which role; ``id`` is a user id, or ``operator:…`` for the operators'
    tool, which acts as SYSTEM."""

    id: str
    role: Role


@dataclass(frozen=True, slots=True)
class Entry:
    """One recorded act. ``before`` and ``after`` hold codes and numbers, no personal data."""

    id: str
    subject: str
    """User id of the person it was done to."""
    actor: Actor
    action: Action
    reason: str
    """The actor's own words."""
    before: Mapping[str, str]
    after: Mapping[str, str]
    correlation_id: str
    at: datetime
    previous: str = ""
    """Digest of the entry of this subject that was the newest when this one was made; empty for
    the first. Two entries of one instant may name the same one."""

    def digest(self) -> str:
        """SHA-256 over everything that the entry says, ``previous`` included."""
        content = {
            "id": self.id,
            "subject": self.subject,
            "actor": self.actor.id,
            "role": self.actor.role.value,
            "action": self.action.value,
            "reason": self.reason,
            "before": dict(self.before),
            "after": dict(self.after),
            "correlation_id": self.correlation_id,
            "at": to_text(self.at),
            "previous": self.previous,
        }
        text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Recorded:
    """A stored entry with the digest that was stored beside it."""

    entry: Entry
    stored_digest: str

    @property
    def intact(self) -> bool:
        """Whether the entry still says what was recorded."""
        return self.entry.digest() == self.stored_digest


def values(given: Mapping[str, str]) -> dict[str, str]:
    """What may stand in an entry: codes, numbers and identifiers.

    Raises ValueError for anything that looks like words, an address or a phone number: whoever
    passes that is about to write personal data where it can never be removed.
    """
    for name, value in given.items():
        if not _CODE.fullmatch(value):
            raise ValueError(f"{name} is no code")
    return dict(given)


def tampered(entries: Iterable[Recorded]) -> list[str]:
    """Ids of entries that were changed, or whose predecessor was removed or changed.

    ``entries`` are all of one subject. What cannot be seen is the removal of entries that no
    later one names: the newest, and one of two that were made at the same instant.
    """
    known = list(entries)
    digests = {each.stored_digest for each in known} | {""}
    return [
        each.entry.id for each in known if not each.intact or each.entry.previous not in digests
    ]
